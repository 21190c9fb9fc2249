/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ftrace: names of the accessors to the caught registers (6.4), direct calls with
 * an ftrace_ops (one function since 6.3), and the order of UNWIND_HINT()'s
 * arguments (6.4).
 */
#ifndef DIO_COMPAT_FTRACE_H
#define DIO_COMPAT_FTRACE_H

#include <linux/ftrace.h>
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <linux/stringify.h>
#include <asm/ibt.h>
#include <asm/orc_types.h>

#ifndef CONFIG_X86_64
#error "dio_kvm knows x86-64 only"
#endif

/* It takes ENDBR and the return thunk out of ASM_ENDBR and ASM_RET. */
#ifdef __DISABLE_EXPORTS
#error "a module with trampolines is built without __DISABLE_EXPORTS"
#endif

#ifdef DIO_HAVE_FTRACE_REGS_NAMES
#define dio_ftrace_set_ip	ftrace_regs_set_instruction_pointer
#else
#define dio_ftrace_set_ip	ftrace_instruction_pointer_set
#endif

/* The first argument of the function that is being entered. */
static inline unsigned long dio_ftrace_arg0(struct ftrace_regs *fregs)
{
#ifdef DIO_HAVE_FTRACE_REGS_NAMES
	return ftrace_regs_get_argument(fregs, 0);
#else
	return fregs->regs.di;
#endif
}

static inline int dio_ftrace_direct_register(struct ftrace_ops *ops, unsigned long addr)
{
#ifdef DIO_HAVE_FTRACE_DIRECT_MULTI
	return register_ftrace_direct_multi(ops, addr);
#else
	return register_ftrace_direct(ops, addr);
#endif
}

static inline int dio_ftrace_direct_unregister(struct ftrace_ops *ops, unsigned long addr)
{
#ifdef DIO_HAVE_FTRACE_DIRECT_MULTI
	return unregister_ftrace_direct_multi(ops, addr);
#else
	return unregister_ftrace_direct(ops, addr, false);
#endif
}

/* A handler of requests to share a function with others; it knows which since 7.0. */
#ifdef DIO_HAVE_FTRACE_OPS_FUNC_IP
#define DIO_FTRACE_OPS_FUNC(name) \
	int name(struct ftrace_ops *ops, unsigned long ip, enum ftrace_ops_cmd cmd)
#else
#define DIO_FTRACE_OPS_FUNC(name) \
	int name(struct ftrace_ops *ops, enum ftrace_ops_cmd cmd)
#endif

/* Two return addresses on the stack; the second one is the caller's. */
#ifdef DIO_HAVE_UNWIND_HINT_TYPE_FIRST
#define DIO_UNWIND_SECOND	UNWIND_HINT(UNWIND_HINT_TYPE_CALL, ORC_REG_SP, 16, 0)
#else
#define DIO_UNWIND_SECOND	UNWIND_HINT(ORC_REG_SP, 16, UNWIND_HINT_TYPE_CALL, 0)
#endif

/*
 * DIO_TRAMPOLINE() - @entry, where a direct call goes that leads to a function
 *
 * The call has pushed an address in the function that is replaced; below is its
 * caller's. The former becomes that of the function named @name, and the return
 * that the processor has predicted for this call is used up by it.
 */
#define DIO_TRAMPOLINE(entry, name)					\
	extern char entry[];						\
	asm(".pushsection .text, \"ax\"\n"				\
	    ".balign 16\n"						\
	    ".globl " __stringify(entry) "\n"				\
	    __stringify(entry) ":\n"					\
	    DIO_UNWIND_SECOND						\
	    ASM_ENDBR							\
	    "movq $" name ", (%rsp)\n"					\
	    ASM_RET							\
	    ".popsection\n")

/* The same for one that goes where the call would have gone anyway. */
#define DIO_TRAMPOLINE_PASS(entry)					\
	extern char entry[];						\
	asm(".pushsection .text, \"ax\"\n"				\
	    ".balign 16\n"						\
	    ".globl " __stringify(entry) "\n"				\
	    __stringify(entry) ":\n"					\
	    DIO_UNWIND_SECOND						\
	    ASM_ENDBR							\
	    ASM_RET							\
	    ".popsection\n")

#endif /* DIO_COMPAT_FTRACE_H */
