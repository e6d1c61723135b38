// SPDX-License-Identifier: MIT
// The guest's physical address map: RAM around the 32-bit hole, and windows.
#include <errno.h>
#include <inttypes.h>

#include <lend/context.h>
#include <lend/error.h>
#include <lend/iommu.h>

#include "vmm/arch.h"
#include "vmm/memory/layout.h"
#include "vmm/pci/host.h"

#define MIB           UINT64_C(0x100000)
#define GIB           UINT64_C(0x40000000)
#define BAR_SMALLEST  UINT64_C(4096)   /* kernels may align BARs to pages */
#define BRIDGE_IO     UINT64_C(0x1000) /* granule of a bridge's windows */
#define BRIDGE_MEMORY MIB
#define SPARE_MEM64   (1024 * GIB) /* for devices that are plugged later */

int layout_need_add(struct layout_need *need, enum layout_bar kind,
		    uint64_t size)
{
	uint64_t *sum = &need->io, *largest = NULL;

	if (!size)
		return 0;
	size = range_round_up(size);
	if (kind == LAYOUT_BAR_MEM32) {
		sum = &need->mem32;
		largest = &need->mem32_largest;
	} else if (kind == LAYOUT_BAR_MEM64) {
		sum = &need->mem64;
		largest = &need->mem64_largest;
	} else if (kind == LAYOUT_PLATFORM) {
		sum = &need->platform;
		largest = &need->platform_largest;
	}
	if (largest && size && size < BAR_SMALLEST)
		size = BAR_SMALLEST;
	if (!size || __builtin_add_overflow(*sum, size, sum))
		return -EOVERFLOW;
	if (largest && size > *largest)
		*largest = size;
	return 0;
}

/* A window of the bridge, large enough for any placement. */
static int add_window(uint64_t below, uint64_t below_largest, uint64_t *sum,
		      uint64_t *largest)
{
	uint64_t align =
		below_largest > BRIDGE_MEMORY ? below_largest : BRIDGE_MEMORY;
	uint64_t size;

	if (!below)
		return 0;
	if (__builtin_add_overflow(below, align - 1, &size))
		return -EOVERFLOW;
	size &= ~(align - 1);
	if (__builtin_add_overflow(*sum, size, sum))
		return -EOVERFLOW;
	if (align > *largest)
		*largest = align;
	return 0;
}

int layout_need_add_bridge(struct layout_need *need,
			   const struct layout_need *below)
{
	int err = add_window(below->mem32, below->mem32_largest, &need->mem32,
			     &need->mem32_largest);

	if (!err)
		err = add_window(below->mem64, below->mem64_largest,
				 &need->mem64, &need->mem64_largest);
	need->bridges++;
	need->io_bridges += below->io != 0;
	return err;
}

static int check_io(struct lend_ctx *ctx, const struct layout_need *need)
{
	uint64_t room = LAYOUT_IO_SIZE / BRIDGE_IO;
	uint64_t own = (need->io + BRIDGE_IO - 1) / BRIDGE_IO;

	if (need->io > LAYOUT_IO_SIZE) {
		lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
			       "the devices' I/O BARs require %" PRIu64
			       " ports; the guest has %" PRIu64,
			       need->io, LAYOUT_IO_SIZE);
		return lend_error_remedy(ctx,
					 "lend fewer devices to the guest");
	}
	if (own + need->io_bridges > room)
		lend_log(ctx, LEND_LOG_WARNING,
			 "I/O addresses suffice for %" PRIu64
			 " of %u root ports with I/O BARs below: the guest "
			 "cannot use the I/O BARs below the others",
			 room - own, need->io_bridges);
	return 0;
}

/* Twice the size needed, or all that is left. What is plugged later is unknown:
 * addresses cost nothing. */
static uint64_t size_mem64(const struct layout_need *need, uint64_t align,
			   uint64_t left)
{
	uint64_t size = left;

	if (need->mem64 <= left / 2)
		size = range_align_up(2 * need->mem64, align);
	if (need->spare && size < SPARE_MEM64)
		size = SPARE_MEM64;
	return size < left ? size : left;
}

