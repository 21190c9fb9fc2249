/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Client of the dio_vfio netlink family: requests and plain structures.
 * Every call answers 0 or the kernel's negative errno; the extack text of a
 * refusal is in nl->genl.text.
 */
#ifndef DIO_TEST_DIONL_H
#define DIO_TEST_DIONL_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/dio_vfio.h>

#include "genl.h"

#define DIONL_METHODS 8
#define DIONL_STEPS 8
#define DIONL_RESIDUE 48
#define DIONL_RING 32		/* records that the kernel keeps per device */
#define DIONL_IRQS 64		/* interrupts of one device that a test looks at */
#define DIONL_UNSET (-1)

struct dionl_dev {
	char addr[16];
	uint32_t state, policy, level, level_max;
	int methods, availables;
	uint32_t method[DIONL_METHODS], available[DIONL_METHODS];
	uint32_t d3_force, ready_timeout, idle_timeout, drain;
	uint64_t resets, failures, last_id;
	bool released;
	uint32_t intx, recheck, vectors;
};

struct dionl_step {
	uint32_t method, result, level, duration, planted, survived, scrubbed;
	int32_t error;
	char reason[160];
};

struct dionl_residue {
	char name[32];
	uint32_t bar, offset, count;
	uint64_t planted, found;
	bool known, scrubbed;
};

struct dionl_reset {
	char addr[16];
	uint64_t id, time;
	uint32_t trigger, policy, result, level, state, duration, idle, idle_time;
	bool dry_run;
	int steps, residues;
	struct dionl_step step[DIONL_STEPS];
	struct dionl_residue residue[DIONL_RESIDUE];
};

/* What dev-set may change; DIONL_UNSET leaves an attribute out. */
struct dionl_set {
	int policy, level, d3_force, ready_timeout, idle_timeout, drain;
	int intx, recheck, vectors;
	int methods;
	uint32_t method[DIONL_METHODS];
};

#define DIONL_SET_INIT { .policy = DIONL_UNSET, .level = DIONL_UNSET,		\
			 .d3_force = DIONL_UNSET, .ready_timeout = DIONL_UNSET,	\
			 .idle_timeout = DIONL_UNSET, .drain = DIONL_UNSET,	\
			 .intx = DIONL_UNSET, .recheck = DIONL_UNSET,		\
			 .vectors = DIONL_UNSET }

/* One interrupt of an owner, as irq-get tells it, or an irq-ntf event. */
struct dionl_irq {
	char addr[16];
	uint32_t index, vector, via, host_irq, recheck, holdoff, event, mask;
	bool enabled, masked, bypass;
	uint64_t interrupts, delivered, while_masked, pending, rechecks, spurious, merged,
		 swaps, storms, kept;
};

struct dionl {
	struct genl genl;
};

int dionl_open(struct dionl *nl);
/* A socket of its own for events, from now on. */
int dionl_open_events(struct dionl *nl);
void dionl_close(struct dionl *nl);

int dionl_dev_get(struct dionl *nl, const char *addr, struct dionl_dev *dev);
int dionl_dev_set(struct dionl *nl, const char *addr, const struct dionl_set *set);
int dionl_dev_policy(struct dionl *nl, const char *addr, int policy);
/* Who serves MSI and MSI-X: DIO_VFIO_VECTORS_*. */
int dionl_dev_vectors(struct dionl *nl, const char *addr, int vectors);
int dionl_dev_reset(struct dionl *nl, const char *addr, bool dry_run, struct dionl_reset *rec);
int dionl_dev_release(struct dionl *nl, const char *addr);
/* Records of @addr, oldest first; their number or a negative errno. */
int dionl_reset_dump(struct dionl *nl, const char *addr, struct dionl_reset *rec, int max);
/* Interrupts of @addr; their number or a negative errno. */
int dionl_irq_dump(struct dionl *nl, const char *addr, struct dionl_irq *irq, int max);
/* One of them; -ENOENT if the kernel does not tell of it. */
int dionl_irq_get(struct dionl *nl, const char *addr, uint32_t index, uint32_t vector,
		  struct dionl_irq *irq);
/* Hold-off in microseconds; @vector -1: all of that type. */
int dionl_irq_holdoff(struct dionl *nl, const char *addr, uint32_t index, int vector,
		      uint32_t us);
/* irq-ntf events of @addr until none came for @quiet_ms; their number. */
int dionl_irq_events(struct dionl *nl, const char *addr, struct dionl_irq *irq, int max,
		     int quiet_ms);
/*
 * Reset events of @addr until none came for @quiet_ms; their number.  A reset
 * call returns after its event was sent, so a short quiet time is enough.
 */
int dionl_events(struct dionl *nl, const char *addr, struct dionl_reset *rec, int max,
		 int quiet_ms);

/* dionl_text.c: names as in the specification, and diagnostics. */
const char *dionl_method_name(uint32_t method);
const char *dionl_result_name(uint32_t result);
const char *dionl_trigger_name(uint32_t trigger);
const char *dionl_state_name(uint32_t state);
void dionl_say_reset(const struct dionl_reset *rec);
/* First step of that method, NULL when it was not tried. */
const struct dionl_step *dionl_step_of(const struct dionl_reset *rec, uint32_t method);
/* Registers that survived the last method: all of them, or not scrubbed. */
int dionl_residue_count(const struct dionl_reset *rec, bool unscrubbed_only);

#endif
