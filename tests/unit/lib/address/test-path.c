// SPDX-License-Identifier: MIT
// Paths to a device: each one that leads to it, and those that do not.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>

#include "machine.h"

#define DEVICE "sys/devices/pci0000:00/0000:02:00.0"

static int path_test_setup(void **state)
{
	struct machine *m;

	machine_setup(state);
	m = *state;
	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 7);
	fake_dir(m->fake, "sys/class/net");
	fake_file(m->fake, DEVICE "/net/eth0/uevent", "");
	fake_link(m->fake, DEVICE "/net/eth0/subsystem", "sys/class/net");
	fake_link(m->fake, DEVICE "/net/eth0/device", DEVICE);
	fake_link(m->fake, "sys/class/net/eth0", DEVICE "/net/eth0");
	return 0;
}

static int path_test_find(struct machine *m, const char *relative,
			  struct lend_address **a)
{
	char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", m->fake->root, relative);
	return lend_address_find_path(m->ctx, path, a);
}

static void every_path_finds_the_same_device(void **state)
{
	static const char *const ways[] = {
		DEVICE,
		DEVICE "/",
		DEVICE "///",
		DEVICE "/.",
		DEVICE "/net/..",
		DEVICE "/net/../../0000:02:00.0",
		"sys/bus/pci/devices/0000:02:00.0",
		"sys/bus/pci/devices/0000:02:00.0/",
		"sys/bus/pci/devices/../devices/0000:02:00.0",
		"sys/class/net/eth0/device",
		"sys/class/net/eth0/device/",
		"sys/kernel/iommu_groups/7/devices/0000:02:00.0",
		"my nic",
	};
	struct machine *m = *state;
	struct lend_address *first = machine_find(m, "02:00.0");

	fake_link(m->fake, "my nic", "sys/bus/pci/devices/0000:02:00.0");
	for (unsigned int i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct lend_address *a;

		assert_int_equal(path_test_find(m, ways[i], &a), 0);
		assert_string_equal(lend_address_name(a), "0000:02:00.0");
		assert_string_equal(lend_address_path(a),
				    lend_address_path(first));
		assert_true(lend_address_equal(a, first));
		assert_int_equal(lend_address_group(a), 7);
		lend_address_unref(a);
	}
	lend_address_unref(first);
}

static void paths_to_no_device_are_refused(void **state)
{
	static const struct {
		const char *path;
		int err;
	} cases[] = {
		{"sys/devices/none", -ENODEV},
		{DEVICE "/none", -ENODEV},
		{DEVICE "/vendor", -ENODEV},
		{DEVICE "/vendor/", -ENODEV},
		{DEVICE "/net", -ENODEV},
		{DEVICE "/net/eth0", -ENODEV},
		{"sys/class/net/eth0", -ENODEV},
		{"sys", -ENODEV},
		{"sys/devices", -ENODEV},
		{"sys/bus/pci", -ENODEV},
		{"sys/kernel/iommu_groups/7", -ENODEV},
		{"loop", -ENODEV},
		{"proc", -EINVAL},
		{"sys/../proc", -EINVAL},
		{"", -EINVAL},
		{"sys-too/devices/x", -EINVAL},
		{"out", -EINVAL},
		{"sys/devices/out", -EINVAL},
	};
	struct machine *m = *state;
	struct lend_address *a;

	fake_link(m->fake, "loop", "loop");
	fake_link(m->fake, "out", "sys/..");
	fake_link(m->fake, "sys/devices/out", "proc");
	fake_file(m->fake, "sys-too/devices/x/uevent", "");
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(path_test_find(m, cases[i].path, &a),
				 cases[i].err);
		assert_int_equal(m->error->code,
				 cases[i].err == -EINVAL
					 ? LEND_ERROR_ARGUMENT
					 : LEND_ERROR_NO_DEVICE);
	}
	assert_int_equal(lend_address_find_path(m->ctx, "", &a), -EINVAL);
}

static void an_interface_names_its_device(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;

	assert_int_equal(path_test_find(m, "sys/class/net/eth0", &a), -ENODEV);
	assert_string_equal(m->error->remedy,
			    "name the device it belongs to: 0000:02:00.0");
}

static void hostile_paths_do_no_harm(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;
	char path[3 * PATH_MAX];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	path[0] = '/';
	assert_int_equal(lend_address_find_path(m->ctx, path, &a), -ENODEV);
	for (unsigned int i = 1; i < sizeof(path) - 1; i++)
		path[i] = "./"[i % 2];
	assert_true(lend_address_find_path(m->ctx, path, &a) < 0);
	assert_int_equal(path_test_find(m, "sys/devices/a\n\033[2J", &a),
			 -ENODEV);
	assert_null(strpbrk(m->error->what, "\n\033"));
	fake_add_pci(m->fake, "a\nb", NULL, 9);
	assert_int_equal(path_test_find(m, "sys/devices/pci0000:00/a\nb", &a),
			 0);
	assert_string_equal(lend_address_name(a), "a\nb");
	lend_address_unref(a);
}

