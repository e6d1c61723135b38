// SPDX-License-Identifier: MIT
// Who has a lent device open: asked of the kernel by its group, named by
// procfs.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "lib/address/holders.h"
#include "machine.h"

#define DEVICE "sys/devices/pci0000:00/0000:03:00.0/"

static int holders_ask(struct machine *m, struct unknown *unknown)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/0000:03:00.0",
		 m->fake->root);
	*unknown = (struct unknown){0};
	return holders_ask_device(m->ctx, "0000:03:00.0", path, unknown);
}

static void holders_expect_free(struct machine *m)
{
	struct unknown unknown;

	assert_int_equal(holders_ask(m, &unknown), 0);
	if (unknown.count)
		fail_msg("unknown: %s", unknown.lines[0]);
}

static void holders_expect_unknown(struct machine *m, const char *words)
{
	struct unknown unknown;

	assert_int_equal(holders_ask(m, &unknown), 0);
	assert_int_equal(unknown.count, 1);
	if (!strstr(unknown.lines[0], words))
		fail_msg("%s", unknown.lines[0]);
}

static void holders_expect_held(struct machine *m, const char *what,
				const char *evidence)
{
	struct unknown unknown;

	assert_int_equal(holders_ask(m, &unknown), -EBUSY);
	assert_int_equal(m->error->code, LEND_ERROR_BUSY);
	assert_string_equal(m->error->what, what);
	if (!strstr(m->error->evidence, evidence))
		fail_msg("%s", m->error->evidence);
}

static void holders_add_lent(struct machine *m)
{
	fake_add_pci(m->fake, "0000:03:00.0", "vfio-pci", 15);
	fake_file(m->fake, "sys/class/vfio/15/dev", "240:15\n");
	fake_node(m->fake, "dev/vfio/15", "c240:15");
}

static void a_device_nobody_holds_is_free(void **state)
{
	struct machine *m = *state;

	holders_add_lent(m);
	fake_node(m->fake, "proc/7/fd/3", "c240:16");
	fake_node(m->fake, "proc/7/fd/4", "b240:15");
	holders_expect_free(m);
}

/* Its descriptor is in flight, or of a device alone, or in a container. */
static void a_busy_group_needs_no_visible_holder(void **state)
{
	struct machine *m = *state;

	holders_add_lent(m);
	fake_refuse(m->fake, "c240:15", 0, EBUSY);
	holders_expect_held(m, "its group 15 is in use",
			    "no process is seen to have it open");
}

static int holders_test_open(const struct kernel *k, const char *path,
			     int flags)
{
	struct fake_sysfs *fake = (struct fake_sysfs *)(uintptr_t)k;

	if (strstr(path, "dev/vfio/15") && !fake->calls++)
		return -EBUSY;
	return kernel_real()->open(NULL, path, flags);
}

/* Another command asked at the same moment. */
static void a_group_that_is_busy_for_a_moment_is_free(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:03:00.0", "vfio-pci", 15);
	fake_file(m->fake, "dev/vfio/15", "");
	m->fake->kernel = *kernel_real();
	m->fake->kernel.open = holders_test_open;
	m->fake->calls = 0;
	holders_expect_free(m);
	assert_int_equal(m->fake->calls, 2);
}

static void a_holder_is_found_by_number_under_any_path(void **state)
{
	struct machine *m = *state;

	holders_add_lent(m);
	fake_refuse(m->fake, "c240:15", 0, EBUSY);
	fake_file(m->fake, "proc/7/comm", "qemu\n");
	fake_node(m->fake, "proc/7/fd/3", "c240:15");
	holders_expect_held(m, "its group 15 is in use",
			    "15 is held by qemu (pid 7");
}

static void a_mapping_without_a_descriptor_is_found(void **state)
{
	struct machine *m = *state;

	holders_add_lent(m);
	fake_dir(m->fake, "proc/7/fd");
	fake_node(m->fake, "proc/7/map_files/7f00-7f01", "c240:15");
	holders_expect_held(m, "its group 15 is in use",
			    "held by a process (pid 7");
}

