// SPDX-License-Identifier: MIT
// The shortest guest: a bzImage that writes a byte to the serial port with its first
// instructions, whichever entry the machine uses, another when the device in slot 1
// may do DMA, and then resets by a triple fault.

#define COM1  0x3f8
#define BYTE  0x4c /* L */
#define READY 0x44 /* D */
#define HIGH  0x01 /* loadflags: the kernel proper goes to 1 MiB */
#define LONG  0x01 /* xloadflags: there is a 64-bit entry at 0x200 */

/* The setup's segment begins at its entry, and the kernel is loaded at 1 MiB. */
#define ENTRY          0x200
#define SETUP_AT(what) (what - start - ENTRY)
#define LOADED_AT(what) (0x100000 + what - kernel)

/* Enables memory and bus mastering of function 1.0, by I/O ports. */
.macro start
	movw $COM1, %dx
	movb $BYTE, %al
	outb %al, %dx
	movw $0xcf8, %dx
	movl $0x80000804, %eax
	outl %eax, %dx
	movw $0xcfc, %dx
	movw $0x6, %ax
	outw %ax, %dx
	movw $COM1, %dx
	movb $READY, %al
	outb %al, %dx
.endm

	.code16
start:	.org 0x1f1 /* setup header: Documentation/arch/x86/boot.rst */
	.byte 4			/* setup_sects */
	.word 0
	.long (end - kernel) / 16 /* syssize */
	.word 0, 0, 0
	.word 0xaa55		/* boot_flag */
	.byte 0xeb, setup - 1f	/* jump */
1:	.ascii "HdrS"
	.word 0x020f		/* version */
	.long 0
	.word 0, 0
	.byte 0, HIGH
	.word 0
	.long 0x100000		/* code32_start */
	.long 0, 0
	.long 0
	.word 0
	.byte 0, 0
	.long 0
	.long 0x7fffffff	/* initrd_addr_max */
	.long 0x200000		/* kernel_alignment */
	.byte 1, 21		/* relocatable, min_alignment */
	.word LONG
	.long 2047		/* cmdline_size */
	.long 0
	.quad 0
	.long 0, 0
	.quad 0
	.quad 0x1000000		/* pref_address */
	.long 0x100000		/* init_size */
	.long 0

setup:	start
	lidt %cs:SETUP_AT(nowhere)
	int3
nowhere:
	.skip 10 /* an empty IDT */

	.org 0x200 * 5
kernel:	.code32
	start
	lidt LOADED_AT(2f)
	int3
2:	.skip 10

	.org 0x200 * 6
	.code64
	start
	lidt 2f(%rip)
	int3
2:	.skip 10
	.org 0x200 * 7
end:
