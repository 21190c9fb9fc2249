/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loops of a guest that time one operation: the ticks of each repetition go to
 * (%rdi), %r15 of them. Copied to VM_CODE, 64-bit code, position independent.
 */
#define APIC	0xfffffffffee00000
#define IOAPIC	0xfec00000
#define MMIO	0xd0000000
#define PV_EOI	0x90000
#define PV_EOI_EN	0x4b564d04
#define APIC_BASE	0x1b

	.section .rodata
	.code64

	.macro ticks
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	.endm

	.macro enter name
	.globl	cost_\name
cost_\name:
	.endm

	.macro loop name
	enter	\name
1:
	.endm

	.macro begin
	ticks
	mov	%rax, %r8
	.endm

	.macro again
	ticks
	sub	%r8, %rax
	mov	%eax, (%rdi)
	add	$4, %rdi
	dec	%r15
	jnz	1b
	.endm

	.macro leave
	out	%al, $0xf4
	hlt
	.endm

	.macro finish
	again
	leave
	.endm

	.macro msr number, low
	mov	$\number, %ecx
	mov	$\low, %eax
	xor	%edx, %edx
	wrmsr
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

	/* KVM sets a bit of memory where it needs no EOI but before its next interrupt */
	enter	pv_eoi
	msr	PV_EOI_EN, PV_EOI | 1
1:	movl	$0x44083, APIC + 0x300
	sti
	nop
	nop
	cli
	begin
	btrl	$0, PV_EOI
	jc	2f
	movl	$0, APIC + 0xb0
2:	again
	msr	PV_EOI_EN, 0
	leave

	/* x2APIC: registers are MSRs; the self IPI has one of its own */
	enter	x2apic_eoi
	msr	APIC_BASE, 0xfee00d00
1:	msr	0x83f, 0x83
	sti
	nop
	nop
	cli
	begin
	msr	0x80b, 0
	/*
	 * It stays so until vm_reset(): a guest comes back by an APIC that is off, for
	 * which KVM has all VMs look for a second.
	 */
	finish

cost_end:
	.section .note.GNU-stack, "", @progbits
