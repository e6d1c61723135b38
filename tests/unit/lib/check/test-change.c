// SPDX-License-Identifier: MIT
// Virtual functions, mediated devices and nodes: what is written, and how the
// errors of the kernel are reported.

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

#include "tests/unit/lib/address/machine.h"

#define DEVICE "sys/devices/pci0000:00/0000:03:00.0/"
#define UUID   "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
#define MTTY   "sys/devices/virtual/mtty/mtty/"

/* The errno that the calls below return instead of doing anything. */
static int answer;

static ssize_t answering_write(const struct kernel *k, int fd, const void *data,
			       size_t size)
{
	(void)k;
	(void)fd;
	(void)data;
	(void)size;
	return -answer;
}

static int answering_chown(const struct kernel *k, const char *path, uid_t uid)
{
	(void)k;
	(void)path;
	(void)uid;
	return -answer;
}

static struct lend_address *add_function(struct machine *m)
{
	fake_add_pci(m->fake, "0000:03:00.0", "igb", 15);
	fake_file(m->fake, DEVICE "sriov_totalvfs", "7\n");
	fake_file(m->fake, DEVICE "sriov_numvfs", "0\n");
	return machine_find(m, "3:0.0");
}

static void sriov_errors_are_mapped(void **state)
{
	static const struct {
		int answer;
		int err;
		enum lend_error_code code;
	} cases[] = {
		{ENOSPC, ENOSPC, LEND_ERROR_LIMIT},
		{ENOMEM, ENOSPC, LEND_ERROR_LIMIT},
		{ENOENT, ENOTSUP, LEND_ERROR_WRONG_TYPE},
		{EOPNOTSUPP, ENOTSUP, LEND_ERROR_WRONG_TYPE},
		{EACCES, EACCES, LEND_ERROR_PERMISSION},
		{EIO, EIO, LEND_ERROR_SYSTEM},
	};
	struct machine *m = *state;
	struct lend_address *a = add_function(m);

	m->fake->kernel.write = answering_write;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		answer = cases[i].answer;
		assert_int_equal(lend_sriov_set(a, 2), -cases[i].err);
		assert_int_equal(m->error->code, cases[i].code);
	}
	/* The number that exists: nothing is written. */
	assert_int_equal(lend_sriov_set(a, 0), 0);
	lend_address_unref(a);
}

/* The writes, one after the other. */
static char written[64];

static ssize_t noting_write(const struct kernel *k, int fd, const void *data,
			    size_t size)
{
	size_t used = strlen(written);

	(void)k;
	(void)fd;
	snprintf(written + used, sizeof(written) - used, "%.*s;", (int)size,
		 (const char *)data);
	return (ssize_t)size;
}

/* The kernel accepts another number only if there are none. */
static void old_functions_are_removed_before_new_ones_are_made(void **state)
{
	struct machine *m = *state;
	struct lend_address *a = add_function(m);

	m->fake->kernel.write = noting_write;
	written[0] = '\0';
	assert_int_equal(lend_sriov_set(a, 3), 0);
	assert_string_equal(written, "3;");
	fake_file(m->fake, DEVICE "sriov_numvfs", "2\n");
	written[0] = '\0';
	assert_int_equal(lend_sriov_set(a, 3), 0);
	assert_string_equal(written, "0;3;");
	written[0] = '\0';
	assert_int_equal(lend_sriov_set(a, 0), 0);
	assert_string_equal(written, "0;");
	written[0] = '\0';
	assert_int_equal(lend_sriov_set(a, 8), -ERANGE);
	assert_string_equal(written, "");
	lend_address_unref(a);
}

static void invalid_function_counts_mean_no_sriov(void **state)
{
	struct machine *m = *state;
	struct lend_address *a = add_function(m);
	unsigned int count, total;

	assert_int_equal(lend_sriov_get(a, &count, &total), 0);
	assert_int_equal(total, 7);
	fake_file(m->fake, DEVICE "sriov_numvfs", "-1\n");
	assert_int_equal(lend_sriov_get(a, &count, &total), -ENOTSUP);
	fake_file(m->fake, DEVICE "sriov_numvfs", "99999999999999999999\n");
	assert_int_equal(lend_sriov_get(a, &count, &total), -ENOTSUP);
	lend_address_unref(a);
}

static void a_virtual_function_in_use_is_kept(void **state)
{
	struct machine *m = *state;
	struct lend_address *a = add_function(m);

	fake_file(m->fake, DEVICE "sriov_numvfs", "1\n");
	fake_add_pci(m->fake, "0000:03:10.0", "vfio-pci", 20);
	fake_link(m->fake, DEVICE "virtfn0",
		  "sys/devices/pci0000:00/0000:03:10.0");
	fake_file(m->fake, "dev/vfio/20", "");
	fake_link(m->fake, "proc/9/fd/3", "dev/vfio/20");
	assert_int_equal(lend_sriov_set(a, 0), -EBUSY);
	assert_int_equal(m->error->code, LEND_ERROR_BUSY);
	assert_string_equal(m->error->device, "0000:03:10.0");
	fake_remove(m->fake, "proc/9");
	assert_int_equal(lend_sriov_set(a, 0), 0);
	lend_address_unref(a);
}

