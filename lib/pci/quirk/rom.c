// SPDX-License-Identifier: MIT
// Devices whose own expansion ROM is harmful.

#include "lib/pci/bar.h"
#include "lib/pci/quirk/quirk.h"

/* A ROM that is passed or explicitly requested is shown. */
static bool rom_hide(uint8_t *image, uint64_t sizes[BAR_COUNT],
		     const struct lend_pci_options *options)
{
	(void)image;
	if (options->no_rom || options->rom || options->rom_anyway ||
	    !sizes[LEND_PCI_BAR_ROM])
		return false;
	sizes[LEND_PCI_BAR_ROM] = 0;
	return true;
}

static const struct quirk_id ids[] = {{0x168e, 0xffff}};

const struct quirk quirk_bcm57810 = {
	.public =
		{
			.name = "bcm57810-rom",
			.why = "its expansion ROM hangs guests that run it, so "
			       "it is hidden; romfile= or rombar=1 shows one",
			.source = "QEMU's behaviour",
		},
	.vendor = QUIRK_VENDOR_BROADCOM,
	.ids = QUIRK_IDS(ids),
	.fix = rom_hide,
};
