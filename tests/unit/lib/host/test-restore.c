// SPDX-License-Identifier: MIT
// Restoring: the previous state of each device, whatever happened to the device
// or its record.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "binding.h"

static void one_device_can_be_restored(void **state)
{
	struct machine *m = *state;
	struct lend_address *disk = machine_find(m, DISK);
	char text[512];

	assert_int_equal(bind_some(m, (const char *[]){NIC, DISK}, 2, text), 0);
	assert_int_equal(lend_restore(m->ctx, &disk, 1, NULL), 0);
	is_now(m, NIC, "vfio-pci", "vfio-pci");
	is_now(m, DISK, "nvme", "");
	assert_int_equal(lend_restore(m->ctx, &disk, 1, NULL), -ENOENT);
	assert_int_equal(m->error->code, LEND_ERROR_STATE);
	lend_address_unref(disk);
}

static void a_device_without_a_driver_is_restored_to_none(void **state)
{
	struct machine *m = *state;
	char text[512];

	fake_add_pci(m->fake, "0000:00:07.0", NULL, 3);
	assert_int_equal(
		bind_some(m, (const char *[]){"0000:00:07.0"}, 1, text), 0);
	assert_string_equal(text, "0000:00:07.0 >vfio-pci\n");
	assert_int_equal(restore_all(m, text), 0);
	is_now(m, "0000:00:07.0", "", "");
}

static void an_override_is_restored(void **state)
{
	static const char *const overrides[] = {"vfio-pci", "e1000e", "none"};
	struct machine *m = *state;
	char text[512];

	for (unsigned int i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "%s\n", overrides[i]);
		fake_file(m->fake,
			  "sys/bus/pci/devices/" NIC "/driver_override", text);
		assert_int_equal(bind_nic(m), 0);
		assert_int_equal(restore_all(m, text), 0);
		is_now(m, NIC, "e1000e", overrides[i]);
	}
}

static void a_missing_host_driver_is_named(void **state)
{
	struct machine *m = *state;
	char text[512];

	fake_link(m->fake, "sys/bus/pci/drivers/e1000e/module",
		  "sys/module/its_module");
	assert_int_equal(bind_some(m, (const char *[]){NIC, DISK}, 2, text), 0);
	fake_remove(m->fake, "sys/bus/pci/drivers/e1000e");
	assert_int_equal(restore_all(m, text), -EIO);
	assert_int_equal(m->error->code, LEND_ERROR_HOST_DRIVER);
	assert_string_equal(m->error->device, NIC);
	assert_non_null(strstr(m->error->what, "e1000e"));
	assert_non_null(strstr(m->error->remedy,
			       "modprobe its_module && lend restore " NIC));
	is_now(m, DISK, "nvme", "");
	is_now(m, NIC, "", "");

	fake_add_driver(m->fake, "e1000e");
	assert_int_equal(restore_all(m, text), 0);
	is_now(m, NIC, "e1000e", "");
}

static void a_host_driver_that_refuses_needs_no_module(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_nic(m), 0);
	strcpy(m->fake->refuses, "e1000e");
	assert_int_equal(restore_all(m, text), -EIO);
	assert_int_equal(m->error->code, LEND_ERROR_HOST_DRIVER);
	assert_null(strstr(m->error->remedy, "modprobe"));
	assert_non_null(strstr(m->error->remedy, "lend restore " NIC));
	m->fake->refuses[0] = '\0';
	assert_int_equal(restore_all(m, text), 0);
	is_now(m, NIC, "e1000e", "");
}

/* Another card was plugged in, or numbered, there. */
static void the_record_of_another_device_is_dropped(void **state)
{
	static const char file[] = "sys/bus/pci/devices/" NIC "/modalias";
	struct machine *m = *state;
	char text[512];

	fake_file(m->fake, file, "pci:v00008086d000010D3\n");
	assert_int_equal(bind_nic(m), 0);
	fake_file(m->fake, file, "pci:v000010DEd000026BA\n");
	fake_remove(m->fake, "sys/bus/pci/devices/" NIC "/driver");
	assert_int_equal(restore_all(m, text), 0);
	assert_non_null(strstr(m->log, "another device"));
	is_now(m, NIC, "", "vfio-pci");
	assert_false(fake_exists(m->fake, "state/" NIC ".pci"));
}

