// SPDX-License-Identifier: MIT
// Buffers for DMA: anonymous memory at free I/O virtual addresses.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <lend/dma.h>

#include "lib/base/context.h"
#include "lib/iommu/iommu.h"

struct lend_dma {
	struct lend_iommu *iommu;
	void *vaddr; /* NULL before it is allocated */
	uint64_t iova;
	uint64_t size;
	bool is_mapped;
};

/* Whole pages of the processor and of the IOMMU; 0 if there are none. */
static int dma_round(struct lend_iommu *iommu, uint64_t *size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t sizes;
	int err = lend_iommu_page_sizes(iommu, &sizes);

	if (err)
		return err;
	if ((sizes & -sizes) > page)
		page = sizes & -sizes;
	*size = *size > UINT64_MAX - (page - 1) ? 0
						: (*size + (page - 1)) & -page;
	if (*size && *size <= SIZE_MAX)
		return 0;
	return lend_error_set(iommu->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			      "a DMA buffer cannot be empty or exceed the "
			      "address space");
}

static int dma_allocate(struct lend_dma *dma)
{
	struct lend_ctx *ctx = dma->iommu->ctx;
	const struct kernel *k = ctx->kernel;
	void *vaddr;
	int err;

	err = k->map(k, NULL, (size_t)dma->size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, &vaddr);
	if (err == -ENOMEM)
		return error_no_memory(ctx, NULL);
	if (err)
		return error_system(ctx, -err, NULL, "allocate a DMA buffer");
	dma->vaddr = vaddr;
	err = k->advise(k, vaddr, (size_t)dma->size, MADV_DONTFORK);
	if (err)
		return error_system(ctx, -err, NULL,
				    "keep a DMA buffer from child processes");
	return 0;
}

int lend_dma_new(struct lend_iommu *iommu, uint64_t size, uint64_t last,
		 struct lend_dma **result)
{
	struct lend_dma *dma;
	int err = dma_round(iommu, &size);

	if (err)
		return err;
	dma = calloc(1, sizeof(*dma));
	if (!dma)
		return error_no_memory(iommu->ctx, NULL);
	dma->iommu = lend_iommu_ref(iommu);
	dma->size = size;
	err = dma_allocate(dma);
	if (!err)
		err = lend_iommu_map_any(iommu, dma->vaddr, size,
					 LEND_DMA_READ | LEND_DMA_WRITE, last,
					 &dma->iova);
	dma->is_mapped = !err;
	if (err)
		lend_dma_free(dma);
	else
		*result = dma;
	return err;
}

/* Whether no device can access the memory any more. A closed device took the
 * mapping with it, and another may be at its address. */
static bool dma_withdraw(const struct lend_dma *dma)
{
	const struct mapping mapping = {
		.iova = dma->iova,
		.size = dma->size,
		.vaddr = dma->vaddr,
	};
	int err = dma->is_mapped ? iommu_unmap_memory(dma->iommu, &mapping) : 0;

	if (!err || err == -ENOENT)
		return true;
	lend_log(dma->iommu->ctx, LEND_LOG_WARNING,
		 "could not unmap a DMA buffer of 0x%llx bytes at IOVA 0x%llx; "
		 "its memory is kept, as devices can still access it: %s",
		 (unsigned long long)dma->size, (unsigned long long)dma->iova,
		 strerror(-err));
	return false;
}

void lend_dma_free(struct lend_dma *dma)
{
	const struct kernel *k;

	if (!dma)
		return;
	k = dma->iommu->ctx->kernel;
	if (dma_withdraw(dma) && dma->vaddr)
		k->unmap(k, dma->vaddr, (size_t)dma->size);
	lend_iommu_unref(dma->iommu);
	free(dma);
}

void *lend_dma_vaddr(const struct lend_dma *dma)
{
	return dma->vaddr;
}

uint64_t lend_dma_iova(const struct lend_dma *dma)
{
	return dma->iova;
}

uint64_t lend_dma_size(const struct lend_dma *dma)
{
	return dma->size;
}
