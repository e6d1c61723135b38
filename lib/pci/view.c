// SPDX-License-Identifier: MIT
// Builds the view of a function, open or not, and explains why there can be
// none.

#include <errno.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/base/context.h"
#include "lib/pci/bar.h"
#include "lib/pci/function.h"
#include "lib/pci/message.h"
#include "lib/pci/quirk/quirk.h"
#include "lib/pci/rom.h"
#include "lib/pci/view.h"

/* An IDE controller with a channel in compatibility mode, whose ports are
 * fixed. */
#define IDE_CLASS  0x0101
#define IDE_NATIVE 0x05

int view_explain(struct lend_ctx *ctx, const char *name, const char *fault)
{
	return lend_error_set(ctx, LEND_ERROR_DEVICE, EBADMSG, name,
			      "it cannot be presented to a guest: %s", fault);
}

/* Adds each BAR that is at fault by itself. */
static void view_add_bars(struct lend_ctx *ctx, const uint8_t *image,
			  const uint64_t sizes[BAR_COUNT])
{
	for (unsigned int i = 0; i < LEND_PCI_BAR_ROM; i++) {
		uint64_t alone[BAR_COUNT] = {[0] = 0};
		struct bar bars[BAR_COUNT];
		const char *fault;

		alone[i] = sizes[i];
		if (bar_probe(bars, image, alone, &fault))
			lend_error_evidence(
				ctx, "BAR %u has 0x%llx bytes of %s", i,
				(unsigned long long)sizes[i],
				bytes_get(image + PCI_BASE_ADDRESS_0 + i * 4,
					  1) & PCI_BASE_ADDRESS_SPACE_IO
					? "I/O ports"
					: "memory");
	}
}

static int view_add_remedy(struct lend_ctx *ctx, const uint8_t *image)
{
	unsigned int class = bytes_get(image + PCI_CLASS_DEVICE, 2);
	unsigned int vendor = bytes_get(image + PCI_VENDOR_ID, 2);

	if (vendor == 0xffff || !vendor)
		return lend_error_remedy(
			ctx, "if it worked before, reset it or power-cycle the "
			     "host");
	if (class == IDE_CLASS &&
	    (image[PCI_CLASS_PROG] & IDE_NATIVE) != IDE_NATIVE)
		return lend_error_remedy(
			ctx, "set the controller to AHCI or native mode in the "
			     "firmware setup: in compatibility mode its ports "
			     "are fixed");
	return -EBADMSG;
}

int view_build(struct lend_pci *pci, const char *name,
	       const struct config_source *source, uint8_t image[CONFIG_SIZE],
	       uint64_t sizes[BAR_COUNT],
	       const struct lend_pci_options *options)
{
	const char *fault;
	bool bars;

	quirks_match(pci, image, options);
	quirks_fix(pci, image, sizes, options);
	sizes[LEND_PCI_BAR_ROM] =
		rom_region_size(options, sizes[LEND_PCI_BAR_ROM]);
	/* What does not answer has no BARs either. */
	fault = config_header_fault(source);
	bars = !fault && bar_probe(pci->bars, image, sizes, &fault);
	if (!fault && !config_build(&pci->config, source, pci->bars, &fault)) {
		message_msix_layout(&pci->config, &pci->layout);
		return 0;
	}
	view_explain(pci->ctx, name, fault);
	if (bars)
		view_add_bars(pci->ctx, image, sizes);
	return view_add_remedy(pci->ctx, image);
}
