// SPDX-License-Identifier: GPL-2.0
/* Requests of the dio_vfio family. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "dionl.h"
#include "dionl_parse.h"
#include "report.h"

#define EVENT_BUFFER (1 << 20)

int dionl_open(struct dionl *nl)
{
	int rc = genl_open(&nl->genl, DIO_VFIO_FAMILY_NAME, DIO_VFIO_MCGRP_EVENTS);

	if (rc)
		say("netlink family %s: %s", DIO_VFIO_FAMILY_NAME, strerror(-rc));
	return rc;
}

int dionl_open_events(struct dionl *nl)
{
	int size = EVENT_BUFFER;
	int rc = dionl_open(nl);

	if (rc)
		return rc;
	setsockopt(nl->genl.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return genl_subscribe(&nl->genl);
}

void dionl_close(struct dionl *nl)
{
	genl_close(&nl->genl);
}

static void get_dev(const struct nlmsghdr *m, void *data)
{
	dionl_parse_dev(m, data);
}

int dionl_dev_get(struct dionl *nl, const char *addr, struct dionl_dev *dev)
{
	struct genl_request r;

	memset(dev, 0, sizeof(*dev));
	genl_request(&nl->genl, &r, DIO_VFIO_CMD_DEV_GET, 0);
	genl_put_string(&r, DIO_VFIO_A_DEV_ADDR, addr);
	return genl_talk(&nl->genl, &r, get_dev, dev);
}

static void put_set(struct genl_request *r, int type, int value)
{
	if (value != DIONL_UNSET)
		genl_put_u32(r, type, value);
}

int dionl_dev_set(struct dionl *nl, const char *addr, const struct dionl_set *set)
{
	struct genl_request r;
	uint8_t force = set->d3_force;
	int i;

	genl_request(&nl->genl, &r, DIO_VFIO_CMD_DEV_SET, 0);
	genl_put_string(&r, DIO_VFIO_A_DEV_ADDR, addr);
	put_set(&r, DIO_VFIO_A_DEV_POLICY, set->policy);
	put_set(&r, DIO_VFIO_A_DEV_LEVEL, set->level);
	for (i = 0; i < set->methods; i++)
		genl_put_u32(&r, DIO_VFIO_A_DEV_METHOD, set->method[i]);
	if (set->d3_force != DIONL_UNSET)
		genl_put(&r, DIO_VFIO_A_DEV_D3_FORCE, &force, sizeof(force));
	put_set(&r, DIO_VFIO_A_DEV_READY_TIMEOUT, set->ready_timeout);
	put_set(&r, DIO_VFIO_A_DEV_IDLE_TIMEOUT, set->idle_timeout);
	put_set(&r, DIO_VFIO_A_DEV_DRAIN, set->drain);
	put_set(&r, DIO_VFIO_A_DEV_INTX, set->intx);
	put_set(&r, DIO_VFIO_A_DEV_RECHECK, set->recheck);
	put_set(&r, DIO_VFIO_A_DEV_VECTORS, set->vectors);
	return genl_talk(&nl->genl, &r, NULL, NULL);
}

static int set_said(struct dionl *nl, const char *addr, const struct dionl_set *set)
{
	int rc = dionl_dev_set(nl, addr, set);

	if (rc)
		say("%s: dev-set policy %d vectors %d: %s (%s)", addr, set->policy,
		    set->vectors, strerror(-rc), nl->genl.text);
	return rc;
}

int dionl_dev_policy(struct dionl *nl, const char *addr, int policy)
{
	struct dionl_set set = DIONL_SET_INIT;

	set.policy = policy;
	return set_said(nl, addr, &set);
}

int dionl_dev_vectors(struct dionl *nl, const char *addr, int vectors)
{
	struct dionl_set set = DIONL_SET_INIT;

	set.vectors = vectors;
	return set_said(nl, addr, &set);
}

static void get_reset(const struct nlmsghdr *m, void *data)
{
	dionl_parse_reset(m, data);
}

int dionl_dev_reset(struct dionl *nl, const char *addr, bool dry_run, struct dionl_reset *rec)
{
	struct genl_request r;

	memset(rec, 0, sizeof(*rec));
	genl_request(&nl->genl, &r, DIO_VFIO_CMD_DEV_RESET, 0);
	genl_put_string(&r, DIO_VFIO_A_DEV_ADDR, addr);
	if (dry_run)
		genl_put(&r, DIO_VFIO_A_DEV_DRY_RUN, NULL, 0);
	return genl_talk(&nl->genl, &r, get_reset, rec);
}

int dionl_dev_release(struct dionl *nl, const char *addr)
{
	struct genl_request r;

	genl_request(&nl->genl, &r, DIO_VFIO_CMD_DEV_RELEASE, 0);
	genl_put_string(&r, DIO_VFIO_A_DEV_ADDR, addr);
	return genl_talk(&nl->genl, &r, NULL, NULL);
}

/* Where the records of a dump, or the events of one device, go. */
struct record_list {
	const char *addr;
	struct dionl_reset *rec;
	int count, max;
};

static void collect_reset(const struct nlmsghdr *m, void *data)
{
	static __thread struct dionl_reset rec;
	struct record_list *list = data;

	if (genl_command(m) != DIO_VFIO_CMD_RESET_NTF && genl_command(m) != DIO_VFIO_CMD_RESET_GET)
		return;
	memset(&rec, 0, sizeof(rec));
	dionl_parse_reset(m, &rec);
	if (strcmp(rec.addr, list->addr))
		return;
	if (list->count < list->max)
		list->rec[list->count] = rec;
	list->count++;
}

int dionl_reset_dump(struct dionl *nl, const char *addr, struct dionl_reset *rec, int max)
{
	struct record_list list = { .addr = addr, .rec = rec, .max = max };
	struct genl_request r;
	int rc;

	genl_request(&nl->genl, &r, DIO_VFIO_CMD_RESET_GET, NLM_F_DUMP);
	genl_put_string(&r, DIO_VFIO_A_RESET_ADDR, addr);
	rc = genl_talk(&nl->genl, &r, collect_reset, &list);
	return rc ? rc : list.count;
}

int dionl_events(struct dionl *nl, const char *addr, struct dionl_reset *rec, int max,
		 int quiet_ms)
{
	struct record_list list = { .addr = addr, .rec = rec, .max = max };

	while (!genl_listen(&nl->genl, quiet_ms, collect_reset, &list))
		;
	return list.count;
}
