// SPDX-License-Identifier: GPL-2.0
/* See mask_world.h. Nothing here knows a rule of mask.c. */
#include <stdlib.h>
#include <string.h>

#include "mask_world.h"

#define OWN(w, v)	((w)->vmm.generation * 64 + (v) * 2 + 1)
#define IRQFD(w, v)	((w)->vmm.generation * 64 + (v) * 2 + 2)

static void log_add(struct world_log *log, unsigned int v, const u32 *entry)
{
	struct world_message *m = &log->message[log->n++ % WORLD_LOG];

	m->vector = v;
	m->address = entry[0];
	m->high = entry[1];
	m->data = entry[2];
}

/*
 * The standard.
 */
static bool spec_masked(const struct world_spec *s, unsigned int v)
{
	return s->table[v][3] & 1 || s->function;
}

static void spec_send(struct world_spec *s, unsigned int v)
{
	if (spec_masked(s, v))
		s->pending[v] = true;
	else
		log_add(&s->log, v, s->table[v]);
}

static void spec_settle(struct world_spec *s)
{
	unsigned int v;

	for (v = 0; v < WORLD_VECTORS; v++) {
		if (!s->pending[v] || !s->enabled || spec_masked(s, v))
			continue;
		s->pending[v] = false;
		spec_send(s, v);
	}
}

static void table_store(u32 *entry, unsigned int offset, unsigned int len, const void *value)
{
	memcpy((char *)entry + offset, value, len);
	entry[0] &= ~3u;
}

/*
 * The device, and what its interrupt meets.
 */
static void vmm_notify(struct world *w, unsigned int v)
{
	if (w->vmm.table[v][3] & 1 || w->vmm.function)
		w->vmm.pending[v] = true;
	else
		log_add(&w->log, v, w->vmm.table[v]);
}

static bool device_masked(const struct world *w, unsigned int v)
{
	return w->mask[v].silent || !w->vmm.trigger[v];
}

/* True if it is on its way to the VMM's main loop. */
static bool device_send(struct world *w, unsigned int v)
{
	u32 entry[4];

	if (device_masked(w, v)) {
		w->waits[v] = true;
		return false;
	}
	if (w->vmm.trigger[v] == IRQFD(w, v)) {
		memcpy(entry, w->vmm.route[v], sizeof(w->vmm.route[v]));
		log_add(&w->log, v, entry);
		return false;
	}
	w->vmm.unread[v] = true;
	return true;
}

static void device_settle(struct world *w, unsigned int v)
{
	if (!w->waits[v] || device_masked(w, v))
		return;
	w->waits[v] = false;
	device_send(w, v);
}

void world_main_loop(struct world *w)
{
	unsigned int v;

	for (v = 0; v < WORLD_VECTORS; v++) {
		if (w->vmm.unread[v]) {
			w->vmm.unread[v] = false;
			vmm_notify(w, v);
		}
		if (w->spec.flying[v]) {
			w->spec.flying[v] = false;
			spec_send(&w->spec, v);
		}
	}
	w->late = false;
}

/* The standard knows no main loop: one is late with events alone, which fly in both. */
static void guest_is_done(struct world *w)
{
	unsigned int v;

	for (v = 0; v < WORLD_VECTORS; v++)
		if (w->vmm.unread[v] != w->spec.flying[v])
			w->late = false;
	if (!w->late)
		world_main_loop(w);
}

/*
 * The VMM.
 */
static void vmm_switch(struct world *w, unsigned int v, u64 to)
{
	u64 from = w->vmm.trigger[v];
	bool drained = from != OWN(w, v) || !w->vmm.unread[v];

	w->vmm.trigger[v] = to;
	dio_mask_switched(&w->mask[v], from, to, drained);
	device_settle(w, v);
}

static bool vmm_masked(const struct world *w, unsigned int v)
{
	return w->vmm.table[v][3] & 1 || w->vmm.function;
}

