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
#define MIB       0x100000u

/* VMD_FEAT_HAS_MEMBAR_SHADOW without _VSCAP in Linux's vmd_ids[]. */
#define WITH_REGISTERS 0x28c0

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

/* Its BARs differ from those of Intel's other controllers of the class, whose
 * first four are ports: configuration space of a bus in each MiB, and two
 * windows. One model has the addresses in registers instead. */
static bool vmd_fits(const struct bar bars[BAR_COUNT], const uint8_t *image)
{
	for (unsigned int i = 0; i <= 4; i += 2)
		if (bars[i].guest.io || !bars[i].guest.size)
			return false;
	return bars[0].guest.size >= MIB &&
	       bytes_get(image + PCI_DEVICE_ID, 2) != WITH_REGISTERS;
}

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
	.class = {0x010400, 0xffff00},
	.fits = vmd_fits,
	.present = vmd_present,
};