static void a_device_descriptor_names_its_device(void **state)
{
	struct machine *m = *state;

	holders_add_lent(m);
	fake_refuse(m->fake, "c240:15", 0, EBUSY);
	fake_dir(m->fake, "proc/7/fd");
	fake_file(m->fake, "proc/7/fdinfo/9",
		  "pos: 0\nvfio-device-syspath: "
		  "/sys/devices/pci0000:00/0000:03:00.0\n");
	fake_anonymous(m->fake, "proc/7/fd/9", "anon_inode:[vfio-device]");
	holders_expect_held(m, "its group 15 is in use",
			    "device 0000:03:00.0 is held by a process (pid 7");
	fake_file(
		m->fake, "proc/7/fdinfo/9",
		"vfio-device-syspath: /sys/devices/pci0000:00/0000:03:00.1\n");
	holders_expect_held(m, "its group 15 is in use", "no process is seen");
	assert_null(strstr(m->error->evidence, "pid 7"));
}

/* Before Linux 6.18, fdinfo does not say of which device a descriptor is. */
static void a_descriptor_of_an_unknown_device_is_a_hint(void **state)
{
	struct machine *m = *state;

	holders_add_lent(m);
	fake_file(m->fake, "proc/7/comm", "qemu\n");
	fake_dir(m->fake, "proc/7/fd");
	fake_file(m->fake, "proc/7/fdinfo/9", "pos: 0\n");
	fake_anonymous(m->fake, "proc/7/fd/9", "anon_inode:[vfio-device]");
	holders_expect_free(m);
	fake_refuse(m->fake, "c240:15", 0, EBUSY);
	holders_expect_held(
		m, "its group 15 is in use",
		"qemu (pid 7, user unknown) has a VFIO device open");
}

/* The number in sysfs finds a group whose node this /dev lacks. */
static void
a_group_without_a_node_is_asked_through_a_temporary_one(void **state)
{
	struct machine *m = *state;

	holders_add_lent(m);
	fake_remove(m->fake, "dev/vfio/15");
	holders_expect_free(m);
	/* As in a container: the path leads to another device. */
	fake_node(m->fake, "dev/vfio/15", "c240:16");
	fake_refuse(m->fake, "c240:15", 0, EBUSY);
	holders_expect_held(m, "its group 15 is in use", "open of its group");
	m->fake->mknod_error = EPERM;
	holders_expect_unknown(m, "requires root");
}

static void a_group_that_cannot_be_opened_is_unknown(void **state)
{
	struct machine *m = *state;

	holders_add_lent(m);
	fake_refuse(m->fake, "c240:15", 0, EACCES);
	holders_expect_unknown(
		m, "requires root, outside a container, to know whether "
		   "a process has it or its group 15 open");
	/* What is seen is known. */
	fake_node(m->fake, "proc/7/fd/3", "c240:15");
	holders_expect_held(m, "its group 15 is in use", "pid 7");
}

static void a_kernel_without_groups_shows_whether_it_is_enabled(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:03:00.0", "vfio-pci", 15);
	holders_expect_free(m);
	fake_file(m->fake, DEVICE "vfio-dev/vfio3/dev", "511:3\n");
	fake_node(m->fake, "dev/vfio/devices/vfio3", "c511:3");
	holders_expect_unknown(m, "this kernel has no node for its group");
	fake_file(m->fake, DEVICE "enable", "0\n");
	holders_expect_free(m);
	fake_file(m->fake, DEVICE "enable", "1\n");
	holders_expect_unknown(m, "this kernel has no node for its group");
	fake_node(m->fake, "proc/7/fd/3", "c511:3");
	holders_expect_held(m, "it is in use",
			    "vfio3 is held by a process (pid 7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(a_device_nobody_holds_is_free),
		MACHINE_TEST(a_busy_group_needs_no_visible_holder),
		MACHINE_TEST(a_group_that_is_busy_for_a_moment_is_free),
		MACHINE_TEST(a_holder_is_found_by_number_under_any_path),
		MACHINE_TEST(a_mapping_without_a_descriptor_is_found),
		MACHINE_TEST(a_device_descriptor_names_its_device),
		MACHINE_TEST(a_descriptor_of_an_unknown_device_is_a_hint),
		MACHINE_TEST(
			a_group_without_a_node_is_asked_through_a_temporary_one),
		MACHINE_TEST(a_group_that_cannot_be_opened_is_unknown),
		MACHINE_TEST(
			a_kernel_without_groups_shows_whether_it_is_enabled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