static void invalid_group_links_are_refused(void **state)
{
	static const struct {
		const char *target;
		int group;
	} cases[] = {
		{"sys/kernel/iommu_groups/0", 0},
		{"sys/kernel/iommu_groups/2147483647", 2147483647},
		{"sys/kernel/iommu_groups/2147483648", -EBADMSG},
		{"sys/kernel/iommu_groups/99999999999999999999", -EBADMSG},
		{"sys/kernel/iommu_groups/-1", -EBADMSG},
		{"sys/kernel/iommu_groups/7x", -EBADMSG},
		{"sys/kernel/iommu_groups/", -EBADMSG},
		{"sys/kernel/iommu_groups/..", -EBADMSG},
		{"sys/kernel/iommu_groups/ 7", -EBADMSG},
		{"etc/passwd", -EBADMSG},
	};
	struct machine *m = *state;

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lend_address *a;

		fake_remove(m->fake, DEVICE "/iommu_group");
		fake_link(m->fake, DEVICE "/iommu_group", cases[i].target);
		a = machine_find(m, "02:00.0");
		assert_int_equal(lend_address_group(a), cases[i].group);
		if (cases[i].group < 0)
			assert_int_equal(m->error->code, LEND_ERROR_DEVICE);
		lend_address_unref(a);
	}
	fake_remove(m->fake, DEVICE "/iommu_group");
	fake_file(m->fake, DEVICE "/iommu_group", "7");
	struct lend_address *a = machine_find(m, "02:00.0");

	assert_int_equal(lend_address_group(a), -EBADMSG);
	lend_address_unref(a);
}

static void the_driver_is_read_each_time(void **state)
{
	struct machine *m = *state;
	struct lend_address *a = machine_find(m, "02:00.0");
	char driver[64];

	assert_int_equal(lend_address_driver(a, driver, sizeof(driver)), 6);
	assert_string_equal(driver, "e1000e");
	assert_int_equal(lend_address_driver(a, driver, 6), -ENAMETOOLONG);
	assert_int_equal(lend_address_driver(a, driver, 0), -ENAMETOOLONG);
	fake_remove(m->fake, DEVICE "/driver");
	assert_int_equal(lend_address_driver(a, driver, sizeof(driver)), 0);
	assert_string_equal(driver, "");
	lend_address_unref(a);
}

static void mdevs_and_unknown_devices_have_a_bus(void **state)
{
	static const char mdev[] = "sys/devices/virtual/mtty/mtty/"
				   "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
	struct machine *m = *state;
	struct lend_address *a;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/uevent", mdev);
	fake_file(m->fake, path, "");
	snprintf(path, sizeof(path), "%s/subsystem", mdev);
	fake_dir(m->fake, "sys/bus/mdev");
	fake_link(m->fake, path, "sys/bus/mdev");
	assert_int_equal(path_test_find(m, mdev, &a), 0);
	assert_int_equal(lend_address_bus(a), LEND_BUS_MDEV);
	assert_string_equal(lend_address_name(a),
			    "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001");
	lend_address_unref(a);

	fake_file(m->fake, "sys/devices/lone/uevent", "");
	assert_int_equal(path_test_find(m, "sys/devices/lone", &a), 0);
	assert_int_equal(lend_address_bus(a), LEND_BUS_OTHER);
	lend_address_unref(a);
}

static void an_address_outlives_its_context(void **state)
{
	struct machine *m = *state;
	struct lend_address *a = machine_find(m, "02:00.0");

	m->ctx = lend_ctx_unref(m->ctx);
	assert_int_equal(lend_address_group(a), 7);
	assert_ptr_equal(lend_address_ref(a), a);
	assert_null(lend_address_unref(a));
	assert_null(lend_address_unref(a));
	assert_null(lend_address_unref(NULL));
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, path_test_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_path_finds_the_same_device),
		TEST(paths_to_no_device_are_refused),
		TEST(an_interface_names_its_device),
		TEST(hostile_paths_do_no_harm),
		TEST(invalid_group_links_are_refused),
		TEST(the_driver_is_read_each_time),
		TEST(mdevs_and_unknown_devices_have_a_bus),
		TEST(an_address_outlives_its_context),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
