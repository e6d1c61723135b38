// SPDX-License-Identifier: MIT
// The expansion ROM: read from the device once, or passed by the user.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include <lend/region.h>

#include "lib/pci/config.h"
#include "lib/pci/function.h"
#include "lib/pci/pci.h"
#include "lib/pci/rom-image.h"
#include "lib/pci/rom.h"

#define LEAST 2048 /* the smallest ROM BAR */

bool rom_options_fit(const struct lend_pci_options *options)
{
	uint64_t bar = options->rom_bar_size;

	if (!options->rom_size || options->rom_size > LEND_PCI_ROM_MAX)
		return false;
	return !bar || (bar >= LEAST && bar <= LEND_PCI_ROM_MAX &&
			!(bar & (bar - 1)) && bar >= options->rom_size);
}

uint64_t rom_region_size(const struct lend_pci_options *options, uint64_t size)
{
	if (options->no_rom)
		return 0;
	if (!options->rom)
		return size;
	return options->rom_bar_size ? options->rom_bar_size
				     : options->rom_size;
}

/* The rest after the image reads all ones. */
static int rom_make_room(struct lend_pci *pci)
{
	size_t size = (size_t)lend_pci_bar(pci, LEND_PCI_BAR_ROM)->size;

	pci->rom.bytes = malloc(size);
	if (!pci->rom.bytes)
		return -ENOMEM;
	memset(pci->rom.bytes, 0xff, size);
	return 0;
}

int rom_give(struct lend_pci *pci, const struct lend_pci_options *options)
{
	int err = rom_make_room(pci);

	if (err)
		return err;
	memcpy(pci->rom.bytes, options->rom, options->rom_size);
	pci->rom.given = true;
	return 0;
}

/* The ROM must match the IDs that the guest sees, or its firmware does not run
 * it. */
static void rom_adapt(struct lend_pci *pci)
{
	const struct rom_ids ids = {
		.from_vendor = pci->host_vendor,
		.vendor =
			(uint16_t)config_value(&pci->config, PCI_VENDOR_ID, 2),
		.device =
			(uint16_t)config_value(&pci->config, PCI_DEVICE_ID, 2),
	};

	rom_image_patch(pci->rom.bytes,
			(size_t)lend_pci_bar(pci, LEND_PCI_BAR_ROM)->size,
			&ids);
}

/* Reads the whole ROM at the first access: a guest reads it word by word, and
 * the device may be slow. */
static void rom_load(struct lend_pci *pci)
{
	struct rom *rom = &pci->rom;
	int err = rom_make_room(pci);

	if (!err)
		err = lend_region_read(pci->device, LEND_PCI_REGION_ROM, 0,
				       rom->bytes,
				       (size_t)lend_device_region(
					       pci->device, LEND_PCI_REGION_ROM)
					       ->size);
	if (!err) {
		rom_adapt(pci);
		return;
	}
	free(rom->bytes);
	rom->bytes = NULL;
	rom->failed = true;
	pci_warn_once(
		pci, &rom->warned, err,
		"cannot read its expansion ROM; the guest finds it empty");
}

void rom_read(struct lend_pci *pci, uint64_t offset, void *data,
	      unsigned int size)
{
	struct rom *rom = &pci->rom;

	if (!rom->bytes && !rom->failed)
		rom_load(pci);
	if (rom->bytes)
		memcpy(data, rom->bytes + offset, size);
	else
		memset(data, 0xff, size);
}

void rom_reset(struct rom *rom)
{
	rom->failed = false;
}

void rom_free(struct rom *rom)
{
	free(rom->bytes);
	rom->bytes = NULL;
}
