// SPDX-License-Identifier: MIT
// Opens and closes a device many times, and fails if the process then has more
// of anything.
// with: tests/unit/fake/entries.c
//
// usage: open-close COUNT auto|container|iommufd DEVICE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <lend/lend.h>

#include "tests/unit/fake/entries.h"

#define MEMORY (2u << 20)
#define IOVA   0x100000u

struct held {
	unsigned long descriptors, maps, threads, pinned; /* pinned: KiB */
};

static void cycle_check(struct lend_ctx *ctx, const char *what, int result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, lend_ctx_error(ctx)->what);
	exit(1);
}

/* Counts the lines of a file, and finds the number after @field. */
static unsigned long held_lines(const char *path, const char *field,
				unsigned long *number)
{
	FILE *file = fopen(path, "re");
	unsigned long count = 0;
	char line[512];

	while (file && fgets(line, sizeof(line), file)) {
		count++;
		if (field && !strncmp(line, field, strlen(field)))
			*number = strtoul(line + strlen(field), NULL, 10);
	}
	if (file)
		fclose(file);
	return count;
}

static struct held held_now(void)
{
	struct held held = {
		.descriptors = entries_count("/proc/self/fd"),
		.threads = entries_count("/proc/self/task"),
		.maps = held_lines("/proc/self/maps", NULL, NULL),
	};

	held_lines("/proc/self/status", "VmPin:", &held.pinned);
	return held;
}

static void held_print(const char *when, const struct held *held)
{
	printf("%s: %lu descriptors, %lu maps, %lu threads, %lu KiB pinned\n",
	       when, held->descriptors, held->maps, held->threads,
	       held->pinned);
}

static void cycle_once(const char *backend, const char *name, char *memory)
{
	struct lend_ctx_options ctx_options = {.size = sizeof(ctx_options)};
	struct lend_iommu_options options = LEND_IOMMU_OPTIONS_INIT;
	struct lend_address *address;
	struct lend_device *device;
	struct lend_iommu *iommu;
	struct lend_ctx *ctx;
	int event = eventfd(0, EFD_CLOEXEC);

	if (event < 0 || lend_ctx_new(&ctx_options, &ctx))
		exit(1);
	if (!strcmp(backend, "container"))
		options.backend = LEND_BACKEND_CONTAINER;
	if (!strcmp(backend, "iommufd"))
		options.backend = LEND_BACKEND_IOMMUFD;
	cycle_check(ctx, "find", lend_address_find(ctx, name, &address));
	cycle_check(ctx, "address space",
		    lend_iommu_new(ctx, &options, &iommu));
	cycle_check(ctx, "open",
		    lend_device_open(iommu, address, NULL, &device));
	cycle_check(ctx, "map",
		    lend_iommu_map(iommu, IOVA, memory, MEMORY, LEND_DMA_READ));
	cycle_check(ctx, "interrupt",
		    lend_irq_set(device, LEND_PCI_IRQ_REQ, 0, 1, &event));
	lend_address_unref(address);
	lend_device_unref(device);
	lend_iommu_unref(iommu);
	lend_ctx_unref(ctx);
	close(event);
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
	struct held before, after;
	char *memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (!count || memory == MAP_FAILED)
		return 2;
	/* The first one leaves the C library's own buffers. */
	cycle_once(argv[2], argv[3], memory);
	held_now();
	before = held_now();
	for (unsigned long i = 0; i < count; i++)
		cycle_once(argv[2], argv[3], memory);
	after = held_now();
	held_print("before", &before);
	held_print("after", &after);
	return memcmp(&before, &after, sizeof(before)) != 0;
}
