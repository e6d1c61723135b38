// SPDX-License-Identifier: MIT
// An arm64 guest without an operating system: the kernel resets a lent
// calxeda-xgmac when it is opened and when the guest resets.
#include <stdint.h>

#define IMAGE_MAIN device_reset_main
#include "image.h"

#define INTERRUPTS 0x10000f1cul /* DMA interrupt enable */
#define NOTE       0x41000000ul /* unused RAM */
#define MARK       0x6c656e64u

void device_reset_main(uint64_t tree, uint64_t first)
{
	uint32_t found = *image_word(INTERRUPTS);
	uint32_t boot = *image_word(NOTE);

	(void)tree;
	(void)first;
	if (found)
		image_end(boot == MARK
				  ? "guest: reset FAILED: not with the guest\n"
				  : "guest: reset FAILED: not when opened\n");
	*image_word(INTERRUPTS) = ~0u;
	if (*image_word(INTERRUPTS) != ~0u)
		image_end("guest: reset FAILED: the register takes nothing\n");
	if (boot == MARK)
		image_end("guest: reset ok, twice\n");
	*image_word(NOTE) = MARK;
	psci_call(SYSTEM_RESET, 0, 0);
}
