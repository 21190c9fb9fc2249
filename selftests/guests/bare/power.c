// SPDX-License-Identifier: GPL-2.0
/*
 * Time and end of the guest by the ACPI block of QEMU's `pc` machine (PIIX4,
 * 00:01.3), which is set up here: no firmware table is read. Failure leaves
 * through isa-debug-exit at port 0xf4, so that QEMU's exit status says it.
 */
#include "guest.h"

#define PM_BASE		0x600
#define PM_CONTROL	(PM_BASE + 4)
#define PM_TIMER	(PM_BASE + 8)
#define PM_SLEEP_S5	0x2000
#define PM_TIMER_KHZ	3580
#define PM_TIMER_MASK	0xffffff
#define DEBUG_EXIT	0xf4

static const struct pci_dev piix4_pm = { .slot = 1, .function = 3 };

void power_init(void)
{
	pci_write(&piix4_pm, 0x40, 4, PM_BASE | 1);
	pci_write(&piix4_pm, 0x80, 1, 1);
}

u32 ticks(void)
{
	return inl(PM_TIMER) & PM_TIMER_MASK;
}

int expired(u32 since, u32 ms)
{
	return ((ticks() - since) & PM_TIMER_MASK) >= ms * PM_TIMER_KHZ;
}

void delay(u32 ms)
{
	u32 since = ticks();

	while (!expired(since, ms))
		asm volatile("pause");
}

static __attribute__((noreturn)) void stop(void)
{
	for (;;)
		asm volatile("cli; hlt");
}

void power_off(void)
{
	outw(PM_CONTROL, PM_SLEEP_S5);
	stop();
}

void power_fail(void)
{
	outl(DEBUG_EXIT, 1);
	stop();
}
