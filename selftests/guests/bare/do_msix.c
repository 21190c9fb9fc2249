// SPDX-License-Identifier: GPL-2.0
/*
 * MSI-X of an igb virtual function, driven by its table. The function raises a
 * vector when VTEICS is written: no traffic, no other cause, exact counts.
 *
 *   run=msix-pairs vector=1 count=1000
 *	obeys letters from the serial line and says "@@ did SEQ WAY N PAIRS MODE" after
 *	each: count times the way of masking and unmasking that the letter names, N
 *	the TSC ticks of one (median), MODE the most frequent, PAIRS those that were
 *	made: as many as there were interrupts if the handler makes them, else count.
 *	q ends.
 *   run=msix-pending vector=1 count=10000 events=3 mask=1 settle=1 hold=1
 *	count times: mask, raise 0 to events interrupts, unmask; each time exactly
 *	one may be delivered, or none if none was raised, and only after the unmask.
 *	With mask=0 the same without masking, which must be noticed. With settle=0
 *	the unmask follows at once, before the monitor can have seen anything.
 *	With beside=2 vector 2 is pending and masked all the time, and delivered
 *	once at the end: QEMU, which has pending bits of its own while there are
 *	any, rebuilds the guest's memory map only once then. hold: stay until killed.
 */
#include "guest.h"
#include "msix_vf.h"

#define REDIRECTION_HINT	0x8

#define SAMPLES_MAX	2048
#define TAKEN_MS	3000

static u32 entry, vector;
static u32 address, data;	/* of the message */
static u32 samples[SAMPLES_MAX];

static void mask(void)
{
	mmio_write(entry + ENTRY_CTRL, 1);
}

static void unmask(void)
{
	mmio_write(entry + ENTRY_CTRL, 0);
}

static void raise(void)
{
	msix_vf_raise(vector);
}

static void nothing(void)
{
}

/* The message of vector N, which stays as masked as it is. */
static void aim(u32 n)
{
	mmio_write(msix_vf_entry(n), address);
	mmio_write(msix_vf_entry(n) + 4, 0);
	mmio_write(msix_vf_entry(n) + ENTRY_DATA, data);
}

static int msix_open(void)
{
	u32 n;

	if (msix_vf_open())
		return -1;
	vector = arg_number("vector", 1);
	entry = msix_vf_entry(vector);
	irq_message(&address, &data);
	for (n = 0; n < MSIX_VECTORS; n++)
		aim(n);
	msix_vf_control(MSIX_ENABLE);
	unmask();
	msix_vf_causes();
	return 0;
}

/* True once COUNT interrupts were taken. */
static int taken(u32 count)
{
	u32 since = ticks();

	while (irq_count < count && !expired(since, TAKEN_MS))
		asm volatile("pause");
	return irq_count >= count;
}

/* The driver's least, Linux' mask and unmask, and Linux' change of affinity. */
static void way_write(void)
{
	mask();
	unmask();
}

static void way_linux(void)
{
	mask();
	mmio_read(msix_vf.table);
	unmask();
}

static void aim_at(u32 where)
{
	mask();
	mmio_read(msix_vf.table);
	mmio_write(entry, where);
	mmio_write(entry + 4, 0);
	mmio_write(entry + ENTRY_DATA, data);
	unmask();
	mmio_read(msix_vf.table);
}

static void way_affinity(void)
{
	aim_at(address);
}

/* Another address, which names the same CPU. */
static void way_changed(void)
{
	static u32 hint;

	hint ^= REDIRECTION_HINT;
	aim_at(address | hint);
}

/* An interrupt whose handler masks and unmasks. */
static void way_interrupt(void)
{
	u32 before = irq_count;

	raise();
	taken(before + 1);
}

/* One whose handler does neither. */
static void way_plain(void)
{
	way_interrupt();
}

static int masking;

static void handler(void)
{
	if (masking)
		way_linux();
}

static const struct way {
	char letter;
	const char *name;
	void (*run)(void);
} ways[] = {
	{ 'n', "none", nothing },
	{ 'w', "write", way_write },
	{ 'l', "linux", way_linux },
	{ 'a', "affinity", way_affinity },
	{ 'c', "changed", way_changed },
	{ 'i', "interrupt", way_interrupt },
	{ 'p', "plain", way_plain },
};

static u32 median(u32 n)
{
	u32 gap, i, j, value;

	for (gap = n / 2; gap; gap /= 2) {
		for (i = gap; i < n; i++) {
			value = samples[i];
			for (j = i; j >= gap && samples[j - gap] > value; j -= gap)
				samples[j] = samples[j - gap];
			samples[j] = value;
		}
	}
	return samples[n / 2];
}

