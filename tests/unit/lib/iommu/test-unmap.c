// SPDX-License-Identifier: MIT
// Unmapping in I/O address spaces: every error that lend_iommu_unmap() and
// lend_iommu_unmap_all() document, and what counts as mapped after it.

#include "tests/unit/lib/device/fixture.h"

#define MEMORY ((void *)0x7f0000000000)
#define RW     (LEND_DMA_READ | LEND_DMA_WRITE)

static int unmap_test_map(struct fixture *f, uint64_t iova, uint64_t size)
{
	return lend_iommu_map(f->iommu, iova, MEMORY, size, RW);
}

static void unmap_takes_whole_mappings(void **state)
{
	static const struct {
		uint64_t iova, size;
		const char *evidence;
	} bad[] = {
		{0x10000, 0x3000, "IOVA 0x10000, 0x4000"},
		{0x11000, 0x1000, "IOVA 0x10000, 0x4000"},
		{0x11000, 0x7000, "IOVA 0x10000, 0x4000"},
		{0x10000, 0x7000, "IOVA 0x14000, 0x4000"},
		{0x0, 0x14001, "IOVA 0x14000, 0x4000"},
		{0x20000, 0x1000, ""},
		{0x18000, 0x1000, ""},
		{0x0, 0x10000, ""},
		{0x10000, 0, ""},
	};
	struct fixture *f = *state;

	assert_int_equal(unmap_test_map(f, 0x10000, 0x4000), 0);
	assert_int_equal(unmap_test_map(f, 0x14000, 0x4000), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_error(
			f, lend_iommu_unmap(f->iommu, bad[i].iova, bad[i].size),
			-ENOENT, LEND_ERROR_ARGUMENT);
		assert_reported(f, "", bad[i].evidence, "");
	}
	assert_error(f, lend_iommu_unmap(f->iommu, 0x10000, -0x1000ull),
		     -EINVAL, LEND_ERROR_ARGUMENT);
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, f->unmap), 0);
	assert_int_equal(lend_iommu_unmap(f->iommu, 0x10000, 0x4000), 0);
	assert_int_equal(lend_iommu_mapped(f->iommu), 0x4000);
	assert_int_equal(f->space->mapping_count, 1);
	assert_int_equal(unmap_test_map(f, 0x10000, 0x4000), 0);
}

/* Also with unmapped addresses between them and around them. */
static void unmap_takes_all_that_is_in_a_range(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < 8; i++)
		assert_int_equal(
			unmap_test_map(f, 0x10000 + i * 0x8000, 0x4000), 0);
	fake_log_clear(f->fake);
	assert_int_equal(lend_iommu_unmap(f->iommu, 0x14000, 0x20001), 0);
	assert_int_equal(f->fake->calls, 1);
	/* The kernel wants whole pages. */
	assert_int_equal(f->fake->log[0].offset, 0x18000);
	assert_int_equal(f->fake->log[0].size, 0x1c000);
	assert_int_equal(lend_iommu_mapped(f->iommu), 0x4000 * 4);
	assert_int_equal(f->space->mapping_count, 4);
	assert_int_equal(unmap_test_map(f, 0x18000, 0x1c000), 0);
	assert_int_equal(lend_iommu_unmap(f->iommu, 0, UINT64_MAX), 0);
	assert_int_equal(lend_iommu_mapped(f->iommu), 0);
	assert_int_equal(f->space->mapping_count, 0);
}

static void a_failed_unmap_keeps_all_in_the_range(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unmap_test_map(f, 0x10000, 0x4000), 0);
	assert_int_equal(unmap_test_map(f, 0x20000, 0x4000), 0);
	f->space->short_unmap = true;
	assert_error(f, lend_iommu_unmap(f->iommu, 0, 0x100000), -EIO,
		     LEND_ERROR_DMA);
	assert_reported(f, "0x7000 bytes at IOVA 0x10000, not 0x8000", "", "");
	assert_int_equal(lend_iommu_mapped(f->iommu), 0x8000);
}

