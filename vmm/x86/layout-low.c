// SPDX-License-Identifier: MIT
// Places RAM around an x86 machine's 32-bit hole, and the BAR window in it.
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include <lend/error.h>

#include "vmm/arch.h"
#include "vmm/memory/layout.h"

#define MIB            UINT64_C(0x100000)
#define HOLE_STEP      UINT64_C(0x10000000)
#define MEM32_END      UINT64_C(0xfe000000)
#define MEM32_SMALLEST (16 * MIB)
#define LARGE_PAGE     (2 * MIB)
#define ECAM_SMALL     (2 * MIB) /* free space at LAYOUT_ECAM_BASE */

/*
 * Config space of many buses does not fit below the I/O APIC. It goes to the
 * end of the 32-bit window, naturally aligned as on hardware.
 */
static void place_ecam(struct layout *layout)
{
	uint64_t size = layout->ecam.size;

	if (size > ECAM_SMALL)
		layout->ecam.base =
			(MEM32_END - size) & ~(range_round_up(size) - 1);
}

static int place_mem32(struct layout *layout, struct lend_ctx *ctx,
		       const struct layout_need *need)
{
	uint64_t align = need->mem32_largest > MIB ? need->mem32_largest : MIB;
	uint64_t end =
		layout->ecam.base < MEM32_END ? layout->ecam.base : MEM32_END;
	uint64_t room = end - LAYOUT_HOLE_LOWEST;
	uint64_t size, base;

	if (need->mem32 > room || align > room)
		goto full;
	size = need->mem32 < MEM32_SMALLEST / 2 ? MEM32_SMALLEST
						: 2 * need->mem32;
	for (base = LAYOUT_HOLE_START; base >= LAYOUT_HOLE_LOWEST;
	     base -= HOLE_STEP) {
		uint64_t start = range_align_up(base, align);

		if (start + size > end)
			continue;
		layout->mem32 = (struct range){start, end - start};
		layout->ram_low.size = base;
		return 0;
	}
	/* Retry without spare room; the largest BAR is placed first. */
	base = range_align_up(LAYOUT_HOLE_LOWEST, align);
	if (base + need->mem32 <= end) {
		layout->mem32 = (struct range){base, end - base};
		layout->ram_low.size = LAYOUT_HOLE_LOWEST;
		return 0;
	}
full:
	lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
		       "the devices' 32-bit BARs need %" PRIu64
		       " MiB of guest addresses; %" PRIu64 " MiB are available",
		       need->mem32 / MIB, room / MIB);
	return lend_error_remedy(ctx, "lend fewer devices to one guest");
}

/* RAM above 4 GiB where devices reach it, in two pieces if that takes two.
 * Returns false, with nothing placed, if it takes more. */
static bool place_ram_within_reach(struct layout *layout, uint64_t rest,
				   const struct layout_need *need)
{
	struct range first =
		layout_usable(need, LAYOUT_4G, LARGE_PAGE, layout->end);
	struct range next = first;

	if (rest <= first.size) {
		layout->ram_high = (struct range){first.base, rest};
		return true;
	}
	first.size &= ~(LARGE_PAGE - 1);
	if (!first.size)
		return false;
	do {
		next = layout_usable(need, next.base + next.size, LARGE_PAGE,
				     layout->end);
		if (!next.size)
			return false;
	} while (next.size < rest - first.size);
	layout->ram_high = first;
	layout->ram_more = (struct range){next.base, rest - first.size};
	return true;
}

static int place_ram(struct layout *layout, struct lend_ctx *ctx, uint64_t ram,
		     const struct layout_need *need, unsigned int phys_bits)
{
	uint64_t room = (1ULL << phys_bits) - LAYOUT_4G + layout->ram_low.size;

	layout->ram_high.base = LAYOUT_4G;
	if (ram <= layout->ram_low.size) {
		layout->ram_low.size = ram;
		return 0;
	}
	if (place_ram_within_reach(layout, ram - layout->ram_low.size, need))
		return 0;
	if (ram <= room) {
		layout->ram_high.size = ram - layout->ram_low.size;
		return 0;
	}
	lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
		       "%" PRIu64 " MiB of RAM exceed the guest's %u "
		       "address bits",
		       ram / MIB, phys_bits);
	return lend_error_remedy(ctx, "reduce -m to %" PRIu64 "M", room / MIB);
}

int arch_layout_low(struct layout *layout, struct lend_ctx *ctx, uint64_t ram,
		    const struct layout_need *need, unsigned int phys_bits)
{
	int err;

	if (need->platform) {
		lend_error_set(ctx, LEND_ERROR_PLACEMENT, ENOTSUP, NULL,
			       "an x86 guest has no device tree, which "
			       "platform devices require");
		return lend_error_remedy(ctx, "use an arm64 host");
	}
	place_ecam(layout);
	err = place_mem32(layout, ctx, need);
	return err ? err : place_ram(layout, ctx, ram, need, phys_bits);
}
