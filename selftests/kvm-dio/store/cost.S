/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loops of a guest that time one operation: the ticks of each repetition go to
 * (%rdi), %r15 of them. Copied to VM_CODE, 64-bit code, position independent.
 */
#define APIC	0xfffffffffee00000
#define IOAPIC	0xfec00000
#define MMIO	0xd0000000

	.section .rodata
	.code64

	.macro ticks
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	.endm

	.macro loop name
	.globl	cost_\name
cost_\name:
1:
	.endm

	.macro begin
	ticks
	mov	%rax, %r8
	.endm

	.macro finish
	ticks
	sub	%r8, %rax
	mov	%eax, (%rdi)
	add	$4, %rdi
	dec	%r15
	jnz	1b
	out	%al, $0xf4
	hlt
	.endm

	.globl	cost_start, cost_end
cost_start:

	loop	empty
	begin
	finish

	/* EOI with nothing in service */
	loop	eoi_idle
	begin
	movl	$0, APIC + 0xb0
	finish

	/* of a vector whose handler leaves the EOI to us (its low bits are 3) */
	loop	eoi
	movl	$0x44083, APIC + 0x300
	sti
	nop
	nop
	cli
	begin
	movl	$0, APIC + 0xb0
	finish

	loop	ioapic
	mov	$IOAPIC, %r12d
	xor	%esi, %esi
	begin
	mov	%esi, (%r12)
	finish

	loop	ioeventfd
	mov	$MMIO, %r12d
	begin
	mov	%esi, (%r12)
	finish

	loop	user_store
	mov	$MMIO + 0x800, %r12d
	begin
	mov	%esi, (%r12)
	finish

	loop	user_load
	mov	$MMIO + 0x800, %r12d
	begin
	mov	(%r12), %esi
	finish

cost_end:
	.section .note.GNU-stack, "", @progbits
