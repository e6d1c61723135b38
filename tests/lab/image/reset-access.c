// SPDX-License-Identifier: MIT
// An arm64 guest without an operating system: one vCPU resets the machine while
// another reads a device, and that read does not complete after the reset.
#include <stdint.h>

#define IMAGE_MAIN reset_access_main
#include "image.h"

#define UART_STATUS 5
#define NOTES       0x41000000ul /* unused RAM */
#define MARK        0x6c656e64u
#define RESETS      8
#define CPU_ON      0xc4000003ul

/* poll() reads to x0 forever, which has the address of the device tree at the
 * start. */
__asm__(".section .text.startup, \"ax\"\n"
	"	.globl	second\n"
	"second:	adr	x1, .\n"
	"	add	sp, x1, #0x9000\n"
	"	bl	second_reset\n"
	"	.globl	poll\n"
	"poll:	ldrb	w0, [x1]\n"
	"	b	poll\n");

void second_reset(void);
void second(void);
void poll(uint64_t tree, uint64_t at);

/* The second vCPU: resets the machine after the first one had time to read. */
void second_reset(void)
{
	uint64_t now, end, rate;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(rate));
	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(end));
	end += rate / 10;
	do
		__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(now));
	while (now < end);
	psci_call(SYSTEM_RESET, 0, 0);
}

void reset_access_main(uint64_t tree, uint64_t first)
{
	volatile uint64_t *notes = (volatile uint64_t *)NOTES;

	if (notes[0] != MARK) {
		notes[0] = MARK;
		notes[1] = tree;
		notes[2] = 0;
	}
	if (tree != notes[1])
		image_end("guest: access FAILED: x0 is no longer the tree's\n");
	if (first != 1)
		image_end("guest: access FAILED: its first instruction is left "
			  "out\n");
	if (notes[2]++ == RESETS)
		image_end("guest: access ok, nothing of it is left\n");
	if (psci_call(CPU_ON, 1, (uint64_t)second))
		image_end("guest: access FAILED: there is no second vCPU\n");
	poll(tree, UART + UART_STATUS);
}
