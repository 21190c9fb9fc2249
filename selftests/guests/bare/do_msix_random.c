// SPDX-License-Identifier: GPL-2.0
/*
 * An MSI-X table driven at random, beside what the PCI standard says of it.
 *
 *   run=msix-random seed=1 count=1000 steps=8 resets=2 wait=3000
 *	count sequences of steps: masks, messages, function mask, MSI-X off and on,
 *	events, loads. An event that is due is waited for, in the interrupt that the
 *	message of that moment names; any other interrupt is an error, whenever it
 *	comes, and one that does not come within wait milliseconds is lost. A message
 *	names one of two vectors of this CPU, or a CPU that is not there. It changes
 *	while the vector is masked, by itself or by the function. resets function
 *	level resets in between.
 *	Then letters: r stores each mask bit once more, as it is, and compares the whole
 *	table; m masks all vectors, with an event each; u unmasks them; q ends.
 */
#include "msix_vf.h"

#define FIRST		0x50	/* two interrupts for each entry */
#define NOBODY		0xfee55000u
#define WORDS		4
#define SETTLE_EVERY	32
#define MERGED		8	/* one in so many events while another one is pending */

struct entry {
	u32 word[WORDS];
	u8 pending;		/* events that will be one interrupt */
	volatile u8 due;
};

static struct entry table[MSIX_VECTORS];
static u32 self, function, enabled, noise, wait_ms;
static volatile u32 early, more, stale, delivered;
static u32 lost, wrong, events, merged, changed;

static u32 any(u32 n)
{
	noise ^= noise << 13;
	noise ^= noise >> 17;
	noise ^= noise << 5;
	return noise % n;
}

static int masked(const struct entry *e)
{
	return !enabled || function || e->word[3] & 1;
}

/* An interrupt has come. */
static void arrived(u32 n)
{
	struct entry *e = &table[n / 2];

	if (!e->due && masked(e))
		early++;
	else if (!e->due)
		more++;
	else if (e->word[2] != FIRST + n)
		stale++;
	else
		delivered++;
	e->due = 0;
}

/* An event of an entry that is not masked. */
static void send(struct entry *e)
{
	e->due = e->word[0] == self;
}

/* The clock is the monitor's: to ask it costs more than a mask does. */
static void await_one(struct entry *e)
{
	u32 since;

	if (!e->due)
		return;
	since = ticks();
	while (e->due && !expired(since, wait_ms))
		asm volatile("pause");
	lost += e->due;
	e->due = 0;
}

static void await(void)
{
	u32 n;

	for (n = 0; n < MSIX_VECTORS; n++)
		await_one(&table[n]);
}

/*
 * What was pending and no longer has to wait: once QEMU has seen it, which its own loop
 * does. Of several events it makes one interrupt only if it has seen all of them. And
 * one that comes to it after the mask has gone is sent when it comes, by the message of
 * then: an interrupt of this CPU is waited for, but one that goes to nobody cannot be.
 */
static void release_one(struct entry *e)
{
	if (!e->pending || masked(e))
		return;
	if (e->pending > 1 || e->word[0] != self)
		vmm_settle();
	e->pending = 0;
	send(e);
}

static void release(void)
{
	u32 n;

	for (n = 0; n < MSIX_VECTORS; n++)
		release_one(&table[n]);
}

static u32 at(const struct entry *e, u32 word)
{
	return msix_vf_entry(e - table) + 4 * word;
}

static void store(struct entry *e, u32 word)
{
	mmio_write(at(e, word), e->word[word]);
}

/* Two words by one instruction, as a driver of 64 bits may. */
static void store_two(struct entry *e, u32 word)
{
	u32 where = at(e, word);

	asm volatile("movq (%0), %%mm0\n\tmovq %%mm0, (%1)"
		     : : "r"(&e->word[word]), "r"(where) : "memory");
}

/* The mask bit in one of the ways that programs have. */
static void store_ctrl(struct entry *e)
{
	u32 where = at(e, 3), value = e->word[3];

	switch (any(8)) {
	case 0:
		store_two(e, 2);
		break;
	case 1:
		asm volatile("xchgl %0, (%1)" : "+r"(value) : "r"(where) : "memory");
		break;
	case 2:
		if (value)
			asm volatile("lock orl $1, (%0)" : : "r"(where) : "memory");
		else
			asm volatile("lock andl $0xfffffffe, (%0)" : : "r"(where) : "memory");
		break;
	default:
		store(e, 3);
	}
}

static void mask(struct entry *e, u32 on)
{
	e->word[3] = on;
	release();
	store_ctrl(e);
	await();
}

static void event(struct entry *e)
{
	if (!enabled || (e->pending && any(MERGED)))
		return;
	events++;
	if (!masked(e)) {
		send(e);
	} else {
		merged += !!e->pending;
		e->pending = e->pending ? 2 : 1;
	}
	msix_vf_raise(e - table);
	await();
}

static void load(const struct entry *e, u32 word)
{
	wrong += mmio_read(at(e, word)) != e->word[word];
}

