// SPDX-License-Identifier: MIT
// ATI and AMD graphics cards: configuration space within the registers, which
// the card's firmware accesses.

#include <linux/pci_regs.h>

#include "lib/pci/config.h"
#include "lib/pci/quirk/quirk.h"

#define MIRROR 0x4000 /* among the registers */

static bool ati_is_wanted(const struct lend_pci_options *options)
{
	return options->vga;
}

/* On newer cards this BAR has doorbells and is prefetchable. */
static int ati_has_registers(struct lend_pci *pci, const uint8_t *image,
			     const struct lend_pci_options *options)
{
	const struct lend_pci_bar *bar = lend_pci_bar(pci, 2);

	(void)image;
	(void)options;
	return bar->is_64bit && !bar->prefetchable;
}

static const struct quirk_trap registers[] = {
	QUIRK_MIRROR(2, MIRROR, CONFIG_STD_SIZE, 0)};

const struct quirk quirk_ati_mirror = {
	.public =
		{
			.name = "ati-config-mirror",
			.why = "the card's firmware accesses configuration "
			       "space at offset 0x4000 of BAR 2",
			.source = "QEMU's behaviour; Linux, drivers/gpu/drm/"
				  "radeon/radeon_device.c: registers in BAR 2 "
				  "before Bonaire",
			.when = "x-vga=on",
		},
	.vendor = QUIRK_VENDOR_ATI,
	.class = QUIRK_VGA,
	.physical = true,
	.is_wanted = ati_is_wanted,
	.traps = registers,
	.trap_count = 1,
	.present = ati_has_registers,
};

/* MM_INDEX and MM_DATA. */
static const struct quirk_window ports = {
	.index = 0,
	.data = 4,
	.mirrors = {{MIRROR, CONFIG_SIZE}},
};

static const struct quirk_trap bar4[] = {{
	.bar = 4,
	.io = true,
	.size = 8,
	.window = &ports,
	.read = quirk_window_read,
	.write = quirk_window_write,
}};

const struct quirk quirk_ati_window = {
	.public =
		{
			.name = "ati-config-window",
			.why = "the card's firmware accesses its registers, "
			       "and through them configuration space, by the "
			       "I/O ports of BAR 4",
			.source = "QEMU's behaviour; Linux, drivers/gpu/drm/"
				  "radeon/radeon_device.c: MM_INDEX, MM_DATA",
			.when = "x-vga=on",
		},
	.vendor = QUIRK_VENDOR_ATI,
	.class = QUIRK_VGA,
	.physical = true,
	.is_wanted = ati_is_wanted,
	.traps = bar4,
	.trap_count = 1,
};

/* Cards with a smaller I/O BAR do not report its address there. */
static int ati_has_ports(struct lend_pci *pci, const uint8_t *image,
			 const struct lend_pci_options *options)
{
	const struct lend_pci_bar *bar = lend_pci_bar(pci, 4);

	(void)image;
	(void)options;
	return bar->io && bar->size >= 256;
}

static void ati_port_read(struct lend_pci *pci, const struct quirk_trap *trap,
			  unsigned int at, uint8_t *data, unsigned int size)
{
	(void)trap;
	quirk_config_read(pci, PCI_BASE_ADDRESS_4 + 1 + at, data, size);
}

static const struct quirk_trap port_3c3[] = {{
	.bar = LEND_PCI_BAR_VGA_PORTS_HIGH,
	.io = true,
	.offset = 3,
	.size = 1,
	.read = ati_port_read,
	.write = quirk_device_write,
}};

const struct quirk quirk_ati_vga_port = {
	.public =
		{
			.name = "ati-vga-port",
			.why = "the card's firmware reads the second byte of "
			       "BAR 4's I/O address from port 3c3",
			.source = "QEMU's behaviour",
			.when = "x-vga=on",
		},
	.vendor = QUIRK_VENDOR_ATI,
	.class = QUIRK_VGA,
	.physical = true,
	.is_wanted = ati_is_wanted,
	.traps = port_3c3,
	.trap_count = 1,
	.present = ati_has_ports,
};
