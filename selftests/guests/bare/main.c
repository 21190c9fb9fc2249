// SPDX-License-Identifier: GPL-2.0
/*
 * The table of behaviours and the one that `run=` names. The guest says
 * "@@ up" when it runs, "@@ pass NAME" or "@@ fail ..." when it ends, and
 * powers off; QEMU's exit status is 0 only after a pass.
 */
#include "guest.h"

static int do_poweroff(void)
{
	return 0;
}

static __attribute__((noreturn)) int do_busy(void)
{
	say("@@ busy\n");
	for (;;)
		asm volatile("");
}

/* Holds its devices open and costs nothing. */
static __attribute__((noreturn)) int do_idle(void)
{
	say("@@ idle\n");
	for (;;)
		asm volatile("cli; hlt");
}

static const struct behaviour {
	const char *name;
	int (*function)(void);
} behaviours[] = {
	{ "probe",	do_probe },
	{ "peek",	do_peek },
	{ "poke",	do_poke },
	{ "flr",	do_flr },
	{ "edu-state",	do_edu_state },
	{ "edu-irq",	do_edu_irq },
	{ "edu-dma",	do_edu_dma },
	{ "intx",	do_intx },
	{ "msix-pairs",	do_msix_pairs },
	{ "msix-pending", do_msix_pending },
	{ "msix-random", do_msix_random },
	{ "hostile",	do_hostile },
	{ "busy",	do_busy },
	{ "idle",	do_idle },
	{ "poweroff",	do_poweroff },
};

void guest_main(u32 start_info)
{
	size_t i;

	serial_init();
	args_init(start_info);
	power_init();
	say("@@ up\n");
	pci_scan();
	for (i = 0; i < sizeof(behaviours) / sizeof(*behaviours); i++) {
		if (!arg_is("run", behaviours[i].name))
			continue;
		if (behaviours[i].function())
			power_fail();
		say("@@ pass %s\n", behaviours[i].name);
		power_off();
	}
	say("@@ fail no such behaviour; known:");
	for (i = 0; i < sizeof(behaviours) / sizeof(*behaviours); i++)
		say(" %s", behaviours[i].name);
	say("\n");
	power_fail();
}
