// SPDX-License-Identifier: MIT
// The OpRegion of Intel integrated graphics: finds VFIO's copy and places it in
// guest memory.

#include <errno.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <lend/quirk.h>
#include <lend/region.h>

#include "lib/base/bytes.h"
#include "lib/base/context.h"
#include "lib/pci/function.h"
#include "lib/pci/opregion.h"
#include "lib/pci/quirk/quirk.h"

#define SUBTYPE ((uint32_t)VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION)
/* VFIO_REGION_TYPE_PCI_VENDOR_TYPE, which linux/vfio.h shifts into the sign. */
#define TYPE (1u << 31 | QUIRK_VENDOR_INTEL)

/* 8 KiB and a video BIOS table after it: more is implausible. */
#define SIZE_MAX_OPREGION 0x100000u

void opregion_find(struct lend_pci *pci, const struct lend_pci_options *options)
{
	unsigned int count = lend_device_region_count(pci->device);
	unsigned int i;

	if (options->no_opregion)
		return;
	for (i = 0; i < count; i++) {
		const struct lend_region *region =
			lend_device_region(pci->device, i);

		if (region->type != TYPE || region->subtype != SUBTYPE ||
		    !region->size || region->size > SIZE_MAX_OPREGION)
			continue;
		pci->opregion = i;
		pci->opregion_size = region->size;
		return;
	}
	lend_log(pci->ctx, LEND_LOG_WARNING,
		 "%s: VFIO provides no OpRegion, so the guest may find no "
		 "display: the kernel requires CONFIG_VFIO_PCI_IGD",
		 lend_pci_name(pci));
}

uint64_t lend_pci_opregion_size(const struct lend_pci *pci)
{
	return pci->opregion_size;
}

static void set_register(struct lend_pci *pci, uint32_t value)
{
	bytes_put(pci->config.value + OPREGION_REGISTER, 4, value);
	bytes_put(pci->initial + OPREGION_REGISTER, 4, value);
}

int lend_pci_opregion_place(struct lend_pci *pci, void *memory, uint64_t base)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t size = pci->opregion_size;
	int err;

	if (!size || !memory || !base || base % page || base > UINT32_MAX ||
	    size > (1ull << 32) - base)
		return lend_error_set(pci->ctx, LEND_ERROR_ARGUMENT, EINVAL,
				      lend_pci_name(pci),
				      "its OpRegion cannot be placed at %#llx",
				      (unsigned long long)base);
	err = lend_region_read(pci->device, pci->opregion, 0, memory,
			       (size_t)size);
	if (err)
		return error_system(pci->ctx, -err, lend_pci_name(pci),
				    "read its OpRegion");
	pthread_mutex_lock(&pci->lock);
	set_register(pci, (uint32_t)base);
	pthread_mutex_unlock(&pci->lock);
	return 0;
}
