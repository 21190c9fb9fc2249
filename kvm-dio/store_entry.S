/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the first instruction of kvm_mmu_page_fault() calls while the store fast
 * path is armed. On the stack: the way back into that function, then its caller's
 * return address. It returns the one way or the other; the arguments must come
 * through intact, because the original gets them.
 *
 * For the VMs of others this is ten instructions, and no C.
 */
#include <linux/linkage.h>
#include <asm/ibt.h>
#include <asm/nospec-branch.h>
#include <asm/unwind_hints.h>

/* The call by ftrace is not counted; a return into the original is. */
.macro RETURN_TO_ORIGINAL
#if defined(CONFIG_MITIGATION_CALL_DEPTH_TRACKING) || defined(CONFIG_CALL_DEPTH_TRACKING)
	CALL_DEPTH_ACCOUNT
#endif
	RET
.endm

	.text

SYM_START(dio_store_entry, SYM_L_GLOBAL, SYM_A_ALIGN)
	ENDBR
	movq	(%rdi), %rax		/* vcpu->kvm, a page of its own */
	shrq	$12, %rax
	movzbl	%al, %eax
	cmpb	$0, dio_store_filter(%rax)
	jne	.Lours
	RETURN_TO_ORIGINAL

.Lours:
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%r8
	call	dio_store_fault
	testb	%al, %al
	jne	.Ldone
	popq	%r8
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	RETURN_TO_ORIGINAL

	/* Carried out: to the caller of the original, as if that had returned 1. */
.Ldone:
	addq	$(5 * 8 + 8), %rsp
	UNWIND_HINT_FUNC
	movl	$1, %eax
	RET
SYM_FUNC_END(dio_store_entry)
