// SPDX-License-Identifier: MIT
// Addresses that the library chooses, and buffers at them.

#include "tests/unit/lib/device/fixture.h"

#include <lend/dma.h>

#define MEMORY ((void *)0x7f0000003000)
#define RW     (LEND_DMA_READ | LEND_DMA_WRITE)
#define MIB    (1ull << 20)

static uint64_t place_test_map(struct fixture *f, uint64_t size, uint64_t last)
{
	uint64_t iova = 0;

	if (lend_iommu_map_any(f->iommu, MEMORY, size, RW, last, &iova))
		fail_msg("%s", lend_ctx_error(f->ctx)->what);
	return iova;
}

static void the_lowest_free_addresses_are_used(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(place_test_map(f, 0x1000, UINT64_MAX), MIB);
	assert_int_equal(place_test_map(f, 0x3000, UINT64_MAX), MIB + 0x1000);
	assert_int_equal(
		lend_iommu_map(f->iommu, MIB + 0x5000, MEMORY, 0x1000, RW), 0);
	/* A page is free between two mappings, and two are not. */
	assert_int_equal(place_test_map(f, 0x2000, UINT64_MAX), MIB + 0x6000);
	assert_int_equal(place_test_map(f, 0x1000, UINT64_MAX), MIB + 0x4000);
	assert_int_equal(lend_iommu_unmap(f->iommu, MIB, 0x1000), 0);
	assert_int_equal(place_test_map(f, 0x1000, UINT64_MAX), MIB);
	assert_int_equal(f->space->mapping_count, 5);
}

/* The offset in a page of 2 MiB is that of the memory. */
static void large_memory_keeps_its_offset_in_a_large_page(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(place_test_map(f, 2 * MIB, UINT64_MAX),
			 2 * MIB + 0x3000);
	assert_int_equal(place_test_map(f, 2 * MIB - 0x1000, UINT64_MAX),
			 4 * MIB + 0x3000);
	/* Without room for that, it does not. */
	assert_int_equal(place_test_map(f, 2 * MIB, 8 * MIB + 0x1fff),
			 6 * MIB + 0x2000);
}

static void reserved_addresses_are_not_used(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(lend_iommu_map(f->iommu, 0, MEMORY, 0xfedfe000, RW),
			 0);
	assert_int_equal(place_test_map(f, 0x3000, UINT64_MAX), 0xfef00000);
	assert_int_equal(place_test_map(f, 0x2000, UINT64_MAX), 0xfedfe000);
}

static void no_free_addresses_are_an_error(void **state)
{
	struct fixture *f = *state;
	uint64_t iova = 7;

	assert_error(f,
		     lend_iommu_map_any(f->iommu, MEMORY, 0x2000, RW,
					MIB + 0x1ffe, &iova),
		     -ERANGE, LEND_ERROR_DMA);
	assert_reported(f, "0x2000 bytes", "usable: 0xfef00000 to", "");
	assert_error(f,
		     lend_iommu_map_any(f->iommu, MEMORY, 1ull << 47, RW,
					UINT64_MAX, &iova),
		     -ERANGE, LEND_ERROR_DMA);
	assert_error(f,
		     lend_iommu_map_any(f->iommu, MEMORY, 0x1000, RW, 0, &iova),
		     -ERANGE, LEND_ERROR_DMA);
	assert_error(
		f,
		lend_iommu_map_any(f->iommu, MEMORY, 0, RW, UINT64_MAX, &iova),
		-EINVAL, LEND_ERROR_ARGUMENT);
	assert_error(f,
		     lend_iommu_map_any(f->iommu, MEMORY, 0x1000, 0, UINT64_MAX,
					&iova),
		     -EINVAL, LEND_ERROR_ARGUMENT);
	f->space->map_error = EBUSY;
	assert_error(f,
		     lend_iommu_map_any(f->iommu, MEMORY, 0x1000, RW,
					UINT64_MAX, &iova),
		     -EBUSY, LEND_ERROR_DMA);
	assert_int_equal(iova, 7);
	assert_int_equal(lend_iommu_mapped(f->iommu), 0);
	f->device = lend_device_unref(f->device);
	assert_error(f,
		     lend_iommu_map_any(f->iommu, MEMORY, 0x1000, RW,
					UINT64_MAX, &iova),
		     -ENOTCONN, LEND_ERROR_ARGUMENT);
}