static void vmm_update(struct world *w, unsigned int v, bool was)
{
	bool is = vmm_masked(w, v);

	if (was == is || !w->vmm.enabled)
		return;
	if (is) {
		vmm_switch(w, v, OWN(w, v));
		return;
	}
	memcpy(w->vmm.route[v], w->vmm.table[v], sizeof(w->vmm.route[v]));
	vmm_switch(w, v, IRQFD(w, v));
	if (w->vmm.pending[v]) {
		w->vmm.pending[v] = false;
		vmm_notify(w, v);
	}
}

static void vmm_store(struct world *w, unsigned int v, unsigned int offset, unsigned int len,
		      const void *value)
{
	bool was = vmm_masked(w, v);

	table_store(w->vmm.table[v], offset, len, value);
	vmm_update(w, v, was);
}

/* By words, as QEMU has its table. */
static void vmm_store_words(struct world *w, unsigned int v, unsigned int offset,
			    unsigned int len, const void *value)
{
	unsigned int n;

	for (; len; offset += n, len -= n, value = (const char *)value + n) {
		n = 4 - offset % 4 < len ? 4 - offset % 4 : len;
		vmm_store(w, v, offset, n, value);
	}
}

/*
 * The guest.
 */
static bool kernel_store(struct world *w, unsigned int v, unsigned int offset, unsigned int len,
			 const void *value, const struct world_how *how)
{
	struct dio_mask_store s = {
		.offset = offset, .len = len,
		.slot = how->slot, .settled = how->settled, .may = how->may,
	};
	const u32 one = 1;
	unsigned int todo;

	memcpy(s.word, value, len);
	todo = dio_mask_write(&w->mask[v], &s);
	w->count.kept += !!(todo & DIO_MASK_SILENCE);
	w->forbidden |= todo & DIO_MASK_SILENCE && !how->may;
	if (todo & DIO_MASK_AUDIBLE)
		device_settle(w, v);
	if (todo & DIO_MASK_PAIR) {
		w->count.pairs++;
		vmm_store(w, v, DIO_MASK_CTRL, 4, &one);
	}
	if (!(todo & DIO_MASK_FORWARD))
		w->count.swallowed++;
	else
		w->count.forwarded++;
	return todo & DIO_MASK_FORWARD;
}

/* KVM shows the first eight bytes; if they are not taken, user space gets all. */
static void real_store(struct world *w, unsigned int v, unsigned int offset, unsigned int len,
		       const void *value, const struct world_how *how)
{
	unsigned int n;

	for (; len; offset += n, len -= n, value = (const char *)value + n) {
		n = len < 8 ? len : 8;
		if (kernel_store(w, v, offset, n, value, how)) {
			vmm_store_words(w, v, offset, len, value);
			return;
		}
	}
}

void world_store(struct world *w, unsigned int v, unsigned int offset, unsigned int len,
		 const void *value, const struct world_how *how)
{
	struct world_spec *s = &w->spec;
	u32 before[4];

	memcpy(before, s->table[v], sizeof(before));
	if (!how->slot)
		w->undefined[v] = true;
	table_store(s->table[v], offset, len, value);
	if (memcmp(before, s->table[v], 12) && !(before[3] & 1))
		w->live[v] = true;
	if (before[3] & 1 && !(s->table[v][3] & 1))
		w->live[v] = false;
	real_store(w, v, offset, len, value, how);
	if (offset == DIO_MASK_CTRL && len == 4)
		w->undefined[v] = false;
	spec_settle(s);
	guest_is_done(w);
}

/* False: it reads what the guest did not write. */
bool world_load(struct world *w, unsigned int v, unsigned int offset, unsigned int len,
		bool settled)
{
	bool ctrl = offset + len > DIO_MASK_CTRL;
	u32 word[2];

	if (dio_mask_read(&w->mask[v], offset, len, settled, word))
		w->count.answered++;
	else
		memcpy(word, (char *)w->vmm.table[v] + offset, len);
	if (ctrl && w->undefined[v])
		return true;
	/* while a mask is kept no store is on its way to the VMM */
	if (ctrl && !settled)
		return true;
	/* kept over a reset: the message is the VMM's, and the mask bit beside it as well */
	if (ctrl && len == 8 && w->mask[v].away)
		return true;
	return !memcmp(word, (char *)w->spec.table[v] + offset, len);
}

