// SPDX-License-Identifier: MIT
// The choice of a back end, and features of single ones: nodes and descriptors
// passed in for iommufd, no-IOMMU mode, VF tokens.

#include "tests/unit/lib/device/fixture.h"

#define TOKEN_TEXT "bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3"

static const uint8_t token[16] = {0xbd, 0x8d, 0x9d, 0x2b, 0x5a, 0x5f,
				  0x4f, 0x5a, 0xa2, 0x11, 0xf5, 0x91,
				  0x51, 0x4b, 0xa1, 0xf3};
static const struct lend_device_options with_token = {
	.size = sizeof(with_token),
	.vf_token = token,
};

static void assert_chosen(struct fixture *f, enum lend_backend backend,
			  const char *name, const char *reason)
{
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(lend_iommu_backend(f->iommu), backend);
	assert_string_equal(lend_iommu_backend_name(f->iommu), name);
	if (!strstr(lend_iommu_reason(f->iommu), reason))
		fail_msg("\"%s\" lacks \"%s\"", lend_iommu_reason(f->iommu),
			 reason);
	assert_string_equal(f->warning, "");
}

static void the_first_device_decides(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(lend_iommu_new(f->ctx, NULL, &f->iommu), 0);
	assert_int_equal(f->fake->calls,
			 fake_count(f->fake, FAKE_PATH, 0) +
				 fake_count(f->fake, FAKE_OPEN, 0) +
				 fake_count(f->fake, FAKE_READ, 0) +
				 fake_count(f->fake, FAKE_CLOSE, 0));
	assert_int_equal(lend_iommu_backend(f->iommu), LEND_BACKEND_AUTO);
	assert_string_equal(lend_iommu_backend_name(f->iommu), "auto");
	assert_string_equal(lend_iommu_reason(f->iommu),
			    "to be chosen when the first device is opened");
	f->iommu = lend_iommu_unref(f->iommu);
	assert_chosen(f, LEND_BACKEND_IOMMUFD, "iommufd",
		      "the kernel supports it");
	assert_string_equal(f->message,
			    NAME ": IOMMU back end iommufd: the kernel "
				 "supports it for the device");
	assert_int_equal(lend_ctx_error(f->ctx)->code, LEND_ERROR_NONE);
}

static void container_where_there_are_no_nodes(void **state)
{
	struct fixture *f = *state;

	assert_chosen(f, LEND_BACKEND_CONTAINER, "container", "no device node");
	assert_int_equal(lend_ctx_error(f->ctx)->code, LEND_ERROR_NONE);
}

static void container_where_nodes_have_no_number(void **state)
{
	struct fixture *f = *state;
	char path[128];

	/* As Linux 6.1 to 6.5, and those built without nodes. */
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/vfio-dev/vfio3/x",
		 NAME);
	fake_kernel_file(f->fake, path, "");
	assert_chosen(f, LEND_BACKEND_CONTAINER, "container", "no device node");
}

static void container_where_there_is_no_iommufd(void **state)
{
	struct fixture *f = *state;

	fixture_remove(f, "dev/iommu");
	assert_chosen(f, LEND_BACKEND_CONTAINER, "container", "does not exist");
}

static void container_where_nodes_may_not_be_opened(void **state)
{
	struct fixture *f = *state;

	f->fake->iommufds[0].open_error = EACCES;
	assert_chosen(f, LEND_BACKEND_CONTAINER, "container",
		      "dev/iommu: Permission denied");
	fixture_close(f);
	f->fake->iommufds[0].open_error = 0;
	fixture_remove(f, "dev/vfio/devices/vfio3");
	assert_chosen(f, LEND_BACKEND_CONTAINER, "container",
		      "dev/vfio/devices/vfio3");
}

static void container_where_a_token_is_given(void **state)
{
	struct fixture *f = *state;

	f->nvme->token = TOKEN_TEXT;
	assert_int_equal(lend_iommu_new(f->ctx, NULL, &f->iommu), 0);
	assert_int_equal(
		lend_device_open(f->iommu, f->address, &with_token, &f->device),
		0);
	assert_int_equal(lend_iommu_backend(f->iommu), LEND_BACKEND_CONTAINER);
	assert_string_equal(lend_iommu_reason(f->iommu), "a VF token is given");
}

