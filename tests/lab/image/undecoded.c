// SPDX-License-Identifier: MIT
// An arm64 guest without an operating system: an access to trapped registers
// that KVM cannot decode is an abort, and other accesses keep working.
#include <stdbool.h>
#include <stdint.h>

#define IMAGE_MAIN undecoded_main
#include "image.h"

#define REGISTERS 0x10000000ul /* the first lent device */
#define EC_ABORT  0x25u        /* data abort, of this exception level */
#define EXTERNAL  0x10u        /* its fault status */

/* The only exception: sets x11 and skips the instruction. */
__asm__(".text\n"
	"	.balign	0x800\n"
	"vectors:\n"
	"	.balign	0x80\n"
	"	.skip	0x200\n"
	"	mrs	x10, elr_el1\n"
	"	add	x10, x10, #4\n"
	"	msr	elr_el1, x10\n"
	"	mov	x11, #1\n"
	"	eret\n"
	"	.balign	0x800\n");

extern const char vectors[];

/* Executes @access with x9 at the registers. Whether it aborts with the right
 * fault address. */
#define ABORTS(access)                                                         \
	({                                                                     \
		register uint64_t came __asm__("x11") = 0;                     \
		__asm__ volatile("mov x9, %1\n\t" access                       \
				 : "+r"(came)                                  \
				 : "r"(REGISTERS)                              \
				 : "x9", "x10", "x12", "x13", "memory");       \
		came &&is_abort();                                             \
	})

static bool is_abort(void)
{
	uint64_t cause = GET("esr_el1");

	return (cause >> 26 & 0x3f) == EC_ABORT && (cause & 0x3f) == EXTERNAL &&
	       GET("far_el1") == REGISTERS;
}

static unsigned int undecoded_check(const char *what, bool holds)
{
	if (holds)
		return 0;
	image_say("guest: undecoded FAILED: ");
	image_say(what);
	image_say("\n");
	return 1;
}

void undecoded_main(uint64_t tree, uint64_t first)
{
	uint32_t before = *image_word(REGISTERS);
	unsigned int faults = 0;

	(void)tree;
	(void)first;
	SET("vbar_el1", vectors);
	__asm__ volatile("isb");
	faults += undecoded_check("ldp", ABORTS("ldp x12, x13, [x9]"));
	faults += undecoded_check("stp", ABORTS("stp xzr, xzr, [x9]"));
	faults += undecoded_check("ldr with writeback",
				  ABORTS("ldr x12, [x9], #8"));
	faults += undecoded_check("str with writeback",
				  ABORTS("str wzr, [x9], #4"));
	faults += undecoded_check("a plain ldr", !ABORTS("ldr w12, [x9]"));
	faults += undecoded_check("what it read",
				  *image_word(REGISTERS) == before);
	if (!faults)
		image_say("guest: undecoded ok, 4 aborts\n");
	psci_call(SYSTEM_OFF, 0, 0);
}
