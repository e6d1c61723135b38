// SPDX-License-Identifier: MIT
// Devices that cannot be opened: every error that lend_iommu_new() and
// lend_device_open() document, and its record.

#include "tests/unit/lib/device/fixture.h"

static void vfio_not_loaded(void **state)
{
	struct fixture *f = *state;

	fixture_remove(f, "dev/vfio/vfio");
	assert_error(f, fixture_open(f), -ENOENT, LEND_ERROR_NO_VFIO);
	assert_reported(f, "VFIO is not loaded", "", "modprobe vfio-pci");
}

static void another_api_version(void **state)
{
	struct fixture *f = *state;

	f->fake->containers[0].api_version = 1;
	assert_error(f, fixture_open(f), -ENOTSUP, LEND_ERROR_NO_VFIO);
	assert_reported(f, "version 1", "", "");
}

static void container_node_not_permitted(void **state)
{
	struct fixture *f = *state;

	f->fake->containers[0].open_error = EACCES;
	assert_error(f, fixture_open(f), -EACCES, LEND_ERROR_PERMISSION);
	assert_reported(f, "/dev/vfio/vfio", "mode 0", "");
}

static void container_node_fails_otherwise(void **state)
{
	struct fixture *f = *state;

	f->fake->containers[0].open_error = EMFILE;
	assert_error(f, fixture_open(f), -EMFILE, LEND_ERROR_SYSTEM);
}

static void a_device_without_group_is_refused(void **state)
{
	struct fixture *f = *state;
	char path[160];

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/iommu_group",
		 f->fake->root, NAME);
	assert_int_equal(remove(path), 0);
	lend_address_unref(f->address);
	assert_int_equal(
		lend_address_find_host(f->ctx, LEND_BUS_PCI, NAME, &f->address),
		0);
	assert_error(f, fixture_open(f), -ENODATA, LEND_ERROR_NO_GROUP);
}

static void bound_to_its_host_driver(void **state)
{
	struct fixture *f = *state;

	fixture_remove(f, "dev/vfio/7");
	fake_driver_set(f->nvme, "nvme");
	assert_error(f, fixture_open(f), -ENOENT, LEND_ERROR_HOST_DRIVER);
	assert_reported(f, "nvme", "", "lend bind " NAME);
}

static void bound_to_no_driver_beside_one_that_is(void **state)
{
	struct fixture *f = *state;

	fake_driver_set(f->nvme, NULL);
	f->nvme->get_error = ENODEV;
	assert_error(f, fixture_open(f), -ENOENT, LEND_ERROR_HOST_DRIVER);
	assert_reported(f, "", "", "lend bind " NAME);
}

static void node_is_missing_in_a_container(void **state)
{
	struct fixture *f = *state;

	fixture_remove(f, "dev/vfio/7");
	assert_error(f, fixture_open(f), -ENOENT, LEND_ERROR_NO_VFIO);
	assert_reported(f, "/dev/vfio/7", "", "pass the node in");
}

static void no_iommu_mode(void **state)
{
	struct fixture *f = *state;

	fixture_remove(f, "dev/vfio/7");
	fake_kernel_file(f->fake, "dev/vfio/noiommu-7", "");
	assert_error(f, fixture_open(f), -ENOTSUP, LEND_ERROR_NO_IOMMU);
	assert_reported(f, "no-IOMMU mode", "", "enable the machine's IOMMU");
}

static void group_not_viable(void **state)
{
	struct fixture *f = *state;

	fake_driver_set(fake_pci_add(f->fake, OTHER, 7), "snd_hda_intel");
	f->fake->groups[0].not_viable = true;
	assert_error(f, fixture_open(f), -EPERM, LEND_ERROR_NOT_VIABLE);
	assert_reported(f, "group 7", OTHER " snd_hda_intel BLOCKS",
			"lend bind " OTHER);
}

static void group_busy(void **state)
{
	struct fixture *f = *state;

	f->fake->groups[0].open_error = EBUSY;
	assert_error(f, fixture_open(f), -EBUSY, LEND_ERROR_BUSY);
	assert_reported(f, "group 7", "not visible", "stop the process");
}

static void device_busy(void **state)
{
	struct fixture *f = *state;

	f->nvme->get_error = EBUSY;
	assert_error(f, fixture_open(f), -EBUSY, LEND_ERROR_BUSY);
}

static void device_wants_a_token(void **state)
{
	struct fixture *f = *state;

	f->nvme->get_error = EACCES;
	assert_error(f, fixture_open(f), -EACCES, LEND_ERROR_PERMISSION);
	assert_reported(f, "VF token", "physical function", "");
}

static void group_node_not_permitted(void **state)
{
	struct fixture *f = *state;

	f->fake->groups[0].open_error = EACCES;
	assert_error(f, fixture_open(f), -EACCES, LEND_ERROR_PERMISSION);
	assert_reported(f, "/dev/vfio/7", "you are ", "");
	f->iommu = lend_iommu_unref(f->iommu);
	f->fake->groups[0].open_error = EPERM;
	assert_error(f, fixture_open(f), -EACCES, LEND_ERROR_PERMISSION);
}

static void no_type1_model(void **state)
{
	struct fixture *f = *state;

	f->fake->containers[0].has_v2 = false;
	f->fake->containers[0].has_v1 = false;
	assert_error(f, fixture_open(f), -ENOTSUP, LEND_ERROR_NO_IOMMU);
	assert_reported(f, "type1", "", "modprobe vfio_iommu_type1");
}

