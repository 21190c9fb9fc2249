// SPDX-License-Identifier: GPL-2.0
/*
 * The modes of run=intx: how causes come and what the guest does meanwhile. A
 * driver that clears what it has seen leaves standing what came later; the
 * level of a line brings that back at the EOI.
 */
#include "intx_count.h"

#define PCI_COMMAND	0x04
#define COMMAND_INTX	0x400	/* Interrupt Disable */
#define PCI_STATUS	0x06
#define STATUS_INTX	0x08
#define CLOSED_MS	10
#define WRONG_MAX	1	/* waited for; then it is known that waiting does not help */

static volatile u32 later;	/* what the handler raises itself */

static u32 cause(u32 n)
{
	return intx->cause[n % CAUSES];
}

static u32 other_two(u32 n)
{
	return cause(n + 1) | cause(n + 3);
}

/* One cause at a time. */
static int plain(u32 n)
{
	intx_raise(cause(n));
	intx_settle();
	return 0;
}

/* Two more come while the first is handled, before or after it is cleared. */
static void act_between(u32 standing)
{
	u32 n = later;

	later = 0;
	if (!(n & 1))
		intx_take(standing);
	if (n) {
		intx_raise(cause(n + 1));
		intx_raise(cause(n + 3));
	}
	if (n & 1)
		intx_take(standing);
}

static int between(u32 n)
{
	intx_act = act_between;
	later = n + 1;
	intx_raise(cause(n + 1));
	intx_settle();
	return 0;
}

/* Three at once; the handler clears one. Not where reading clears them all. */
static void act_partial(u32 standing)
{
	intx_take(standing & -standing);
}

static int partial(u32 n)
{
	if (intx->read_clears) {
		say("@@ fail %s clears all causes at once\n", intx->name);
		return -1;
	}
	intx_act = act_partial;
	intx_raise(cause(n) | other_two(n));
	intx_settle();
	return 0;
}

/* The line is closed by Interrupt Disable, or at the interrupt controller. */
static void disable(int closed)
{
	u32 command = pci_read(intx_pci, PCI_COMMAND, 2);

	command = closed ? command | COMMAND_INTX : command & ~COMMAND_INTX;
	if (!closed)
		intx_closed = 0;
	pci_write(intx_pci, PCI_COMMAND, 2, command);
	if (closed)
		intx_closed = 1;
}

static void mask(int closed)
{
	if (!closed)
		intx_closed = 0;
	irq_mask_intx(closed);
	if (closed)
		intx_closed = 1;
}

/* Polled: a device may hold its interrupt back for a moment. */
static void check_status(int high)
{
	u32 since = ticks(), bound = counts.wrong < WRONG_MAX ? WAIT_MS : CLOSED_MS;

	while (!(pci_read(intx_pci, PCI_STATUS, 2) & STATUS_INTX) == !!high) {
		if (expired(since, bound)) {
			counts.wrong++;
			return;
		}
	}
}

static void no_check(int high)
{
	(void)high;
}

static void (*close_line)(int closed);
static void (*check)(int high);

/* Closed in the handler, where one more cause comes. */
static void act_close(u32 standing)
{
	u32 n = later;

	later = 0;
	if (!intx->read_clears)
		check(1);
	intx_take(standing);
	if (!n)
		return;
	check(0);
	close_line(1);
	intx_raise(cause(n + 1));
}

/*
 * An interrupt that was on its way comes before the raising, without a cause; the
 * VMM may have to wait for a time slice until it can deliver it.
 */
static void close_outside(u32 n)
{
	intx_act = intx_take;
	close_line(1);
	delay(CLOSED_MS);
	intx_raise(cause(n));
	delay(CLOSED_MS);
	check(1);
}

static void close_inside(u32 n)
{
	intx_act = act_close;
	later = n;
	intx_raise(cause(n));
	if (intx_wait(&later))
		later = 0;
	delay(CLOSED_MS);
}

/* Raised while closed: seen after the opening; cleared meanwhile: not at all. */
static int closed_round(u32 n)
{
	if (n % 3 == 2)
		close_inside(n);
	else
		close_outside(n);
	if (n % 3 == 1) {
		intx_take(intx_waiting);
		check(0);
	}
	close_line(0);
	intx_settle();
	return 0;
}

static int disable_round(u32 n)
{
	close_line = disable;
	check = check_status;
	return closed_round(n);
}

static int mask_round(u32 n)
{
	close_line = mask;
	check = no_check;
	return closed_round(n);
}

/* What the device forgets by a reset is not to be seen. */
static int forget(u32 causes)
{
	int rc;

	intx->raise(causes);
	rc = intx->reset(intx_pci) || intx_restart();
	if (intx->counted)
		intx->counted();
	return rc;
}

static int reset_failed;

static void act_reset(u32 standing)
{
	u32 n = later;

	later = 0;
	intx_take(standing);
	if (n)
		reset_failed |= forget(other_two(n));
}

/* Reset with causes that nobody has seen, or in the handler. */
static int reset_round(u32 n)
{
	if (!intx->reset) {
		say("@@ fail %s has no reset\n", intx->name);
		return -1;
	}
	intx_act = act_reset;
	if (n & 1) {
		later = n;
	} else {
		asm volatile("cli");
		reset_failed |= forget(other_two(n));
		asm volatile("sti");
	}
	intx_raise(cause(n));
	intx_settle();
	return reset_failed ? -1 : 0;
}

const struct intx_mode intx_modes[] = {
	{ "plain",	plain },
	{ "between",	between },
	{ "partial",	partial },
	{ "disable",	disable_round },
	{ "mask",	mask_round },
	{ "reset",	reset_round },
	{ NULL,		NULL },
};
