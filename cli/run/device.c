// SPDX-License-Identifier: MIT
// Configures a PCI function of `lend run` from its -device string.

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lend/lend.h>

#include "cli/run/device.h"
#include "cli/run/ids.h"
#include "cli/run/properties.h"
#include "cli/run/rom.h"

/* The properties that are used here, by run_place_read() or by
 * run_iommu_join(). */
static const char *const supported[] = {
	"host",
	"sysfsdev",
	"mdev",
	"fd",
	"iommufd",
	"vf-token",
	"id",
	"bus",
	"addr",
	"multifunction",
	"x-no-mmap",
	"rombar",
	"romfile",
	"romsize",
	"x-pci-vendor-id",
	"x-pci-device-id",
	"x-pci-sub-vendor-id",
	"x-pci-sub-device-id",
	"x-pci-class-code",
	"x-no-mmap-bars",
	"x-p2p",
	"x-no-kvm-intx",
	"x-no-kvm-msi",
	"x-no-kvm-msix",
	"x-req",
	"x-vga",
	"x-no-geforce-quirks",
	"x-nv-gpudirect-clique",
	"x-igd-opregion",
	"x-no-iommu-unsafe-dma",
	"socket",
	"socket.path",
	"socket.type",
};

/* Reads x-no-mmap-bars=; lend_spec_parse() has checked that it is digits
 * separated by colons. */
static unsigned int run_device_read_bars(const struct lend_spec *spec)
{
	const char *text = lend_spec_get(spec, "x-no-mmap-bars");
	unsigned int bars = 0;

	for (; text && *text; text++)
		if (*text != ':')
			bars |= 1u << (*text - '0');
	return bars;
}

/* Reads options of device quirks. lend_spec_parse() has checked that the clique
 * is 0 to 15. */
static void read_quirks(struct assign_pci_quirks *quirks,
			const struct lend_spec *spec)
{
	const char *clique = lend_spec_get(spec, "x-nv-gpudirect-clique");

	quirks->no_nvidia =
		lend_spec_get_bool(spec, "x-no-geforce-quirks", false);
	quirks->has_clique = clique;
	quirks->clique = clique ? (unsigned int)strtoul(clique, NULL, 0) : 0;
	quirks->no_opregion = !lend_spec_get_bool(spec, "x-igd-opregion", true);
}

/* Kinds of interrupts that must pass through this process. */
static void read_no_kvm(struct assign_pci_config *config,
			const struct lend_spec *spec)
{
	static const char *const names[] = {
		[LEND_PCI_IRQ_INTX] = "x-no-kvm-intx",
		[LEND_PCI_IRQ_MSI] = "x-no-kvm-msi",
		[LEND_PCI_IRQ_MSIX] = "x-no-kvm-msix",
	};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (lend_spec_get_bool(spec, names[i], false))
			config->no_kvm_irqs |= 1u << i;
}

/* Reads vf-token=; lend_spec_parse() has checked that it is a UUID. */
static void read_token(struct assign_pci_config *config,
		       const struct lend_spec *spec)
{
	const char *text = lend_spec_get(spec, "vf-token");

	config->has_token = text;
	for (size_t i = 0; text && i < sizeof(config->token); i++) {
		char byte[3] = {};

		text += *text == '-';
		memcpy(byte, text, 2);
		text += 2;
		config->token[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
}

int run_device_configure(struct assign_pci_config *config, struct lend_ctx *ctx,
			 const struct lend_spec *spec)
{
	int err = run_properties_check(
		ctx, spec, supported, sizeof(supported) / sizeof(supported[0]));

	if (err)
		return err;
	config->multifunction =
		lend_spec_get_bool(spec, "multifunction", false);
	config->no_mmap = lend_spec_get_bool(spec, "x-no-mmap", false);
	config->no_mmap_bars = run_device_read_bars(spec);
	config->p2p = lend_spec_get_bool(spec, "x-p2p", false);
	read_no_kvm(config, spec);
	config->keeps = !lend_spec_get_bool(spec, "x-req", true);
	config->vga = lend_spec_get_bool(spec, "x-vga", false);
	read_quirks(&config->quirks, spec);
	read_token(config, spec);
	err = run_ids_read(&config->ids, ctx, spec);
	if (!err)
		err = run_rom_read(&config->rom, ctx, spec);
	return err;
}
