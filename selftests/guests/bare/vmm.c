// SPDX-License-Identifier: GPL-2.0
/*
 * The monitor's other thread. QEMU's main loop takes eventfds and runs timers,
 * in that order, while the guest goes on; a guest that wants to know that an
 * eventfd was seen waits for two ticks of an emulated timer: the second one
 * comes from a turn of the loop that began after the first was noticed. The
 * timer is that of the clock chip, whose register C has to be read before it
 * interrupts again. It runs only while it is waited for, and the guest halts, so
 * that the loop has the processor.
 */
#include "guest.h"

#define COM1		0x3f8
#define LSR		(COM1 + 5)
#define LSR_READY	0x01

#define RTC_PIN		8
#define RTC_INDEX	0x70
#define RTC_DATA	0x71
#define RTC_A		0x0a
#define RTC_B		0x0b
#define RTC_C		0x0c
#define RTC_A_2048HZ	0x25	/* at 8192 Hz its own ticks are all that QEMU does */
#define RTC_B_PERIODIC	0x40
#define RTC_B_24H	0x02

char hear(void)
{
	while (!(inb(LSR) & LSR_READY))
		asm volatile("pause");
	return inb(COM1);
}

static void rtc_write(u8 index, u8 value)
{
	outb(RTC_INDEX, index);
	outb(RTC_DATA, value);
}

static u8 rtc_read(u8 index)
{
	outb(RTC_INDEX, index);
	return inb(RTC_DATA);
}

static volatile int ticked;

static void on_tick(void)
{
	ticked = 1;
}

void vmm_settle_init(void)
{
	rtc_write(RTC_A, RTC_A_2048HZ);
	rtc_write(RTC_B, RTC_B_24H);
	irq_route_pin(RTC_PIN, on_tick);
}

void vmm_settle(void)
{
	int tick;

	/* one from before would be taken for the first */
	rtc_read(RTC_C);
	rtc_write(RTC_B, RTC_B_PERIODIC | RTC_B_24H);
	for (tick = 0; tick < 2; tick++) {
		ticked = 0;
		rtc_read(RTC_C);
		asm volatile("cli");
		while (!ticked)
			asm volatile("sti; hlt; cli");
		asm volatile("sti");
	}
	rtc_write(RTC_B, RTC_B_24H);
}
