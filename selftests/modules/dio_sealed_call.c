// SPDX-License-Identifier: GPL-2.0-only
/*
 * What no module of ours may do: find a function of the kernel by its name and
 * call it through a pointer. Functions that the kernel itself never calls so have
 * lost their ENDBR at boot, and on a processor with IBT this call is a BUG. On
 * others it goes unnoticed. Loading the module is the call.
 */
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>

#define SEALED "kallsyms_lookup_name"

/* A kprobe at a function with ENDBR is behind it. */
static unsigned long function_start(unsigned long addr)
{
	char text[KSYM_SYMBOL_LEN];
	unsigned long offset;
	char *plus;

	sprint_symbol(text, addr);
	plus = strstr(text, "+0x");
	if (!plus || sscanf(plus, "+0x%lx/", &offset) != 1)
		return 0;
	return addr - offset;
}

static int __init sealed_call_init(void)
{
	struct kprobe kp = { .symbol_name = SEALED };
	unsigned long (*function)(const char *name);
	int rc;

	rc = register_kprobe(&kp);
	if (rc)
		return rc;
	function = (void *)function_start((unsigned long)kp.addr);
	unregister_kprobe(&kp);
	if (!function)
		return -ENOENT;
	pr_info("calling " SEALED " by a pointer\n");
	if (function("vfs_read") == 0)
		return -ENOENT;
	pr_info("nobody noticed\n");
	return 0;
}

static void __exit sealed_call_exit(void)
{
}

module_init(sealed_call_init);
module_exit(sealed_call_exit);
MODULE_DESCRIPTION("Negative control: an indirect call of a sealed function");
MODULE_LICENSE("GPL");