static void container_where_iommufd_refuses(void **state)
{
	static const int refusals[] = {EINVAL, EPERM};
	struct fixture *f = *state;

	fake_kernel_file(f->fake, "sys/kernel/irq/9/chip_name", "IO-APIC\n");
	for (int i = 0; i < 2; i++) {
		f->nvme->bind_error = refusals[i];
		assert_chosen(f, LEND_BACKEND_CONTAINER, "container",
			      "iommufd refused the device");
		assert_int_equal(lend_ctx_error(f->ctx)->code, LEND_ERROR_NONE);
		fixture_close(f);
		assert_idle(f);
	}
	/* If the container refuses it too, the error of iommufd is reported. */
	f->fake->groups[0].set_error = EIO;
	assert_error(f, fixture_open(f), -ENOTSUP, LEND_ERROR_NO_IOMMU);
	assert_reported(f, "", "", "module/iommufd/");
	assert_int_equal(lend_iommu_backend(f->iommu), LEND_BACKEND_AUTO);
	/* Not on request. */
	fixture_close(f);
	f->fake->groups[0].set_error = 0;
	f->options.backend = LEND_BACKEND_IOMMUFD;
	assert_error(f, fixture_open(f), -ENOTSUP, LEND_ERROR_NO_IOMMU);
}

static void a_failed_open_decides_nothing(void **state)
{
	struct fixture *f = *state;

	f->nvme->bind_error = EIO;
	assert_int_equal(fixture_open(f), -EIO);
	assert_int_equal(lend_iommu_backend(f->iommu), LEND_BACKEND_AUTO);
	fixture_remove(f, "dev/iommu");
	assert_int_equal(
		lend_device_open(f->iommu, f->address, NULL, &f->device), 0);
	assert_int_equal(lend_iommu_backend(f->iommu), LEND_BACKEND_CONTAINER);
}

static void what_is_named_is_taken(void **state)
{
	struct fixture *f = *state;

	f->options.backend = LEND_BACKEND_CONTAINER;
	assert_chosen(f, LEND_BACKEND_CONTAINER, "container", "requested");
	fixture_close(f);
	f->options.backend = LEND_BACKEND_IOMMUFD;
	assert_chosen(f, LEND_BACKEND_IOMMUFD, "iommufd", "requested");
}

static void bad_options(void **state)
{
	struct fixture *f = *state;
	struct lend_device_options options = {.size = 4};
	struct lend_device *device;

	f->options.size--;
	assert_error(f, fixture_open(f), -EINVAL, LEND_ERROR_ARGUMENT);
	f->options.size++;
	f->options.backend = 17;
	assert_error(f, fixture_open(f), -EINVAL, LEND_ERROR_ARGUMENT);
	f->options.backend = LEND_BACKEND_CONTAINER;
	f->options.iommufd = 0;
	assert_error(f, fixture_open(f), -EINVAL, LEND_ERROR_ARGUMENT);
	f->options.backend = LEND_BACKEND_NOIOMMU;
	assert_error(f, fixture_open(f), -EINVAL, LEND_ERROR_ARGUMENT);
	assert_int_equal(lend_iommu_new(f->ctx, NULL, &f->iommu), 0);
	assert_error(f,
		     lend_device_open(f->iommu, f->address, &options, &device),
		     -EINVAL, LEND_ERROR_ARGUMENT);
}

/* Passes a descriptor of the wrong kind; it must stay open. */
static void not_an_iommufd(void **state)
{
	struct fixture *f = *state;
	int fd = fake_device_pass(f->nvme);

	f->options.iommufd = fd;
	assert_error(f, fixture_open(f), -EINVAL, LEND_ERROR_ARGUMENT);
	assert_reported(f, "is not an iommufd", "", "");
	assert_int_equal(fake_count(f->fake, FAKE_CLOSE, 0), 0);
	fake_close_passed(f->fake, fd);
}

