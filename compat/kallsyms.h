/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses by name: kallsyms_lookup_name() lost its export in 5.7. It is found by a
 * kprobe that is never armed; as it is sealed, a static call is the way to call it.
 * A user's calls do not run at the same time: the name's buffer is the file's own.
 */
#ifndef DIO_COMPAT_KALLSYMS_H
#define DIO_COMPAT_KALLSYMS_H

#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/static_call.h>

/* Is @addr the start of @symbol of @module ("vmlinux": the kernel), and of no other? */
static inline bool dio_symbol_is(unsigned long addr, const char *module, const char *symbol)
{
	static char name[KSYM_SYMBOL_LEN];
	char want[MODULE_NAME_LEN + 4] = "";
	const char *rest;

	sprint_symbol(name, addr);	/* name+0x0/0x123 [module] */
	if (strcmp(module, "vmlinux"))
		snprintf(want, sizeof(want), "[%s]", module);
	rest = strstr(name, "+0x0/");
	if (!rest || strlen(symbol) != rest - name || strncmp(name, symbol, rest - name))
		return false;
	rest = strchr(name, '[');
	return rest ? !strcmp(rest, want) : !*want;
}

/* The address of a function of the kernel that can be probed, or 0. Sleeps. */
static inline unsigned long dio_symbol_by_probe(const char *symbol)
{
	struct kprobe kp = { .symbol_name = symbol, .flags = KPROBE_FLAG_DISABLED };
	unsigned long addr;
	unsigned int i;

	if (register_kprobe(&kp))
		return 0;
	addr = (unsigned long)kp.addr;
	unregister_kprobe(&kp);
	/* a probe skips an ENDBR, sealed or not, if there is one */
	for (i = 0; i <= 4; i += 4)
		if (dio_symbol_is(addr - i, "vmlinux", symbol))
			return addr - i;
	return 0;
}

#endif
