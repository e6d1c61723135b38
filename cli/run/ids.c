// SPDX-License-Identifier: MIT
// Reads the PCI IDs that a -device string sets.

#include <errno.h>
#include <stdlib.h>

#include <lend/lend.h>

#include "cli/run/ids.h"

/* Reads a number that lend_spec_parse() has checked, if it was given. */
static uint32_t run_ids_read_number(struct lend_pci_ids *ids,
				    const struct lend_spec *spec,
				    const char *name, unsigned int bit)
{
	const char *text = lend_spec_get(spec, name);

	if (!text)
		return 0;
	ids->given |= bit;
	return (uint32_t)strtoul(text, NULL, 0);
}

int run_ids_read(struct lend_pci_ids *ids, struct lend_ctx *ctx,
		 const struct lend_spec *spec)
{
	*ids = (struct lend_pci_ids){};
	ids->vendor = (uint16_t)run_ids_read_number(
		ids, spec, "x-pci-vendor-id", LEND_PCI_ID_VENDOR);
	ids->device = (uint16_t)run_ids_read_number(
		ids, spec, "x-pci-device-id", LEND_PCI_ID_DEVICE);
	ids->sub_vendor = (uint16_t)run_ids_read_number(
		ids, spec, "x-pci-sub-vendor-id", LEND_PCI_ID_SUB_VENDOR);
	ids->sub_device = (uint16_t)run_ids_read_number(
		ids, spec, "x-pci-sub-device-id", LEND_PCI_ID_SUB_DEVICE);
	ids->class_code = run_ids_read_number(ids, spec, "x-pci-class-code",
					      LEND_PCI_ID_CLASS);
	if (!(ids->given & LEND_PCI_ID_VENDOR) ||
	    (ids->vendor && ids->vendor != 0xffff))
		return 0;
	lend_error_set(
		ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		"x-pci-vendor-id=%s: to a guest, this ID means an empty slot",
		lend_spec_get(spec, "x-pci-vendor-id"));
	return lend_error_remedy(ctx,
				 "give the ID of a vendor, such as 0x8086");
}
