// SPDX-License-Identifier: MIT
// Guest RAM: host memory in up to three contiguous blocks of guest addresses.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <lend/error.h>

#include "vmm/base/progress.h"
#include "vmm/memory/layout.h"
#include "vmm/memory/memory.h"
#include "vmm/memory/prefault.h"

#define MIB UINT64_C(0x100000)

/* The large page size of all supported processors with 4 KiB pages. */
#define LARGE (2 * MIB)

static int not_enough(struct lend_ctx *ctx, uint64_t need, const char *have)
{
	lend_error_set(ctx, LEND_ERROR_MEMORY, ENOMEM, NULL,
		       "not enough memory for the guest: %" PRIu64
		       " MiB required",
		       need / MIB);
	lend_error_evidence(ctx, "%s", have);
	return lend_error_remedy(ctx, "give a smaller -m, or free some memory");
}

static uint64_t field_kib(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* One call suffices for most guests. Of the memory that is free, the kernel
 * keeps a reserve, which is far below a half. */
static bool memory_abounds(uint64_t size, bool certain)
{
	struct sysinfo info;

	if (sysinfo(&info))
		return false;
	size /= info.mem_unit;
	return certain ? size + info.totalram / 16 <= info.freeram
		       : size <= info.totalram;
}

/*
 * Memory that is certain to be pinned or touched must be available now; other
 * memory must at least exist. The kernel reports no shortage until it kills the
 * guest.
 */
static int check_available(struct lend_ctx *ctx, uint64_t size, bool certain)
{
	uint64_t total, available;
	char text[2048], have[128];
	ssize_t n;
	int fd;

	if (memory_abounds(size, certain))
		return 0;
	fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	total = field_kib(text, "MemTotal:") + field_kib(text, "SwapTotal:");
	available = field_kib(text, "MemAvailable:");
	if (!total || size / 1024 <= (certain ? available : total))
		return 0;
	snprintf(have, sizeof(have),
		 "this host has %" PRIu64 " MiB, %" PRIu64 " MiB available",
		 total / 1024, available / 1024);
	return not_enough(ctx, size, have);
}

static int open_backing(struct memory *memory, struct lend_ctx *ctx,
			const struct memory_options *options)
{
	struct backing *backing = &memory->backing;
	int err = 0;

	if (options->path)
		err = backing_open(backing, ctx, options->path);
	else if (options->shared)
		err = backing_open_shared(backing, ctx);
	if (err)
		return err;
	memory->size = range_align_up(memory->size, backing->page);
	if (!backing->is_huge)
		err = check_available(ctx, memory->size,
				      options->prealloc || options->pinned ||
					      backing->is_memory);
	if (!err && options->path)
		err = backing_take(backing, ctx, memory->size);
	else if (!err && options->shared)
		err = backing_seal(backing, ctx, memory->size);
	return err;
}

/* Uses as many processors as pay off. */
static int block_fault_in(const struct memory *memory, struct lend_ctx *ctx,
			  const atomic_bool *cancel)
{
	struct progress progress;
	int err;
	uint64_t unit =
		memory->backing.page > LARGE ? memory->backing.page : LARGE;
	unsigned int cpus = prefault_cpus(memory->size);

	progress_begin(&progress, ctx, "clearing RAM", memory->size);
	err = prefault_pages(memory->base, memory->size, unit,
			     prefault_threads(memory->size, cpus), cancel,
			     &progress);
	progress_end(&progress);
	return err;
}

static int block_prefault(struct memory *memory, struct lend_ctx *ctx)
{
	int err = block_fault_in(memory, ctx, NULL);

	return err ? not_enough(ctx, memory->size, strerror(-err)) : 0;
}

void memory_fault_in(const struct memory *memory, struct lend_ctx *ctx,
		     const atomic_bool *cancel)
{
	block_fault_in(memory, ctx, cancel);
}

/*
 * Without a path: by default the kernel uses transparent huge pages for private
 * memory, but for shared memory only where shmem_enabled says so. Align the
 * block to their size, so that the guest's second-level page tables can use
 * them too.
 */
static int map_aligned(struct memory *memory)
{
	uint64_t size = memory->size + LARGE;
	int fd = memory->backing.fd;
	void *mapped =
		mmap(NULL, size, fd < 0 ? PROT_READ | PROT_WRITE : PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t start = (uintptr_t)mapped;

	if (mapped == MAP_FAILED)
		return -errno;
	memory->mapped = mapped;
	memory->mapped_size = size;
	memory->base = (char *)mapped + (-start & (LARGE - 1));
	if (fd >= 0 && mmap(memory->base, memory->size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		return -errno;
	madvise(memory->base, memory->size, MADV_HUGEPAGE);
	return 0;
}

static int block_map_file(struct memory *memory)
{
	void *mapped = mmap(NULL, memory->size, PROT_READ | PROT_WRITE,
			    MAP_SHARED, memory->backing.fd, 0);

	if (mapped == MAP_FAILED)
		return -errno;
	memory->mapped = memory->base = mapped;
	memory->mapped_size = memory->size;
	return 0;
}

static int map_backing(struct memory *memory, struct lend_ctx *ctx,
		       const struct memory_options *options)
{
	int err = options->path ? block_map_file(memory) : map_aligned(memory);

	if (err && options->path)
		return backing_error(&memory->backing, ctx, "map a file", -err,
				     memory->size);
	if (err == -ENOMEM)
		return not_enough(ctx, memory->size, "mmap: out of memory");
	if (err)
		return lend_error_set(ctx, LEND_ERROR_SYSTEM, -err, NULL,
				      "map the guest's RAM: %s",
				      strerror(-err));
	return options->prealloc ? block_prefault(memory, ctx) : 0;
}

static void add_block(struct memory *memory, struct range range,
		      uint64_t offset)
{
	if (!range.size)
		return;
	memory->blocks[memory->count++] = (struct memory_block){
		.range = range,
		.vaddr = (char *)memory->base + offset,
	};
}

static const struct memory memory_none = {
	.backing = {.fd = -1, .page = 4096},
};

int memory_reserve(struct memory *memory, struct lend_ctx *ctx, uint64_t size,
		   const struct memory_options *options)
{
	int err;

	*memory = memory_none;
	memory->size = size;
	err = open_backing(memory, ctx, options);
	if (err)
		memory_close(memory);
	return err;
}

int memory_place(struct memory *memory, struct lend_ctx *ctx,
		 const struct layout *layout,
		 const struct memory_options *options)
{
	int err = map_backing(memory, ctx, options);

	if (err) {
		memory_close(memory);
		return err;
	}
	add_block(memory, layout->ram_low, 0);
	add_block(memory, layout->ram_high, layout->ram_low.size);
	add_block(memory, layout->ram_more,
		  layout->ram_low.size + layout->ram_high.size);
	return 0;
}

int memory_open(struct memory *memory, struct lend_ctx *ctx,
		const struct layout *layout,
		const struct memory_options *options)
{
	uint64_t size = layout->ram_low.size + layout->ram_high.size +
			layout->ram_more.size;
	int err = memory_reserve(memory, ctx, size, options);

	return err ? err : memory_place(memory, ctx, layout, options);
}

void memory_close(struct memory *memory)
{
	if (memory->mapped)
		munmap(memory->mapped, memory->mapped_size);
	backing_close(&memory->backing);
	*memory = memory_none;
}

void *memory_at(const struct memory *memory, uint64_t gpa, uint64_t size)
{
	for (unsigned int i = 0; i < memory->count; i++) {
		const struct memory_block *b = &memory->blocks[i];

		if (range_contains(b->range, gpa, size))
			return (char *)b->vaddr + (gpa - b->range.base);
	}
	return NULL;
}

int memory_check_host(struct lend_ctx *ctx, uint64_t size,
		      const struct memory_options *options)
{
	if (options->path)
		return 0;
	return check_available(ctx, size, options->prealloc || options->pinned);
}
