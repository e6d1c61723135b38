// SPDX-License-Identifier: MIT
// Opening and closing devices: the order of calls, sharing, types and resets.

#include "fixture.h"

static void asks_in_order_and_undoes_in_reverse(void **state)
{
	static const unsigned long requests[] = {
		VFIO_GET_API_VERSION,     VFIO_GROUP_GET_STATUS,
		VFIO_GROUP_SET_CONTAINER, VFIO_SET_IOMMU,
		VFIO_GROUP_GET_DEVICE_FD, VFIO_IOMMU_GET_INFO,
		VFIO_DEVICE_GET_INFO,     VFIO_DEVICE_GET_REGION_INFO,
		VFIO_DEVICE_GET_IRQ_INFO, VFIO_GROUP_UNSET_CONTAINER,
	};
	struct fixture *f = *state;
	int device, group, container;
	int at = -1;

	assert_int_equal(fixture_open(f), 0);
	device = f->nvme->fd;
	group = f->fake->groups[0].fd;
	container = f->fake->containers[0].fd;
	assert_int_equal(lend_device_kvm_fd(f->device), group);
	fixture_close(f);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		at = fake_find(f->fake, at + 1, FAKE_IOCTL, requests[i]);
		assert_true(at >= 0);
	}
	/* The last calls: device, out of the container, group, container. */
	assert_int_equal(f->fake->log[at - 1].op, FAKE_CLOSE);
	assert_int_equal(f->fake->log[at - 1].fd, device);
	assert_int_equal(f->fake->log[at + 1].fd, group);
	assert_int_equal(f->fake->log[at + 2].fd, container);
	assert_int_equal(f->fake->log_count, at + 3);
	assert_idle(f);
}

static void binds_in_order_and_undoes_in_reverse(void **state)
{
	static const unsigned long requests[] = {
		UAPI_IOAS_ALLOC,          UAPI_DEVICE_BIND,
		UAPI_DEVICE_ATTACH,       UAPI_IOAS_IOVA_RANGES,
		VFIO_DEVICE_GET_INFO,     VFIO_DEVICE_GET_REGION_INFO,
		VFIO_DEVICE_GET_IRQ_INFO, UAPI_DEVICE_DETACH,
	};
	struct fixture *f = *state;
	int device, iommufd;
	int at = -1;

	assert_int_equal(fixture_open(f), 0);
	device = f->nvme->fd;
	iommufd = f->fake->iommufds[0].fd;
	assert_int_equal(lend_device_kvm_fd(f->device), device);
	assert_int_equal(f->fake->containers[0].fd, -1);
	fixture_close(f);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		at = fake_find(f->fake, at + 1, FAKE_IOCTL, requests[i]);
		assert_true(at >= 0);
	}
	/* The last calls: detach, device, address space, iommufd. */
	assert_int_equal(f->fake->log[at + 1].op, FAKE_CLOSE);
	assert_int_equal(f->fake->log[at + 1].fd, device);
	assert_int_equal(f->fake->log[at + 2].request, UAPI_IOMMU_DESTROY);
	assert_int_equal(f->fake->log[at + 3].fd, iommufd);
	assert_int_equal(f->fake->log_count, at + 4);
	assert_idle(f);
}

static void asks_for_the_canonical_name(void **state)
{
	struct fixture *f = *state;
	char path[256];

	lend_address_unref(f->address);
	snprintf(path, sizeof(path),
		 "%s/sys/bus/pci/devices/../devices/" NAME "//", f->fake->root);
	assert_int_equal(lend_address_find_path(f->ctx, path, &f->address), 0);
	assert_int_equal(fixture_open(f), 0);
	assert_string_equal(lend_device_name(f->device), NAME);
}

static void closes_in_order_with_everything_on(void **state)
{
	struct fixture *f = *state;
	int fd = 3;
	void *vaddr;

	assert_int_equal(lend_iommu_map(f->iommu, 0, (void *)0x10000, 0x10000,
					LEND_DMA_READ),
			 0);
	assert_int_equal(lend_region_map(f->device, 2, 0, 0x1000, &vaddr), 0);
	assert_int_equal(lend_irq_set(f->device, LEND_PCI_IRQ_MSIX, 0, 1, &fd),
			 0);
	fake_log_clear(f->fake);
	fixture_close(f);
	assert_int_equal(f->fake->log[0].request, VFIO_DEVICE_SET_IRQS);
	assert_int_equal(f->fake->log[1].op, FAKE_UNMAP);
	assert_int_equal(f->fake->log[2].request, f->unmap);
	if (f->is_iommufd) {
		assert_int_equal(f->fake->log[3].request, UAPI_DEVICE_DETACH);
		assert_int_equal(f->fake->log[4].op, FAKE_CLOSE);
		assert_int_equal(f->fake->log[5].request, UAPI_IOMMU_DESTROY);
	} else {
		assert_int_equal(f->fake->log[3].op, FAKE_CLOSE);
		assert_int_equal(f->fake->log[4].request,
				 VFIO_GROUP_UNSET_CONTAINER);
	}
	assert_int_equal(f->fake->log_count, 7);
	assert_idle(f);
}

