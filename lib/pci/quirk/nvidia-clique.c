// SPDX-License-Identifier: MIT
// NVIDIA: a capability that allows GPUs to reach each other by DMA.

#include <errno.h>

#include "lib/base/context.h"
#include "lib/pci/function.h"
#include "lib/pci/quirk/quirk.h"

#define LENGTH 8

static bool clique_is_wanted(const struct lend_pci_options *options)
{
	return options->has_gpudirect_clique;
}

static int clique_present(struct lend_pci *pci, const uint8_t *image,
			  const struct lend_pci_options *options)
{
	static const unsigned int places[] = {0xc8, 0xd4};
	const uint8_t body[LENGTH - 3] = {
		'P', '2', 'P', (uint8_t)(options->gpudirect_clique << 3), 0};
	unsigned int i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (quirk_add_capability(pci, image, places[i], LENGTH, body))
			return 1;
	lend_error_set(pci->ctx, LEND_ERROR_ARGUMENT, EOPNOTSUPP,
		       lend_pci_name(pci),
		       "no free configuration space for the GPUDirect clique: "
		       "0xc8 and 0xd4 are both in use");
	return lend_error_remedy(pci->ctx, "omit the GPUDirect clique");
}

/* A clique that the guest does not see would be a silent failure. */
static int clique_check_unused(struct lend_pci *pci,
			       const struct lend_pci_options *options)
{
	if (!options->has_gpudirect_clique)
		return 0;
	lend_error_set(pci->ctx, LEND_ERROR_ARGUMENT, EOPNOTSUPP,
		       lend_pci_name(pci),
		       "a GPUDirect clique requires an NVIDIA GPU");
	return lend_error_remedy(pci->ctx, "omit the GPUDirect clique");
}

const struct quirk quirk_nvidia_clique = {
	.public =
		{
			.name = "nvidia-gpudirect-clique",
			.why = "in a virtual machine, drivers use peer-to-peer "
			       "DMA only between GPUs of one clique",
			.source = "NVIDIA, GPUDirect P2P Approval "
				  "Capability; QEMU's behaviour: at 0xc8, at "
				  "0xd4 where that is taken",
			.when = "x-nv-gpudirect-clique=N",
		},
	.vendor = QUIRK_VENDOR_NVIDIA,
	.class = QUIRK_DISPLAY,
	.is_wanted = clique_is_wanted,
	.present = clique_present,
	.check_unused = clique_check_unused,
};
