// SPDX-License-Identifier: MIT
// The example of lend(3): opens a device and lets it reach a page of memory.

#include <stdio.h>
#include <sys/mman.h>

#include <lend/lend.h>

static int use_example(struct lend_iommu *iommu, struct lend_device *device)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err;

	if (page == MAP_FAILED)
		return -1;
	err = lend_iommu_map(iommu, 0x100000, page, 4096,
			     LEND_DMA_READ | LEND_DMA_WRITE);
	if (!err) {
		printf("%s reaches a page at 0x100000\n",
		       lend_device_name(device));
		err = lend_iommu_unmap(iommu, 0x100000, 4096);
	}
	munmap(page, 4096);
	return err;
}

int main(int argc, char **argv)
{
	struct lend_ctx *ctx;
	struct lend_address *address = NULL;
	struct lend_iommu *iommu = NULL;
	struct lend_device *device = NULL;
	int err;

	if (argc != 2 || lend_ctx_new(NULL, &ctx))
		return 2;
	err = lend_address_find(ctx, argv[1], &address);
	if (!err)
		err = lend_iommu_new(ctx, NULL, &iommu);
	if (!err)
		err = lend_device_open(iommu, address, NULL, &device);
	if (!err)
		err = use_example(iommu, device);
	if (err)
		fprintf(stderr, "%s\n%s\n", lend_ctx_error(ctx)->what,
			lend_ctx_error(ctx)->remedy);
	lend_device_unref(device);
	lend_iommu_unref(iommu);
	lend_address_unref(address);
	lend_ctx_unref(ctx);
	return err ? 1 : 0;
}