static void short_unmap_is_an_error(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unmap_test_map(f, 0x10000, 0x4000), 0);
	f->space->short_unmap = true;
	assert_error(f, lend_iommu_unmap(f->iommu, 0x10000, 0x4000), -EIO,
		     LEND_ERROR_DMA);
	assert_reported(f, "0x3000 bytes at IOVA 0x10000, not 0x4000", "", "");
	/* What may still be reachable counts as mapped. */
	assert_int_equal(lend_iommu_mapped(f->iommu), 0x4000);
}

static void failed_unmap_is_reported(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unmap_test_map(f, 0x10000, 0x4000), 0);
	f->fake->fail_at = f->fake->calls + 1;
	f->fake->fail_error = EBUSY;
	assert_error(f, lend_iommu_unmap(f->iommu, 0x10000, 0x4000), -EBUSY,
		     LEND_ERROR_DMA);
}

static void unmap_all_is_one_ioctl(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < 20; i++)
		assert_int_equal(unmap_test_map(f, i * 0x10000, 0x3000), 0);
	fake_log_clear(f->fake);
	assert_int_equal(lend_iommu_unmap_all(f->iommu), 0);
	assert_int_equal(f->fake->calls, 1);
	assert_int_equal(f->space->mapping_count, 0);
	assert_int_equal(lend_iommu_mapped(f->iommu), 0);
	assert_int_equal(lend_iommu_unmap_all(f->iommu), 0);
	assert_int_equal(f->fake->calls, 1);
	assert_int_equal(unmap_test_map(f, 0, 0x1000), 0);
}

static void unmap_all_in_halves(void **state)
{
	struct fixture *f = *state;

	f->fake->containers[0].has_unmap_all = false;
	f->space->range_count = 1;
	f->space->ranges[0].last = UINT64_MAX;
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(unmap_test_map(f, 0, 0x1000), 0);
	assert_int_equal(unmap_test_map(f, (1ull << 63) - 0x1000, 0x1000), 0);
	assert_int_equal(unmap_test_map(f, 1ull << 63, 0x1000), 0);
	assert_int_equal(unmap_test_map(f, 0xfffffffffffff000, 0x1000), 0);
	fake_log_clear(f->fake);
	assert_int_equal(lend_iommu_unmap_all(f->iommu), 0);
	assert_int_equal(f->fake->calls, 2);
	assert_int_equal(f->space->mapping_count, 0);
}

static void failed_unmap_all_counts_as_mapped(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unmap_test_map(f, 0, 0x4000), 0);
	f->fake->fail_at = f->fake->calls + 1;
	f->fake->fail_error = EBUSY;
	assert_error(f, lend_iommu_unmap_all(f->iommu), -EBUSY, LEND_ERROR_DMA);
	f->fake->fail_at = 0;
	assert_int_equal(lend_iommu_mapped(f->iommu), 0x4000);
}

static void short_unmap_all_is_an_error(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unmap_test_map(f, 0, 0x4000), 0);
	f->space->short_unmap = true;
	assert_error(f, lend_iommu_unmap_all(f->iommu), -EIO, LEND_ERROR_DMA);
	assert_reported(f, "0x3000 bytes, not all 0x4000", "", "");
	assert_int_equal(lend_iommu_mapped(f->iommu), 0x4000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_OPEN(unmap_takes_whole_mappings),
		BOTH_OPEN(unmap_takes_all_that_is_in_a_range),
		BOTH_OPEN(a_failed_unmap_keeps_all_in_the_range),
		BOTH_OPEN(short_unmap_is_an_error),
		BOTH_OPEN(failed_unmap_is_reported),
		BOTH_OPEN(unmap_all_is_one_ioctl),
		TEST(unmap_all_in_halves),
		BOTH_OPEN(failed_unmap_all_counts_as_mapped),
		BOTH_OPEN(short_unmap_all_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