void world_event(struct world *w, unsigned int v)
{
	if (!w->spec.enabled || w->live[v] || w->undefined[v] || w->spec.flying[v])
		return;
	w->count.events++;
	w->count.merged += w->spec.pending[v];
	if (device_send(w, v) && w->late)
		w->spec.flying[v] = true;
	else
		spec_send(&w->spec, v);
	if (!w->late)
		world_main_loop(w);
}

void world_function(struct world *w, bool mask)
{
	bool before = w->vmm.function;
	unsigned int v;

	for (v = 0; v < WORLD_VECTORS; v++)
		dio_mask_control(&w->mask[v]);
	w->spec.function = mask;
	w->vmm.function = mask;
	for (v = 0; v < WORLD_VECTORS; v++)
		vmm_update(w, v, w->vmm.table[v][3] & 1 || before);
	spec_settle(&w->spec);
	guest_is_done(w);
}

/* What is under way or pending is gone. */
static void world_drop(struct world *w)
{
	unsigned int v;

	for (v = 0; v < WORLD_VECTORS; v++) {
		dio_mask_off(&w->mask[v]);
		w->vmm.trigger[v] = 0;
		w->vmm.pending[v] = false;
		w->vmm.unread[v] = false;
		w->waits[v] = false;
		w->spec.pending[v] = false;
		w->spec.flying[v] = false;
	}
}

void world_enable(struct world *w, bool on)
{
	unsigned int v;

	for (v = 0; v < WORLD_VECTORS; v++)
		dio_mask_control(&w->mask[v]);
	if (w->vmm.enabled == on)
		return;
	w->spec.enabled = on;
	w->vmm.enabled = on;
	w->vmm.generation += on;
	if (!on) {
		world_drop(w);
		return;
	}
	for (v = 0; v < WORLD_VECTORS; v++)
		if (!vmm_masked(w, v))
			vmm_update(w, v, true);
		else if (rand() % 2)
			vmm_switch(w, v, OWN(w, v));
}

void world_reset(struct world *w)
{
	unsigned int v;

	w->spec.enabled = false;
	w->vmm.enabled = false;
	w->spec.function = false;
	w->vmm.function = false;
	world_drop(w);
	for (v = 0; v < WORLD_VECTORS; v++) {
		dio_mask_forget(&w->mask[v]);
		memset(w->spec.table[v], 0, sizeof(w->spec.table[v]));
		memset(w->vmm.table[v], 0, sizeof(w->vmm.table[v]));
		w->spec.table[v][3] = 1;
		w->vmm.table[v][3] = 1;
		w->live[v] = false;
		w->undefined[v] = false;
	}
}

void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	world_reset(w);
}

static int by_vector(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct world_message));
}

/* Messages in any order, as of different vectors they are; the tables word by word. */
const char *world_differs(struct world *w)
{
	struct world_log *spec = &w->spec.log, *real = &w->log;
	unsigned int v;

	if (w->forbidden)
		return "a mask in the device that may not be";
	if (spec->n > WORLD_LOG || real->n > WORLD_LOG)
		return "too many messages";
	if (spec->n != real->n)
		return spec->n < real->n ? "a message too many" : "a message is missing";
	qsort(spec->message, spec->n, sizeof(spec->message[0]), by_vector);
	qsort(real->message, real->n, sizeof(real->message[0]), by_vector);
	if (memcmp(spec->message, real->message, spec->n * sizeof(spec->message[0])))
		return "another message";
	spec->n = 0;
	real->n = 0;
	for (v = 0; v < WORLD_VECTORS; v++) {
		if (memcmp(w->spec.table[v], w->vmm.table[v], 12))
			return "another message in the VMM's table";
		if (w->undefined[v] || (w->mask[v].state == DIO_MASK_KEPT && w->mask[v].silent))
			continue;
		if (w->spec.table[v][3] != w->vmm.table[v][3])
			return "another mask bit in the VMM's table";
	}
	return NULL;
}