struct range layout_usable(const struct layout_need *need, uint64_t from,
			   uint64_t align, uint64_t end)
{
	for (unsigned int i = 0; i < need->usable_count; i++) {
		uint64_t first = need->usable[i].first;
		uint64_t last = need->usable[i].last;

		if (first < from)
			first = from;
		if (last >= end)
			last = end - 1;
		if (first > last || align - 1 > last - first)
			continue;
		first = range_align_up(first, align);
		if (first <= last)
			return (struct range){first, last - first + 1};
	}
	return (struct range){0};
}

/* Where devices reach all of the window, so that they reach each other. */
static bool place_mem64_within_reach(struct layout *layout,
				     const struct layout_need *need,
				     uint64_t align)
{
	struct range room = {.base = layout_high_end(layout)};
	uint64_t size = size_mem64(need, align, layout->end);

	do {
		room = layout_usable(need, room.base + room.size, align,
				     layout->end);
		if (!room.size)
			return false;
	} while (room.size < size);
	layout->mem64 = (struct range){room.base, size};
	return true;
}

static int place_mem64(struct layout *layout, struct lend_ctx *ctx,
		       const struct layout_need *need, unsigned int phys_bits)
{
	uint64_t end = 1ULL << phys_bits, start;
	uint64_t align = need->mem64_largest > GIB ? need->mem64_largest : GIB;

	if (!need->mem64 && !need->spare)
		return 0;
	if (place_mem64_within_reach(layout, need, align))
		return 0;
	start = layout_high_end(layout);
	if (align > end || start > end - align)
		goto full;
	start = range_align_up(start, align);
	if (need->mem64 > end - start)
		goto full;
	layout->mem64 =
		(struct range){start, size_mem64(need, align, end - start)};
	return 0;
full:
	if (!need->mem64)
		return 0;
	lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
		       "the devices' 64-bit BARs require %" PRIu64
		       " MiB, aligned to %" PRIu64 " MiB, above %" PRIu64
		       " MiB of RAM",
		       need->mem64 / MIB, align / MIB,
		       (layout->ram_high.size + layout->ram_more.size) / MIB);
	lend_error_evidence(ctx,
			    "the guest has %u address bits on this processor",
			    phys_bits);
	return lend_error_remedy(
		ctx, "give the guest less RAM, or lend fewer devices");
}

static int place_tables(struct layout *layout, struct lend_ctx *ctx,
			uint64_t size)
{
	const struct range *ram = &layout->ram_low;

	if (size > ram->size / 2)
		return lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
				      "the devices' tables require %" PRIu64
				      " KiB of the guest's RAM",
				      size >> 10);
	layout->tables = (struct range){ram->base + ram->size - size, size};
	return 0;
}

int layout_compute(struct layout *layout, struct lend_ctx *ctx, uint64_t ram,
		   const struct layout_need *need, unsigned int phys_bits)
{
	int err;

	/*
	 * Older processors do not report the number; newer ones have at most
	 * 52.
	 */
	if (phys_bits < 36)
		phys_bits = 36;
	if (phys_bits > 52)
		phys_bits = 52;
	*layout = (struct layout){
		.io = {LAYOUT_IO_BASE, LAYOUT_IO_SIZE},
		.ecam = {LAYOUT_ECAM_BASE,
			 (need->bridges + 1) * PCI_HOST_BUS_SIZE},
		.end = 1ULL << phys_bits,
	};
	if (need->vga)
		layout->vga = (struct range){LAYOUT_VGA_BASE, LAYOUT_VGA_SIZE};
	err = check_io(ctx, need);
	if (err)
		return err;
	err = arch_layout_low(layout, ctx, ram, need, phys_bits);
	if (!err)
		err = place_tables(layout, ctx, need->tables);
	return err ? err : place_mem64(layout, ctx, need, phys_bits);
}

unsigned int layout_ram(const struct layout *layout,
			struct range ranges[LAYOUT_RAM_MAX])
{
	uint64_t at = layout->ram_low.base;
	uint64_t end = at + layout->ram_low.size;
	unsigned int count = 0;

	if (layout->vga.size) {
		ranges[count++] = (struct range){at, layout->vga.base - at};
		at = layout->vga.base + layout->vga.size;
	}
	if (at < end)
		ranges[count++] = (struct range){at, end - at};
	if (layout->ram_high.size)
		ranges[count++] = layout->ram_high;
	if (layout->ram_more.size)
		ranges[count++] = layout->ram_more;
	return count;
}
