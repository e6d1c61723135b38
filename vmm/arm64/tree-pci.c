// SPDX-License-Identifier: MIT
// The PCI host in the guest's device tree: windows, INTx and MSIs.
#include <stddef.h>
#include <stdint.h>

#include "vmm/arm64/tree.h"
#include "vmm/irq/irq.h"
#include "vmm/memory/layout.h"
#include "vmm/pci/host.h"

/* The first cell of a PCI address: its space. */
#define SPACE_IO    0x01000000
#define SPACE_MEM32 0x02000000
#define SPACE_MEM64 0x03000000

#define WINDOW_CELLS 7 /* PCI address (3 cells), CPU address (2), size (2) */
#define ROUTE_CELLS  10
#define PINS         4
#define SLOT_SHIFT   11

static uint32_t *put_window(uint32_t *cell, uint32_t space, uint64_t pci,
			    uint64_t base, uint64_t size)
{
	const uint32_t cells[WINDOW_CELLS] = {
		space,          (uint32_t)(pci >> 32),
		(uint32_t)pci,  (uint32_t)(base >> 32),
		(uint32_t)base, (uint32_t)(size >> 32),
		(uint32_t)size,
	};

	for (unsigned int i = 0; i < WINDOW_CELLS; i++)
		*cell++ = cells[i];
	return cell;
}

static void put_pci_ranges(struct tree *tree, const struct layout *layout)
{
	uint32_t cells[3 * WINDOW_CELLS], *end = cells;

	end = put_window(end, SPACE_IO, 0, LAYOUT_PORTS_BASE,
			 LAYOUT_PORTS_SIZE);
	end = put_window(end, SPACE_MEM32, layout->mem32.base,
			 layout->mem32.base, layout->mem32.size);
	if (layout->mem64.size)
		end = put_window(end, SPACE_MEM64, layout->mem64.base,
				 layout->mem64.base, layout->mem64.size);
	tree_cells(tree, "ranges", cells, (size_t)(end - cells));
}

/* The map of pci_host_gsi() for the root bus; it repeats after IRQ_PCI_COUNT
 * slots. The guest swizzles the pins below root ports. */
static void put_routes(struct tree *tree)
{
	static const uint32_t mask[] = {(IRQ_PCI_COUNT - 1) << SLOT_SHIFT, 0, 0,
					7};
	uint32_t cells[IRQ_PCI_COUNT * PINS * ROUTE_CELLS], *cell = cells;

	for (unsigned int slot = 0; slot < IRQ_PCI_COUNT; slot++)
		for (unsigned int pin = 1; pin <= PINS; pin++) {
			const uint32_t route[ROUTE_CELLS] = {
				slot << SLOT_SHIFT,
				0,
				0,
				pin,
				TREE_GIC,
				0,
				0,
				TREE_SPI,
				pci_host_gsi(NULL, pci_place(0, slot, 0), pin),
				TREE_LEVEL_HIGH,
			};

			for (unsigned int i = 0; i < ROUTE_CELLS; i++)
				*cell++ = route[i];
		}
	tree_cell(tree, "#interrupt-cells", 1);
	tree_cells(tree, "interrupt-map-mask", mask, 4);
	tree_cells(tree, "interrupt-map", cells, (size_t)(cell - cells));
}

void tree_put_pci(struct tree *tree, const struct tree_config *config)
{
	const struct layout *layout = config->layout;
	const uint32_t buses = (uint32_t)(layout->ecam.size >> 20);

	tree_begin(tree, "pcie", layout->ecam.base);
	tree_string(tree, "compatible", "pci-host-ecam-generic");
	tree_string(tree, "device_type", "pci");
	tree_cell(tree, "#address-cells", 3);
	tree_cell(tree, "#size-cells", 2);
	tree_pairs(tree, "reg",
		   (uint64_t[]){layout->ecam.base, layout->ecam.size}, 2);
	tree_cells(tree, "bus-range", (uint32_t[]){0, buses - 1}, 2);
	tree_cell(tree, "linux,pci-domain", 0);
	tree_flag(tree, "dma-coherent");
	put_pci_ranges(tree, layout);
	put_routes(tree);
	/* The ITS identifies devices by their requester IDs. */
	if (config->msi)
		tree_cells(tree, "msi-map",
			   (uint32_t[]){0, TREE_ITS, 0, 0x10000}, 4);
	tree_end(tree);
}
