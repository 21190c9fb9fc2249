/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's program, copied into it: carries out the list at RSI, entries of
 * {operation, a, b}. It only stores, so that a page is touched by one TLB fill.
 */
#include "guest_ops.h"

	.section .rodata
	.globl	guest_code, guest_code_end

guest_code:
next:	mov	(%rsi), %rax
	mov	8(%rsi), %rcx
	mov	16(%rsi), %rdx
	add	$24, %rsi
	cmp	$OP_TOUCH, %eax
	je	touch
	cmp	$OP_TOUCH_CACHED, %eax
	je	store
	cmp	$OP_WRMSR, %eax
	je	msr
	cmp	$OP_CR0, %eax
	je	cr0
	cmp	$OP_CR4, %eax
	je	cr4
	cmp	$OP_WBINVD, %eax
	je	flush
	cmp	$OP_CR3, %eax
	je	cr3
	cmp	$OP_BREAK, %eax
	je	break
	hlt
	jmp	next

touch:	invlpg	(%rcx)
store:	mov	%rdx, (%rcx)
	jmp	next
msr:	mov	%rdx, %rax
	shr	$32, %rdx
	wrmsr
	jmp	next
cr0:	mov	%rdx, %cr0
	jmp	next
cr4:	mov	%rdx, %cr4
	jmp	next
flush:	wbinvd
	jmp	next
cr3:	mov	%cr3, %rax
	mov	%rax, %cr3
	jmp	next
break:	xchg	%bx, %bx
	jmp	next
guest_code_end:

	.section .note.GNU-stack, "", @progbits
