// SPDX-License-Identifier: MIT
// What whole arm64 guests share: how they start, say something and end.
#ifndef TESTS_LAB_IMAGE_H
#define TESTS_LAB_IMAGE_H

#include <stdint.h>

#define UART         0x09000000ul
#define SYSTEM_OFF   0x84000008ul
#define SYSTEM_RESET 0x84000009ul

/* The header of an Image, then its first instruction. */
__asm__(".section .text.startup, \"ax\"\n"
	"	.globl	_start\n"
	"_start:\n"
	"	b	start\n"
	"	.long	0\n"
	"	.quad	0\n"       /* text_offset */
	"	.quad	0x10000\n" /* image_size, with the stack */
	"	.quad	0xa\n"
	"	.quad	0, 0, 0\n"
	"	.ascii	\"ARM\\x64\"\n"
	"	.long	0\n"
	"start:	adr	x1, .\n"
	"	add	sp, x1, #0x8000\n"
	"	bl	guest\n");

void guest(void);

static inline volatile uint32_t *word(uint64_t at)
{
	return (volatile uint32_t *)at;
}

static inline void say(const char *text)
{
	for (; *text; text++)
		*(volatile uint8_t *)UART = (uint8_t)*text;
}

static inline void say_hex(uint64_t value)
{
	char text[2] = {0, 0};

	for (int shift = 60; shift >= 0; shift -= 4) {
		text[0] = "0123456789abcdef"[value >> shift & 15];
		say(text);
	}
}

static inline void call(uint64_t function)
{
	register uint64_t x0 __asm__("x0") = function;

	__asm__ volatile("hvc #0" : "+r"(x0) : : "memory");
}

#define GET(name)                                                              \
	({                                                                     \
		uint64_t v;                                                    \
		__asm__ volatile("mrs %0, " name : "=r"(v));                   \
		v;                                                             \
	})
#define SET(name, v) __asm__ volatile("msr " name ", %0" : : "r"((uint64_t)(v)))

#endif