/* Passes both descriptors in; what open_fd returns. */
static int backend_open_passed(struct fixture *f, int *fd,
			       const struct lend_device_options *options)
{
	f->options.iommufd = fake_iommufd_pass(f->fake);
	assert_int_equal(lend_iommu_new(f->ctx, &f->options, &f->iommu), 0);
	*fd = fake_device_pass(f->nvme);
	return lend_device_open_fd(f->iommu, *fd, "passed", options,
				   &f->device);
}

static void descriptors_are_passed_in(void **state)
{
	struct fixture *f = *state;
	int fd;

	fake_log_clear(f->fake);
	assert_int_equal(backend_open_passed(f, &fd, NULL), 0);
	/* Nothing is opened or looked at but the device. */
	assert_int_equal(f->fake->calls,
			 fake_count(f->fake, FAKE_IOCTL, 0) +
				 fake_count(f->fake, FAKE_PREAD, 0));
	assert_string_equal(lend_device_name(f->device), "passed");
	assert_string_equal(lend_iommu_reason(f->iommu),
			    "an iommufd was passed in");
	assert_int_equal(lend_iommu_map(f->iommu, 0, (void *)0x10000, 0x1000,
					LEND_DMA_READ),
			 0);
	assert_error(f, lend_device_require(f->device, LEND_DEVICE_PLATFORM),
		     -EINVAL, LEND_ERROR_WRONG_TYPE);
	assert_reported(f, "", "", "-device vfio-pci");
	/* They are the library's. */
	fixture_close(f);
	assert_idle(f);
}

static void a_passed_node_alone_decides_for_iommufd(void **state)
{
	struct fixture *f = *state;
	int fd = fake_device_pass(f->nvme);
	char name[32];

	assert_int_equal(lend_iommu_new(f->ctx, NULL, &f->iommu), 0);
	assert_int_equal(
		lend_device_open_fd(f->iommu, fd, NULL, NULL, &f->device), 0);
	assert_int_equal(lend_iommu_backend(f->iommu), LEND_BACKEND_IOMMUFD);
	snprintf(name, sizeof(name), "fd %d", fd);
	assert_string_equal(lend_device_name(f->device), name);
}

static void after_a_failure_descriptors_are_the_callers(void **state)
{
	struct fixture *f = *state;
	int iommufd, fd;

	fake_kernel_file(f->fake, "sys/kernel/irq/9/chip_name", "IO-APIC\n");
	f->nvme->bind_error = EBUSY;
	assert_error(f, backend_open_passed(f, &fd, NULL), -EBUSY,
		     LEND_ERROR_BUSY);
	f->nvme->bind_error = EPERM;
	assert_error(f,
		     lend_device_open_fd(f->iommu, fd, NULL, NULL, &f->device),
		     -ENOTSUP, LEND_ERROR_NO_IOMMU);
	f->nvme->bind_error = EINVAL;
	assert_error(f,
		     lend_device_open_fd(f->iommu, fd, NULL, NULL, &f->device),
		     -EINVAL, LEND_ERROR_SYSTEM);
	f->nvme->bind_error = 0;
	f->nvme->attach_error = EIO;
	assert_error(f,
		     lend_device_open_fd(f->iommu, fd, NULL, NULL, &f->device),
		     -EIO, LEND_ERROR_SYSTEM);
	fake_close_passed(f->fake, fd);
	/* No device's node, and none at all. */
	iommufd = fake_iommufd_pass(f->fake);
	assert_error(
		f,
		lend_device_open_fd(f->iommu, iommufd, NULL, NULL, &f->device),
		-EINVAL, LEND_ERROR_ARGUMENT);
	assert_reported(f, "is not a VFIO device node", "", "");
	fake_close_passed(f->fake, iommufd);
	assert_error(f,
		     lend_device_open_fd(f->iommu, -1, NULL, NULL, &f->device),
		     -EINVAL, LEND_ERROR_ARGUMENT);
}

/* What fails after a device was brought in closes the passed descriptor. */
static void a_passed_node_that_makes_no_sense(void **state)
{
	struct vfio_device_info info = {
		.argsz = sizeof(info),
		.num_regions = 0xffffffff,
	};
	struct fixture *f = *state;
	int fd;

	f->nvme->reply.bytes = &info;
	f->nvme->reply.size = sizeof(info);
	assert_error(f, backend_open_passed(f, &fd, NULL), -EBADMSG,
		     LEND_ERROR_DEVICE);
	assert_int_equal(f->fake->iommufds[0].ioas[0].devices, 0);
	fake_close_passed(f->fake, fd);
}

