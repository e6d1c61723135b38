// SPDX-License-Identifier: MIT
// A device's descriptor is reported to KVM before the device is opened, and
// again before it is closed.

#include "fixture.h"

/* What was told, and what the kernel had been asked by then. */
struct told {
	struct fixture *f;
	unsigned int adds;
	unsigned int drops;
	int fd;
	unsigned int closes;        /* of that number, at the add */
	unsigned int opened_before; /* devices, at the add */
	bool open_at_drop;
};

static unsigned int devices_asked_for(const struct fixture *f)
{
	return fake_count(f->fake, FAKE_IOCTL,
			  f->is_iommufd ? UAPI_DEVICE_BIND
					: VFIO_GROUP_GET_DEVICE_FD);
}

/* Numbers of descriptors are used again. */
static unsigned int count_closes(const struct fixture *f, int fd)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < f->fake->log_count; i++)
		count += f->fake->log[i].op == FAKE_CLOSE &&
			 f->fake->log[i].fd == fd;
	return count;
}

static void kvm_file_note(void *opaque, int fd, bool add)
{
	struct told *told = opaque;

	if (add) {
		told->fd = fd;
		told->adds++;
		told->closes = count_closes(told->f, fd);
		told->opened_before = devices_asked_for(told->f);
		return;
	}
	assert_int_equal(fd, told->fd);
	told->drops++;
	told->open_at_drop = count_closes(told->f, fd) == told->closes;
}

static int open_telling(struct fixture *f, struct told *told)
{
	const struct lend_device_options options = {
		.size = sizeof(options),
		.kvm_file = kvm_file_note,
		.opaque = told,
	};

	*told = (struct told){.f = f};
	if (!f->iommu)
		assert_int_equal(lend_iommu_new(f->ctx, &f->options, &f->iommu),
				 0);
	return lend_device_open(f->iommu, f->address, &options, &f->device);
}

static void told_before_the_device_is_opened(void **state)
{
	struct fixture *f = *state;
	struct told told;

	assert_int_equal(open_telling(f, &told), 0);
	assert_int_equal(told.adds, 1);
	assert_int_equal(told.opened_before, 0);
	assert_int_equal(told.fd, lend_device_kvm_fd(f->device));
	assert_int_equal(told.drops, 0);
	fixture_close(f);
	assert_int_equal(told.drops, 1);
	assert_true(told.open_at_drop);
	assert_idle(f);
}

static void told_once_of_what_devices_share(void **state)
{
	struct fixture *f = *state;
	struct lend_device *other;
	struct told told;

	assert_int_equal(open_telling(f, &told), 0);
	assert_int_equal(fixture_open_other(f, f->iommu, 7, &other), 0);
	f->device = lend_device_unref(f->device);
	assert_int_equal(told.adds, 1);
	assert_int_equal(told.drops, f->is_iommufd);
	lend_device_unref(other);
	assert_int_equal(told.drops, 1);
	assert_true(told.open_at_drop);
}

static void told_of_the_end_after_a_failure_too(void **state)
{
	struct fixture *f = *state;
	struct told told;

	f->nvme->get_error = EIO;
	f->nvme->bind_error = EIO;
	assert_int_equal(open_telling(f, &told), -EIO);
	assert_int_equal(told.adds, 1);
	assert_int_equal(told.drops, 1);
	assert_true(told.open_at_drop);
	f->nvme->get_error = 0;
	f->nvme->bind_error = 0;
	f->nvme->region_count = 1000;
	assert_int_equal(open_telling(f, &told), -EBADMSG);
	assert_int_equal(told.adds, 1);
	assert_int_equal(told.drops, 1);
	fixture_close(f);
	assert_idle(f);
}

/* The caller keeps a descriptor that could not be used; KVM must not. */
static void told_of_a_descriptor_that_stays_with_the_caller(void **state)
{
	struct fixture *f = *state;
	struct told told = {.f = f};
	const struct lend_device_options options = {
		.size = sizeof(options),
		.kvm_file = kvm_file_note,
		.opaque = &told,
	};
	int fd = fake_device_pass(f->nvme);

	f->nvme->attach_error = EIO;
	assert_int_equal(lend_iommu_new(f->ctx, &f->options, &f->iommu), 0);
	assert_int_equal(
		lend_device_open_fd(f->iommu, fd, NULL, &options, &f->device),
		-EIO);
	assert_int_equal(told.adds, 1);
	assert_int_equal(told.drops, 1);
	assert_int_equal(count_closes(f, fd), told.closes);
	fake_close_passed(f->fake, fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(told_before_the_device_is_opened),
		BOTH(told_once_of_what_devices_share),
		BOTH(told_of_the_end_after_a_failure_too),
		TEST_IOMMUFD(told_of_a_descriptor_that_stays_with_the_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
