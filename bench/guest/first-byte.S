// SPDX-License-Identifier: MIT
// A guest for a stopwatch: a bzImage whose first instructions, by whichever
// entry a machine takes, write a byte to the serial port; then it sleeps.

#define COM1  0x3f8
#define BYTE  0x4c /* L */
#define HIGH  0x01 /* loadflags: the kernel proper goes to 1 MiB */
#define LONG  0x01 /* xloadflags: there is a 64-bit entry at 0x200 */

	.code16
	.org 0x1f1 /* setup header: Documentation/arch/x86/boot.rst */
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

setup:	movw $COM1, %dx
	movb $BYTE, %al
	outb %al, %dx
2:	hlt
	jmp 2b

	.org 0x200 * 5
kernel:	.code32
	movw $COM1, %dx
	movb $BYTE, %al
	outb %al, %dx
3:	hlt
	jmp 3b

	.org 0x200 * 6
	.code64
	movw $COM1, %dx
	movb $BYTE, %al
	outb %al, %dx
4:	hlt
	jmp 4b
	.org 0x200 * 7
end:
