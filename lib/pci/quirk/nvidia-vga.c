// SPDX-License-Identifier: MIT
// NVIDIA: access to BAR 0 through VGA ports, which firmware uses before the BAR
// is placed.

#include <string.h>

#include "lib/base/bytes.h"
#include "lib/pci/function.h"
#include "lib/pci/quirk/quirk.h"

/* From port 3d0 on: four ports for an address or its data, then the CRTC index
 * and data; a CRTC register selects the meaning of the four. */
#define FIRST      0x10 /* in the range that begins at 3c0 */
#define CRTC_INDEX 4
#define CRTC_DATA  5
#define RMA        0x38 /* real mode access */

enum rma_mode { RMA_ADDRESS = 3, RMA_READ = 5, RMA_WRITE = 7 };

static const struct {
	uint32_t start, size;
} mirrors[] = {{0x88000, 0x1000}, {0x1800, 0x100}};

/* The offset in configuration space that port @at accesses in @mode, or -1. */
static int nvidia_vga_target(const struct lend_pci *pci, unsigned int at,
			     enum rma_mode mode)
{
	const struct quirk_state *state = &pci->quirks.state;
	uint32_t address = (uint32_t)bytes_get(state->rma_address, 4);
	unsigned int i;

	if (at >= CRTC_INDEX || state->rma_mode != mode)
		return -1;
	for (i = 0; i < 2; i++)
		if (address >= mirrors[i].start &&
		    address - mirrors[i].start < mirrors[i].size)
			return (int)(address - mirrors[i].start + at);
	return -1;
}

/* Tracks writes to the address and the CRTC registers, byte by byte. */
static void take_notice(struct quirk_state *state, unsigned int at,
			const uint8_t *data, unsigned int size)
{
	for (; size; size--, at++, data++) {
		if (at < CRTC_INDEX && state->rma_mode == RMA_ADDRESS)
			state->rma_address[at] = *data;
		else if (at == CRTC_INDEX)
			state->crtc_index = *data;
		else if (at == CRTC_DATA && state->crtc_index == RMA)
			state->rma_mode = *data;
	}
}

static unsigned int nvidia_vga_piece(unsigned int at, unsigned int size)
{
	return at < CRTC_INDEX && size > CRTC_INDEX - at ? CRTC_INDEX - at
							 : size;
}

static void nvidia_vga_ports_read(struct lend_pci *pci,
				  const struct quirk_trap *trap,
				  unsigned int at, uint8_t *data,
				  unsigned int size)
{
	unsigned int piece;

	for (; size; size -= piece, at += piece, data += piece) {
		int to = nvidia_vga_target(pci, at, RMA_READ);

		piece = nvidia_vga_piece(at, size);
		if (to >= 0)
			quirk_config_read(pci, (unsigned int)to, data, piece);
		else
			quirk_device_read(pci, trap, at, data, piece);
	}
}

static void nvidia_vga_ports_write(struct lend_pci *pci,
				   const struct quirk_trap *trap,
				   unsigned int at, const uint8_t *data,
				   unsigned int size)
{
	unsigned int piece;

	for (; size; size -= piece, at += piece, data += piece) {
		int to = nvidia_vga_target(pci, at, RMA_WRITE);

		piece = nvidia_vga_piece(at, size);
		if (to >= 0) {
			quirk_config_write(pci, (unsigned int)to, data, piece);
			continue;
		}
		take_notice(&pci->quirks.state, at, data, piece);
		quirk_device_write(pci, trap, at, data, piece);
	}
}

static bool nvidia_vga_is_wanted(const struct lend_pci_options *options)
{
	return options->vga && !options->no_nvidia_quirks;
}

static const struct quirk_trap ports[] = {{
	.bar = LEND_PCI_BAR_VGA_PORTS_HIGH,
	.io = true,
	.offset = FIRST,
	.size = CRTC_DATA + 1,
	.read = nvidia_vga_ports_read,
	.write = nvidia_vga_ports_write,
}};

const struct quirk quirk_nvidia_vga_ports = {
	.public =
		{
			.name = "nvidia-vga-ports",
			.why = "the card's firmware accesses BAR 0, and "
			       "through it configuration space, by ports 3d0 "
			       "to 3d5",
			.source = "envytools, RMA; Linux, drivers/gpu/drm/"
				  "nouveau/dispnv04/nvreg.h, NV_CIO_CRE_RMA",
			.when = "x-vga=on",
		},
	.vendor = QUIRK_VENDOR_NVIDIA,
	.class = QUIRK_VGA,
	.is_wanted = nvidia_vga_is_wanted,
	.traps = ports,
	.trap_count = 1,
};
