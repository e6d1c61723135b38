// SPDX-License-Identifier: MIT
// A device's descriptor is reported to KVM before the device is opened, and
// again before it is closed.

#include "fixture.h"

/* What was reported, and what the kernel had been asked by then. */
struct reported {
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
	struct reported *reported = opaque;

	if (add) {
		reported->fd = fd;
		reported->adds++;
		reported->closes = count_closes(reported->f, fd);
		reported->opened_before = devices_asked_for(reported->f);
		return;
	}
	assert_int_equal(fd, reported->fd);
	reported->drops++;
	reported->open_at_drop =
		count_closes(reported->f, fd) == reported->closes;
}

static int open_with_kvm_ops(struct fixture *f, struct reported *reported)
{
	const struct lend_device_options options = {
		.size = sizeof(options),
		.kvm_file = kvm_file_note,
		.opaque = reported,
	};

	*reported = (struct reported){.f = f};
	if (!f->iommu)
		assert_int_equal(lend_iommu_new(f->ctx, &f->options, &f->iommu),
				 0);
	return lend_device_open(f->iommu, f->address, &options, &f->device);
}

static void told_before_the_device_is_opened(void **state)
{
	struct fixture *f = *state;
	struct reported reported;

	assert_int_equal(open_with_kvm_ops(f, &reported), 0);
	assert_int_equal(reported.adds, 1);
	assert_int_equal(reported.opened_before, 0);
	assert_int_equal(reported.fd, lend_device_kvm_fd(f->device));
	assert_int_equal(reported.drops, 0);
	fixture_close(f);
	assert_int_equal(reported.drops, 1);
	assert_true(reported.open_at_drop);
	assert_idle(f);
}

static void told_once_of_what_devices_share(void **state)
{
	struct fixture *f = *state;
	struct lend_device *other;
	struct reported reported;

	assert_int_equal(open_with_kvm_ops(f, &reported), 0);
	assert_int_equal(fixture_open_other(f, f->iommu, 7, &other), 0);
	f->device = lend_device_unref(f->device);
	assert_int_equal(reported.adds, 1);
	assert_int_equal(reported.drops, f->is_iommufd);
	lend_device_unref(other);
	assert_int_equal(reported.drops, 1);
	assert_true(reported.open_at_drop);
}

static void told_of_the_end_after_a_failure_too(void **state)
{
	struct fixture *f = *state;
	struct reported reported;

	f->nvme->get_error = EIO;
	f->nvme->bind_error = EIO;
	assert_int_equal(open_with_kvm_ops(f, &reported), -EIO);
	assert_int_equal(reported.adds, 1);
	assert_int_equal(reported.drops, 1);
	assert_true(reported.open_at_drop);
	f->nvme->get_error = 0;
	f->nvme->bind_error = 0;
	f->nvme->region_count = 1000;
	assert_int_equal(open_with_kvm_ops(f, &reported), -EBADMSG);
	assert_int_equal(reported.adds, 1);
	assert_int_equal(reported.drops, 1);
	fixture_close(f);
	assert_idle(f);
}

/* The caller keeps a descriptor that could not be used; KVM must not. */
static void told_of_a_descriptor_that_stays_with_the_caller(void **state)
{
	struct fixture *f = *state;
	struct reported reported = {.f = f};
	const struct lend_device_options options = {
		.size = sizeof(options),
		.kvm_file = kvm_file_note,
		.opaque = &reported,
	};
	int fd = fake_device_pass(f->nvme);

	f->nvme->attach_error = EIO;
	assert_int_equal(lend_iommu_new(f->ctx, &f->options, &f->iommu), 0);
	assert_int_equal(
		lend_device_open_fd(f->iommu, fd, NULL, &options, &f->device),
		-EIO);
	assert_int_equal(reported.adds, 1);
	assert_int_equal(reported.drops, 1);
	assert_int_equal(count_closes(f, fd), reported.closes);
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
