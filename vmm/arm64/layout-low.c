// SPDX-License-Identifier: MIT
// Places an arm64 machine's BAR windows, and RAM in one piece above them.
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

#include <lend/error.h>

#include "vmm/arch.h"
#include "vmm/memory/layout.h"

#define MIB            UINT64_C(0x100000)
#define RAM_HIGHEST    UINT64_C(0xc0000000) /* 32-bit DMA needs some RAM */
#define RAM_STEP       UINT64_C(0x10000000)
#define MEM32_SMALLEST (16 * MIB)
#define PLATFORM_ALIGN UINT64_C(0x10000) /* the largest page size */

/* Space for @sum bytes of naturally aligned regions, in any order. */
static uint64_t windows_spread(uint64_t sum, bool tight)
{
	return tight ? sum : 2 * sum;
}

/* Place both windows in @room, platform devices first. */
static bool windows_fit(struct layout *layout, struct range room,
			const struct layout_need *need, bool tight)
{
	uint64_t end = room.base + room.size, at = room.base;
	uint64_t align = need->platform_largest > PLATFORM_ALIGN
				 ? need->platform_largest
				 : PLATFORM_ALIGN;
	uint64_t size =
		range_align_up(windows_spread(need->platform, tight), align);

	layout->platform = (struct range){0};
	if (need->platform) {
		at = range_align_up(at, align);
		if (at > end || size > end - at)
			return false;
		layout->platform = (struct range){at, size};
		at += size;
	}
	at = range_align_up(at, need->mem32_largest > MIB ? need->mem32_largest
							  : MIB);
	size = windows_spread(need->mem32, tight);
	if (size < MEM32_SMALLEST)
		size = MEM32_SMALLEST;
	if (at > end || size > end - at)
		return false;
	layout->mem32 = (struct range){at, end - at};
	return true;
}

/* The base of RAM; 0 if the windows do not fit below 3 GiB. */
static uint64_t place_windows(struct layout *layout,
			      const struct layout_need *need, bool tight)
{
	struct range room = {LAYOUT_LOW_BASE,
			     LAYOUT_ECAM_BASE - LAYOUT_LOW_BASE};

	if (windows_fit(layout, room, need, tight))
		return LAYOUT_RAM_BASE;
	room = (struct range){LAYOUT_RAM_BASE, RAM_STEP};
	while (room.base + room.size <= RAM_HIGHEST) {
		if (windows_fit(layout, room, need, tight))
			return room.base + room.size;
		room.size += RAM_STEP;
	}
	return 0;
}

static int layout_too_large(struct lend_ctx *ctx,
			    const struct layout_need *need)
{
	lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
		       "the devices need %" PRIu64
		       " MiB of guest addresses for 32-bit BARs, and %" PRIu64
		       " MiB for platform devices",
		       need->mem32 / MIB, need->platform / MIB);
	lend_error_evidence(ctx, "%" PRIu64 " MiB below 4 GiB are available",
			    (RAM_HIGHEST - LAYOUT_RAM_BASE) / MIB);
	return lend_error_remedy(ctx, "lend fewer devices to one guest");
}

static int place_ram_above(struct layout *layout, struct lend_ctx *ctx,
			   uint64_t ram, uint64_t base, unsigned int phys_bits)
{
	uint64_t end = 1ULL << phys_bits;

	if (ram > end - base) {
		lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
			       "%" PRIu64 " MiB of RAM exceed the guest's "
			       "%u address bits",
			       ram / MIB, phys_bits);
		return lend_error_remedy(ctx, "reduce -m to %" PRIu64 "M",
					 (end - base) / MIB);
	}
	layout->ram_low = (struct range){base, ram};
	/* 64-bit windows follow RAM. */
	layout->ram_high.base = base + ram > LAYOUT_4G ? base + ram : LAYOUT_4G;
	return 0;
}

/* Platform devices that do not fit below RAM go above it. */
static int place_above(struct layout *layout, struct lend_ctx *ctx,
		       const struct layout_need *need, unsigned int phys_bits)
{
	uint64_t end = 1ULL << phys_bits, align = need->platform_largest;
	uint64_t at = layout->ram_high.base;

	if (need->platform > end / 2 || align > end / 2 ||
	    range_align_up(at, align) > end - need->platform)
		return layout_too_large(ctx, need);
	at = range_align_up(at, align);
	layout->platform.base = at;
	layout->platform.size = range_align_up(2 * need->platform, align);
	if (layout->platform.size > end - at)
		layout->platform.size = end - at;
	layout->ram_high.base = at + layout->platform.size;
	return 0;
}

int arch_layout_low(struct layout *layout, struct lend_ctx *ctx, uint64_t ram,
		    const struct layout_need *need, unsigned int phys_bits)
{
	/* Prefer spare room, and platform devices below 4 GiB. */
	static const struct {
		bool above, tight;
	} tries[] = {
		{false, false}, {false, true}, {true, false}, {true, true}};
	uint64_t base = 0;
	bool above = false;
	int err;

	for (size_t i = 0; !base && i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct layout_need low = *need;

		above = tries[i].above;
		if (above)
			low.platform = low.platform_largest = 0;
		if (low.platform <= RAM_HIGHEST && low.mem32 <= RAM_HIGHEST)
			base = place_windows(layout, &low, tries[i].tight);
	}
	if (!base)
		return layout_too_large(ctx, need);
	err = place_ram_above(layout, ctx, ram, base, phys_bits);
	return !err && above ? place_above(layout, ctx, need, phys_bits) : err;
}
