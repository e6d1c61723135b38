// SPDX-License-Identifier: MIT
// The kernel's answers about an IOMMU: valid ones are used, invalid ones
// refused.

#include "tests/unit/lib/device/fixture.h"

#define MEMORY ((void *)0x7f0000000000)

static int answer_map(struct fixture *f, uint64_t iova, uint64_t size)
{
	return lend_iommu_map(f->iommu, iova, MEMORY, size,
			      LEND_DMA_READ | LEND_DMA_WRITE);
}

/* A reply to VFIO_IOMMU_GET_INFO with one capability of IOVA ranges. */
struct answer {
	struct vfio_iommu_type1_info info;
	struct {
		struct vfio_info_cap_header header;
		uint32_t nr_iovas;
		uint32_t reserved;
	} cap; /* vfio_iommu_type1_info_cap_iova_range */
	uint64_t ranges[4];
};

static struct answer answer_truth(struct fixture *f, struct answer *a)
{
	memset(a, 0, sizeof(*a));
	a->info.argsz = sizeof(*a);
	a->info.flags = VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS;
	a->info.iova_pgsizes = 4096;
	a->info.cap_offset = offsetof(struct answer, cap);
	a->cap.header.id = VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE;
	a->cap.nr_iovas = 2;
	a->ranges[0] = 0x100000;
	a->ranges[1] = 0x1fffff;
	a->ranges[2] = 0;
	a->ranges[3] = 0xfffff;
	f->fake->containers[0].reply.bytes = a;
	f->fake->containers[0].reply.size = sizeof(*a);
	return *a;
}

static void assert_answer_refused(struct fixture *f)
{
	assert_error(f, fixture_open(f), -EBADMSG, LEND_ERROR_DEVICE);
	f->iommu = lend_iommu_unref(f->iommu);
	assert_idle(f);
}

static void ranges_are_sorted(void **state)
{
	const struct lend_iova_range *ranges;
	struct fixture *f = *state;
	unsigned int count;
	struct answer a;

	answer_truth(f, &a);
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(lend_iommu_ranges(f->iommu, &ranges, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(ranges[0].first, 0);
	assert_int_equal(ranges[1].first, 0x100000);
}

static void hostile_iommu_chains_are_refused(void **state)
{
	struct fixture *f = *state;
	struct answer a;

	answer_truth(f, &a);
	a.info.cap_offset = 8; /* into the head, where a chain would end */
	assert_answer_refused(f);
	answer_truth(f, &a);
	a.info.cap_offset = 0xfffffff8;
	assert_answer_refused(f);
	answer_truth(f, &a);
	a.info.cap_offset = sizeof(a) - 4; /* cut short */
	assert_answer_refused(f);
	answer_truth(f, &a);
	a.cap.header.id = 99; /* leads to itself */
	a.cap.header.next = a.info.cap_offset;
	assert_answer_refused(f);
	answer_truth(f, &a);
	a.cap.header.id = 99;
	a.cap.header.next = sizeof(a) + 64;
	assert_answer_refused(f);
	answer_truth(f, &a);
	a.cap.nr_iovas = 3;
	assert_answer_refused(f);
	answer_truth(f, &a);
	a.cap.nr_iovas = 0xffffffff;
	assert_answer_refused(f);
	answer_truth(f, &a);
	a.ranges[3] = 0x100000; /* overlap */
	assert_answer_refused(f);
	answer_truth(f, &a);
	a.ranges[0] = 0x200000; /* ends before it starts */
	assert_answer_refused(f);
	answer_truth(f, &a);
	a.info.argsz = 0x7fffffff;
	assert_answer_refused(f);
	answer_truth(f, &a);
	f->fake->containers[0].reply.grows = true;
	assert_answer_refused(f);
	assert_in_range(fake_count(f->fake, FAKE_IOCTL, VFIO_IOMMU_GET_INFO),
			11, 40);
}

static void ranges_of_an_ioas_are_asked_until_they_fit(void **state)
{
	const struct lend_iova_range *ranges;
	struct fixture *f = *state;
	unsigned int count;

	f->space->range_count = 12;
	for (uint64_t i = 0; i < 12; i++) {
		f->space->ranges[11 - i].first = i << 32;
		f->space->ranges[11 - i].last = (i << 32) + 0xffff;
	}
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(lend_iommu_ranges(f->iommu, &ranges, &count), 0);
	assert_int_equal(count, 12);
	for (uint64_t i = 0; i < 12; i++)
		assert_int_equal(ranges[i].first, i << 32);
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, UAPI_IOAS_IOVA_RANGES),
			 2);
}