static void a_node_is_not_for_containers(void **state)
{
	struct fixture *f = *state;
	int fd = fake_device_pass(f->nvme);

	f->options.backend = LEND_BACKEND_CONTAINER;
	assert_int_equal(lend_iommu_new(f->ctx, &f->options, &f->iommu), 0);
	assert_error(f,
		     lend_device_open_fd(f->iommu, fd, NULL, NULL, &f->device),
		     -EINVAL, LEND_ERROR_ARGUMENT);
	fake_close_passed(f->fake, fd);
}

static int open_with_token(struct fixture *f)
{
	int err = lend_iommu_new(f->ctx, &f->options, &f->iommu);

	if (!err)
		err = lend_device_open(f->iommu, f->address, &with_token,
				       &f->device);
	return err;
}

static void token_is_shown(void **state)
{
	struct fixture *f = *state;

	f->nvme->token = TOKEN_TEXT;
	f->options.backend =
		f->is_iommufd ? LEND_BACKEND_IOMMUFD : LEND_BACKEND_CONTAINER;
	assert_int_equal(open_with_token(f), 0);
	assert_string_equal(lend_device_name(f->device), NAME);
}

static void token_is_wanted(void **state)
{
	struct fixture *f = *state;

	f->nvme->token = TOKEN_TEXT;
	assert_error(f, fixture_open(f), -EACCES, LEND_ERROR_PERMISSION);
	assert_reported(f, "VF token is required", "physical function",
			"vf-token=");
}

static void token_is_another(void **state)
{
	struct fixture *f = *state;

	f->nvme->token = "00000000-0000-0000-0000-000000000000";
	f->options.backend =
		f->is_iommufd ? LEND_BACKEND_IOMMUFD : LEND_BACKEND_CONTAINER;
	assert_error(f, open_with_token(f), -EACCES, LEND_ERROR_PERMISSION);
	assert_reported(f, "wrong VF token", "", "");
}

static void token_is_not_wanted(void **state)
{
	struct fixture *f = *state;

	f->options.backend =
		f->is_iommufd ? LEND_BACKEND_IOMMUFD : LEND_BACKEND_CONTAINER;
	assert_error(f, open_with_token(f), -EINVAL, LEND_ERROR_ARGUMENT);
	assert_reported(f, "does not accept a VF token", "SR-IOV",
			"omit the VF token");
}

static void kernel_takes_no_token_by_iommufd(void **state)
{
	struct fixture *f = *state;

	f->nvme->token = TOKEN_TEXT;
	f->nvme->takes_token = false;
	f->options.backend = LEND_BACKEND_IOMMUFD;
	assert_error(f, open_with_token(f), -EINVAL, LEND_ERROR_ARGUMENT);
	assert_reported(f, "does not accept a VF token", "",
			"since Linux 6.17");
}

static void no_iommu_when_asked_for(void **state)
{
	const struct lend_iova_range *ranges;
	struct fixture *f = *state;
	unsigned int count;
	uint32_t id;

	fake_noiommu_set(f->nvme);
	f->options.backend = LEND_BACKEND_NOIOMMU;
	assert_chosen(f, LEND_BACKEND_NOIOMMU, "noiommu", "requested");
	assert_int_equal(f->fake->containers[0].type, VFIO_NOIOMMU_IOMMU);
	assert_int_equal(
		lend_region_read(f->device, LEND_PCI_REGION_CONFIG, 0, &id, 4),
		0);
	assert_int_equal(id, 0x00101b36);
	assert_error(f,
		     lend_iommu_map(f->iommu, 0, (void *)0x10000, 0x1000,
				    LEND_DMA_READ),
		     -ENOTSUP, LEND_ERROR_NO_IOMMU);
	assert_reported(f, "no-IOMMU mode", "physical memory", "");
	assert_error(f, lend_iommu_ranges(f->iommu, &ranges, &count), -ENOTSUP,
		     LEND_ERROR_NO_IOMMU);
	assert_int_equal(lend_iommu_unmap_all(f->iommu), 0);
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, f->map), 0);
}

