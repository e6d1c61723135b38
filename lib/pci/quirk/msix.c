// SPDX-License-Identifier: MIT
// Devices whose MSI-X capability reports a wrong location of the pending bits.

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/base/capability-walk.h"
#include "lib/pci/bar.h"
#include "lib/pci/config.h"
#include "lib/pci/quirk/quirk.h"

/* Moves pending bits that are reported beyond the end of their BAR. */
static bool msix_move_pba(uint8_t *image, const uint64_t sizes[BAR_COUNT],
			  uint32_t offset)
{
	unsigned int at = capabilities_find(image, PCI_CAP_ID_MSIX);
	uint32_t pba;
	unsigned int bar;

	if (!at || at > CONFIG_STD_SIZE - PCI_CAP_MSIX_SIZEOF)
		return false;
	pba = (uint32_t)bytes_get(image + at + PCI_MSIX_PBA, 4);
	bar = pba & PCI_MSIX_PBA_BIR;
	if (bar >= LEND_PCI_BAR_ROM || (pba & PCI_MSIX_PBA_OFFSET) < sizes[bar])
		return false;
	bytes_put(image + at + PCI_MSIX_PBA, 4, offset | bar);
	return true;
}

static bool fix_t5(uint8_t *image, uint64_t sizes[BAR_COUNT],
		   const struct lend_pci_options *options)
{
	(void)options;
	return msix_move_pba(image, sizes, 0x1000);
}

static bool fix_kunlun(uint8_t *image, uint64_t sizes[BAR_COUNT],
		       const struct lend_pci_options *options)
{
	(void)options;
	return msix_move_pba(image, sizes, 0xb400);
}

static const struct quirk_id t5_ids[] = {{0x5800, 0xff00}};

const struct quirk quirk_chelsio_t5 = {
	.public =
		{
			.name = "chelsio-t5-vf-pba",
			.why = "its virtual functions report an MSI-X pending "
			       "bit array beyond the end of the BAR; it is at "
			       "0x1000",
			.source = "QEMU's behaviour",
		},
	.vendor = QUIRK_VENDOR_CHELSIO,
	.ids = QUIRK_IDS(t5_ids),
	.fix = fix_t5,
};

static const struct quirk_id kunlun_ids[] = {{0x3685, 0xffff}};

const struct quirk quirk_kunlun = {
	.public =
		{
			.name = "kunlun-vf-pba",
			.why = "its virtual functions report an MSI-X pending "
			       "bit array beyond the end of the BAR; it is at "
			       "0xb400",
			.source = "QEMU's behaviour",
		},
	.vendor = QUIRK_VENDOR_BAIDU,
	.ids = QUIRK_IDS(kunlun_ids),
	.fix = fix_kunlun,
};
