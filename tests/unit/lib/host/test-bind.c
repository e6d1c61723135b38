// SPDX-License-Identifier: MIT
// Binding: what is moved, refused and recorded.

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
#include <sys/sysmacros.h>

#include "binding.h"

static void devices_are_bound_and_restored(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_some(m, (const char *[]){NIC, DISK}, 2, text), 0);
	assert_string_equal(text,
			    NIC " e1000e>vfio-pci\n" DISK " nvme>vfio-pci\n");
	is_now(m, NIC, "vfio-pci", "vfio-pci");
	is_now(m, DISK, "vfio-pci", "vfio-pci");
	machine_new_ctx(m);
	assert_int_equal(restore_all(m, text), 0);
	assert_string_equal(text,
			    NIC " vfio-pci>e1000e\n" DISK " vfio-pci>nvme\n");
	is_now(m, NIC, "e1000e", "");
	is_now(m, DISK, "nvme", "");
	assert_int_equal(restore_all(m, text), 0);
	assert_string_equal(text, "");
}

static void records_are_on_disk_before_a_device_moves(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_some(m, (const char *[]){NIC, DISK}, 2, text), 0);
	assert_false(m->fake->is_rash);
}

static void binding_twice_changes_nothing(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_some(m, (const char *[]){NIC, NIC}, 2, text), 0);
	assert_string_equal(text, NIC " e1000e>vfio-pci\n");
	assert_int_equal(bind_some(m, (const char *[]){NIC}, 1, text), 0);
	assert_string_equal(text, "");
	assert_int_equal(restore_all(m, text), 0);
	is_now(m, NIC, "e1000e", "");
}

static void a_device_on_a_vfio_driver_is_unchanged(void **state)
{
	struct machine *m = *state;
	char text[512];

	fake_add_pci(m->fake, "0000:00:07.0", "mlx5_vfio_pci", 3);
	assert_int_equal(
		bind_some(m, (const char *[]){"0000:00:07.0"}, 1, text), 0);
	assert_string_equal(text, "");
	assert_false(fake_exists(m->fake, "state"));
	assert_int_equal(restore_all(m, text), 0);
	is_now(m, "0000:00:07.0", "mlx5_vfio_pci", "");
}

static void bind_moves_nothing_if_one_device_cannot(void **state)
{
	static const struct {
		const char *name;
		int err;
		enum lend_error_code code;
	} cases[] = {
		{"0000:00:07.0", -ENODATA, LEND_ERROR_NO_GROUP},
		{"0000:00:08.0", -EINVAL, LEND_ERROR_WRONG_TYPE},
	};
	struct machine *m = *state;
	char text[512];

	fake_add_pci(m->fake, "0000:00:07.0", "igb", -1);
	fake_add_pci(m->fake, "0000:00:08.0", "pcieport", 4);
	fake_file(m->fake, "sys/bus/pci/devices/0000:00:08.0/class",
		  "0x060400\n");
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(bind_some(m,
					   (const char *[]){NIC, cases[i].name},
					   2, text),
				 cases[i].err);
		assert_int_equal(m->error->code, cases[i].code);
		assert_string_equal(m->error->device, cases[i].name);
		assert_string_equal(text, "");
		is_now(m, NIC, "e1000e", "");
		assert_false(fake_exists(m->fake, "state"));
	}
}

static void a_missing_vfio_driver_names_its_module(void **state)
{
	struct machine *m = *state;

	fake_remove(m->fake, "sys/bus/pci/drivers/vfio-pci");
	assert_int_equal(bind_nic(m), -ENOENT);
	assert_int_equal(m->error->code, LEND_ERROR_NO_VFIO);
	assert_string_equal(m->error->remedy, "modprobe vfio-pci");
	is_now(m, NIC, "e1000e", "");
}

static void a_failed_probe_is_rolled_back(void **state)
{
	struct machine *m = *state;
	char text[512];

	strcpy(m->fake->refuses, "vfio-pci");
	assert_int_equal(bind_some(m, (const char *[]){NIC, DISK}, 2, text),
			 -EIO);
	assert_int_equal(m->error->code, LEND_ERROR_HOST_DRIVER);
	assert_string_equal(m->error->device, NIC);
	assert_string_equal(text, "");
	is_now(m, NIC, "e1000e", "");
	is_now(m, DISK, "nvme", "");
	assert_false(fake_exists(m->fake, "state/" NIC ".pci"));
}

