/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Admission: may a thread be promised so much CPU time? Pure arithmetic, compiled
 * into the module and into its tests. A bandwidth is a fraction of one CPU in
 * units of 2^-32 and rounded up, so that sums never promise more than there is.
 */
#ifndef DIO_ADMIT_H
#define DIO_ADMIT_H

#include <linux/types.h>

#define DIO_ADMIT_ONE		0x100000000ULL
/* What the kernel's own arithmetic cannot tell from nothing (DL_SCALE). */
#define DIO_ADMIT_RUNTIME_MIN	1024
/* The kernel's deadline server for fair tasks: 50 ms of each second of a CPU. */
#define DIO_ADMIT_SERVER_US	50000
#define DIO_ADMIT_SERVER_PERIOD	1000000

enum dio_admit_result {
	DIO_ADMIT_OK,
	DIO_ADMIT_RUNTIME_SHORT,	/* below DIO_ADMIT_RUNTIME_MIN */
	DIO_ADMIT_RUNTIME_LONG,		/* over the period */
	DIO_ADMIT_PERIOD_SHORT,
	DIO_ADMIT_PERIOD_LONG,
	DIO_ADMIT_NO_CPU,		/* none of the thread's CPUs is online */
	DIO_ADMIT_FULL,			/* over-commit of a set of CPUs */
};

/* Times in nanoseconds; @cpu is the bandwidth of one CPU that may be promised. */
struct dio_admit_limits {
	u64 period_min, period_max;
	u64 cpu;
};

/* A promise: of reserve or of boost, they count alike. */
struct dio_admit_item {
	u64 bw;
	const unsigned long *cpus;
};

/* The CPUs of a machine, and what is promised already. */
struct dio_admit_set {
	const unsigned long *online;
	unsigned int words;		/* of every mask */
	const struct dio_admit_item *item;
	unsigned int n;
};

/*
 * The numbers of an answer: @used is promised to threads that cannot leave the
 * @ncpus CPUs of the set, of which @cpu is the first; @limit is what they have.
 */
struct dio_admit_answer {
	enum dio_admit_result result;
	u64 bw, used, limit;
	unsigned int ncpus, cpu;
};

u64 dio_admit_bw(u64 runtime, u64 period);
u64 dio_admit_cpu_limit(s64 rt_runtime_us, s64 rt_period_us, unsigned int servers);
enum dio_admit_result dio_admit_values(const struct dio_admit_limits *limits,
				       u64 runtime, u64 period);
void dio_admit(const struct dio_admit_limits *limits, const struct dio_admit_set *set,
	       const struct dio_admit_item *new, struct dio_admit_answer *answer);
u64 dio_admit_used(const struct dio_admit_set *set, const unsigned long *cpus);

#endif /* DIO_ADMIT_H */
