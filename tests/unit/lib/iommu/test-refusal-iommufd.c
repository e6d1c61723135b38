// SPDX-License-Identifier: MIT
// Devices that cannot be opened by iommufd: every error of that back end, and
// its record.

#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/lib/device/fixture.h"

#define NODE "dev/vfio/devices/vfio3"

static int open_iommufd(struct fixture *f)
{
	fixture_close(f);
	f->options.backend = LEND_BACKEND_IOMMUFD;
	return fixture_open(f);
}

static void no_iommufd(void **state)
{
	struct fixture *f = *state;

	fixture_remove(f, "dev/iommu");
	assert_error(f, open_iommufd(f), -ENOENT, LEND_ERROR_NO_VFIO);
	assert_reported(f, "has no iommufd", "", "modprobe iommufd");
	assert_reported(f, "", "", "the container back end");
}

static void iommu_node_not_permitted(void **state)
{
	struct fixture *f = *state;

	f->fake->iommufds[0].open_error = EACCES;
	assert_error(f, open_iommufd(f), -EACCES, LEND_ERROR_PERMISSION);
	assert_reported(f, "/dev/iommu: permission denied", "you are ", "");
	f->fake->iommufds[0].open_error = EMFILE;
	assert_error(f, open_iommufd(f), -EMFILE, LEND_ERROR_SYSTEM);
}

static void no_address_space(void **state)
{
	struct fixture *f = *state;

	f->fake->iommufds[0].alloc_error = ENOMEM;
	assert_error(f, open_iommufd(f), -ENOMEM, LEND_ERROR_SYSTEM);
	assert_int_equal(f->fake->iommufds[0].fd, -1);
}

static void iommufd_refuses_a_device_without_group(void **state)
{
	struct fixture *f = *state;
	char path[160];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/iommu_group",
		 NAME);
	fixture_remove(f, path);
	lend_address_unref(f->address);
	assert_int_equal(
		lend_address_find_host(f->ctx, LEND_BUS_PCI, NAME, &f->address),
		0);
	assert_error(f, open_iommufd(f), -ENODATA, LEND_ERROR_NO_GROUP);
}

static void iommufd_refuses_a_device_of_a_host_driver(void **state)
{
	struct fixture *f = *state;

	fake_driver_set(f->nvme, "nvme");
	assert_error(f, open_iommufd(f), -ENOENT, LEND_ERROR_HOST_DRIVER);
	assert_reported(f, "nvme", "", "lend bind " NAME);
	fake_driver_set(f->nvme, NULL);
	assert_error(f, open_iommufd(f), -ENOENT, LEND_ERROR_HOST_DRIVER);
	assert_reported(f, "no driver", "", "lend bind " NAME);
}

static void kernel_makes_no_nodes(void **state)
{
	struct fixture *f = *state;

	fixture_remove(f, "sys/bus/pci/devices/" NAME "/vfio-dev/vfio3/dev");
	fixture_remove(f, NODE);
	assert_error(f, open_iommufd(f), -ENOENT, LEND_ERROR_NO_VFIO);
	assert_reported(f, "no device node", "VFIO_DEVICE_CDEV", "container");
}

static void names_that_are_no_node(void **state)
{
	struct fixture *f = *state;
	const char *dir = "sys/bus/pci/devices/" NAME "/vfio-dev/";
	static const char *const names[] = {"vfio", "vfio12345678901", "vfio3x",
					    "vfio-3", "other"};
	char path[160];

	fixture_remove(f, "sys/bus/pci/devices/" NAME "/vfio-dev/vfio3/dev");
	fixture_remove(f, "sys/bus/pci/devices/" NAME "/vfio-dev/vfio3");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s%s/dev", dir, names[i]);
		fake_kernel_file(f->fake, path, "511:3\n");
	}
	assert_error(f, open_iommufd(f), -ENOENT, LEND_ERROR_NO_VFIO);
}

static void iommufd_reports_a_node_missing_in_a_container(void **state)
{
	struct fixture *f = *state;

	fixture_remove(f, NODE);
	assert_error(f, open_iommufd(f), -ENOENT, LEND_ERROR_NO_VFIO);
	assert_reported(f, "/dev/vfio/devices/vfio3", "", "pass the node in");
}

static void node_is_another_devices(void **state)
{
	struct fixture *f = *state;

	f->nvme->is_stale = true;
	assert_error(f, open_iommufd(f), -ENODEV, LEND_ERROR_NO_VFIO);
	assert_reported(f, "vfio3 is a stale node",
			"the node is 511:4, which sysfs assigns to no device",
			"");
	fake_pci_add(f->fake, OTHER, 8);
	assert_error(f, open_iommufd(f), -ENODEV, LEND_ERROR_NO_VFIO);
	assert_reported(f, "", OTHER "/vfio-dev/vfio4", "");
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, UAPI_DEVICE_BIND), 0);
}

