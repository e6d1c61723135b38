// SPDX-License-Identifier: MIT
// A whole arm64 guest: a register of a lent calxeda-xgmac is as the kernel's
// reset leaves it when the device is opened, and when the guest resets.
#include <stdint.h>

#include "image.h"

#define INTERRUPTS 0x10000f1cul /* of DMA: which are enabled */
#define NOTE       0x41000000ul /* RAM that nothing is loaded to */
#define MARK       0x6c656e64u

static void end(const char *text)
{
	say(text);
	call(SYSTEM_OFF, 0, 0);
}

void guest(uint64_t tree, uint64_t first)
{
	uint32_t found = *word(INTERRUPTS);
	uint32_t boot = *word(NOTE);

	(void)tree;
	(void)first;
	if (found)
		end(boot == MARK ? "guest: reset FAILED: not with the guest\n"
				 : "guest: reset FAILED: not when opened\n");
	*word(INTERRUPTS) = ~0u;
	if (*word(INTERRUPTS) != ~0u)
		end("guest: reset FAILED: the register takes nothing\n");
	if (boot == MARK)
		end("guest: reset ok, twice\n");
	*word(NOTE) = MARK;
	call(SYSTEM_RESET, 0, 0);
}
