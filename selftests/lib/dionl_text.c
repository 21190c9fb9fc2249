// SPDX-License-Identifier: GPL-2.0
/* Names of the specification's values and one-line summaries of records. */
#include "dionl.h"
#include "report.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const methods[] = { "device", "flr", "af-flr", "d3", "bus", "none" };
static const char *const results[] = { "unverifiable", "verified", "failed", "unavailable" };
static const char *const levels[] = { "none", "config", "function" };
static const char *const states[] = { "unknown", "clean", "unverified", "in-use", "quarantined" };
static const char *const triggers[] = { "open", "close", "ioctl", "hot-reset", "guest-flr",
					"sysfs", "netlink" };

const char *dionl_method_name(uint32_t method)
{
	return method < COUNT(methods) ? methods[method] : "?";
}

const char *dionl_result_name(uint32_t result)
{
	return result < COUNT(results) ? results[result] : "?";
}

const char *dionl_trigger_name(uint32_t trigger)
{
	return trigger < COUNT(triggers) ? triggers[trigger] : "?";
}

const char *dionl_state_name(uint32_t state)
{
	return state < COUNT(states) ? states[state] : "?";
}

void dionl_say_reset(const struct dionl_reset *rec)
{
	const struct dionl_step *s;
	int i;

	say("%s reset %llu (%s): %s, level %s, state %s, %u ms, idle %u after %u ms", rec->addr,
	    (unsigned long long)rec->id, dionl_trigger_name(rec->trigger),
	    dionl_result_name(rec->result), rec->level < COUNT(levels) ? levels[rec->level] : "?",
	    dionl_state_name(rec->state), rec->duration, rec->idle, rec->idle_time);
	for (i = 0; i < rec->steps; i++) {
		s = &rec->step[i];
		say("  %s: %s, error %d, %u ms, %u of %u survived, %u scrubbed%s%s",
		    dionl_method_name(s->method), dionl_result_name(s->result), s->error,
		    s->duration, s->survived, s->planted, s->scrubbed,
		    s->reason[0] ? ": " : "", s->reason);
	}
	for (i = 0; i < rec->residues; i++)
		say("  residue %s x%u%s%s", rec->residue[i].name, rec->residue[i].count,
		    rec->residue[i].known ? " known" : "",
		    rec->residue[i].scrubbed ? " scrubbed" : "");
}

const struct dionl_step *dionl_step_of(const struct dionl_reset *rec, uint32_t method)
{
	int i;

	for (i = 0; i < rec->steps; i++)
		if (rec->step[i].method == method)
			return &rec->step[i];
	return NULL;
}

int dionl_residue_count(const struct dionl_reset *rec, bool unscrubbed_only)
{
	int i, n = 0;

	for (i = 0; i < rec->residues; i++)
		if (!unscrubbed_only || !rec->residue[i].scrubbed)
			n += rec->residue[i].count;
	return n;
}