/* The most frequent one; they are sorted. */
static u32 mode(u32 n)
{
	u32 i, from = 0, best = 0, most = 0;

	for (i = 0; i < n; i++) {
		if (samples[i] != samples[from])
			from = i;
		if (i + 1 - from > most) {
			most = i + 1 - from;
			best = from;
		}
	}
	return samples[best];
}

static u32 tsc(void)
{
	u32 low;

	asm volatile("rdtsc" : "=a"(low) : : "edx");
	return low;
}

static void run_way(const struct way *way, u32 count, u32 sequence)
{
	u32 n, begin, before = irq_count;

	masking = way->run == way_interrupt;
	for (n = 0; n < count; n++) {
		begin = tsc();
		way->run();
		samples[n] = tsc() - begin;
	}
	n = masking ? irq_count - before : count;
	masking = 0;
	say("@@ did %u %s %u %u", sequence, way->name, median(count), n);
	say(" %u\n", mode(count));
}

int do_msix_pairs(void)
{
	u32 count = arg_number("count", 1000), sequence = 0, i;
	char letter;

	if (count > SAMPLES_MAX || msix_open())
		return -1;
	irq_init(handler);
	raise();
	if (!taken(1)) {
		say("@@ fail no interrupt by MSI-X\n");
		return -1;
	}
	say("@@ ready\n");
	while ((letter = hear()) != 'q')
		for (i = 0; i < sizeof(ways) / sizeof(*ways); i++)
			if (ways[i].letter == letter)
				run_way(&ways[i], count, ++sequence);
	return 0;
}

struct rounds {
	u32 raised;
	u32 none, one, merged;	/* as it should be; of 0, of 1, of more raised */
	u32 early, lost, more;	/* as it should not */
	u32 shown;		/* pending bits while masked */
};

static void settle(int wanted)
{
	if (wanted)
		vmm_settle();
}

/* What was delivered of EVENTS: by now, and EARLY before the unmask. */
static void judge(struct rounds *r, u32 events, u32 delivered, u32 early)
{
	u32 right = events ? 1 : 0;

	r->early += !!early;
	r->lost += delivered < right;
	r->more += delivered > right;
	if (early || delivered != right)
		return;
	if (events > 1)
		r->merged++;
	else if (events)
		r->one++;
	else
		r->none++;
}

static void one_round(struct rounds *r, u32 events, int masked, int wait)
{
	u32 before = irq_count, early, n;

	if (masked) {
		mask();
		mmio_read(msix_vf.table);
	}
	for (n = 0; n < events; n++)
		raise();
	settle(wait);
	early = irq_count - before;
	r->raised += events;
	r->shown += msix_vf_pending(vector);
	unmask();
	if (events)
		taken(before + 1);
	vmm_settle();
	judge(r, events, irq_count - before, early);
}

/* Pending and masked, or, in the end, delivered: how often. */
static u32 beside(u32 n, int masked)
{
	u32 before = irq_count;

	if (masked) {
		aim(n);
		mmio_write(msix_vf_entry(n) + ENTRY_CTRL, 0);
		mmio_write(msix_vf_entry(n) + ENTRY_CTRL, 1);
		msix_vf_raise(n);
	} else {
		mmio_write(msix_vf_entry(n) + ENTRY_CTRL, 0);
		taken(before + 1);
	}
	vmm_settle();
	return irq_count - before;
}

int do_msix_pending(void)
{
	u32 n, count = arg_number("count", 1000), events = arg_number("events", 3);
	int masked = arg_number("mask", 1), wait = arg_number("settle", 1);
	u32 other = arg_number("beside", 0), first = 0, last = 0;
	struct rounds r = { 0 };

	if (msix_open())
		return -1;
	irq_init(nothing);
	vmm_settle_init();
	if (other)
		first = beside(other, 1);
	for (n = 0; n < count; n++)
		one_round(&r, n % (events + 1), masked, wait);
	if (other)
		last = beside(other, 0);
	say("@@ rounds %u raised %u none %u one %u merged %u", count, r.raised, r.none, r.one,
	    r.merged);
	say(" early %u lost %u more %u shown %u", r.early, r.lost, r.more, r.shown);
	say(" beside %u:%u\n", first, last);
	while (arg_is("hold", "1")) {
		say("@@ held\n");
		asm volatile("cli; hlt");
	}
	return 0;
}
