// SPDX-License-Identifier: MIT
// NVIDIA: mirrors of configuration space within a GPU's BARs.

#include "lib/base/bytes.h"
#include "lib/pci/function.h"
#include "lib/pci/quirk/quirk.h"

/* Names are envytools': PPCI has all of configuration space, the older PBUS.PCI
 * the first 256 bytes. */
#define PPCI          0x88000
#define PPCI_SIZE     0x1000
#define PBUS_PCI      0x1800
#define PBUS_PCI_SIZE 0x100

static bool nvidia_is_wanted(const struct lend_pci_options *options)
{
	return !options->no_nvidia_quirks;
}

static bool nvidia_is_wanted_with_vga(const struct lend_pci_options *options)
{
	return options->vga && nvidia_is_wanted(options);
}

static const struct quirk_trap ppci[] = {QUIRK_MIRROR(0, PPCI, PPCI_SIZE, 0)};

const struct quirk quirk_nvidia_mirror = {
	.public =
		{
			.name = "nvidia-config-mirror",
			.why = "the driver accesses configuration space at "
			       "0x88000 of BAR 0, and must find the guest's "
			       "BAR addresses there, not the host's",
			.source = "envytools, PPCI; Linux, drivers/gpu/drm/"
				  "nouveau/nvkm/subdev/pci/nv40.c",
		},
	.vendor = QUIRK_VENDOR_NVIDIA,
	.class = QUIRK_VGA,
	.is_wanted = nvidia_is_wanted,
	.traps = ppci,
	.trap_count = 1,
};

static const struct quirk_trap pbus_pci[] = {
	QUIRK_MIRROR(0, PBUS_PCI, PBUS_PCI_SIZE, 0)};

const struct quirk quirk_nvidia_vga_mirror = {
	.public =
		{
			.name = "nvidia-vga-config-mirror",
			.why = "the card's firmware accesses configuration "
			       "space at 0x1800 of BAR 0",
			.source = "envytools, PBUS.PCI; Linux, drivers/gpu/drm/"
				  "nouveau/nvkm/subdev/pci/nv04.c",
			.when = "x-vga=on",
		},
	.vendor = QUIRK_VENDOR_NVIDIA,
	.class = QUIRK_VGA,
	.is_wanted = nvidia_is_wanted_with_vga,
	.traps = pbus_pci,
	.trap_count = 1,
};

/* The ports of BAR 5: two enable registers, an address, its data. */
#define SWITCH_1 0x0
#define SWITCH_2 0x4
#define ADDRESS  0x8
#define DATA     0xc

static bool is_open(const uint8_t *registers)
{
	return registers[SWITCH_1] & registers[SWITCH_2] & 1;
}

static const struct quirk_window ports = {
	.index = ADDRESS,
	.data = DATA,
	.is_open = is_open,
	.mirrors = {{PPCI, PPCI_SIZE}, {PBUS_PCI, PBUS_PCI_SIZE}},
};

static const struct quirk_trap bar5[] = {{
	.bar = 5,
	.io = true,
	.size = DATA + 4,
	.window = &ports,
	.read = quirk_window_read,
	.write = quirk_window_write,
}};

const struct quirk quirk_nvidia_window = {
	.public =
		{
			.name = "nvidia-config-window",
			.why = "the card's firmware accesses BAR 0, and "
			       "through it configuration space, by the I/O "
			       "ports of BAR 5",
			.source = "QEMU's behaviour; envytools, PCI BARs",
			.when = "x-vga=on",
		},
	.vendor = QUIRK_VENDOR_NVIDIA,
	.class = QUIRK_VGA,
	.is_wanted = nvidia_is_wanted_with_vga,
	.traps = bar5,
	.trap_count = 1,
};

/* Through configuration space VFIO would not pass the write to the device. */
static bool is_msi_head(const struct lend_pci *pci, unsigned int offset,
			unsigned int size)
{
	unsigned int msi = pci->config.msi;

	return msi && offset >= msi && offset + size <= msi + 2;
}

const struct quirk quirk_nvidia_msi = {
	.public =
		{
			.name = "nvidia-msi-acknowledge",
			.why = "the driver acknowledges each MSI by a write to "
			       "the mirror of the MSI capability's first byte; "
			       "the write changes nothing else",
			.source = "Linux, drivers/gpu/drm/nouveau/nvkm/subdev/"
				  "pci/nv40.c: register 0x68",
		},
	.vendor = QUIRK_VENDOR_NVIDIA,
	.class = QUIRK_VGA,
	.is_wanted = nvidia_is_wanted,
	.passes = is_msi_head,
};
