// SPDX-License-Identifier: MIT
// Checks that the IOMMU can map the guest's RAM and BAR windows.
#include <errno.h>
#include <inttypes.h>

#include <lend/error.h>
#include <lend/iommu.h>

#include "vmm/memory/layout.h"
#include "vmm/memory/reach.h"

#define MIB UINT64_C(0x100000)

/*
 * The number of bytes from the start of @range that can be mapped without a
 * gap.
 */
static uint64_t bytes_reached(struct range range,
			      const struct lend_iova_range *ranges,
			      unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		uint64_t first = ranges[i].first, last = ranges[i].last;

		if (range.base < first || range.base > last)
			continue;
		return last - range.base < range.size ? last - range.base + 1
						      : range.size;
	}
	return 0;
}

static int reach_refuse(struct lend_ctx *ctx, struct range ram, uint64_t most,
			const struct lend_iova_range *ranges,
			unsigned int count)
{
	lend_error_set(
		ctx, LEND_ERROR_DMA, ERANGE, NULL,
		"devices cannot reach all of the guest's RAM at %#" PRIx64
		" to %#" PRIx64
		": part of it is reserved or out of the IOMMU's range",
		ram.base, ram.base + (ram.size - 1));
	for (unsigned int i = 0; i < count; i++)
		lend_error_evidence(ctx, "usable: %#" PRIx64 " to %#" PRIx64,
				    ranges[i].first, ranges[i].last);
	if (most < MIB)
		return -ERANGE;
	return lend_error_remedy(ctx, "use -m %" PRIu64 "M or less",
				 most / MIB);
}

static void reach_warn(struct lend_ctx *ctx, struct range window,
		       const struct lend_iova_range *ranges, unsigned int count)
{
	uint64_t within = bytes_reached(window, ranges, count);

	if (within < window.size)
		lend_log(ctx, LEND_LOG_WARNING,
			 "no peer-to-peer DMA to BARs at %#" PRIx64
			 " to %#" PRIx64 ": out of the IOMMU's range",
			 window.base + within, window.base + (window.size - 1));
}

int reach_check(const struct layout *layout, struct lend_ctx *ctx,
		const struct lend_iova_range *ranges, unsigned int count,
		bool p2p)
{
	const struct range ram[] = {layout->ram_low, layout->ram_high,
				    layout->ram_more};
	uint64_t before = 0;

	if (!count)
		return 0;
	for (size_t i = 0; i < sizeof(ram) / sizeof(ram[0]); i++) {
		uint64_t most = bytes_reached(ram[i], ranges, count);

		if (most < ram[i].size)
			return reach_refuse(ctx, ram[i], before + most, ranges,
					    count);
		before += ram[i].size;
	}
	if (p2p) {
		reach_warn(ctx, layout->mem32, ranges, count);
		if (layout->mem64.size)
			reach_warn(ctx, layout->mem64, ranges, count);
	}
	return 0;
}
