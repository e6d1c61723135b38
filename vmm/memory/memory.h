/* SPDX-License-Identifier: MIT */
/* Guest RAM: host memory in up to three contiguous blocks of guest addresses.
 */
#ifndef VMM_MEMORY_MEMORY_H
#define VMM_MEMORY_MEMORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "vmm/memory/backing.h"
#include "vmm/memory/range.h"

struct lend_ctx;
struct layout;

/* Guest-contiguous and host-contiguous: mapped for DMA with one call. */
struct memory_block {
	struct range range; /* of the guest; a multiple of the page size */
	void *vaddr;
};

#define MEMORY_MAX_BLOCKS 3

struct memory {
	struct backing backing; /* the file behind all blocks, if any */
	void *base;             /* of the first block; block i follows i - 1 */
	void *mapped;           /* start of the mapping */
	uint64_t mapped_size;
	uint64_t size;
	struct memory_block blocks[MEMORY_MAX_BLOCKS];
	unsigned int count;
};

struct memory_options {
	const char *path; /* directory of a file system, or NULL: no file */
	bool shared;      /* other processes map it: a file in memory, without
			   * a path */
	bool prealloc;    /* fault everything in now */
	bool pinned;      /* DMA will pin it: it must be available now */
};

/*
 * Check that the host has @size bytes for RAM, and take the space of a file. No
 * memory is mapped yet. On failure the error is recorded (required and
 * available bytes) and @memory is closed.
 */
int memory_reserve(struct memory *memory, struct lend_ctx *ctx, uint64_t size,
		   const struct memory_options *options);

/*
 * Map what was reserved, where @layout has RAM. No page is touched unless
 * options->prealloc. Failures as above.
 */
int memory_place(struct memory *memory, struct lend_ctx *ctx,
		 const struct layout *layout,
		 const struct memory_options *options);

/* Both. */
int memory_open(struct memory *memory, struct lend_ctx *ctx,
		const struct layout *layout,
		const struct memory_options *options);
void memory_close(struct memory *memory);

/*
 * Check that the host has @size bytes, and if they are certain to be used, that
 * they are available; a file system that is named is not looked at. Returns 0
 * or a recorded error.
 */
int memory_check_host(struct lend_ctx *ctx, uint64_t size,
		      const struct memory_options *options);

/*
 * Fault in RAM before a DMA mapping, which would do so on one processor and
 * could not be cancelled. Returns early once `*cancel` is true. The mapping
 * reports a shortage.
 */
void memory_fault_in(const struct memory *memory, struct lend_ctx *ctx,
		     const atomic_bool *cancel);

/*
 * Host address of guest bytes [gpa, gpa + size), or NULL unless all of them
 * are in one block.
 */
void *memory_at(const struct memory *memory, uint64_t gpa, uint64_t size);

#endif