static void interrupts_are_not_remapped(void **state)
{
	struct fixture *f = *state;

	fake_kernel_file(f->fake, "sys/kernel/irq/2/chip_name", "XT-PIC\n");
	fake_kernel_file(f->fake, "sys/kernel/irq/9/chip_name", "IO-APIC\n");
	f->fake->containers[0].set_error = EPERM;
	assert_error(f, fixture_open(f), -ENOTSUP, LEND_ERROR_NO_IOMMU);
	assert_reported(f, "remap interrupts",
			"/sys/kernel/irq/9/chip_name: IO-APIC", "firmware");
	f->iommu = lend_iommu_unref(f->iommu);
	f->fake->containers[0].set_error = 0;
	f->fake->groups[0].set_error = EPERM;
	assert_error(f, fixture_open(f), -ENOTSUP, LEND_ERROR_NO_IOMMU);
}

/* No cause is guessed, and no security switch advised, if interrupts are not
 * the cause. */
static void interrupts_are_not_blamed_without_evidence(void **state)
{
	static const struct {
		const char *chip, *allowed, *evidence;
	} cases[] = {
		{"IR-IO-APIC\n", "N\n", "chip_name: IR-IO-APIC"},
		{"ITS-MSI\n", "N\n", "is unknown"},
		{"IO-APIC\n", "Y\n", "allows unsafe interrupts"},
	};
	static const char *const refused[] = {"set IOMMU model", "add IOMMU"};
	struct fixture *f = *state;

	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		fake_kernel_file(f->fake, "sys/kernel/irq/9/chip_name",
				 cases[i / 2].chip);
		fake_kernel_file(f->fake,
				 "sys/module/vfio_iommu_type1/parameters/"
				 "allow_unsafe_interrupts",
				 cases[i / 2].allowed);
		f->fake->containers[0].set_error = i % 2 ? 0 : EPERM;
		f->fake->groups[0].set_error = i % 2 ? EPERM : 0;
		assert_error(f, fixture_open(f), -EPERM, LEND_ERROR_SYSTEM);
		assert_reported(f, refused[i % 2], cases[i / 2].evidence,
				"dmesg");
		assert_null(strstr(lend_ctx_error(f->ctx)->remedy, "unsafe"));
		f->iommu = lend_iommu_unref(f->iommu);
	}
}

/* Linux refuses them with EPERM or, since 6.6, with EINVAL; either call can. */
static void firmware_requires_a_mapping(void **state)
{
	struct fixture *f = *state;

	fake_kernel_file(f->fake, "sys/kernel/iommu_groups/7/reserved_regions",
			 "0x00000000000a0000 0x00000000000bffff "
			 "direct-relaxable\n"
			 "0x000000007d000000 0x000000007dffffff direct\n"
			 "0x00000000fee00000 0x00000000feefffff msi\n");
	fake_kernel_file(f->fake, "sys/kernel/irq/9/chip_name", "IO-APIC\n");
	for (int i = 0; i < 4; i++) {
		int err = i % 2 ? EPERM : EINVAL;

		f->fake->containers[0].set_error = i / 2 ? err : 0;
		f->fake->groups[0].set_error = i / 2 ? 0 : err;
		assert_error(f, fixture_open(f), -ENOTSUP, LEND_ERROR_NO_IOMMU);
		assert_reported(
			f, "firmware requires",
			"0x000000007d000000 0x000000007dffffff direct\n",
			"update the firmware");
		assert_null(
			strstr(lend_ctx_error(f->ctx)->evidence, "relaxable"));
		f->iommu = lend_iommu_unref(f->iommu);
	}
}

static void the_record_names_the_device(void **state)
{
	struct fixture *f = *state;

	f->fake->groups[0].set_error = EIO;
	assert_error(f, fixture_open(f), -EIO, LEND_ERROR_SYSTEM);
	assert_string_equal(lend_ctx_error(f->ctx)->device, NAME);
}

static void too_many_indices(void **state)
{
	struct vfio_device_info info = {
		.argsz = sizeof(info),
		.flags = VFIO_DEVICE_FLAGS_PCI,
		.num_regions = 0xffffffff,
		.num_irqs = 5,
	};
	struct fixture *f = *state;

	f->nvme->reply.bytes = &info;
	f->nvme->reply.size = sizeof(info);
	assert_error(f, fixture_open(f), -EBADMSG, LEND_ERROR_DEVICE);
	f->iommu = lend_iommu_unref(f->iommu);
	info.num_regions = 9;
	info.num_irqs = 0xffffffff;
	assert_error(f, fixture_open(f), -EBADMSG, LEND_ERROR_DEVICE);
}

static void info_that_grows_for_ever(void **state)
{
	struct fixture *f = *state;

	f->nvme->reply.grows = true;
	assert_error(f, fixture_open(f), -EBADMSG, LEND_ERROR_DEVICE);
	assert_in_range(fake_count(f->fake, FAKE_IOCTL, VFIO_DEVICE_GET_INFO),
			2, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(vfio_not_loaded),
		TEST(another_api_version),
		TEST(container_node_not_permitted),
		TEST(container_node_fails_otherwise),
		TEST(a_device_without_group_is_refused),
		TEST(bound_to_its_host_driver),
		TEST(bound_to_no_driver_beside_one_that_is),
		TEST(node_is_missing_in_a_container),
		TEST(no_iommu_mode),
		TEST(group_not_viable),
		TEST(group_busy),
		TEST(device_busy),
		TEST(device_wants_a_token),
		TEST(group_node_not_permitted),
		TEST(no_type1_model),
		TEST(interrupts_are_not_remapped),
		TEST(interrupts_are_not_blamed_without_evidence),
		TEST(firmware_requires_a_mapping),
		TEST(the_record_names_the_device),
		TEST(too_many_indices),
		TEST(info_that_grows_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
