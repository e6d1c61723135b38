// SPDX-License-Identifier: MIT
// PCI devices of a plan: BARs, interrupts and RAM that they need.

#include <string.h>
#include <linux/pci_regs.h>

#include "cli/plan/device.h"
#include "cli/plan/finding.h"
#include "cli/plan/machine-plan.h"
#include "cli/resources.h"

enum { STANDARD_SIZE = 256, OPREGION_LEAST = 8192 };

static unsigned int config_word(const uint8_t *config, unsigned int at)
{
	return config[at] | (unsigned int)config[at + 1] << 8;
}

/* The offset of a capability, or 0. */
static unsigned int find_capability(const uint8_t config[STANDARD_SIZE],
				    unsigned int id)
{
	unsigned int at = config[PCI_CAPABILITY_LIST] & ~3u;

	if (!(config_word(config, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return 0;
	/* No more than fit after the header, at 4 bytes each. */
	for (unsigned int i = 0; at >= PCI_STD_HEADER_SIZEOF && i < 48; i++) {
		if (config[at] == id)
			return at;
		at = config[at + PCI_CAP_LIST_NEXT] & ~3u;
	}
	return 0;
}

/* The exact size is unknown until VFIO opens the device. */
static void learn_opregion(struct plan_device *device,
			   const uint8_t config[STANDARD_SIZE])
{
	const struct lend_pci_quirk *quirk;
	unsigned int i = 0;

	if (device->config->quirks.no_opregion)
		return;
	while ((quirk = lend_pci_quirk(
			(uint16_t)config_word(config, PCI_VENDOR_ID),
			(uint16_t)config_word(config, PCI_DEVICE_ID),
			config_word(config, PCI_CLASS_DEVICE) << 8 |
				config[PCI_CLASS_PROG],
			i++)))
		if (!strcmp(quirk->name, "igd-opregion"))
			device->opregion = OPREGION_LEAST;
}

static void learn_interrupts(struct machine_plan *plan,
			     struct plan_device *device,
			     const uint8_t config[STANDARD_SIZE], bool is_whole)
{
	unsigned int msi, msix, count;

	if (!is_whole) {
		plan_add_finding(plan, "interrupts", LEND_CHECK_WARNING,
				 device->config->name, "",
				 "its number of interrupts is unknown: only "
				 "root can read its capabilities");
		return;
	}
	device->has_interrupts = true;
	device->intx = config[PCI_INTERRUPT_PIN];
	msi = find_capability(config, PCI_CAP_ID_MSI);
	if (msi)
		device->vectors =
			1u << ((config_word(config, msi + PCI_MSI_FLAGS) &
				PCI_MSI_FLAGS_QMASK) >>
			       1);
	msix = find_capability(config, PCI_CAP_ID_MSIX);
	if (!msix)
		return;
	count = (config_word(config, msix + PCI_MSIX_FLAGS) &
		 PCI_MSIX_FLAGS_QSIZE) +
		1;
	if (count > device->vectors)
		device->vectors = count;
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
	uint8_t bytes[STANDARD_SIZE] = {0};
	struct resource resources[RESOURCES];
	int count;

	if (!config->address ||
	    lend_address_bus(config->address) != LEND_BUS_PCI ||
	    resources_read(config->address, resources)) {
		plan_add_finding(
			plan, "regions", LEND_CHECK_FAILED, config->name, "",
			"sysfs does not show its BARs, so whether they fit is "
			"unknown (opening the device could reset it)");
		return;
	}
	device->has_bars = true;
	for (unsigned int i = 0; i < ASSIGN_PCI_BARS; i++)
		device->bars[i] = (struct lend_pci_bar){
			.size = resources[i].size,
			.io = resources[i].io,
			.is_64bit = resources[i].is_64bit,
			.prefetchable = resources[i].prefetchable,
		};
	learn_rom(device);
	count = lend_attribute_bytes(config->address, "config", bytes,
				     sizeof(bytes));
	learn_opregion(device, bytes);
	learn_interrupts(plan, device, bytes, count == STANDARD_SIZE);
}