/* Nor is it taken for the state before an interrupted bind. */
static void a_bind_replaces_the_record_of_another_device(void **state)
{
	static const char file[] = "sys/bus/pci/devices/" NIC "/modalias";
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_nic(m), 0);
	fake_file(m->fake, file, "pci:v000010DEd000026BA\n");
	fake_remove(m->fake, "sys/bus/pci/devices/" NIC "/driver");
	fake_file(m->fake, "sys/bus/pci/devices/" NIC "/driver_override",
		  "(null)\n");
	assert_int_equal(bind_nic(m), 0);
	assert_int_equal(restore_all(m, text), 0);
	is_now(m, NIC, "", "");
}

static void restore_keeps_a_driver_that_was_bound_since(void **state)
{
	static const char link[] = "sys/bus/pci/devices/" NIC "/driver";
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_nic(m), 0);
	fake_remove(m->fake, link);
	fake_link(m->fake, link, "sys/bus/pci/drivers/nvme");
	assert_int_equal(restore_all(m, text), 0);
	assert_non_null(strstr(m->log, "nvme was bound"));
	is_now(m, NIC, "nvme", "");
	assert_false(fake_exists(m->fake, "state/" NIC ".pci"));
}

static void restore_refuses_a_group_in_use(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_nic(m), 0);
	fake_file(m->fake, "dev/vfio/1", "");
	fake_link(m->fake, "proc/7/fd/3", "dev/vfio/1");
	assert_int_equal(restore_all(m, text), -EBUSY);
	assert_int_equal(m->error->code, LEND_ERROR_BUSY);
	assert_non_null(strstr(m->error->evidence, "pid 7"));
	is_now(m, NIC, "vfio-pci", "vfio-pci");
	fake_remove(m->fake, "proc/7");
	assert_int_equal(restore_all(m, text), 0);
	is_now(m, NIC, "e1000e", "");
}

/* A holder that procfs does not show. */
static void a_restore_that_does_not_end_can_be_repeated(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_some(m, (const char *[]){NIC, DISK}, 2, text), 0);
	strcpy(m->fake->hangs, NIC "/driver/unbind");
	assert_int_equal(restore_all(m, text), -ETIMEDOUT);
	assert_int_equal(m->error->code, LEND_ERROR_BUSY);
	assert_non_null(strstr(m->error->what, "still waits"));
	is_now(m, DISK, "nvme", "");
	assert_true(fake_exists(m->fake, "state/" NIC ".pci"));
	m->fake->hangs[0] = '\0';
	assert_int_equal(restore_all(m, text), 0);
	is_now(m, NIC, "e1000e", "");
}

static int lock_of_nic_is_held(const struct kernel *k, int fd)
{
	const struct fake_sysfs *fake = (const void *)k;

	return strstr(fake->paths[fd], NIC) ? -EWOULDBLOCK
					    : kernel_real()->lock(k, fd);
}

/* Reading its override would sleep in the kernel too. */
static void a_device_that_the_kernel_still_changes_is_left_alone(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_some(m, (const char *[]){NIC, DISK}, 2, text), 0);
	m->fake->kernel.lock = lock_of_nic_is_held;
	assert_int_equal(restore_all(m, text), -EBUSY);
	assert_string_equal(m->error->device, NIC);
	assert_non_null(strstr(m->error->what, "an earlier change"));
	is_now(m, DISK, "nvme", "");
	is_now(m, NIC, "vfio-pci", "vfio-pci");
	assert_true(fake_exists(m->fake, "state/" NIC ".pci"));
}

static void damaged_records_are_reported(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"lend-bind 1\n",
		"lend-bind 2\ndevice " NIC
		"\nbus pci\ndriver e1000e\noverride \nend\n",
		"lend-bind 1\ndevice " NIC
		"\nbus pci\ndriver e1000e\noverride \n",
		"lend-bind 1\ndevice " DISK
		"\nbus pci\ndriver e1000e\noverride \nend\n",
		"lend-bind 1\ndevice " NIC
		"\nbus usb\ndriver e1000e\noverride \nend\n",
		"lend-bind 1\ndevice " NIC
		"\nbus platform\ndriver e1000e\noverride \nend\n",
		"lend-bind 1\ndevice " NIC
		"\nbus pci\ndriver e1000e\noverride \nend\nmore\n",
	};
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_nic(m), 0);
	for (unsigned int i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		fake_file(m->fake, "state/" NIC ".pci", texts[i]);
		assert_int_equal(restore_all(m, text), -EBADMSG);
		assert_int_equal(m->error->code, LEND_ERROR_STATE);
		assert_non_null(strstr(m->error->what, "state/" NIC ".pci"));
		is_now(m, NIC, "vfio-pci", "vfio-pci");
	}
}

