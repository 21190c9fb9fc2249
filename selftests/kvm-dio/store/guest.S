/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Handlers of the guests: an interrupt is noted in the log and gets its EOI by a
 * plain store, but for the vectors whose two low bits are set: these are left to
 * the interrupted code. Copied to VM_HANDLER; the addresses are those of storevm.h.
 */
#define LOG	0x40000
#define MASK	4095
#define EOI	0xfee000b0

	.section .rodata

/* On the stack: rax, rbx, rcx, the vector, rip. */
	.code64
	.globl handler64, handler64_end
handler64:
	push	%rax
	push	%rbx
	push	%rcx
	mov	$LOG, %ebx
	mov	(%rbx), %ecx
	incl	(%rbx)
	and	$MASK, %ecx
	mov	24(%rsp), %eax
	mov	%eax, 0x10(%rbx, %rcx, 8)
	mov	32(%rsp), %eax
	mov	%eax, 0x14(%rbx, %rcx, 8)
	mov	24(%rsp), %eax
	cmp	$32, %eax
	jb	1f
	and	$3, %eax
	cmp	$3, %eax
	je	1f
	mov	$EOI, %ebx
	xor	%eax, %eax
	mov	%eax, (%rbx)
1:	pop	%rcx
	pop	%rbx
	pop	%rax
	add	$8, %rsp
	iretq
handler64_end:

/* The same for 32- and 16-bit code, whose data segment may be any. */
	.code32
	.globl handler32, handler32_end
handler32:
	push	%eax
	push	%ebx
	push	%ecx
	push	%ds
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	$LOG, %ebx
	mov	(%ebx), %ecx
	incl	(%ebx)
	and	$MASK, %ecx
	mov	16(%esp), %eax
	mov	%eax, 0x10(%ebx, %ecx, 8)
	mov	20(%esp), %eax
	mov	%eax, 0x14(%ebx, %ecx, 8)
	mov	16(%esp), %eax
	cmp	$32, %eax
	jb	1f
	and	$3, %eax
	cmp	$3, %eax
	je	1f
	mov	$EOI, %ebx
	xor	%eax, %eax
	mov	%eax, (%ebx)
1:	pop	%ds
	pop	%ecx
	pop	%ebx
	pop	%eax
	add	$4, %esp
	iret
handler32_end:
	.section .note.GNU-stack, "", @progbits