static void no_iommu_never_by_itself(void **state)
{
	struct fixture *f = *state;

	fake_noiommu_set(f->nvme);
	assert_error(f, fixture_open(f), -ENOTSUP, LEND_ERROR_NO_IOMMU);
	assert_reported(f, "only no-IOMMU mode", "",
			"enable the machine's IOMMU");
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, VFIO_SET_IOMMU), 0);
}

static void no_iommu_for_a_device_with_one(void **state)
{
	struct fixture *f = *state;

	f->options.backend = LEND_BACKEND_NOIOMMU;
	assert_error(f, fixture_open(f), -ENOTSUP, LEND_ERROR_NO_IOMMU);
	assert_reported(f, "it has an IOMMU", "", "another back end");
}

static void no_iommu_refused_by_the_kernel(void **state)
{
	struct fixture *f = *state;

	fake_noiommu_set(f->nvme);
	f->options.backend = LEND_BACKEND_NOIOMMU;
	f->fake->groups[0].open_error = EPERM;
	assert_error(f, fixture_open(f), -EACCES, LEND_ERROR_PERMISSION);
	assert_reported(f, "CAP_SYS_RAWIO", "", "root");
	fixture_close(f);
	f->fake->groups[0].open_error = 0;
	f->fake->containers[0].has_noiommu = false;
	assert_error(f, fixture_open(f), -ENOTSUP, LEND_ERROR_NO_IOMMU);
	assert_reported(f, "", "", "enable_unsafe_noiommu_mode");
	/* Which refuses a device without an IOMMU. */
	assert_null(strstr(lend_ctx_error(f->ctx)->remedy, "lend bind"));
}

static void two_address_spaces_of_one_iommufd(void **state)
{
	struct fixture *f = *state;
	struct lend_device *device;
	struct lend_iommu *other;
	int fd;

	/* Another process has it too: what is ours goes when we do. */
	f->options.iommufd = fd = fake_iommufd_pass(f->fake);
	assert_int_equal(lend_iommu_new(f->ctx, &f->options, &f->iommu), 0);
	f->options.iommufd = -1;
	assert_int_equal(lend_iommu_new(f->ctx, NULL, &other), 0);
	assert_int_equal(
		lend_device_open(f->iommu, f->address, NULL, &f->device), 0);
	assert_error(f, fixture_open_other(f, other, 7, &device), -EBUSY,
		     LEND_ERROR_ATTACHED);
	lend_iommu_unref(other);
	assert_int_equal(f->fake->iommufds[0].fd, fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IOMMUFD(the_first_device_decides),
		TEST(container_where_there_are_no_nodes),
		TEST(container_where_nodes_have_no_number),
		TEST_IOMMUFD(container_where_there_is_no_iommufd),
		TEST_IOMMUFD(container_where_nodes_may_not_be_opened),
		TEST_IOMMUFD(container_where_a_token_is_given),
		TEST_IOMMUFD(container_where_iommufd_refuses),
		TEST_IOMMUFD(a_failed_open_decides_nothing),
		TEST_IOMMUFD(what_is_named_is_taken),
		BOTH(bad_options),
		TEST_IOMMUFD(not_an_iommufd),
		TEST_IOMMUFD(descriptors_are_passed_in),
		TEST_IOMMUFD(a_passed_node_alone_decides_for_iommufd),
		TEST_IOMMUFD(after_a_failure_descriptors_are_the_callers),
		TEST_IOMMUFD(a_passed_node_that_makes_no_sense),
		TEST_IOMMUFD(a_node_is_not_for_containers),
		BOTH(token_is_shown),
		BOTH(token_is_wanted),
		BOTH(token_is_another),
		BOTH(token_is_not_wanted),
		TEST_IOMMUFD(kernel_takes_no_token_by_iommufd),
		BOTH(no_iommu_when_asked_for),
		TEST(no_iommu_never_by_itself),
		BOTH(no_iommu_for_a_device_with_one),
		TEST(no_iommu_refused_by_the_kernel),
		TEST_IOMMUFD(two_address_spaces_of_one_iommufd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