static int lock_is_held(const struct kernel *k, int fd)
{
	(void)k;
	(void)fd;
	return -EWOULDBLOCK;
}

static void the_command_that_holds_the_lock_is_named(void **state)
{
	struct machine *m = *state;
	char text[512], path[PATH_MAX];
	struct stat st;

	m->fake->kernel.lock = lock_is_held;
	fake_file(m->fake, "state/lock", "");
	snprintf(path, sizeof(path), "%s/state/lock", m->fake->root);
	assert_int_equal(stat(path, &st), 0);
	/* The first line is of one who waits, as this command does. */
	snprintf(text, sizeof(text),
		 "1: -> FLOCK  ADVISORY  WRITE 8 %02x:%02x:%lu 0 EOF\n"
		 "1: FLOCK  ADVISORY  WRITE 9 %02x:%02x:%lu 0 EOF\n"
		 "2: FLOCK  ADVISORY  WRITE 7 %02x:%02x:%lu 0 EOF\n",
		 major(st.st_dev), minor(st.st_dev), st.st_ino,
		 major(st.st_dev), minor(st.st_dev), st.st_ino + 1,
		 major(st.st_dev), minor(st.st_dev), st.st_ino);
	fake_file(m->fake, "proc/locks", text);
	fake_file(m->fake, "proc/7/comm", "lend\n");
	assert_int_equal(bind_nic(m), -EBUSY);
	assert_non_null(strstr(m->error->evidence, "is held by lend (pid 7)"));
}

static unsigned int lock_failures;

static int lock_is_held_for_a_while(const struct kernel *k, int fd)
{
	return lock_failures && lock_failures-- ? -EWOULDBLOCK
						: kernel_real()->lock(k, fd);
}

static void commands_that_meet_wait_for_each_other(void **state)
{
	struct machine *m = *state;

	m->fake->kernel.lock = lock_is_held_for_a_while;
	lock_failures = 50;
	assert_int_equal(bind_nic(m), 0);
	assert_int_equal(lock_failures, 0);
	is_now(m, NIC, "vfio-pci", "vfio-pci");
}

/* What the kernel still does must not be undone, and must not be waited for
 * again. */
static void an_unbind_that_does_not_end_keeps_its_record(void **state)
{
	struct machine *m = *state;
	char text[512];

	strcpy(m->fake->hangs, NIC "/driver/unbind");
	assert_int_equal(bind_some(m, (const char *[]){DISK, NIC}, 2, text),
			 -ETIMEDOUT);
	assert_int_equal(m->error->code, LEND_ERROR_BUSY);
	assert_string_equal(m->error->device, NIC);
	assert_non_null(strstr(m->error->remedy, "lend restore " NIC));
	is_now(m, DISK, "nvme", "");
	is_now(m, NIC, "e1000e", "vfio-pci");
	assert_true(fake_exists(m->fake, "state/" NIC ".pci"));
	assert_false(fake_exists(m->fake, "state/" DISK ".pci"));

	m->fake->hangs[0] = '\0';
	fake_remove(m->fake, "sys/bus/pci/devices/" NIC "/driver");
	assert_int_equal(restore_all(m, text), 0);
	is_now(m, NIC, "e1000e", "");
	assert_false(fake_exists(m->fake, "state/" NIC ".pci.busy"));
}

static int is_read_only(const struct kernel *k, const char *path, int mode)
{
	(void)k;
	(void)path;
	(void)mode;
	return -EACCES;
}

static void concurrent_changes_are_refused(void **state)
{
	struct machine *m = *state;
	char text[512];

	m->fake->kernel.lock = lock_is_held;
	assert_int_equal(bind_nic(m), -EBUSY);
	assert_int_equal(m->error->code, LEND_ERROR_BUSY);
	assert_int_equal(restore_all(m, text), -EBUSY);
	is_now(m, NIC, "e1000e", "");
}

static void bind_requires_root(void **state)
{
	struct machine *m = *state;

	m->fake->kernel.mkdir = is_read_only;
	assert_int_equal(bind_nic(m), -EACCES);
	assert_int_equal(m->error->code, LEND_ERROR_PERMISSION);
	assert_string_equal(m->error->remedy, "run it as root (sudo)");
	is_now(m, NIC, "e1000e", "");
}

