// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of what the kernel does not export, by kallsyms_lookup_name(). A static
 * function may have no ENDBR at all: no address is computed by looking at
 * instructions. All with dio_hook_lock.
 */
#undef pr_fmt	/* the forced include has it already */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "compat/kallsyms.h"
#include "dio_kvm.h"

DEFINE_STATIC_CALL_RET0(dio_kallsyms_lookup, kallsyms_lookup_name);
DEFINE_STATIC_CALL_RET0(dio_find_module, find_module);
DEFINE_STATIC_CALL_RET0(dio_ftrace_location, ftrace_location);

/* Both under dio_hook_lock. */
char dio_resolve_failed[DIO_REASON_LEN] = "nothing was resolved yet";
bool dio_off;

/* Start of a function of the kernel, or 0. The module is held by the caller. */
unsigned long dio_resolve(const char *module, const char *symbol)
{
	char name[256];
	unsigned long addr;

	if (!strcmp(module, "vmlinux"))
		scnprintf(name, sizeof(name), "%s", symbol);
	else
		scnprintf(name, sizeof(name), "%s:%s", module, symbol);
	addr = static_call(dio_kallsyms_lookup)(name);
	return addr && dio_symbol_is(addr, module, symbol) ? addr : 0;
}

/* Where ftrace patches the function at @addr, or 0. */
unsigned long dio_resolve_site(unsigned long addr)
{
	return static_call(dio_ftrace_location)(addr);
}

/* A reference to a module that is loaded and alive, else NULL. */
struct module *dio_module_get(const char *name)
{
	struct module *mod;

	rcu_read_lock();
	preempt_disable();	/* 6.1 and 6.12 look for this one */
	mod = static_call(dio_find_module)(name);
	if (mod && !try_module_get(mod))
		mod = NULL;
	preempt_enable();
	rcu_read_unlock();
	/* one that is still coming may vanish under a reference */
	if (mod && READ_ONCE(mod->state) != MODULE_STATE_LIVE) {
		module_put(mod);
		mod = NULL;
	}
	return mod;
}

/* Is @word on the kernel's command line? Also if that cannot be read. */
static bool dio_cmdline_has(const char *word)
{
	char **line = (char **)static_call(dio_kallsyms_lookup)("saved_command_line");
	size_t len = strlen(word);
	const char *at;

	if (!line)
		return true;
	for (at = strstr(*line, word); at; at = strstr(at + len, word))
		if ((at == *line || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

static bool dio_resolve_own(const char *symbol, const char *proto, unsigned long addr)
{
	char why[DIO_REASON_LEN];

	if (!addr) {
		scnprintf(dio_resolve_failed, DIO_REASON_LEN, "%s is not found", symbol);
		return false;
	}
	if (dio_proto_check("vmlinux", symbol, proto, why)) {
		scnprintf(dio_resolve_failed, DIO_REASON_LEN, "%s: %s", symbol, why);
		return false;
	}
	return true;
}

static bool dio_resolve_all(void)
{
	unsigned long addr = dio_symbol_by_probe("kallsyms_lookup_name");

	if (!dio_resolve_own("kallsyms_lookup_name", "unsigned long (const char *)", addr))
		return false;
	static_call_update(dio_kallsyms_lookup, (void *)addr);
	addr = dio_resolve("vmlinux", "find_module");
	if (!dio_resolve_own("find_module", "struct module *(const char *)", addr))
		return false;
	static_call_update(dio_find_module, (void *)addr);
	addr = dio_resolve("vmlinux", "ftrace_location");
	if (!dio_resolve_own("ftrace_location", "unsigned long (unsigned long)", addr))
		return false;
	static_call_update(dio_ftrace_location, (void *)addr);
	return true;
}

/*
 * Find what finds the rest, unless that is done. If it fails, dio_resolve_failed
 * says why, and the next one who asks tries again: /sys may not be mounted yet.
 */
void dio_resolve_prepare(void)
{
	if (!*dio_resolve_failed || !dio_resolve_all())
		return;
	*dio_resolve_failed = '\0';
	dio_off = dio_cmdline_has("nodio");
	if (dio_off)
		pr_info("nodio is on the kernel command line: no hook will be armed\n");
}
