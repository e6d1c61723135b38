// SPDX-License-Identifier: MIT
// A bzImage without a kernel: setup header, entry in long mode, start of the
// second processor, and exceptions.

	.section .setup, "a"
	.org	0x1f1
	.byte	1			// setup_sects
	.word	0			// root_flags
	.long	IMAGE_PARAGRAPHS	// syssize
	.org	0x1fe
	.word	0xaa55
	.byte	0xeb, header_end - header // jump
header:
	.ascii	"HdrS"
	.word	0x020c			// version
	.org	0x211
	.byte	1			// loadflags: loaded high
	.org	0x236
	.word	1			// xloadflags: has a 64-bit entry
	.long	255			// cmdline_size
	.org	0x258
	.quad	0x100000		// pref_address
	.long	IMAGE_ROOM		// init_size
header_end:

	.section .entry, "ax"
	.code64
	.org	0x200
	.global	entry
entry:
	cli
	cld
	mov	$first_stack_end, %esp
	mov	$image_end, %edi
	mov	$bss_end, %ecx
	sub	%edi, %ecx
	xor	%eax, %eax
	rep stosb
	call	first_cpu
1:	hlt
	jmp	1b

	.text
	// Copied to a page below 1 MiB, where the second processor begins.
	.global	trampoline, trampoline_end, trampoline_cr3
	.code16
trampoline:
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	lgdtl	gdt_pointer - trampoline
	mov	$0x20, %eax		// PAE
	mov	%eax, %cr4
	mov	trampoline_cr3 - trampoline, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx	// EFER: long mode
	rdmsr
	or	$0x100, %eax
	wrmsr
	mov	$0x80000011, %eax	// paging, protection
	mov	%eax, %cr0
	ljmpl	$0x10, $second_entry
	.balign	4
gdt_pointer:
	.word	0x1f
	.long	0x500			// the boot loader's GDT
trampoline_cr3:
	.long	0
trampoline_end:

	.code64
second_entry:
	mov	$0x18, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$second_stack_end, %esp
	call	second_cpu
1:	hlt
	jmp	1b

	// Each stub is 16 bytes long, so that its address follows from its number.
	.global	exception_stubs
	.balign	16
exception_stubs:
	number = 0
	.rept	32
	.balign	16
	mov	$number, %edi
	jmp	exception_any
	number = number + 1
	.endr

exception_any:
	mov	(%rsp), %rsi
	mov	8(%rsp), %rdx
	mov	%cr2, %rcx
	and	$-16, %rsp
	call	exception_report

	// The compiler calls these.
	.global	memset, memcpy
memset:
	mov	%rdi, %r8
	mov	%rdx, %rcx
	mov	%esi, %eax
	rep stosb
	mov	%r8, %rax
	ret
memcpy:
	mov	%rdi, %rax
	mov	%rdx, %rcx
	rep movsb
	ret

	.bss
	.balign	16
	.skip	16384
first_stack_end:
	.skip	16384
second_stack_end:

	.section .note.GNU-stack, "", @progbits
