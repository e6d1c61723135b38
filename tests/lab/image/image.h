/* SPDX-License-Identifier: MIT */
/* Shared by arm64 guests without an operating system: start, console and end.
 */
#ifndef TESTS_LAB_IMAGE_IMAGE_H
#define TESTS_LAB_IMAGE_IMAGE_H

#include <stdint.h>

#define UART         0x09000000ul
#define SYSTEM_OFF   0x84000008ul
#define SYSTEM_RESET 0x84000009ul

#define IMAGE_TEXT_OF(x) #x
#define IMAGE_TEXT(x)    IMAGE_TEXT_OF(x)

/* The header of an Image. Its first instruction sets x19, which shows whether
 * it was executed. */
__asm__(".section .text.startup, \"ax\"\n"
	"	.globl	_start\n"
	"_start:\n"
	"	mov	x19, #1\n"
	"	b	start\n"
	"	.quad	0\n"       /* text_offset */
	"	.quad	0x10000\n" /* image_size, with the stack */
	"	.quad	0xa\n"
	"	.quad	0, 0, 0\n"
	"	.ascii	\"ARM\\x64\"\n"
	"	.long	0\n"
	"start:	adr	x1, .\n"
	"	add	sp, x1, #0x8000\n"
	"	mov	x1, x19\n"
	"	bl	" IMAGE_TEXT(IMAGE_MAIN) "\n");

/* @tree: address of the device tree; @first: 1 if the first instruction was
 * executed. */
void IMAGE_MAIN(uint64_t tree, uint64_t first);

static inline volatile uint32_t *image_word(uint64_t at)
{
	return (volatile uint32_t *)at;
}

static inline void image_say(const char *text)
{
	for (; *text; text++)
		*(volatile uint8_t *)UART = (uint8_t)*text;
}

static inline void image_say_hex(uint64_t value)
{
	char text[2] = {0, 0};

	for (int shift = 60; shift >= 0; shift -= 4) {
		text[0] = "0123456789abcdef"[value >> shift & 15];
		image_say(text);
	}
}

/* Calls a PSCI function. */
static inline uint64_t psci_call(uint64_t function, uint64_t a, uint64_t b)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = a;
	register uint64_t x2 __asm__("x2") = b;
	register uint64_t x3 __asm__("x3") = 0;

	__asm__ volatile("hvc #0"
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
			 :
			 : "memory");
	return x0;
}

static inline void image_end(const char *text)
{
	image_say(text);
	psci_call(SYSTEM_OFF, 0, 0);
}

#define GET(name)                                                              \
	({                                                                     \
		uint64_t v;                                                    \
		__asm__ volatile("mrs %0, " name : "=r"(v));                   \
		v;                                                             \
	})
#define SET(name, v) __asm__ volatile("msr " name ", %0" : : "r"((uint64_t)(v)))

#endif
