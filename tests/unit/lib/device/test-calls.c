// SPDX-License-Identifier: MIT
// The system calls that a device costs: an exact number, and none twice.

#include "fixture.h"

static bool call_is_same(const struct fake_call *a, const struct fake_call *b)
{
	return a->op == b->op && a->request == b->request &&
	       !strcmp(a->path, b->path);
}

/* Regions and interrupts have an index, and differ by it. */
static bool is_per_index(const struct fake_call *call)
{
	return call->request == VFIO_DEVICE_GET_REGION_INFO ||
	       call->request == VFIO_DEVICE_GET_IRQ_INFO;
}

static void assert_none_twice(const struct fixture *f)
{
	for (unsigned int i = 0; i < f->fake->log_count; i++)
		for (unsigned int j = 0; j < i; j++) {
			const struct fake_call *a = &f->fake->log[i];
			const struct fake_call *b = &f->fake->log[j];

			if ((a->op == FAKE_IOCTL || a->path[0]) &&
			    !is_per_index(a) && call_is_same(a, b))
				fail_msg("call %u again: %d, 0x%lx, %s", i,
					 a->op, a->request, a->path);
		}
}

/* Device information, 9 regions and 5 interrupts. The region with a list of
 * mappable areas is queried twice, as the size of the list is unknown at first;
 * with MSI-X, configuration space is read for the location of its table. */
enum { INFO = 1 + 9 + 1 + 5 + 1 };

static void a_device_by_iommufd(void **state)
{
	struct fixture *f = *state;
	struct lend_device *other;

	fake_log_clear(f->fake);
	assert_int_equal(fixture_open(f), 0);
	/* Its node looked for, opened and identified: 1, 1, 2; iommufd opened,
	 * address space, bind, attach, ranges. */
	assert_int_equal(f->fake->calls, 4 + 5 + INFO);
	assert_none_twice(f);
	fake_log_clear(f->fake);
	assert_int_equal(fixture_open_other(f, f->iommu, 8, &other), 0);
	/* No MSI-X, and nothing asked of the address space. */
	assert_in_range(f->fake->calls, 1, 8 + 4 + 2 + INFO - 2);
	assert_none_twice(f);
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, UAPI_IOAS_IOVA_RANGES),
			 0);
	lend_device_unref(other);
}

static void a_device_by_the_container(void **state)
{
	struct fixture *f = *state;

	fake_log_clear(f->fake);
	f->options.backend = LEND_BACKEND_CONTAINER;
	assert_int_equal(fixture_open(f), 0);
	assert_in_range(f->fake->calls, 1, 12 + INFO);
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, VFIO_DEVICE_GET_INFO),
			 1);
}

/* Asked for once, when it matters, whatever came before. */
static void asks_for_ranges_again_after_a_device_joins(void **state)
{
	const struct lend_iova_range *ranges;
	struct fixture *f = *state;
	struct lend_device *other;
	unsigned int count;

	assert_int_equal(fixture_open_other(f, f->iommu, 8, &other), 0);
	f->space->range_count = 1;
	f->space->ranges[0].first = 0;
	f->space->ranges[0].last = 0xffff;
	fake_log_clear(f->fake);
	assert_int_equal(lend_iommu_map(f->iommu, 0, (void *)0x10000, 0x1000,
					LEND_DMA_READ),
			 0);
	/* The container is asked again, for more than fits. */
	assert_int_equal(f->fake->calls, f->is_iommufd ? 2 : 3);
	assert_error(f,
		     lend_iommu_map(f->iommu, 0x10000, (void *)0x20000, 0x1000,
				    LEND_DMA_READ),
		     -ERANGE, LEND_ERROR_DMA);
	assert_int_equal(lend_iommu_ranges(f->iommu, &ranges, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(f->fake->calls, f->is_iommufd ? 2 : 3);
	lend_device_unref(other);
}

static void the_kernel_will_not_tell_them(void **state)
{
	const struct lend_iova_range *ranges;
	struct fixture *f = *state;
	struct lend_device *other;
	unsigned int count;

	assert_int_equal(fixture_open_other(f, f->iommu, 8, &other), 0);
	for (unsigned int i = 0; i < 2; i++) {
		fake_log_clear(f->fake);
		f->fake->fail_at = 1;
		f->fake->fail_error = EIO;
		assert_error(f,
			     i ? lend_iommu_ranges(f->iommu, &ranges, &count)
			       : lend_iommu_map(f->iommu, 0, (void *)0x10000,
						0x1000, LEND_DMA_READ),
			     -EIO, LEND_ERROR_SYSTEM);
		f->fake->fail_at = 0;
		assert_int_equal(f->fake->calls, 1);
	}
	assert_int_equal(lend_iommu_ranges(f->iommu, &ranges, &count), 0);
	lend_device_unref(other);
}

static void what_is_mapped_of_a_device(void **state)
{
	struct fixture *f = *state;
	void *vaddr;

	fake_log_clear(f->fake);
	assert_int_equal(lend_region_map(f->device, 0, 0, 0x2000, &vaddr), 0);
	assert_int_equal(f->fake->calls,
			 2); /* map, and keep it from children */
	lend_region_unmap(f->device, vaddr, 0x2000);
	assert_int_equal(f->fake->calls, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IOMMUFD(a_device_by_iommufd),
		TEST(a_device_by_the_container),
		BOTH_OPEN(asks_for_ranges_again_after_a_device_joins),
		BOTH_OPEN(the_kernel_will_not_tell_them),
		BOTH_OPEN(what_is_mapped_of_a_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
