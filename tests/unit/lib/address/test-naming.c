// SPDX-License-Identifier: MIT
// The names of one device: UUID, descriptor, a whole -device string, and their
// precedence.

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
#include <unistd.h>

#include "machine.h"

#define UUID   "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
#define PARENT "sys/devices/virtual/mtty/mtty"

static void naming_test_add_mdev(struct machine *m)
{
	fake_file(m->fake, PARENT "/" UUID "/uevent", "");
	fake_dir(m->fake, "sys/bus/mdev/devices");
	fake_link(m->fake, PARENT "/" UUID "/subsystem", "sys/bus/mdev");
	fake_link(m->fake, "sys/bus/mdev/devices/" UUID, PARENT "/" UUID);
}

static void naming_test_add_platform(struct machine *m)
{
	fake_file(m->fake, "sys/devices/platform/fff51000.ethernet/uevent", "");
	fake_link(m->fake, "sys/devices/platform/fff51000.ethernet/subsystem",
		  "sys/bus/platform");
	fake_link(m->fake, "sys/bus/platform/devices/fff51000.ethernet",
		  "sys/devices/platform/fff51000.ethernet");
}

static void naming_test_expect(struct machine *m, const char *text,
			       const char *name)
{
	struct lend_address *a;

	if (lend_address_find(m->ctx, text, &a))
		fail_msg("%s: %s", text, m->error->what);
	assert_string_equal(lend_address_name(a), name);
	lend_address_unref(a);
}

static void every_name_finds_the_device(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	fake_add_pci(m->fake, "10000:e1:00.0", "nvme", 2);
	naming_test_add_mdev(m);
	naming_test_add_platform(m);
	naming_test_expect(m, "vfio-pci,host=2:0.0", "0000:02:00.0");
	naming_test_expect(m, "driver=vfio-pci,host=10000:e1:00.0,id=a",
			   "10000:e1:00.0");
	naming_test_expect(m, "vfio-platform,host=fff51000.ethernet",
			   "fff51000.ethernet");
	naming_test_expect(m, "vfio-amd-xgbe,host=fff51000.ethernet",
			   "fff51000.ethernet");
	naming_test_expect(m, "vfio-calxeda-xgmac,host=fff51000.ethernet,id=a",
			   "fff51000.ethernet");
	naming_test_expect(m, UUID, UUID);
	naming_test_expect(m, "83B8F4F2-509F-382F-3C1E-E6BFE0FA1001", UUID);
	naming_test_expect(m, "vfio-pci,mdev=" UUID, UUID);
}

/* One that had no effect would mislead who gave it. */
static void properties_that_name_no_device_are_refused(void **state)
{
	static const char *const refused[][2] = {
		{"vfio-pci,host=2:0.0,addr=5", "remove addr="},
		{"vfio-pci,host=2:0.0,x-vga=off", "remove x-vga="},
		{"vfio-pci,romfile=,host=2:0.0", "remove romfile="},
		{"{'driver':'vfio-pci','host':'2:0.0','rombar':0}",
		 "remove rombar="},
		{"vfio-calxeda-xgmac,host=fff51000.ethernet,x-irqfd=off",
		 "remove x-irqfd="},
	};
	struct machine *m = *state;
	struct lend_address *a = NULL;

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	naming_test_add_platform(m);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_int_equal(lend_address_find(m->ctx, refused[i][0], &a),
				 -EINVAL);
		assert_int_equal(m->error->code, LEND_ERROR_ARGUMENT);
		assert_string_equal(m->error->remedy, refused[i][1]);
		assert_null(a);
	}
	naming_test_expect(m, "{'driver':'vfio-pci','host':'2:0.0','id':'a'}",
			   "0000:02:00.0");
}

