/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entry of the bare guest. The PVH note tells the boot loader (qboot under
 * QEMU) where to jump: 32-bit protected mode, flat segments, no paging, EBX
 * holds the address of struct hvm_start_info. Segments are loaded again from
 * a table of our own because interrupts need selectors that stay valid.
 */
#define XEN_ELFNOTE_PHYS32_ENTRY	18

	.section .note.pvh, "a", @note
	.align	4
	.long	4			/* size of the name */
	.long	4			/* size of the value */
	.long	XEN_ELFNOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.long	start

	.section .text.head, "ax"
	.code32
	.globl	start
start:
	cli
	cld
	lgdt	gdt_pointer
	ljmp	$0x08, $1f
1:	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$stack_top, %esp
	push	%ebx
	call	guest_main
2:	hlt
	jmp	2b

	.section .rodata
	.align	8
gdt:	.quad	0
	.quad	0x00cf9b000000ffff	/* 0x08: code, flat, 4 GiB */
	.quad	0x00cf93000000ffff	/* 0x10: data, flat, 4 GiB */
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt

	.bss
	.align	16
	.skip	8192
stack_top:

	.section .note.GNU-stack, "", @progbits
