// SPDX-License-Identifier: MIT
// The VGA ranges, which a graphics card decodes without a BAR.

#include <errno.h>
#include <string.h>

#include <lend/region.h>

#include "lib/base/context.h"
#include "lib/pci/bar.h"
#include "lib/pci/function.h"
#include "lib/pci/pci.h"
#include "lib/pci/vga.h"

/* Their addresses, both in the guest and in VFIO's region. */
static const struct {
	uint32_t base;
	uint32_t size;
	bool io;
} ranges[VGA_COUNT] = {
	{0xa0000, 0x20000, false},
	{0x3b0, 0xc, true},
	{0x3c0, 0x20, true},
};

#define REGION_SIZE 0xc0000

int vga_init(struct lend_pci *pci)
{
	unsigned int i;

	if (lend_device_region(pci->device, LEND_PCI_REGION_VGA)->size <
	    REGION_SIZE) {
		lend_error_set(pci->ctx, LEND_ERROR_ARGUMENT, EOPNOTSUPP,
			       lend_pci_name(pci),
			       "VFIO provides no VGA ranges for it");
		return lend_error_remedy(
			pci->ctx,
			"do not request them; they require a graphics card, a "
			"kernel with CONFIG_VFIO_PCI_VGA and vfio-pci without "
			"disable_vga=1");
	}
	for (i = 0; i < VGA_COUNT; i++) {
		pci->vga[i].guest.size = ranges[i].size;
		pci->vga[i].guest.io = ranges[i].io;
	}
	return 0;
}

void vga_withdraw(struct lend_pci *pci)
{
	unsigned int i;

	for (i = 0; i < VGA_COUNT; i++) {
		struct bar *range = &pci->vga[i];

		if (bar_decodes(range, &pci->config))
			continue;
		range->refused = false;
		if (!range->placed)
			continue;
		pci->ops.bar_drop(pci->opaque, VGA_FIRST + i);
		range->placed = false;
		pci->dropped = true;
	}
}

void vga_place(struct lend_pci *pci)
{
	unsigned int i;
	int err;

	for (i = 0; i < VGA_COUNT; i++) {
		struct bar *range = &pci->vga[i];

		if (!range->guest.size || range->placed || range->refused ||
		    !bar_decodes(range, &pci->config))
			continue;
		err = pci->ops.bar_place(pci->opaque, VGA_FIRST + i,
					 ranges[i].base);
		range->placed = !err;
		range->refused = err;
		if (err)
			pci_warn_once(pci, &range->refusal_warned, err,
				      "the VGA range at 0x%x is occupied; it "
				      "is left unmapped",
				      ranges[i].base);
	}
}

/* Another card may have released them. */
void vga_retry(struct lend_pci *pci)
{
	unsigned int i;

	for (i = 0; i < VGA_COUNT; i++)
		pci->vga[i].refused = false;
}

void vga_read(struct lend_pci *pci, unsigned int bar, uint64_t offset,
	      void *data, unsigned int size)
{
	if (lend_region_read(pci->device, LEND_PCI_REGION_VGA,
			     ranges[bar - VGA_FIRST].base + offset, data, size))
		memset(data, 0xff, size);
}

void vga_write(struct lend_pci *pci, unsigned int bar, uint64_t offset,
	       const void *data, unsigned int size)
{
	lend_region_write(pci->device, LEND_PCI_REGION_VGA,
			  ranges[bar - VGA_FIRST].base + offset, data, size);
}