static void the_bus_must_match_the_front_end(void **state)
{
	static const char platform[] =
		"sys/bus/platform/devices/fff51000.ethernet";
	struct machine *m = *state;
	struct lend_address *a;
	char text[512];

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	naming_test_add_platform(m);
	snprintf(text, sizeof(text), "vfio-pci,sysfsdev=%s/%s", m->fake->root,
		 platform);
	assert_int_equal(lend_address_find(m->ctx, text, &a), -EINVAL);
	assert_int_equal(m->error->code, LEND_ERROR_WRONG_TYPE);
	assert_string_equal(m->error->what,
			    "it is on the platform bus; vfio-pci requires a "
			    "device on the pci bus");
	assert_string_equal(m->error->remedy,
			    "-device vfio-platform,host=fff51000.ethernet");
	snprintf(text, sizeof(text),
		 "vfio-amd-xgbe,sysfsdev=%s/sys/bus/pci/devices/0000:02:00.0",
		 m->fake->root);
	assert_int_equal(lend_address_find(m->ctx, text, &a), -EINVAL);
	assert_string_equal(m->error->remedy,
			    "-device vfio-pci,host=0000:02:00.0");
}

static void two_spellings_are_one_device(void **state)
{
	struct machine *m = *state;
	struct lend_address *a, *b;
	char text[PATH_MAX];

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	naming_test_add_mdev(m);
	snprintf(text, sizeof(text),
		 "vfio-pci,sysfsdev=%s/sys/bus/../bus/pci/devices//"
		 "0000:02:00.0/",
		 m->fake->root);
	a = machine_find(m, text);
	b = machine_find(m, "2:0.0");
	assert_true(lend_address_equal(a, b));
	lend_address_unref(b);
	b = machine_find(m, UUID);
	assert_false(lend_address_equal(a, b));
	lend_address_unref(a);
	snprintf(text, sizeof(text), "%s/" PARENT "/" UUID, m->fake->root);
	a = machine_find(m, text);
	assert_true(lend_address_equal(a, b));
	lend_address_unref(a);
	lend_address_unref(b);
}

static void a_missing_mdev_lists_the_existing_ones(void **state)
{
	static const char other[] = "00000000-0000-0000-0000-000000000000";
	struct machine *m = *state;
	struct lend_address *a;

	assert_int_equal(lend_address_find(m->ctx, other, &a), -ENODEV);
	assert_string_equal(m->error->evidence,
			    "this machine has no mediated devices");
	naming_test_add_mdev(m);
	assert_int_equal(lend_address_find(m->ctx, other, &a), -ENODEV);
	assert_int_equal(m->error->code, LEND_ERROR_NO_DEVICE);
	assert_string_equal(m->error->device, other);
	assert_string_equal(m->error->evidence, "present: " UUID);
	assert_non_null(strstr(m->error->remedy, "lend mdev create"));
	assert_int_equal(
		lend_address_find_host(m->ctx, LEND_BUS_MDEV, "83b8f4f2", &a),
		-EINVAL);
}

static void misspelled_device_strings_are_refused(void **state)
{
	static const char *const cases[][2] = {
		{"vfio-pic,host=02:00.0", "vfio-pci is the nearest"},
		{"vfio-pci,hots=02:00.0", "host is the nearest"},
		{"vfio-platform,addr=5,host=x", ""},
		{"vfio-platform,host=a/b", ""},
		{"vfio-pci,fd=5", "-object iommufd"},
		{"vfio-pci,fd=-1,iommufd=i", ""},
		{"vfio-pci,fd=2147483648,iommufd=i", ""},
		{"vfio-pci,fd=,iommufd=i", ""},
		{"vfio-pci,mdev=x", ""},
		{"vfio-pci,mdev=" UUID "0", ""},
		{"vfio-pci,host=02:00.0,vf-token=1", ""},
		{"vfio-pci,host=02:00.0,iommufd=0", ""},
		{"vfio-pci,host=02:00.0,x-pci-vendor-id=0x10000", ""},
		{"vfio-pci,host=02:00.0,x-pci-vendor-id=-1", ""},
		{"vfio-pci,host=02:00.0,display=perhaps", ""},
		{"vfio-pci,host=02:00.0,display", ""},
		{"vfio-platform,iommufd=i", "host=fff51000.ethernet"},
	};
	struct machine *m = *state;
	struct lend_address *a;

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (lend_address_find(m->ctx, cases[i][0], &a) != -EINVAL)
			fail_msg("'%s' was taken", cases[i][0]);
		assert_int_equal(m->error->code, LEND_ERROR_ARGUMENT);
		assert_non_null(strstr(m->error->remedy, cases[i][1]));
	}
}

