// SPDX-License-Identifier: MIT
// Intel VMD: shows the host's addresses of the BARs in front of its disks.

#include <string.h>

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/base/context.h"
#include "lib/pci/function.h"
#include "lib/pci/quirk/quirk.h"

#define PLACE     0xe8
#define LENGTH    24
#define VERSION   1
#define SIGNATURE 0x53484457         /* "SHDW" */
#define BARS      PCI_BASE_ADDRESS_2 /* to 5 */

/* Length at offset 2, body from 3 on: version, signature, BARs 2 to 5. */
static int vmd_present(struct lend_pci *pci, const uint8_t *image,
		       const struct lend_pci_options *options)
{
	uint8_t body[LENGTH - 3] = {VERSION};

	(void)options;
	bytes_put(body + 1, 4, SIGNATURE);
	memcpy(body + 5, image + BARS, 16);
	if (quirk_add_capability(pci, image, PLACE, LENGTH, body))
		return 1;
	lend_log(pci->ctx, LEND_LOG_WARNING,
		 "%s: no free configuration space for the host's BAR "
		 "addresses; the guest's driver may not find its disks",
		 lend_pci_name(pci));
	return 0;
}

static const struct quirk_id ids[] = {
	{0x201d, 0xffff},
	{0x467f, 0xffff},
	{0x4c3d, 0xffff},
	{0x9a0b, 0xffff},
};

const struct quirk quirk_vmd = {
	.public =
		{
			.name = "intel-vmd-membar-shadow",
			.why = "the bridges behind it hold host addresses; the "
			       "driver computes their offset to the guest's "
			       "addresses from this capability",
			.source = "Linux, drivers/pci/controller/vmd.c: "
				  "VMD_FEAT_HAS_MEMBAR_SHADOW_VSCAP; QEMU's "
				  "behaviour: at 0xe8",
		},
	.vendor = QUIRK_VENDOR_INTEL,
	.ids = QUIRK_IDS(ids),
	.present = vmd_present,
};
