// SPDX-License-Identifier: GPL-2.0
/* Devices for malformed messages, see ground.h. */
#include <errno.h>
#include <string.h>

#include "ground.h"
#include "kmod.h"
#include "report.h"
#include "sysfs.h"

static const char *const device_names[GROUND_DEVICES] = { "edu_rp", "e1000e_rp25" };

/* Nothing here is a default. */
static const struct dionl_set settings = {
	.policy = DIO_VFIO_POLICY_STRICT,
	.level = DIO_VFIO_LEVEL_CONFIG,
	.d3_force = 1,
	.ready_timeout = 12345,
	.idle_timeout = 678,
	.drain = 90,
	.intx = DIO_VFIO_INTX_MSI,
	.recheck = DIO_VFIO_RECHECK_TOGGLE,
	.vectors = DIO_VFIO_VECTORS_OWN,
	.methods = 1,
	.method = { DIO_VFIO_METHOD_BUS },
};

static int prepare_device(struct ground *g, int i)
{
	struct dionl_reset rec;
	int rc = pcidev_bind(&g->dev[i], DRIVER_DIO);

	if (!rc)
		rc = dionl_dev_set(&g->nl, g->dev[i].addr, &settings);
	/* A reset record and a state that is not the initial one. */
	if (!rc)
		rc = dionl_dev_reset(&g->nl, g->dev[i].addr, false, &rec);
	if (rc)
		say("%s: preparing: %s", g->dev[i].name, strerror(-rc));
	return rc;
}

static int open_sockets(struct ground *g)
{
	int rc = dionl_open(&g->nl);

	if (!rc)
		rc = dionl_open_events(&g->events);
	if (rc)
		return rc;
	g->fd = raw_open();
	if (g->fd < 0)
		return g->fd;
	g->family = raw_family(g->fd, DIO_VFIO_FAMILY_NAME);
	return g->family < 0 ? g->family : 0;
}

int ground_open(struct ground *g)
{
	int i, rc;

	memset(g, 0, sizeof(*g));
	g->fd = -1;
	g->nl.genl.fd = -1;
	g->events.genl.fd = -1;
	for (i = 0; i < GROUND_DEVICES; i++) {
		if (pcidev_find(&g->dev[i], device_names[i])) {
			say("the machine has no device %s", device_names[i]);
			return 1;
		}
	}
	/* The host bridge is there on every machine and never ours. */
	g->unbound = "0000:00:00.0";
	rc = kmod_load(KMOD_DIO);
	if (!rc)
		rc = open_sockets(g);
	for (i = 0; !rc && i < GROUND_DEVICES; i++)
		rc = prepare_device(g, i);
	return rc ? rc : ground_mark(g);
}

void ground_note(const struct nlmsghdr *reply, void *data)
{
	struct ground_said *said = data;
	uint32_t len = reply->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN);

	if (len > GROUND_SAID - said->len)
		len = GROUND_SAID - said->len;
	memcpy(said->data + said->len, (const char *)reply + NLMSG_LENGTH(GENL_HDRLEN), len);
	said->len += len;
	said->messages++;
}

/* Also what struct dionl_dev has no field for. */
static int read_device(struct ground *g, int i, struct dionl_dev *dev, struct ground_said *said)
{
	struct genl_request r;
	int rc = dionl_dev_get(&g->nl, g->dev[i].addr, dev);

	memset(said, 0, sizeof(*said));
	genl_request(&g->nl.genl, &r, DIO_VFIO_CMD_DEV_GET, 0);
	genl_put_string(&r, DIO_VFIO_A_DEV_ADDR, g->dev[i].addr);
	return rc ? rc : genl_talk(&g->nl.genl, &r, ground_note, said);
}

int ground_mark(struct ground *g)
{
	int i, rc = 0;

	for (i = 0; !rc && i < GROUND_DEVICES; i++)
		rc = read_device(g, i, &g->before[i], &g->said[i]);
	ground_events(g);
	return rc;
}

void ground_close(struct ground *g)
{
	int i;

	if (g->fd >= 0)
		close(g->fd);
	if (g->events.genl.fd >= 0)
		dionl_close(&g->events);
	if (g->nl.genl.fd >= 0)
		dionl_close(&g->nl);
	for (i = 0; i < GROUND_DEVICES; i++)
		pcidev_restore(&g->dev[i]);
}

int ground_changes(struct ground *g)
{
	struct ground_said said;
	struct dionl_dev now;
	int i, rc, changes = 0;

	for (i = 0; i < GROUND_DEVICES; i++) {
		rc = read_device(g, i, &now, &said);
		if (!rc && !memcmp(&said, &g->said[i], sizeof(said)))
			continue;
		changes++;
		say("%s changed (dev-get: %d), here or in another attribute: policy %u -> %u, level %u -> %u, ready %u -> %u, drain %u -> %u, resets %llu -> %llu",
		    g->dev[i].name, rc, g->before[i].policy, now.policy,
		    g->before[i].level, now.level, g->before[i].ready_timeout,
		    now.ready_timeout, g->before[i].drain, now.drain,
		    (unsigned long long)g->before[i].resets,
		    (unsigned long long)now.resets);
	}
	return changes;
}

static void count_event(const struct nlmsghdr *reply, void *data)
{
	(void)reply;
	++*(int *)data;
}

int ground_events(struct ground *g)
{
	int events = 0;

	while (!genl_listen(&g->events.genl, 0, count_event, &events))
		;
	return events;
}