/* A platform device that no driver of the host knows. */
static void bind_test_add_part(struct machine *m)
{
	static const char dir[] = "sys/devices/platform/1000.part";

	fake_file(m->fake, "sys/devices/platform/1000.part/driver_override",
		  "(null)\n");
	fake_file(m->fake, "sys/devices/platform/1000.part/uevent", "");
	fake_link(m->fake, "sys/devices/platform/1000.part/subsystem",
		  "sys/bus/platform");
	fake_link(m->fake, "sys/bus/platform/devices/1000.part", dir);
	fake_file(m->fake, "sys/bus/platform/drivers/vfio-platform/unbind", "");
	fake_file(m->fake, "sys/bus/platform/drivers_probe", "");
	fake_dir(m->fake, "sys/class/iommu/smmu3");
}

static void a_group_may_appear_with_the_driver(void **state)
{
	struct machine *m = *state;
	char text[512];

	bind_test_add_part(m);
	assert_int_equal(bind_some(m, (const char *[]){"1000.part"}, 1, text),
			 -ENODATA);
	assert_string_equal(m->error->remedy, "");
	fake_file(m->fake, "sys/devices/platform/1000.part/of_node/iommus",
		  "12345678");
	assert_int_equal(bind_some(m, (const char *[]){"1000.part"}, 1, text),
			 0);
	assert_string_equal(text, "1000.part >vfio-platform\n");
	/* A device with a driver and without a group gets no group. */
	assert_int_equal(restore_all(m, text), 0);
	fake_file(m->fake, "sys/bus/platform/drivers/part/unbind", "");
	fake_link(m->fake, "sys/devices/platform/1000.part/driver",
		  "sys/bus/platform/drivers/part");
	assert_int_equal(bind_some(m, (const char *[]){"1000.part"}, 1, text),
			 -ENODATA);
}

static void a_device_that_waits_for_a_supplier_is_reported(void **state)
{
	struct machine *m = *state;
	char text[512];

	bind_test_add_part(m);
	fake_file(m->fake, "sys/devices/platform/1000.part/of_node/iommus",
		  "12345678");
	strcpy(m->fake->refuses, "vfio-platform");
	assert_int_equal(bind_some(m, (const char *[]){"1000.part"}, 1, text),
			 -EIO);
	assert_non_null(strstr(m->error->remedy, "reset_required=0"));
	fake_file(m->fake,
		  "sys/devices/platform/1000.part/waiting_for_supplier", "1\n");
	assert_int_equal(bind_some(m, (const char *[]){"1000.part"}, 1, text),
			 -EIO);
	assert_null(strstr(m->error->remedy, "reset_required=0"));
	assert_non_null(strstr(m->error->remedy, "fw_devlink=off"));
}

static void a_group_that_may_appear_has_a_remedy(void **state)
{
	struct machine *m = *state;
	struct lend_address *address;

	bind_test_add_part(m);
	fake_file(m->fake, "sys/devices/platform/1000.part/of_node/iommus",
		  "12345678");
	address = machine_find(m, "1000.part");
	assert_int_equal(lend_address_group(address), -ENODATA);
	assert_string_equal(m->error->remedy, "lend bind 1000.part");
	lend_address_unref(address);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, binding_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(devices_are_bound_and_restored),
		TEST(records_are_on_disk_before_a_device_moves),
		TEST(binding_twice_changes_nothing),
		TEST(a_device_on_a_vfio_driver_is_unchanged),
		TEST(bind_moves_nothing_if_one_device_cannot),
		TEST(a_missing_vfio_driver_names_its_module),
		TEST(a_failed_probe_is_rolled_back),
		TEST(concurrent_changes_are_refused),
		TEST(the_command_that_holds_the_lock_is_named),
		TEST(commands_that_meet_wait_for_each_other),
		TEST(an_unbind_that_does_not_end_keeps_its_record),
		TEST(bind_requires_root),
		TEST(a_group_may_appear_with_the_driver),
		TEST(a_device_that_waits_for_a_supplier_is_reported),
		TEST(a_group_that_may_appear_has_a_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