static void iommufd_refuses_a_group_that_is_not_viable(void **state)
{
	struct fixture *f = *state;

	fake_driver_set(fake_pci_add(f->fake, OTHER, 7), "snd_hda_intel");
	f->nvme->bind_error = EPERM;
	assert_error(f, open_iommufd(f), -EPERM, LEND_ERROR_NOT_VIABLE);
	assert_reported(f, "group 7", OTHER " snd_hda_intel BLOCKS",
			"lend bind " OTHER);
}

/* Lets a process hold a node of the machine. */
static void refusal_hold_node(struct fixture *f, const char *pid,
			      const char *node)
{
	char path[160], target[160];

	snprintf(path, sizeof(path), "proc/%s/comm", pid);
	fake_kernel_file(f->fake, path, "qemu-system-x86\n");
	snprintf(path, sizeof(path), "proc/%s/fd/.keep", pid);
	fake_kernel_file(f->fake, path, "");
	snprintf(path, sizeof(path), "%s/proc/%s/fd/7", f->fake->root, pid);
	snprintf(target, sizeof(target), "%s/%s", f->fake->root, node);
	assert_int_equal(symlink(target, path), 0);
}

static void another_of_the_group_is_in_use(void **state)
{
	struct fixture *f = *state;

	fake_pci_add(f->fake, OTHER, 7);
	f->nvme->bind_error = EPERM;
	refusal_hold_node(f, "3141", "dev/vfio/devices/vfio4");
	assert_error(f, open_iommufd(f), -EBUSY, LEND_ERROR_BUSY);
	assert_reported(f, "another device of IOMMU group 7",
			"vfio4 is held by qemu-system-x86 (pid 3141",
			"stop the process");
}

static void iommufd_refuses_without_interrupt_remapping(void **state)
{
	struct fixture *f = *state;

	fake_kernel_file(f->fake, "sys/kernel/irq/9/chip_name", "IO-APIC\n");
	f->nvme->bind_error = EPERM;
	assert_error(f, open_iommufd(f), -ENOTSUP, LEND_ERROR_NO_IOMMU);
	assert_reported(f, "remap interrupts", "chip_name: IO-APIC",
			"module/iommufd/parameters/allow_unsafe_interrupts");
	f->iommu = lend_iommu_unref(f->iommu);
	fake_kernel_file(f->fake,
			 "sys/module/iommufd/parameters/"
			 "allow_unsafe_interrupts",
			 "Y\n");
	assert_error(f, open_iommufd(f), -EPERM, LEND_ERROR_SYSTEM);
	assert_reported(f, "bind it to iommufd", "allows unsafe", "dmesg");
}

static void iommufd_refuses_what_firmware_maps(void **state)
{
	struct fixture *f = *state;

	fake_kernel_file(f->fake, "sys/kernel/iommu_groups/7/reserved_regions",
			 "0x000000007d000000 0x000000007dffffff direct\n");
	f->nvme->bind_error = EINVAL;
	assert_error(f, open_iommufd(f), -ENOTSUP, LEND_ERROR_NO_IOMMU);
	assert_reported(f, "firmware requires", "direct", "firmware");
}

/* Who uses it by iommufd keeps others from its group. */
static void its_own_node_is_open_elsewhere(void **state)
{
	struct fixture *f = *state;

	f->options.backend = LEND_BACKEND_CONTAINER;
	f->fake->groups[0].open_error = EBUSY;
	refusal_hold_node(f, "3141", "dev/vfio/devices/vfio3");
	assert_error(f, fixture_open(f), -EBUSY, LEND_ERROR_BUSY);
	assert_reported(f, "IOMMU group 7, is in use",
			"vfio3 is held by qemu-system-x86 (pid 3141",
			"stop the process");
}

static void group_is_open_elsewhere(void **state)
{
	struct fixture *f = *state;

	f->nvme->bind_error = EBUSY;
	refusal_hold_node(f, "3141", "dev/vfio/7");
	assert_error(f, open_iommufd(f), -EBUSY, LEND_ERROR_BUSY);
	assert_reported(f, "is in use", "dev/vfio/7 is held by qemu-system-x86",
			"stop the process");
}

static void who_uses_it_cannot_be_seen(void **state)
{
	struct fixture *f = *state;

	f->nvme->bind_error = EBUSY;
	assert_error(f, open_iommufd(f), -EBUSY, LEND_ERROR_BUSY);
	assert_reported(f, "is in use", "not visible", "");
}

/* The kernel says EINVAL of a device that is bound already. */
static void device_is_bound_elsewhere(void **state)
{
	struct fixture *f = *state;

	f->nvme->bind_error = EINVAL;
	assert_error(f, open_iommufd(f), -EINVAL, LEND_ERROR_SYSTEM);
	assert_reported(f, "bind it to iommufd",
			"another process uses the device", "");
	refusal_hold_node(f, "3141", NODE);
	assert_error(f, open_iommufd(f), -EBUSY, LEND_ERROR_BUSY);
	assert_reported(f, "", "vfio3 is held by qemu-system-x86", "");
	assert_error(f, lend_device_open_node(f->address), -EBUSY,
		     LEND_ERROR_BUSY);
	assert_reported(f, "", "vfio3 is held by qemu-system-x86", "");
}