/* The entry is masked. */
static void change(struct entry *e)
{
	u32 old[3] = { e->word[0], e->word[1], e->word[2] };

	e->word[0] = any(4) ? self : NOBODY;
	e->word[2] = FIRST + 2 * (e - table) + any(2);
	changed += e->word[0] != old[0] || e->word[2] != old[2];
	if (any(4)) {
		store(e, 0);
		if (any(4) == 0)
			event(e);
		store(e, 1);
	} else {
		store_two(e, 0);
	}
	store(e, 2);
}

/* Linux' change of affinity. */
static void move(struct entry *e)
{
	u32 was = e->word[3];

	mask(e, 1);
	load(e, 0);
	if (any(2))
		event(e);
	change(e);
	if (any(2))
		event(e);
	mask(e, any(4) ? 0 : was);
	load(e, 0);
}

static void pairs(struct entry *e)
{
	u32 n = 1 + any(3);

	while (n--) {
		mask(e, 1);
		load(e, any(WORDS));
		if (any(2))
			event(e);
		mask(e, 0);
	}
}

static void control(void)
{
	msix_vf_control((enabled ? MSIX_ENABLE : 0) | (function ? MSIX_FUNCTION : 0));
	await();
}

static int quiet(void)
{
	u32 n;

	for (n = 0; n < MSIX_VECTORS; n++)
		if (table[n].pending)
			return 0;
	return 1;
}

/* What is pending when MSI-X is switched off is nobody's: the standard does not say. */
static void toggle_enable(void)
{
	if (enabled && !quiet())
		return;
	enabled = !enabled;
	control();
}

static void toggle_function(void)
{
	function = !function;
	release();
	control();
}

static void step(void)
{
	struct entry *e = &table[any(MSIX_VECTORS)];

	switch (any(24)) {
	case 0 ... 5:
		event(e);
		break;
	case 6 ... 8:
		mask(e, any(2));
		break;
	case 9 ... 14:
		pairs(e);
		break;
	case 15 ... 17:
		move(e);
		break;
	case 18:
		if (masked(e))
			change(e);
		break;
	case 19:
		if (!any(4))
			toggle_function();
		break;
	case 20:
		if (!enabled || !any(16))
			toggle_enable();
		break;
	default:
		load(e, any(WORDS));
	}
}

/* Whatever is there, as a driver has it after a reset. */
static void begin(void)
{
	u32 n, word;

	for (n = 0; n < MSIX_VECTORS; n++) {
		table[n] = (struct entry){ { self, 0, FIRST + 2 * n, 1 }, 0, 0 };
		for (word = 0; word < WORDS; word++)
			store(&table[n], WORDS - 1 - word);
	}
	function = 0;
	enabled = 1;
	control();
	msix_vf_causes();
	for (n = 0; n < MSIX_VECTORS; n++)
		mask(&table[n], 0);
}

/* A driver is done with its vectors before it resets. */
static int reset(void)
{
	u32 n;

	for (n = 0; n < MSIX_VECTORS; n++)
		mask(&table[n], any(2));
	enabled = 0;
	control();
	if (pci_flr(msix_vf.dev))
		return -1;
	pci_enable(msix_vf.dev);
	begin();
	return 0;
}

static void tell(const char *what)
{
	say("@@ %s events %u delivered %u merged %u changed %u", what, events, delivered, merged,
	    changed);
	say(" early %u more %u stale %u lost %u wrong %u\n", early, more, stale, lost, wrong);
}

static void compare(void)
{
	u32 n, word;

	for (n = 0; n < MSIX_VECTORS; n++)
		store(&table[n], 3);
	for (n = 0; n < MSIX_VECTORS; n++)
		for (word = 0; word < WORDS; word++)
			load(&table[n], word);
}

static void all(u32 on)
{
	u32 n;

	for (n = 0; n < MSIX_VECTORS; n++) {
		mask(&table[n], on);
		if (on)
			event(&table[n]);
	}
}

static void obey(void)
{
	char letter;

	while ((letter = hear()) != 'q') {
		if (letter == 'r')
			compare();
		else if (letter == 'm' || letter == 'u')
			all(letter == 'm');
		else
			continue;
		vmm_settle();
		tell("obeyed");
	}
}

int do_msix_random(void)
{
	u32 count = arg_number("count", 1000), steps = arg_number("steps", 8), n, i;
	u32 resets = arg_number("resets", 0), data;

	wait_ms = arg_number("wait", 3000);
	noise = arg_number("seed", 1) * 2654435761u | 1;
	if (msix_vf_open())
		return -1;
	irq_init(0);
	irq_many(FIRST, arrived);
	irq_message(&self, &data);
	vmm_settle_init();
	begin();
	say("@@ begun\n");
	for (n = 0; n < count; n++) {
		for (i = 0; i < steps; i++)
			step();
		if (n % SETTLE_EVERY == 0)
			vmm_settle();
		if (resets && n % (count / resets) == count / resets - 1 && reset())
			return -1;
	}
	if (!enabled)
		toggle_enable();
	if (function)
		toggle_function();
	vmm_settle();
	tell("random");
	obey();
	return 0;
}
