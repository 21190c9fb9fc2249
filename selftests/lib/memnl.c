// SPDX-License-Identifier: GPL-2.0
/* See memnl.h. */
#include <errno.h>
#include <string.h>

#include "memnl.h"

int memnl_set(struct genl *nl, int fd, uint32_t mode, bool force)
{
	struct genl_request r;

	genl_request(nl, &r, DIO_KVM_CMD_VM_SET, 0);
	genl_put(&r, DIO_KVM_A_VM_FD, &fd, sizeof(fd));
	genl_put_u32(&r, DIO_KVM_A_VM_MEMTYPE, mode);
	if (force)
		genl_put(&r, DIO_KVM_A_VM_MEMTYPE_FORCE, NULL, 0);
	return genl_talk(nl, &r, NULL, NULL);
}

static const void *payload(const struct nlattr *a)
{
	return (const char *)a + NLA_HDRLEN;
}

static void parse_pair(const struct nlattr *nest, struct memnl_state *s)
{
	struct genl_walk w = genl_walk_nest(nest);
	uint64_t index = 16, base = 0, mask = 0;
	const struct nlattr *a;

	while ((a = genl_next(&w))) {
		switch (genl_type(a)) {
		case DIO_KVM_A_MTRR_PAIR_INDEX:
			index = genl_number(a);
			break;
		case DIO_KVM_A_MTRR_PAIR_BASE:
			base = genl_number(a);
			break;
		case DIO_KVM_A_MTRR_PAIR_MASK:
			mask = genl_number(a);
			break;
		}
	}
	if (index < 16) {
		s->base[index] = base;
		s->mask[index] = mask;
		s->pairs++;
	}
}

static void parse_mtrr(const struct nlattr *nest, struct memnl_state *s)
{
	struct genl_walk w = genl_walk_nest(nest);
	const struct nlattr *a;

	while ((a = genl_next(&w))) {
		switch (genl_type(a)) {
		case DIO_KVM_A_MTRR_BSP:
			s->bsp = genl_number(a);
			break;
		case DIO_KVM_A_MTRR_VCPUS:
			s->vcpus = genl_number(a);
			break;
		case DIO_KVM_A_MTRR_DIFFER:
			s->differ = genl_number(a);
			break;
		case DIO_KVM_A_MTRR_PHYS_BITS:
			s->phys_bits = genl_number(a);
			break;
		case DIO_KVM_A_MTRR_DEFTYPE:
			s->deftype = genl_number(a);
			break;
		case DIO_KVM_A_MTRR_PAT:
			s->pat = genl_number(a);
			break;
		case DIO_KVM_A_MTRR_FIXED:
			memcpy(s->fixed, payload(a), sizeof(s->fixed));
			break;
		case DIO_KVM_A_MTRR_PAIR:
			parse_pair(a, s);
			break;
		case DIO_KVM_A_MTRR_STARTED:
			s->started = true;
			break;
		case DIO_KVM_A_MTRR_UNDEFINED:
			s->undefined = genl_number(a);
			break;
		case DIO_KVM_A_MTRR_UPDATES:
			s->updates = genl_number(a);
			break;
		case DIO_KVM_A_MTRR_ZAPS:
			s->zaps = genl_number(a);
			break;
		case DIO_KVM_A_MTRR_FRAMES:
			s->frames = genl_number(a);
			break;
		}
	}
}

static void parse_state(const struct nlmsghdr *reply, void *data)
{
	struct genl_walk w = genl_walk(reply);
	struct memnl_state *s = data;
	const struct nlattr *a;

	while ((a = genl_next(&w))) {
		switch (genl_type(a)) {
		case DIO_KVM_A_VM_MEMTYPE:
			s->memtype = genl_number(a);
			break;
		case DIO_KVM_A_VM_MEMTYPE_FORCE:
			s->force = true;
			break;
		case DIO_KVM_A_VM_MTRR:
			parse_mtrr(a, s);
			break;
		}
	}
}

int memnl_state(struct genl *nl, int fd, struct memnl_state *s)
{
	struct genl_request r;

	memset(s, 0, sizeof(*s));
	genl_request(nl, &r, DIO_KVM_CMD_VM_GET, 0);
	genl_put(&r, DIO_KVM_A_VM_FD, &fd, sizeof(fd));
	return genl_talk(nl, &r, parse_state, s);
}

