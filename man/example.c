// SPDX-License-Identifier: MIT
// The example of lend(3): opens a device and maps a page of memory for its DMA.

#include <stdio.h>
#include <sys/mman.h>

#include <lend/lend.h>

static int map_page(struct lend_iommu *iommu)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err;

	if (page == MAP_FAILED)
		return -1;
	err = lend_iommu_map(iommu, 0x100000, page, 4096,
			     LEND_DMA_READ | LEND_DMA_WRITE);
	if (!err) {
		puts("The page is at I/O address 0x100000.");
		err = lend_iommu_unmap(iommu, 0x100000, 4096);
	}
	munmap(page, 4096);
	return err;
}

static int open_and_map(struct lend_ctx *ctx, const char *name)
{
	struct lend_address *addr = NULL;
	struct lend_iommu *iommu = NULL;
	struct lend_device *device = NULL;
	int err = lend_address_find(ctx, name, &addr);

	if (!err)
		err = lend_iommu_new(ctx, NULL, &iommu);
	if (!err)
		err = lend_device_open(iommu, addr, NULL, &device);
	if (!err)
		err = map_page(iommu);
	lend_device_unref(device);
	lend_iommu_unref(iommu);
	lend_address_unref(addr);
	return err;
}

int main(int argc, char **argv)
{
	const struct lend_error *failure;
	struct lend_ctx *ctx;
	int err;

	if (argc != 2 || lend_ctx_new(NULL, &ctx))
		return 2;
	err = open_and_map(ctx, argv[1]);
	failure = lend_ctx_error(ctx);
	if (err)
		fprintf(stderr, "%s\n", failure->what);
	lend_ctx_unref(ctx);
	return err ? 1 : 0;
}