static void a_node_is_opened_for_another_process(void **state)
{
	struct fixture *f = *state;
	int fd = lend_device_open_node(f->address);

	assert_true(fd >= 0);
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, UAPI_DEVICE_BIND), 0);
	assert_int_equal(lend_iommu_new(f->ctx, NULL, &f->iommu), 0);
	assert_int_equal(
		lend_device_open_fd(f->iommu, fd, NULL, NULL, &f->device), 0);
	fixture_close(f);
	f->nvme->open_error = EACCES;
	assert_error(f, lend_device_open_node(f->address), -EACCES,
		     LEND_ERROR_PERMISSION);
	f->nvme->open_error = 0;
	f->nvme->is_stale = true;
	assert_error(f, lend_device_open_node(f->address), -ENODEV,
		     LEND_ERROR_NO_VFIO);
}

/* Who receives the node may see neither the group nor its members. */
static void a_group_is_checked_before_its_node_is_passed(void **state)
{
	struct fixture *f = *state;
	struct fake_device *other = fake_pci_add(f->fake, OTHER, 7);
	int fd;

	fake_driver_set(other, "snd_hda_intel");
	assert_error(f, lend_device_open_node(f->address), -EPERM,
		     LEND_ERROR_NOT_VIABLE);
	assert_reported(f, "group 7", OTHER " snd_hda_intel BLOCKS",
			"lend bind " OTHER);
	fake_driver_set(other, NULL);
	fd = lend_device_open_node(f->address);
	assert_true(fd >= 0);
	f->nvme->bind_error = EPERM;
	assert_int_equal(lend_iommu_new(f->ctx, NULL, &f->iommu), 0);
	assert_error(f,
		     lend_device_open_fd(f->iommu, fd, NULL, NULL, &f->device),
		     -EPERM, LEND_ERROR_SYSTEM);
	assert_reported(f, "bind it to iommufd", "has a host driver",
			"lend check");
	fake_close_passed(f->fake, fd);
}

/* Its driver rejects what it does not know as it would a bad argument. */
static void a_descriptor_of_another_driver_is_no_node(void **state)
{
	struct fixture *f = *state;
	const struct kernel *k = f->ctx->kernel;
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/vfio/vfio", f->ctx->dev);
	fd = k->open(k, path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(lend_iommu_new(f->ctx, NULL, &f->iommu), 0);
	assert_error(f,
		     lend_device_open_fd(f->iommu, fd, NULL, NULL, &f->device),
		     -EINVAL, LEND_ERROR_ARGUMENT);
	assert_reported(f, "is not a VFIO device node", "", "");
	k->close(k, fd);
}

static void reserved_ranges_are_mapped_already(void **state)
{
	struct fixture *f = *state;

	f->nvme->attach_error = EADDRINUSE;
	assert_error(f, open_iommufd(f), -EADDRINUSE, LEND_ERROR_DMA);
	assert_reported(f, "cannot be attached", "reserves a range", "");
	f->nvme->attach_error = EIO;
	assert_error(f, open_iommufd(f), -EIO, LEND_ERROR_SYSTEM);
	assert_string_equal(lend_ctx_error(f->ctx)->device, NAME);
}

static void node_not_permitted(void **state)
{
	struct fixture *f = *state;

	f->nvme->open_error = EACCES;
	assert_error(f, open_iommufd(f), -EACCES, LEND_ERROR_PERMISSION);
	assert_reported(f, "vfio3: permission denied", "you are ", "");
	f->nvme->open_error = ENFILE;
	assert_error(f, open_iommufd(f), -ENFILE, LEND_ERROR_SYSTEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IOMMUFD(no_iommufd),
		TEST_IOMMUFD(iommu_node_not_permitted),
		TEST_IOMMUFD(no_address_space),
		TEST_IOMMUFD(iommufd_refuses_a_device_without_group),
		TEST_IOMMUFD(iommufd_refuses_a_device_of_a_host_driver),
		TEST_IOMMUFD(kernel_makes_no_nodes),
		TEST_IOMMUFD(names_that_are_no_node),
		TEST_IOMMUFD(iommufd_reports_a_node_missing_in_a_container),
		TEST_IOMMUFD(node_is_another_devices),
		TEST_IOMMUFD(iommufd_refuses_a_group_that_is_not_viable),
		TEST_IOMMUFD(another_of_the_group_is_in_use),
		TEST_IOMMUFD(iommufd_refuses_without_interrupt_remapping),
		TEST_IOMMUFD(iommufd_refuses_what_firmware_maps),
		TEST_IOMMUFD(group_is_open_elsewhere),
		TEST_IOMMUFD(its_own_node_is_open_elsewhere),
		TEST_IOMMUFD(who_uses_it_cannot_be_seen),
		TEST_IOMMUFD(device_is_bound_elsewhere),
		TEST_IOMMUFD(a_node_is_opened_for_another_process),
		TEST_IOMMUFD(a_group_is_checked_before_its_node_is_passed),
		TEST_IOMMUFD(a_descriptor_of_another_driver_is_no_node),
		TEST_IOMMUFD(reserved_ranges_are_mapped_already),
		TEST_IOMMUFD(node_not_permitted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