static void hostile_ranges_of_an_ioas_are_refused(void **state)
{
	struct fixture *f = *state;
	struct fake_iommufd *iommufd = &f->fake->iommufds[0];

	iommufd->alignment = 0x1800;
	assert_answer_refused(f);
	iommufd->alignment = 0;
	f->space->pgsizes = 0;
	assert_answer_refused(f);
	f->space->pgsizes = 4096;
	iommufd->told_count = 9; /* more than there is room for, and no error */
	assert_answer_refused(f);
	iommufd->told_count = 0xffffffff;
	assert_answer_refused(f);
	iommufd->told_count = 0;
	f->space->ranges[1].first = 0xfedfffff;
	assert_answer_refused(f);
	f->space->ranges[1].first = 0xfef00000;
	f->space->ranges[0].first = 0xff000000;
	assert_answer_refused(f);
	f->space->ranges[0].first = 0;
	fake_log_clear(f->fake);
	iommufd->grows = true;
	assert_answer_refused(f);
	assert_in_range(fake_count(f->fake, FAKE_IOCTL, UAPI_IOAS_IOVA_RANGES),
			2, 8);
	iommufd->told_count = 1;
	iommufd->grows = false;
	assert_int_equal(fixture_open(f), 0);
}

static void room_is_known_before_the_kernel_is_asked(void **state)
{
	struct fixture *f = *state;

	f->fake->containers[0].dma_avail = 2;
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(answer_map(f, 0, 0x1000), 0);
	assert_int_equal(answer_map(f, 0x1000, 0x1000), 0);
	assert_error(f, answer_map(f, 0x2000, 0x1000), -ENOSPC,
		     LEND_ERROR_LIMIT);
	assert_reported(f, "",
			"2 mappings exist\nwhen the last device was opened, 0 "
			"existed and 2 more were allowed",
			"dma_entry_limit");
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, f->map), 2);
	/* What is unmapped makes room. */
	assert_int_equal(lend_iommu_unmap(f->iommu, 0, 0x1000), 0);
	assert_int_equal(answer_map(f, 0x2000, 0x1000), 0);
	assert_int_equal(answer_map(f, 0x4000, 0x1000), -ENOSPC);
}

static void no_room_at_all(void **state)
{
	struct fixture *f = *state;

	f->fake->containers[0].dma_avail = 0;
	assert_int_equal(fixture_open(f), 0);
	assert_error(f, answer_map(f, 0, 0x1000), -ENOSPC, LEND_ERROR_LIMIT);
}

static void larger_pages_of_the_iommu(void **state)
{
	struct fixture *f = *state;

	f->space->pgsizes = 0x10000 | 0x200000;
	assert_int_equal(fixture_open(f), 0);
	assert_error(f, answer_map(f, 0x1000, 0x10000), -EINVAL,
		     LEND_ERROR_ARGUMENT);
	assert_reported(f, "not aligned", "0x10000", "");
	assert_int_equal(answer_map(f, 0x10000, 0x10000), 0);
}

static void no_page_sizes_reported(void **state)
{
	struct fixture *f = *state;

	f->space->pgsizes = 0;
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(answer_map(f, 0x1000, 0x1000), 0);
	assert_int_equal(answer_map(f, 0x2800, 0x1000), -EINVAL);
}

static void no_ranges_reported(void **state)
{
	const struct lend_iova_range *ranges;
	struct fixture *f = *state;
	unsigned int count = 1;

	f->fake->containers[0].has_info = false;
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(lend_iommu_ranges(f->iommu, &ranges, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(answer_map(f, 0xfffffffffffff000, 0x1000), 0);
	assert_int_equal(answer_map(f, 0xffffffffffffe000, 0x1000), 0);
	assert_int_equal(lend_iommu_unmap(f->iommu, 0xfffffffffffff000, 0x1000),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ranges_are_sorted),
		TEST(hostile_iommu_chains_are_refused),
		TEST_IOMMUFD(ranges_of_an_ioas_are_asked_until_they_fit),
		TEST_IOMMUFD(hostile_ranges_of_an_ioas_are_refused),
		TEST(room_is_known_before_the_kernel_is_asked),
		TEST(no_room_at_all),
		BOTH(larger_pages_of_the_iommu),
		TEST(no_page_sizes_reported),
		TEST(no_ranges_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
