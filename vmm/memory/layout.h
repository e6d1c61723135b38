/* SPDX-License-Identifier: MIT */
/* The guest's physical address map: RAM around the 32-bit hole, and windows. */
#ifndef VMM_MEMORY_LAYOUT_H
#define VMM_MEMORY_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "arch-map.h"
#include "vmm/memory/range.h"

struct lend_ctx;
struct lend_iova_range;

/*
 * Address space that the lent devices' regions require; zero-initialise, then
 * add to it.
 */
struct layout_need {
	uint64_t mem32; /* bytes of 32-bit BARs and ROMs */
	uint64_t mem32_largest;
	uint64_t mem64; /* bytes of 64-bit BARs */
	uint64_t mem64_largest;
	uint64_t io;       /* ports */
	uint64_t platform; /* bytes of platform devices' regions */
	uint64_t platform_largest;
	uint64_t tables;         /* bytes of RAM for tables of devices */
	bool vga;                /* a device decodes video memory below 1 MiB */
	unsigned int bridges;    /* one bus each, besides the root bus */
	unsigned int io_bridges; /* those among them with I/O BARs below them */
	unsigned int spare;      /* slots for devices that are plugged later */
	/* What devices can reach, in ascending order; none: not known. */
	const struct lend_iova_range *usable;
	unsigned int usable_count;
	/*
	 * The need of one bridge, which has no window for 64-bit BARs that are
	 * not prefetchable.
	 */
	bool is_bridge;
};

enum layout_bar {
	LAYOUT_BAR_MEM32, /* 32-bit memory BAR, or the expansion ROM */
	LAYOUT_BAR_MEM64,
	LAYOUT_BAR_IO,
	LAYOUT_PLATFORM, /* a region of a platform device */
};

/*
 * Add a BAR of @size bytes (a power of two; others are rounded up). Returns
 * 0, or -EOVERFLOW when the sum does not fit 64 bits.
 */
int layout_need_add(struct layout_need *need, enum layout_bar kind,
		    uint64_t size);

/*
 * Add the windows of a bridge below which @below is needed. Returns 0, or
 * -EOVERFLOW.
 */
int layout_need_add_bridge(struct layout_need *need,
			   const struct layout_need *below);

struct layout {
	struct range ram_low;
	struct range ram_high; /* size 0: all RAM is below the hole */
	/* Behind addresses above 4 GiB that devices cannot reach; size 0: none
	 */
	struct range ram_more;
	struct range mem32;    /* window for 32-bit BARs */
	struct range mem64;    /* window for 64-bit BARs; size 0: none */
	struct range io;       /* window for I/O BARs */
	struct range platform; /* window for platform devices; size 0: none */
	struct range ecam;     /* 1 MiB for each bus */
	struct range vga;      /* video memory, not RAM; size 0: none */
	/* RAM at the end of ram_low for tables of devices; size 0: none */
	struct range tables;
	uint64_t end; /* the first address beyond the guest's address bits */
};

/* End of the RAM below the hole that the guest may use. */
static inline uint64_t layout_free_end(const struct layout *layout)
{
	return layout->ram_low.base + layout->ram_low.size -
	       layout->tables.size;
}

/* End of the RAM above the hole, or where it would begin. */
static inline uint64_t layout_high_end(const struct layout *layout)
{
	const struct range *last =
		layout->ram_more.size ? &layout->ram_more : &layout->ram_high;

	return last->base + last->size;
}

/*
 * The lowest addresses from @from on, up to @end, that devices can reach: all
 * of them that follow each other, from a multiple of @align on, a power of two.
 * Size 0: there are none, or it is not known what they can reach.
 */
struct range layout_usable(const struct layout_need *need, uint64_t from,
			   uint64_t align, uint64_t end);

#define LAYOUT_RAM_MAX 4 /* ranges of RAM */

/*
 * Place @ram bytes (a multiple of 4 KiB, at least 1 MiB) and the windows in an
 * address space of @phys_bits. The windows are twice as large as the BARs, so
 * that any order of naturally aligned placement succeeds. Above 4 GiB, what
 * devices cannot reach is left out if RAM fits into two pieces there, and the
 * window into one; else it is not, and reach_check() says so.
 *
 * Returns 0, or a recorded error that names the part that does not fit.
 */
int layout_compute(struct layout *layout, struct lend_ctx *ctx, uint64_t ram,
		   const struct layout_need *need, unsigned int phys_bits);

/*
 * The guest's RAM ranges, around video memory and the ROM. Returns the number
 * of ranges.
 */
unsigned int layout_ram(const struct layout *layout,
			struct range ranges[LAYOUT_RAM_MAX]);

#endif
