// SPDX-License-Identifier: MIT
// PCI devices of a plan: BARs, interrupts and RAM that they need.

#include <errno.h>
#include <string.h>

#include "cli/plan/device.h"
#include "cli/plan/finding.h"
#include "cli/plan/machine-plan.h"

enum { OPREGION_LEAST = 8192 };

/* The exact size is unknown until VFIO opens the device. */
static void learn_opregion(struct plan_device *device,
			   const struct lend_pci_preview *preview)
{
	const struct lend_pci_quirk *quirk;

	if (device->config->quirks.no_opregion)
		return;
	for (unsigned int i = 0; (quirk = lend_pci_preview_quirk(preview, i));
	     i++)
		if (!strcmp(quirk->name, "igd-opregion"))
			device->opregion = OPREGION_LEAST;
}

static void learn_interrupts(struct machine_plan *plan,
			     struct plan_device *device,
			     const struct lend_pci_preview *preview)
{
	int vectors = lend_pci_preview_vectors(preview);

	if (vectors < 0) {
		plan_add_finding(plan, "interrupts", LEND_CHECK_WARNING,
				 device->config->name, "",
				 "its number of interrupts is unknown: only "
				 "root can read its capabilities");
		return;
	}
	device->has_interrupts = true;
	device->intx = lend_pci_preview_pin(preview);
	device->vectors = (unsigned int)vectors;
}

/* Applies the -device string's options for the ROM's BAR. */
static void learn_rom(struct plan_device *device)
{
	const struct assign_pci_rom *rom = &device->config->rom;
	struct lend_pci_bar *bar = &device->bars[LEND_PCI_BAR_ROM];

	if (rom->hidden)
		bar->size = 0;
	else if (rom->bytes)
		bar->size = rom->bar_size ? rom->bar_size : rom->size;
}

void plan_read_device(struct machine_plan *plan, struct plan_device *device)
{
	const struct assign_pci_config *config = device->config;
	struct lend_pci_preview *preview;
	int err = -ENODATA;

	if (config->socket) {
		plan_add_finding(plan, "regions", LEND_CHECK_WARNING,
				 config->name, "",
				 "its BARs and interrupts are known to its "
				 "server alone, which is not asked: whether "
				 "they fit is unknown");
		return;
	}
	if (config->address &&
	    lend_address_bus(config->address) == LEND_BUS_PCI)
		err = lend_pci_preview_new(config->address, &preview);
	/* The checks of devices report that, except of one passed in. */
	if (err == -EBADMSG || err == -ETIMEDOUT) {
		if (config->fd >= 0)
			plan_add_failure(plan, "presentation");
		return;
	}
	if (err) {
		plan_add_finding(
			plan, "regions", LEND_CHECK_FAILED, config->name, "",
			"sysfs does not show its BARs, so whether they fit is "
			"unknown (opening the device could reset it)");
		return;
	}
	device->has_bars = true;
	for (unsigned int i = 0; i < ASSIGN_PCI_BARS; i++)
		device->bars[i] = *lend_pci_preview_bar(preview, i);
	learn_rom(device);
	learn_opregion(device, preview);
	learn_interrupts(plan, device, preview);
	lend_pci_preview_free(preview);
}