static void parse_run(const struct nlattr *nest, struct memnl_run *r)
{
	struct genl_walk w = genl_walk_nest(nest);
	const struct nlattr *a;

	memset(r, 0, sizeof(*r));
	while ((a = genl_next(&w))) {
		switch (genl_type(a)) {
		case DIO_KVM_A_RANGE_GPA:
			r->gpa = genl_number(a);
			break;
		case DIO_KVM_A_RANGE_SIZE:
			r->size = genl_number(a);
			break;
		case DIO_KVM_A_RANGE_MTRR_TYPE:
			r->mtrr_type = genl_number(a);
			break;
		case DIO_KVM_A_RANGE_SOURCE:
			r->source = genl_number(a);
			break;
		case DIO_KVM_A_RANGE_PAIRS:
			r->pairs = genl_number(a);
			break;
		case DIO_KVM_A_RANGE_UNDEFINED:
			r->undefined = true;
			break;
		case DIO_KVM_A_RANGE_IN_FORCE:
			r->in_force = genl_number(a);
			r->has_force = true;
			break;
		case DIO_KVM_A_RANGE_LEVEL:
			r->level = genl_number(a);
			break;
		case DIO_KVM_A_RANGE_EMULATED:
			r->emulated = true;
			break;
		case DIO_KVM_A_RANGE_ENTRY:
			r->entry = genl_number(a);
			r->has_entry = true;
			break;
		case DIO_KVM_A_RANGE_ENTRY_TYPE:
			r->entry_type = genl_number(a);
			break;
		case DIO_KVM_A_RANGE_MMIO:
			r->mmio = true;
			break;
		case DIO_KVM_A_RANGE_IPAT:
			r->ipat = true;
			break;
		case DIO_KVM_A_RANGE_EFFECT:
			memcpy(r->effect, payload(a), 8);
			break;
		}
	}
}

struct parts {
	struct memnl_range *range;
	uint64_t next;
	bool full;
};

static void parse_range(const struct nlmsghdr *reply, void *data)
{
	struct genl_walk w = genl_walk(reply);
	struct parts *p = data;
	struct memnl_range *r = p->range;
	const struct nlattr *a;

	while ((a = genl_next(&w))) {
		switch (genl_type(a)) {
		case DIO_KVM_A_RANGES_NEXT:
			p->next = genl_number(a);
			break;
		case DIO_KVM_A_RANGES_EPT:
			r->ept = true;
			break;
		case DIO_KVM_A_RANGES_PAT:
			r->pat = genl_number(a);
			break;
		case DIO_KVM_A_RANGES_RUN:
			p->full |= r->runs == MEMNL_RUNS;
			if (!p->full)
				parse_run(a, &r->run[r->runs++]);
			break;
		}
	}
}

int memnl_range(struct genl *nl, int fd, uint64_t gpa, uint64_t size, struct memnl_range *r)
{
	uint64_t end = gpa + size;
	struct parts p = { .range = r };
	struct genl_request q;
	int rc;

	memset(r, 0, sizeof(*r));
	do {
		size = end - gpa;
		p.next = 0;
		genl_request(nl, &q, DIO_KVM_CMD_VM_RANGE_GET, 0);
		genl_put(&q, DIO_KVM_A_RANGES_FD, &fd, sizeof(fd));
		genl_put(&q, DIO_KVM_A_RANGES_GPA, &gpa, sizeof(gpa));
		genl_put(&q, DIO_KVM_A_RANGES_SIZE, &size, sizeof(size));
		rc = genl_talk(nl, &q, parse_range, &p);
		gpa = p.next;
	} while (!rc && p.next && !p.full);
	return rc ? rc : p.full ? -ENOSPC : 0;
}

const struct memnl_run *memnl_at(const struct memnl_range *r, uint64_t gpa)
{
	unsigned int i;

	for (i = 0; i < r->runs; i++)
		if (gpa >= r->run[i].gpa && gpa - r->run[i].gpa < r->run[i].size)
			return &r->run[i];
	return NULL;
}