static void two_devices_share_a_group(void **state)
{
	struct fixture *f = *state;
	struct lend_device *other;

	assert_int_equal(fixture_open_other(f, f->iommu, 7, &other), 0);
	if (!f->is_iommufd) {
		assert_int_equal(fake_count(f->fake, FAKE_IOCTL,
					    VFIO_GROUP_SET_CONTAINER),
				 1);
		assert_int_equal(lend_device_kvm_fd(other),
				 lend_device_kvm_fd(f->device));
	}
	assert_int_equal(lend_iommu_map(f->iommu, 0, (void *)0x10000, 0x1000,
					LEND_DMA_READ),
			 0);
	f->device = lend_device_unref(f->device);
	if (!f->is_iommufd)
		assert_int_equal(f->fake->groups[0].fd,
				 lend_device_kvm_fd(other));
	assert_int_equal(lend_iommu_mapped(f->iommu), 0x1000);
	lend_device_unref(other);
	assert_int_equal(f->fake->groups[0].fd, -1);
	assert_int_equal(lend_iommu_mapped(f->iommu), 0);
}

static void two_groups_share_a_container(void **state)
{
	struct fixture *f = *state;
	struct lend_device *other;

	assert_int_equal(fixture_open_other(f, f->iommu, 8, &other), 0);
	assert_int_equal(f->fake->containers[0].groups, 2);
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, VFIO_SET_IOMMU), 1);
	f->device = lend_device_unref(f->device);
	assert_int_equal(f->fake->containers[0].type, VFIO_TYPE1v2_IOMMU);
	lend_device_unref(other);
}

static void two_groups_share_an_ioas(void **state)
{
	struct fixture *f = *state;
	struct lend_device *other;

	assert_int_equal(fixture_open_other(f, f->iommu, 8, &other), 0);
	assert_int_equal(f->fake->iommufds[0].ioas[0].devices, 2);
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, UAPI_IOAS_ALLOC), 1);
	assert_int_equal(lend_iommu_map(f->iommu, 0, (void *)0x10000, 0x1000,
					LEND_DMA_READ),
			 0);
	f->device = lend_device_unref(f->device);
	assert_int_equal(f->space->mapping_count, 1);
	lend_device_unref(other);
	assert_int_equal(f->space->mapping_count, 0);
}

static void an_address_space_can_be_used_again(void **state)
{
	struct fixture *f = *state;

	f->device = lend_device_unref(f->device);
	assert_int_equal(
		lend_device_open(f->iommu, f->address, NULL, &f->device), 0);
	assert_int_equal(lend_iommu_map(f->iommu, 0, (void *)0x10000, 0x1000,
					LEND_DMA_READ),
			 0);
	if (!f->is_iommufd)
		assert_int_equal(
			fake_count(f->fake, FAKE_IOCTL, VFIO_SET_IOMMU), 2);
}

static void a_failed_open_leaves_the_address_space_usable(void **state)
{
	struct fixture *f = *state;

	f->fake->groups[0].open_error = EIO;
	f->nvme->bind_error = EIO;
	assert_int_equal(fixture_open(f), -EIO);
	f->fake->groups[0].open_error = 0;
	f->nvme->bind_error = 0;
	f->nvme->get_error = EIO;
	f->nvme->attach_error = EIO;
	assert_int_equal(
		lend_device_open(f->iommu, f->address, NULL, &f->device), -EIO);
	f->nvme->get_error = 0;
	f->nvme->attach_error = 0;
	assert_int_equal(
		lend_device_open(f->iommu, f->address, NULL, &f->device), 0);
	assert_int_equal(lend_iommu_map(f->iommu, 0, (void *)0x10000, 0x1000,
					LEND_DMA_READ),
			 0);
}

static void takes_v1_where_there_is_no_v2(void **state)
{
	struct fixture *f = *state;

	f->fake->containers[0].has_v2 = false;
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(f->fake->containers[0].type, VFIO_TYPE1_IOMMU);
}

static void objects_outlive_who_made_them(void **state)
{
	struct fixture *f = *state;

	f->iommu = lend_iommu_unref(f->iommu);
	f->address = lend_address_unref(f->address);
	assert_string_equal(lend_device_name(f->device), NAME);
	assert_ptr_equal(lend_device_ctx(f->device), f->ctx);
	lend_device_ref(f->device);
	lend_device_unref(f->device);
	assert_int_equal(f->nvme->fd >= 0, 1);
}

