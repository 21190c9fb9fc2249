// SPDX-License-Identifier: GPL-2.0
/* Bind, set the policy, listen; undone in reverse order. */
#include <string.h>

#include "report.h"
#include "stage.h"

#define EVENT_QUIET_MS 30

int stage_open(struct stage *s, const struct mode *m)
{
	int rc;

	s->mode = *m;
	s->nl.genl.fd = -1;
	s->events.genl.fd = -1;
	rc = pcidev_bind(&s->dev, m->driver);
	if (rc || !mode_is_dio(m))
		return rc;
	rc = dionl_open(&s->nl);
	if (!rc)
		rc = dionl_open_events(&s->events);
	if (!rc)
		rc = stage_policy(s, m->policy);
	return rc;
}

void stage_close(struct stage *s)
{
	dionl_close(&s->events);
	dionl_close(&s->nl);
	pcidev_restore(&s->dev);
}

int stage_policy(struct stage *s, int policy)
{
	return dionl_dev_policy(&s->nl, s->dev.addr, policy);
}

void stage_drain(struct stage *s)
{
	struct dionl_reset rec;

	if (mode_is_dio(&s->mode))
		dionl_events(&s->events, s->dev.addr, &rec, 1, 0);
}

int stage_events(struct stage *s, struct dionl_reset *rec, int max)
{
	int i, n;

	if (!mode_is_dio(&s->mode))
		return 0;
	n = dionl_events(&s->events, s->dev.addr, rec, max, EVENT_QUIET_MS);
	for (i = 0; i < n && i < max; i++)
		dionl_say_reset(&rec[i]);
	return n;
}

int stage_state(struct stage *s)
{
	struct dionl_dev dev;
	int rc;

	if (!mode_is_dio(&s->mode))
		return -1;
	rc = dionl_dev_get(&s->nl, s->dev.addr, &dev);
	if (rc) {
		say("%s: dev-get: %s (%s)", s->dev.addr, strerror(-rc), s->nl.genl.text);
		return rc;
	}
	return dev.state;
}