static void one_failure_does_not_stop_the_others(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_some(m, (const char *[]){NIC, DISK}, 2, text), 0);
	fake_file(m->fake, "state/" NIC ".pci", "x");
	fake_file(m->fake, "state/strange", "x");
	fake_file(m->fake, "state/new", "x");
	assert_int_equal(restore_all(m, text), -EBADMSG);
	is_now(m, DISK, "nvme", "");
}

static void the_first_failure_is_returned(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_some(m, (const char *[]){NIC, DISK}, 2, text), 0);
	fake_file(m->fake, "state/" NIC ".pci", "x");
	strcpy(m->fake->refuses, "nvme");
	assert_int_equal(restore_all(m, text), -EBADMSG);
	assert_int_equal(m->error->code, LEND_ERROR_STATE);
	assert_string_equal(m->error->device, NIC);
	assert_non_null(strstr(m->log, DISK ": nvme did not bind to it"));
}

static void the_record_of_a_removed_device_is_deleted(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_nic(m), 0);
	fake_remove(m->fake, "sys/bus/pci/devices/" NIC);
	assert_int_equal(restore_all(m, text), 0);
	assert_non_null(strstr(m->log, NIC " is no longer present"));
	assert_false(fake_exists(m->fake, "state/" NIC ".pci"));
}

/* As a udev rule does. */
static void restore_test_bind_by_rule(struct machine *m)
{
	fake_file(m->fake, "sys/devices/pci0000:00/" NIC "/driver_override",
		  "vfio-pci\n");
	fake_remove(m->fake, "sys/devices/pci0000:00/" NIC "/driver");
	fake_link(m->fake, "sys/devices/pci0000:00/" NIC "/driver",
		  "sys/bus/pci/drivers/vfio-pci");
}

static void what_nobody_recorded_goes_to_any_driver(void **state)
{
	struct lend_bind_options options = {.size = sizeof(options)};
	struct machine *m = *state;
	struct lend_address *nic = machine_find(m, NIC);

	restore_test_bind_by_rule(m);
	assert_int_equal(lend_restore(m->ctx, &nic, 1, &options), -ENOENT);
	is_now(m, NIC, "vfio-pci", "vfio-pci");
	options.unrecorded = true;
	assert_int_equal(lend_restore(m->ctx, &nic, 1, &options), 0);
	is_now(m, NIC, "e1000e", "");
	/* It is on a host driver. */
	assert_int_equal(lend_restore(m->ctx, &nic, 1, &options), -ENOENT);
	assert_int_equal(m->error->code, LEND_ERROR_STATE);
	/* No driver matches. */
	restore_test_bind_by_rule(m);
	strcpy(m->fake->refuses, "e1000e");
	assert_int_equal(lend_restore(m->ctx, &nic, 1, &options), 0);
	is_now(m, NIC, "", "");
	lend_address_unref(nic);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, binding_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_device_can_be_restored),
		TEST(a_device_without_a_driver_is_restored_to_none),
		TEST(an_override_is_restored),
		TEST(a_missing_host_driver_is_named),
		TEST(a_host_driver_that_refuses_needs_no_module),
		TEST(the_record_of_another_device_is_dropped),
		TEST(a_bind_replaces_the_record_of_another_device),
		TEST(restore_keeps_a_driver_that_was_bound_since),
		TEST(restore_refuses_a_group_in_use),
		TEST(a_restore_that_does_not_end_can_be_repeated),
		TEST(a_device_that_the_kernel_still_changes_is_left_alone),
		TEST(damaged_records_are_reported),
		TEST(one_failure_does_not_stop_the_others),
		TEST(the_first_failure_is_returned),
		TEST(the_record_of_a_removed_device_is_deleted),
		TEST(what_nobody_recorded_goes_to_any_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