static void attached_already(void **state)
{
	struct fixture *f = *state;
	struct lend_device *again;

	assert_error(f, lend_device_open(f->iommu, f->address, NULL, &again),
		     -EBUSY, LEND_ERROR_ATTACHED);
	assert_string_equal(lend_ctx_error(f->ctx)->device, NAME);
}

static void group_in_another_address_space(void **state)
{
	struct fixture *f = *state;
	struct lend_device *device;
	struct lend_iommu *iommu;

	assert_int_equal(lend_iommu_new(f->ctx, NULL, &iommu), 0);
	assert_error(f, fixture_open_other(f, iommu, 7, &device), -EBUSY,
		     LEND_ERROR_ATTACHED);
	assert_reported(f, "another address space", "", "");
	lend_iommu_unref(iommu);
}

static void type_decides_the_front_end(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(lend_device_type(f->device), LEND_DEVICE_PCI);
	assert_int_equal(lend_device_require(f->device, LEND_DEVICE_PCI), 0);
	assert_error(f, lend_device_require(f->device, LEND_DEVICE_PLATFORM),
		     -EINVAL, LEND_ERROR_WRONG_TYPE);
	assert_reported(f, "not a platform device", "a PCI device",
			"-device vfio-pci,sysfsdev=/");
	assert_error(f, lend_device_require(f->device, 9), -EINVAL,
		     LEND_ERROR_ARGUMENT);
}

static void a_platform_device_is_not_pci(void **state)
{
	struct fixture *f = *state;

	f->nvme->flags = VFIO_DEVICE_FLAGS_PLATFORM;
	assert_int_equal(fixture_open(f), 0);
	assert_error(f, lend_device_require(f->device, LEND_DEVICE_PCI),
		     -EINVAL, LEND_ERROR_WRONG_TYPE);
	assert_reported(f, "not a PCI device", "", "-device vfio-platform,");
	assert_false(lend_device_can_reset(f->device));
}

static void too_few_regions_or_interrupts(void **state)
{
	struct fixture *f = *state;

	f->nvme->region_count = 7;
	assert_int_equal(fixture_open(f), 0);
	assert_error(f, lend_device_require(f->device, LEND_DEVICE_PCI),
		     -EINVAL, LEND_ERROR_WRONG_TYPE);
	fixture_close(f);
	f->nvme->region_count = 9;
	f->nvme->irq_count = 2;
	assert_int_equal(fixture_open(f), 0);
	assert_error(f, lend_device_require(f->device, LEND_DEVICE_PCI),
		     -EINVAL, LEND_ERROR_WRONG_TYPE);
	assert_reported(f, "too few", "interrupts: 2 of 3", "");
}

static void reset_is_tried_while_the_device_is_locked(void **state)
{
	struct fixture *f = *state;

	assert_true(lend_device_can_reset(f->device));
	f->nvme->busy_resets = 3;
	assert_int_equal(lend_device_reset(f->device), 0);
	assert_int_equal(f->nvme->resets, 1);
	f->nvme->busy_resets = 1000;
	assert_error(f, lend_device_reset(f->device), -EAGAIN,
		     LEND_ERROR_DEVICE);
	assert_in_range(1000 - f->nvme->busy_resets, 5, 50);
}

static void no_reset(void **state)
{
	struct fixture *f = *state;

	f->nvme->flags = VFIO_DEVICE_FLAGS_PCI;
	assert_int_equal(fixture_open(f), 0);
	assert_error(f, lend_device_reset(f->device), -ENOTSUP,
		     LEND_ERROR_DEVICE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(asks_in_order_and_undoes_in_reverse),
		TEST_IOMMUFD(binds_in_order_and_undoes_in_reverse),
		TEST_IOMMUFD_OPEN(two_groups_share_an_ioas),
		BOTH(asks_for_the_canonical_name),
		BOTH_OPEN(closes_in_order_with_everything_on),
		BOTH_OPEN(two_devices_share_a_group),
		TEST_OPEN(two_groups_share_a_container),
		BOTH_OPEN(an_address_space_can_be_used_again),
		BOTH(a_failed_open_leaves_the_address_space_usable),
		TEST(takes_v1_where_there_is_no_v2),
		BOTH_OPEN(objects_outlive_who_made_them),
		BOTH_OPEN(attached_already),
		BOTH_OPEN(group_in_another_address_space),
		BOTH_OPEN(type_decides_the_front_end),
		TEST(a_platform_device_is_not_pci),
		TEST(too_few_regions_or_interrupts),
		BOTH_OPEN(reset_is_tried_while_the_device_is_locked),
		TEST(no_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