/* Kernels before 5.4 report no ranges: windows of interrupts are avoided. */
static void unknown_ranges_are_low_ones(void **state)
{
	struct fixture *f = *state;
	uint64_t iova;

	f->fake->containers[0].has_info = false;
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(place_test_map(f, 0x1000, UINT64_MAX), MIB);
	assert_int_equal(lend_iommu_map_any(f->iommu, MEMORY, 127 * MIB, RW,
					    UINT64_MAX, &iova),
			 -ERANGE);
}

static void a_buffer_is_memory_that_devices_reach(void **state)
{
	struct fixture *f = *state;
	struct lend_dma *dma;
	unsigned char *bytes;

	assert_int_equal(lend_dma_new(f->iommu, 0x1001, UINT32_MAX, &dma), 0);
	bytes = lend_dma_vaddr(dma);
	assert_int_equal(lend_dma_size(dma), 0x2000);
	assert_int_equal(lend_dma_iova(dma), MIB);
	assert_int_equal(f->space->mappings[0].vaddr, (uintptr_t)bytes);
	assert_int_equal(f->space->mappings[0].size, 0x2000);
	for (size_t i = 0; i < 0x2000; i++)
		assert_int_equal(bytes[i], 0);
	bytes[0x1fff] = 1;
	lend_dma_fence();
	lend_dma_free(dma);
	assert_int_equal(f->space->mapping_count, 0);
	lend_dma_free(NULL);
}

static void a_buffer_that_cannot_be_had_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct lend_dma *dma = NULL;
	unsigned int calls;

	assert_error(f, lend_dma_new(f->iommu, 0, UINT64_MAX, &dma), -EINVAL,
		     LEND_ERROR_ARGUMENT);
	assert_error(f, lend_dma_new(f->iommu, UINT64_MAX, UINT64_MAX, &dma),
		     -EINVAL, LEND_ERROR_ARGUMENT);
	assert_error(f, lend_dma_new(f->iommu, 1, 0xfffff, &dma), -ERANGE,
		     LEND_ERROR_DMA);
	for (calls = 1; calls < 10; calls++) {
		f->fake->fail_at = f->fake->calls + calls;
		f->fake->fail_error = ENOMEM;
		if (!lend_dma_new(f->iommu, 1, UINT64_MAX, &dma))
			break;
		assert_null(dma);
		assert_int_equal(lend_iommu_mapped(f->iommu), 0);
	}
	assert_int_equal(calls, 4); /* memory, advice, mapping */
	f->fake->fail_at = 0;
	lend_dma_free(dma);
}

/* A closed device takes its mappings along; others may be there by then. */
static void a_buffer_may_outlive_its_device(void **state)
{
	struct fixture *f = *state;
	struct lend_dma *dma;

	assert_int_equal(lend_dma_new(f->iommu, 0x1000, UINT64_MAX, &dma), 0);
	f->device = lend_device_unref(f->device);
	assert_int_equal(
		lend_device_open(f->iommu, f->address, NULL, &f->device), 0);
	assert_int_equal(place_test_map(f, 0x1000, UINT64_MAX), MIB);
	lend_dma_free(dma);
	assert_int_equal(lend_iommu_mapped(f->iommu), 0x1000);
}

static void memory_that_stays_mapped_is_kept(void **state)
{
	struct fixture *f = *state;
	struct lend_dma *dma;
	volatile char *byte;
	const struct kernel *k = &f->fake->kernel;

	assert_int_equal(lend_dma_new(f->iommu, 0x1000, UINT64_MAX, &dma), 0);
	byte = lend_dma_vaddr(dma);
	f->fake->fail_at = f->fake->calls + 1;
	f->fake->fail_error = EBUSY;
	lend_dma_free(dma);
	assert_non_null(strstr(f->warning, "its memory is kept"));
	*byte = 1;
	k->unmap(k, (void *)(uintptr_t)byte, 0x1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_OPEN(the_lowest_free_addresses_are_used),
		BOTH_OPEN(large_memory_keeps_its_offset_in_a_large_page),
		BOTH_OPEN(reserved_addresses_are_not_used),
		BOTH_OPEN(no_free_addresses_are_an_error),
		TEST(unknown_ranges_are_low_ones),
		BOTH_OPEN(a_buffer_is_memory_that_devices_reach),
		BOTH_OPEN(a_buffer_that_cannot_be_had_leaves_nothing),
		BOTH_OPEN(a_buffer_may_outlive_its_device),
		BOTH_OPEN(memory_that_stays_mapped_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