static void a_path_with_a_comma_is_a_path(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;

	assert_int_equal(lend_address_find(m->ctx, "/sys/a,b=c", &a), -ENODEV);
	assert_int_equal(lend_address_find(m->ctx, "a,b", &a), -ENODEV);
}

/* /dev/null stands for the device's node. */
static void a_descriptor_finds_its_device(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;
	char path[PATH_MAX];

	fake_add_pci(m->fake, "0000:02:00.0", "vfio-pci", 1);
	fake_add_pci(m->fake, "0000:03:00.0", "vfio-pci", 2);
	fake_dir(m->fake, "proc/self/fd");
	snprintf(path, sizeof(path), "%s/proc/self/fd/7", m->fake->root);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(
		lend_address_find(m->ctx, "vfio-pci,fd=6,iommufd=i", &a),
		-EINVAL);
	assert_string_equal(m->error->what, "fd=6: No such file or directory");
	assert_int_equal(
		lend_address_find(m->ctx, "vfio-pci,fd=7,iommufd=i", &a),
		-EINVAL);
	assert_string_equal(m->error->what,
			    "fd=7 is not the descriptor of a device");
	fake_link(m->fake, "sys/dev/char/1:3/device",
		  "sys/devices/pci0000:00/0000:02:00.0");
	naming_test_expect(m, "vfio-pci,fd=7,iommufd=i,host=2:0.0",
			   "0000:02:00.0");
	assert_string_equal(m->log, "");
	naming_test_expect(m, "vfio-pci,fd=7,iommufd=i,host=3:0.0",
			   "0000:02:00.0");
	assert_non_null(strstr(m->log,
			       "host=3:0.0 does not name the same device "
			       "as fd=; using 0000:02:00.0"));
}

static void every_ignored_name_is_logged(void **state)
{
	struct machine *m = *state;
	char text[PATH_MAX];

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	naming_test_add_mdev(m);
	snprintf(text, sizeof(text),
		 "vfio-pci,host=9:0.0,mdev=" UUID
		 ",sysfsdev=%s/sys/bus/pci/devices/0000:02:00.0",
		 m->fake->root);
	naming_test_expect(m, text, "0000:02:00.0");
	assert_non_null(strstr(m->log, "host=9:0.0 does not name"));
	assert_non_null(strstr(m->log, "mdev=" UUID " does not name"));
	/* A failed lookup of an overridden name leaves no record. */
	assert_int_equal(m->error->code, LEND_ERROR_NONE);
}

static void unsupported_properties_are_refused(void **state)
{
	static const char *const known[] = {"host", "id"};
	struct machine *m = *state;
	struct lend_spec *spec;

	assert_int_equal(
		lend_spec_parse(m->ctx, "vfio-pci,host=2:0.0,id=a", &spec), 0);
	assert_int_equal(lend_spec_check_known(spec, known, 2), 0);
	assert_int_equal(lend_spec_check_known(spec, known, 1), -EINVAL);
	assert_int_equal(m->error->code, LEND_ERROR_ARGUMENT);
	assert_string_equal(m->error->what,
			    "-device vfio-pci: unsupported property "
			    "'id'");
	assert_string_equal(m->error->remedy, "remove id=");
	assert_int_equal(lend_spec_check_known(spec, NULL, 0), -EINVAL);
	lend_spec_unref(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(every_name_finds_the_device),
		MACHINE_TEST(properties_that_name_no_device_are_refused),
		MACHINE_TEST(the_bus_must_match_the_front_end),
		MACHINE_TEST(two_spellings_are_one_device),
		MACHINE_TEST(a_missing_mdev_lists_the_existing_ones),
		MACHINE_TEST(misspelled_device_strings_are_refused),
		MACHINE_TEST(a_path_with_a_comma_is_a_path),
		MACHINE_TEST(a_descriptor_finds_its_device),
		MACHINE_TEST(every_ignored_name_is_logged),
		MACHINE_TEST(unsupported_properties_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
