// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts of a device by INTx, counted exactly.
 *
 *   run=intx modes=plain:1000,between:300 [as=NAME] [reboot=1] [hold=1] [patience=MS]
 *	[late=1] [rest=MS]
 *
 * A cause that was raised is waited for; one that is not seen in time is lost,
 * one that is seen without having been raised was seen twice. An interrupt
 * without a cause is spurious: counted, and no error; so is (wrong) an Interrupt
 * Status that is not the level. Where a device counts events of its first cause
 * itself, own is to be first, which is what was raised of it. reboot: all modes,
 * a reset of the machine with a cause left standing, all modes again. hold: stay
 * until killed. late: so many without a cause are waited for at the end of a mode.
 * rest: the time between a round and the next.
 * The modes are in intx_modes.c.
 */
#include "intx_count.h"

#define LOST_MAX	5	/* of a mode: enough to know */
#define SPINS		20000

/* Memory that neither the loader nor a reset of the machine touches. */
#define KEPT		((struct kept *)0x1000000)
#define KEPT_MAGIC	0x6b657074

struct kept {
	u32 magic, boots;
	struct counts total;
};

static const struct intx_device *const intx_devices[] = {
	&intx_edu, &intx_e1000e, &intx_igb, &intx_hda,
};

const struct intx_device *intx;
struct pci_dev *intx_pci;
struct counts counts;
volatile u32 intx_waiting;
u32 intx_patience;
volatile int intx_closed;
void (*intx_act)(u32 standing);

static u32 bits(u32 set)
{
	u32 n = 0;

	for (; set; set &= set - 1)
		n++;
	return n;
}

void intx_raise(u32 causes)
{
	intx_waiting |= causes;
	counts.raised += bits(causes);
	counts.first += !!(causes & intx->cause[0]);
	intx->raise(causes);
}

void intx_take(u32 causes)
{
	intx->clear(causes);
	if (intx->counted && causes & intx->cause[0])
		counts.own += intx->counted();
	counts.seen += bits(causes & intx_waiting);
	counts.twice += bits(causes & ~intx_waiting);
	intx_waiting &= ~causes;
}

static void handler(void)
{
	u32 standing = intx->standing();

	counts.irqs++;
	if (!standing) {
		counts.spurious++;
		return;
	}
	counts.early += intx_closed;
	intx_act(standing);
}

int intx_wait(const volatile u32 *what)
{
	u32 n, since;

	for (n = 0; n < SPINS; n++)
		if (!*what)
			return 0;
	since = ticks();
	while (*what && !expired(since, intx_patience))
		asm volatile("pause");
	return *what ? -1 : 0;
}

void intx_settle(void)
{
	if (!intx_wait(&intx_waiting))
		return;
	asm volatile("cli");
	counts.lost += bits(intx_waiting);
	intx->clear(intx_waiting);
	intx_waiting = 0;
	asm volatile("sti");
}

int intx_restart(void)
{
	if (!intx->start(intx_pci) && !intx->standing())
		return 0;
	say("@@ fail %s does not start\n", intx->name);
	return -1;
}

static void add(struct counts *to, const struct counts *n)
{
	to->raised += n->raised;
	to->seen += n->seen;
	to->irqs += n->irqs;
	to->spurious += n->spurious;
	to->lost += n->lost;
	to->twice += n->twice;
	to->early += n->early;
	to->wrong += n->wrong;
	to->first += n->first;
	to->own += n->own;
}

static void tell(const char *what, const struct counts *n)
{
	say("@@ intx %s %s raised %u seen %u irqs %u spurious %u", intx->name, what,
	    n->raised, n->seen, n->irqs, n->spurious);
	say(" lost %u twice %u early %u wrong %u", n->lost, n->twice, n->early, n->wrong);
	if (intx->counted)
		say(" first %u own %u", n->first, n->own);
	say("\n");
}

static int word_is(const char *text, const char *word)
{
	while (*word && *text == *word) {
		text++;
		word++;
	}
	return !*word && (!*text || *text == ' ' || *text == ':');
}

static void wait_late(void)
{
	const volatile u32 *spurious = &counts.spurious;
	u32 since = ticks(), late = arg_number("late", 0);

	while (*spurious < late && !expired(since, intx_patience))
		asm volatile("pause");
	delay(50);
}

static int run_mode(const char *text, u32 rounds)
{
	const struct intx_mode *mode = intx_modes;
	u32 n, rest = arg_number("rest", 0);

	while (mode->name && !word_is(text, mode->name))
		mode++;
	if (!mode->name) {
		say("@@ fail no such mode\n");
		return -1;
	}
	counts = (struct counts){ 0 };
	intx_act = intx_take;
	for (n = 0; n < rounds && counts.lost < LOST_MAX; n++) {
		if (mode->round(n))
			return -1;
		delay(rest);
	}
	wait_late();
	tell(mode->name, &counts);
	add(&KEPT->total, &counts);
	return 0;
}

static int run_modes(void)
{
	const char *p = arg("modes"), *name;

	while (p && *p && *p != ' ') {
		name = p;
		while (*p && *p != ':' && *p != ' ')
			p++;
		if (*p++ != ':' || run_mode(name, number(&p)))
			return -1;
		p += *p == ',';
	}
	return 0;
}

static int find(void)
{
	size_t i;

	intx_pci = pci_target();
	if (!intx_pci)
		return -1;
	for (i = 0; i < sizeof(intx_devices) / sizeof(*intx_devices); i++) {
		intx = intx_devices[i];
		if (arg("as") ? arg_is("as", intx->name) :
		    intx_pci->vendor == intx->vendor && intx_pci->device == intx->device)
			return 0;
	}
	say("@@ fail %w:%w raises no interrupts at will\n", intx_pci->vendor, intx_pci->device);
	return -1;
}

static __attribute__((noreturn)) void reboot(void)
{
	KEPT->boots++;
	asm volatile("cli");
	intx->raise(intx->cause[0]);
	say("@@ reboot\n");
	outb(0xcf9, 0x06);
	for (;;)
		asm volatile("hlt");
}

static int begin(void)
{
	if (KEPT->magic != KEPT_MAGIC)
		*KEPT = (struct kept){ .magic = KEPT_MAGIC };
	intx_patience = arg_number("patience", WAIT_MS);
	if (find())
		return -1;
	pci_enable(intx_pci);
	if (intx_restart())
		return -1;
	irq_init(handler);
	if (!irq_route_intx(intx_pci))
		return 0;
	say("@@ fail %s offers no INTx pin\n", intx->name);
	return -1;
}

int do_intx(void)
{
	const struct counts *n = &KEPT->total;

	if (begin() || run_modes())
		return -1;
	if (KEPT->boots < arg_number("reboot", 0))
		reboot();
	tell("total", n);
	while (arg_is("hold", "1")) {
		say("@@ held\n");
		asm volatile("cli; hlt");
	}
	KEPT->magic = 0;
	return n->lost || n->twice || n->early ? -1 : 0;
}
