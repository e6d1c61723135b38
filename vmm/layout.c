// SPDX-License-Identifier: MIT
// The guest's physical address map: RAM around the 32-bit hole, and windows.
#include <errno.h>
#include <inttypes.h>

#include <lend/error.h>

#include "layout.h"
#include "pci-host.h"

#define MIB               UINT64_C(0x100000)
#define GIB               UINT64_C(0x40000000)
#define HOLE_LOWEST_START UINT64_C(0x80000000)
#define HOLE_STEP         UINT64_C(0x10000000)
#define MEM32_END         UINT64_C(0xfe000000)
#define MEM32_SMALLEST    (16 * MIB)
#define BAR_SMALLEST      UINT64_C(4096) /* kernels may spread BARs page by page */
#define IO_BASE           UINT64_C(0xc000)
#define IO_SIZE           UINT64_C(0x4000)

static uint64_t align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

/* The next power of two; 0 when that is 2^64. */
static uint64_t round_up_pow2(uint64_t size)
{
	uint64_t power = 1;

	while (power && power < size)
		power <<= 1;
	return power;
}

int layout_need_add(struct layout_need *need, enum layout_bar kind,
		    uint64_t size)
{
	uint64_t *sum = &need->io, *largest = NULL;

	if (!size)
		return 0;
	size = round_up_pow2(size);
	if (kind == LAYOUT_BAR_MEM32) {
		sum = &need->mem32;
		largest = &need->mem32_largest;
	} else if (kind == LAYOUT_BAR_MEM64) {
		sum = &need->mem64;
		largest = &need->mem64_largest;
	}
	if (largest && size && size < BAR_SMALLEST)
		size = BAR_SMALLEST;
	if (!size || __builtin_add_overflow(*sum, size, sum))
		return -EOVERFLOW;
	if (largest && size > *largest)
		*largest = size;
	return 0;
}

static int place_mem32(struct layout *layout, struct lend_ctx *ctx,
		       const struct layout_need *need)
{
	uint64_t align = need->mem32_largest > MIB ? need->mem32_largest : MIB;
	uint64_t room = MEM32_END - HOLE_LOWEST_START;
	uint64_t size, base;

	if (need->mem32 > room || align > room)
		goto full;
	size = need->mem32 < MEM32_SMALLEST / 2 ? MEM32_SMALLEST
						: 2 * need->mem32;
	for (base = LAYOUT_HOLE_START; base >= HOLE_LOWEST_START;
	     base -= HOLE_STEP) {
		uint64_t start = align_up(base, align);

		if (start + size > MEM32_END)
			continue;
		layout->mem32 = (struct range){start, MEM32_END - start};
		layout->ram_low.size = base;
		return 0;
	}
	/* Without room to spare, then; the largest BAR goes first anyway. */
	base = align_up(HOLE_LOWEST_START, align);
	if (base + need->mem32 <= MEM32_END) {
		layout->mem32 = (struct range){base, MEM32_END - base};
		layout->ram_low.size = HOLE_LOWEST_START;
		return 0;
	}
full:
	lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
		       "the 32-bit BARs of the devices need %" PRIu64
		       " MiB of guest addresses; %" PRIu64 " MiB can be had",
		       need->mem32 / MIB, room / MIB);
	return lend_error_remedy(ctx, "lend fewer devices to one guest");
}

static int place_mem64(struct layout *layout, struct lend_ctx *ctx,
		       const struct layout_need *need, unsigned phys_bits)
{
	uint64_t end = 1ULL << phys_bits, start, size;
	uint64_t align = need->mem64_largest > GIB ? need->mem64_largest : GIB;

	if (!need->mem64)
		return 0;
	start = layout->ram_high.base + layout->ram_high.size;
	if (align > end || start > end - align || need->mem64 > end / 2)
		goto full;
	start = align_up(start, align);
	size = align_up(2 * need->mem64, align);
	if (size > end - start)
		size = end - start;
	if (size < need->mem64)
		goto full;
	layout->mem64 = (struct range){start, size};
	return 0;
full:
	lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
		       "the 64-bit BARs of the devices need %" PRIu64
		       " MiB, aligned to %" PRIu64 " MiB, above %" PRIu64
		       " MiB of RAM",
		       need->mem64 / MIB, align / MIB,
		       layout->ram_high.size / MIB);
	lend_error_evidence(ctx, "this processor gives a guest %u address bits",
			    phys_bits);
	return lend_error_remedy(
		ctx, "give the guest less RAM, or lend it fewer devices");
}

static int place_ram(struct layout *layout, struct lend_ctx *ctx, uint64_t ram,
		     unsigned phys_bits)
{
	uint64_t room = (1ULL << phys_bits) - LAYOUT_4G + layout->ram_low.size;

	layout->ram_high.base = LAYOUT_4G;
	if (ram <= layout->ram_low.size) {
		layout->ram_low.size = ram;
		return 0;
	}
	if (ram <= room) {
		layout->ram_high.size = ram - layout->ram_low.size;
		return 0;
	}
	lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
		       "%" PRIu64 " MiB of RAM do not fit the guest's %u "
		       "address bits",
		       ram / MIB, phys_bits);
	return lend_error_remedy(ctx, "give -m at most %" PRIu64 "M",
				 room / MIB);
}

int layout_compute(struct layout *layout, struct lend_ctx *ctx, uint64_t ram,
		   const struct layout_need *need, unsigned phys_bits)
{
	int err;

	/* Older processors have no such number; newer ones use 52 at most. */
	if (phys_bits < 36)
		phys_bits = 36;
	if (phys_bits > 52)
		phys_bits = 52;
	*layout = (struct layout){
		.io = {IO_BASE, IO_SIZE},
		.ecam = {LAYOUT_ECAM_BASE, PCI_HOST_ECAM_SIZE},
	};
	if (need->io > IO_SIZE) {
		lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
			       "the I/O BARs of the devices need %" PRIu64
			       " ports; the guest has %" PRIu64,
			       need->io, IO_SIZE);
		return lend_error_remedy(ctx,
					 "lend fewer devices to one guest");
	}
	err = place_mem32(layout, ctx, need);
	if (err)
		return err;
	err = place_ram(layout, ctx, ram, phys_bits);
	if (err)
		return err;
	return place_mem64(layout, ctx, need, phys_bits);
}
