/* SPDX-License-Identifier: MIT */
/* The file behind guest RAM: its space is taken before the guest starts. */
#ifndef VMM_MEMORY_BACKING_H
#define VMM_MEMORY_BACKING_H

#include <stdbool.h>
#include <stdint.h>

struct lend_ctx;

struct backing {
	const char *dir; /* borrowed; or NULL: there is no file */
	int fd;          /* or -1 */
	uint64_t page;   /* page size in bytes, at least */
	bool is_huge;    /* on hugetlbfs, whose mmap() takes the space */
	bool is_memory;  /* on tmpfs: its space is memory */
	char type[32];   /* of the file system; "" if unknown */
};

/* Create an unlinked file in @dir. Returns 0 or a recorded error; either way
 * backing_close() is due. */
int backing_open(struct backing *backing, struct lend_ctx *ctx,
		 const char *dir);
void backing_close(struct backing *backing);

/* As that, in memory, without a directory. backing_seal() gives it its size for
 * good, so that no other process can take pages away from the guest. */
int backing_open_shared(struct backing *backing, struct lend_ctx *ctx);
int backing_seal(const struct backing *backing, struct lend_ctx *ctx,
		 uint64_t size);

/* Take the space for @size bytes. Returns 0, or a recorded error with the space
 * that there is. */
int backing_take(const struct backing *backing, struct lend_ctx *ctx,
		 uint64_t size);

/* Record that @call failed with the errno @err (> 0) on the file of @size
 * bytes. Returns -err. */
int backing_error(const struct backing *backing, struct lend_ctx *ctx,
		  const char *call, int err, uint64_t size);

/* Add to the record of a failed DMA mapping what the file has to do with it. */
void backing_explain(const struct backing *backing, struct lend_ctx *ctx);

#endif