static void add_mtty(struct machine *m)
{
	fake_file(m->fake, MTTY "mdev_supported_types/mtty-1/create", "");
	fake_link(m->fake, "sys/class/mdev_bus/mtty", MTTY);
}

static void mdev_errors_are_mapped(void **state)
{
	static const struct {
		int answer;
		int err;
		enum lend_error_code code;
	} cases[] = {
		{EEXIST, EEXIST, LEND_ERROR_ATTACHED},
		{ENOSPC, ENOSPC, LEND_ERROR_LIMIT},
		{EUSERS, ENOSPC, LEND_ERROR_LIMIT},
		{EPERM, EACCES, LEND_ERROR_PERMISSION},
		{EIO, EIO, LEND_ERROR_SYSTEM},
	};
	struct machine *m = *state;
	struct lend_address *a;

	add_mtty(m);
	m->fake->kernel.write = answering_write;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		answer = cases[i].answer;
		assert_int_equal(
			lend_mdev_create(m->ctx, "mtty", "mtty-1", UUID, &a),
			-cases[i].err);
		assert_int_equal(m->error->code, cases[i].code);
	}
}

static void a_created_mdev_must_exist(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;
	char path[PATH_MAX];

	add_mtty(m);
	assert_int_equal(lend_mdev_create(m->ctx, "mtty", "mtty-1", UUID, &a),
			 -ENODEV);
	snprintf(path, sizeof(path), "%s/sys/class/mdev_bus/mtty/",
		 m->fake->root);
	assert_int_equal(lend_mdev_create(m->ctx, path, "mtty-9", UUID, &a),
			 -ENODEV);
	assert_string_equal(m->error->evidence, "supported type: mtty-1");
	assert_int_equal(lend_mdev_create(m->ctx, "/none", "x", UUID, &a),
			 -ENODEV);
	assert_string_equal(m->error->evidence, "parent: mtty");
	assert_int_equal(lend_mdev_create(m->ctx, "..", "x", UUID, &a),
			 -ENODEV);
}

static void device_nodes_change_owner(void **state)
{
	struct machine *m = *state;
	struct lend_address *a = add_function(m);

	assert_int_equal(lend_host_give(a, getuid()), -ENOENT);
	assert_int_equal(m->error->code, LEND_ERROR_NO_VFIO);
	fake_file(m->fake, "dev/vfio/15", "");
	assert_int_equal(lend_host_give(a, getuid()), 0);
	fake_dir(m->fake, DEVICE "vfio-dev/vfio0");
	assert_int_equal(lend_host_give(a, getuid()), 0);
	/* As on a kernel without VFIO groups. */
	fake_remove(m->fake, "dev/vfio/15");
	assert_int_equal(lend_host_give(a, getuid()), -ENOENT);
	fake_file(m->fake, "dev/vfio/devices/vfio0", "");
	assert_int_equal(lend_host_give(a, getuid()), 0);
	m->fake->kernel.chown = answering_chown;
	answer = EPERM;
	assert_int_equal(lend_host_give(a, getuid()), -EACCES);
	assert_int_equal(m->error->code, LEND_ERROR_PERMISSION);
	lend_address_unref(a);
}

/* As the group of a platform device before Linux 6.15. */
static void a_group_that_appeared_later_changes_owner(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;

	fake_add_pci(m->fake, "0000:04:00.0", "vfio-pci", -1);
	a = machine_find(m, "04:00.0");
	assert_int_equal(lend_host_give(a, getuid()), -ENODATA);
	fake_link(m->fake, "sys/devices/pci0000:00/0000:04:00.0/iommu_group",
		  "sys/kernel/iommu_groups/21");
	fake_file(m->fake, "dev/vfio/21", "");
	assert_int_equal(lend_host_give(a, getuid()), 0);
	lend_address_unref(a);
}

static void a_failed_reset_reports_why(void **state)
{
	static const struct {
		int answer;
		int err;
		enum lend_error_code code;
	} cases[] = {
		{ENOTTY, ENOTSUP, LEND_ERROR_DEVICE},
		{EACCES, EACCES, LEND_ERROR_PERMISSION},
		{EIO, EIO, LEND_ERROR_SYSTEM},
	};
	struct machine *m = *state;
	struct lend_address *a = add_function(m);

	assert_int_equal(lend_host_reset(a), -ENOTSUP);
	fake_file(m->fake, DEVICE "reset", "");
	assert_int_equal(lend_host_reset(a), 0);
	m->fake->kernel.write = answering_write;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		answer = cases[i].answer;
		assert_int_equal(lend_host_reset(a), -cases[i].err);
		assert_int_equal(m->error->code, cases[i].code);
	}
	lend_address_unref(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(sriov_errors_are_mapped),
		MACHINE_TEST(
			old_functions_are_removed_before_new_ones_are_made),
		MACHINE_TEST(invalid_function_counts_mean_no_sriov),
		MACHINE_TEST(a_virtual_function_in_use_is_kept),
		MACHINE_TEST(mdev_errors_are_mapped),
		MACHINE_TEST(a_created_mdev_must_exist),
		MACHINE_TEST(device_nodes_change_owner),
		MACHINE_TEST(a_group_that_appeared_later_changes_owner),
		MACHINE_TEST(a_failed_reset_reports_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
