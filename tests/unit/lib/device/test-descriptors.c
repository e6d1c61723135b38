// SPDX-License-Identifier: MIT
// The kernel's descriptors and numbers behind devices, regions and address
// spaces are those that the kernel gave.

#include "fixture.h"

static int kind_of(const struct fixture *f, int fd)
{
	for (int i = 0; i < FAKE_FDS; i++)
		if (fd > 0 && f->fake->fds[i].fd == fd)
			return (int)f->fake->fds[i].kind;
	return -1;
}

static void none_before_a_back_end_is_chosen(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(lend_iommu_new(f->ctx, NULL, &f->iommu), 0);
	assert_int_equal(lend_iommu_fd(f->iommu), -ENOTCONN);
	assert_int_equal(lend_iommu_ioas(f->iommu), 0);
	assert_int_equal(lend_ctx_error(f->ctx)->code, LEND_ERROR_NONE);
}

static void those_of_iommufd(void **state)
{
	struct fixture *f = *state;
	const struct fake_iommufd *iommufd = &f->fake->iommufds[0];

	assert_int_equal(lend_iommu_fd(f->iommu), iommufd->fd);
	assert_int_equal(lend_iommu_ioas(f->iommu), iommufd->ioas[0].id);
	assert_int_equal(kind_of(f, lend_device_fd(f->device)), FAKE_DEVICE);
	assert_int_equal(lend_device_fd(f->device), f->nvme->fd);
	assert_int_equal(lend_device_iommufd_id(f->device),
			 70 + f->nvme->number);
}

static void those_of_the_container(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(lend_iommu_fd(f->iommu), f->fake->containers[0].fd);
	assert_int_equal(lend_iommu_ioas(f->iommu), 0);
	assert_int_equal(lend_device_fd(f->device), f->nvme->fd);
	assert_int_not_equal(lend_device_fd(f->device),
			     lend_device_kvm_fd(f->device));
	assert_int_equal(lend_device_iommufd_id(f->device), 0);
}

static void a_region_is_at_its_offset(void **state)
{
	struct fixture *f = *state;

	f->nvme->regions[2].file_offset = 7ull << 40;
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(lend_region_offset(f->device, 0), 0);
	assert_int_equal(lend_region_offset(f->device, 2), 7ull << 40);
	assert_int_equal(lend_region_offset(f->device, LEND_PCI_REGION_CONFIG),
			 7ull << 40);
	assert_int_equal(lend_region_offset(f->device, FAKE_REGIONS), 0);
	assert_int_equal(lend_region_offset(f->device, UINT32_MAX), 0);
}

/* A back end that was named is open at once; one that failed leaves nothing. */
static void a_named_back_end_has_one_at_once(void **state)
{
	struct fixture *f = *state;

	f->options.backend =
		f->is_iommufd ? LEND_BACKEND_IOMMUFD : LEND_BACKEND_CONTAINER;
	assert_int_equal(lend_iommu_new(f->ctx, &f->options, &f->iommu), 0);
	assert_int_equal(kind_of(f, lend_iommu_fd(f->iommu)),
			 f->is_iommufd ? FAKE_IOMMUFD : FAKE_CONTAINER);
}

static void a_failed_choice_leaves_none(void **state)
{
	struct fixture *f = *state;

	f->nvme->bind_error = EBUSY;
	f->nvme->get_error = EBUSY;
	assert_int_equal(fixture_open(f), -EBUSY);
	assert_int_equal(lend_iommu_fd(f->iommu), -ENOTCONN);
	assert_int_equal(lend_iommu_ioas(f->iommu), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(none_before_a_back_end_is_chosen),
		TEST_IOMMUFD_OPEN(those_of_iommufd),
		TEST_OPEN(those_of_the_container),
		BOTH(a_region_is_at_its_offset),
		BOTH(a_named_back_end_has_one_at_once),
		BOTH(a_failed_choice_leaves_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
