// SPDX-License-Identifier: MIT
// Binding and restoring: what is moved, what is refused, what is remembered.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "machine.h"

#define NIC  "0000:00:05.0"
#define DISK "0000:00:06.0"

static int setup(void **state)
{
	struct machine *m;

	machine_setup(state);
	m = *state;
	fake_add_driver(m->fake, "vfio-pci");
	fake_add_pci(m->fake, NIC, "e1000e", 1);
	fake_add_pci(m->fake, DISK, "nvme", 2);
	return 0;
}

static void moved(void *opaque, const char *device, const char *from,
		  const char *to)
{
	char *text = opaque;
	size_t used = strlen(text);

	snprintf(text + used, 512 - used, "%s %s>%s\n", device, from, to);
}

static int bind(struct machine *m, const char *names[], unsigned int count,
		char text[512])
{
	const struct lend_bind_options options = {
		.size = sizeof(options),
		.moved = moved,
		.opaque = text,
	};
	struct lend_address *a[4];
	int error;

	text[0] = '\0';
	for (unsigned int i = 0; i < count; i++)
		a[i] = machine_find(m, names[i]);
	error = lend_bind(m->ctx, a, count, &options);
	for (unsigned int i = 0; i < count; i++)
		lend_address_unref(a[i]);
	return error;
}

static int bind_nic(struct machine *m)
{
	char text[512];

	return bind(m, (const char *[]){NIC}, 1, text);
}

static int restore(struct machine *m, char text[512])
{
	const struct lend_bind_options options = {
		.size = sizeof(options),
		.moved = moved,
		.opaque = text,
	};

	text[0] = '\0';
	return lend_restore(m->ctx, NULL, 0, &options);
}

static void is_now(struct machine *m, const char *device, const char *driver,
		   const char *override)
{
	char text[64];

	fake_driver(m->fake, device, text);
	assert_string_equal(text, driver);
	fake_override(m->fake, device, text);
	assert_string_equal(text, override);
}

static void devices_go_and_come_back(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind(m, (const char *[]){NIC, DISK}, 2, text), 0);
	assert_string_equal(text,
			    NIC " e1000e>vfio-pci\n" DISK " nvme>vfio-pci\n");
	is_now(m, NIC, "vfio-pci", "vfio-pci");
	is_now(m, DISK, "vfio-pci", "vfio-pci");
	machine_new_ctx(m);
	assert_int_equal(restore(m, text), 0);
	assert_string_equal(text,
			    NIC " vfio-pci>e1000e\n" DISK " vfio-pci>nvme\n");
	is_now(m, NIC, "e1000e", "");
	is_now(m, DISK, "nvme", "");
	assert_int_equal(restore(m, text), 0);
	assert_string_equal(text, "");
}

static void records_are_safe_before_anything_moves(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind(m, (const char *[]){NIC, DISK}, 2, text), 0);
	assert_false(m->fake->is_rash);
}

static void one_device_can_be_restored(void **state)
{
	struct machine *m = *state;
	struct lend_address *disk = machine_find(m, DISK);
	char text[512];

	assert_int_equal(bind(m, (const char *[]){NIC, DISK}, 2, text), 0);
	assert_int_equal(lend_restore(m->ctx, &disk, 1, NULL), 0);
	is_now(m, NIC, "vfio-pci", "vfio-pci");
	is_now(m, DISK, "nvme", "");
	assert_int_equal(lend_restore(m->ctx, &disk, 1, NULL), -ENOENT);
	assert_int_equal(m->error->code, LEND_ERROR_STATE);
	lend_address_unref(disk);
}

static void binding_twice_changes_nothing(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind(m, (const char *[]){NIC, NIC}, 2, text), 0);
	assert_string_equal(text, NIC " e1000e>vfio-pci\n");
	assert_int_equal(bind(m, (const char *[]){NIC}, 1, text), 0);
	assert_string_equal(text, "");
	assert_int_equal(restore(m, text), 0);
	is_now(m, NIC, "e1000e", "");
}

static void what_was_bound_before_is_left_alone(void **state)
{
	struct machine *m = *state;
	char text[512];

	fake_add_pci(m->fake, "0000:00:07.0", "mlx5_vfio_pci", 3);
	assert_int_equal(bind(m, (const char *[]){"0000:00:07.0"}, 1, text), 0);
	assert_string_equal(text, "");
	assert_false(fake_exists(m->fake, "state"));
	assert_int_equal(restore(m, text), 0);
	is_now(m, "0000:00:07.0", "mlx5_vfio_pci", "");
}

static void a_device_without_driver_gets_none_back(void **state)
{
	struct machine *m = *state;
	char text[512];

	fake_add_pci(m->fake, "0000:00:07.0", NULL, 3);
	assert_int_equal(bind(m, (const char *[]){"0000:00:07.0"}, 1, text), 0);
	assert_string_equal(text, "0000:00:07.0 >vfio-pci\n");
	assert_int_equal(restore(m, text), 0);
	is_now(m, "0000:00:07.0", "", "");
}

static void an_override_comes_back(void **state)
{
	static const char *const overrides[] = {"vfio-pci", "e1000e", "none"};
	struct machine *m = *state;
	char text[512];

	for (unsigned int i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "%s\n", overrides[i]);
		fake_file(m->fake,
			  "sys/bus/pci/devices/" NIC "/driver_override", text);
		assert_int_equal(bind_nic(m), 0);
		assert_int_equal(restore(m, text), 0);
		is_now(m, NIC, "e1000e", overrides[i]);
	}
}

static void nothing_moves_where_one_cannot(void **state)
{
	static const struct {
		const char *name;
		int error;
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
		assert_int_equal(
			bind(m, (const char *[]){NIC, cases[i].name}, 2, text),
			cases[i].error);
		assert_int_equal(m->error->code, cases[i].code);
		assert_string_equal(m->error->device, cases[i].name);
		assert_string_equal(text, "");
		is_now(m, NIC, "e1000e", "");
		assert_false(fake_exists(m->fake, "state"));
	}
}

static void a_missing_vfio_names_the_module(void **state)
{
	struct machine *m = *state;

	fake_remove(m->fake, "sys/bus/pci/drivers/vfio-pci");
	assert_int_equal(bind_nic(m), -ENOENT);
	assert_int_equal(m->error->code, LEND_ERROR_NO_VFIO);
	assert_string_equal(m->error->remedy, "modprobe vfio-pci");
	is_now(m, NIC, "e1000e", "");
}

static void a_refusing_driver_undoes_all(void **state)
{
	struct machine *m = *state;
	char text[512];

	strcpy(m->fake->refuses, "vfio-pci");
	assert_int_equal(bind(m, (const char *[]){NIC, DISK}, 2, text), -EIO);
	assert_int_equal(m->error->code, LEND_ERROR_HOST_DRIVER);
	assert_string_equal(m->error->device, NIC);
	assert_string_equal(text, "");
	is_now(m, NIC, "e1000e", "");
	is_now(m, DISK, "nvme", "");
	assert_false(fake_exists(m->fake, "state/" NIC ".pci"));
}

static void a_missing_host_driver_is_named(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind(m, (const char *[]){NIC, DISK}, 2, text), 0);
	strcpy(m->fake->refuses, "e1000e");
	assert_int_equal(restore(m, text), -EIO);
	assert_int_equal(m->error->code, LEND_ERROR_HOST_DRIVER);
	assert_string_equal(m->error->device, NIC);
	assert_non_null(strstr(m->error->what, "e1000e"));
	assert_non_null(strstr(m->error->remedy, "modprobe e1000e"));
	is_now(m, DISK, "nvme", "");
	is_now(m, NIC, "", "");

	m->fake->refuses[0] = '\0';
	assert_int_equal(restore(m, text), 0);
	is_now(m, NIC, "e1000e", "");
}

static void what_another_has_rebound_is_kept(void **state)
{
	static const char link[] = "sys/bus/pci/devices/" NIC "/driver";
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_nic(m), 0);
	fake_remove(m->fake, link);
	fake_link(m->fake, link, "sys/bus/pci/drivers/nvme");
	assert_int_equal(restore(m, text), 0);
	assert_non_null(strstr(m->log, "nvme has it now"));
	is_now(m, NIC, "nvme", "");
	assert_false(fake_exists(m->fake, "state/" NIC ".pci"));
}

static void a_group_in_use_is_not_pulled_away(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_nic(m), 0);
	fake_file(m->fake, "dev/vfio/1", "");
	fake_link(m->fake, "proc/7/fd/3", "dev/vfio/1");
	assert_int_equal(restore(m, text), -EBUSY);
	assert_int_equal(m->error->code, LEND_ERROR_BUSY);
	assert_non_null(strstr(m->error->evidence, "pid 7"));
	is_now(m, NIC, "vfio-pci", "vfio-pci");
	fake_remove(m->fake, "proc/7");
	assert_int_equal(restore(m, text), 0);
	is_now(m, NIC, "e1000e", "");
}

static void damaged_records_are_named(void **state)
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
		assert_int_equal(restore(m, text), -EBADMSG);
		assert_int_equal(m->error->code, LEND_ERROR_STATE);
		assert_non_null(strstr(m->error->what, "state/" NIC ".pci"));
		is_now(m, NIC, "vfio-pci", "vfio-pci");
	}
}

static void one_failure_does_not_hold_up_the_others(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind(m, (const char *[]){NIC, DISK}, 2, text), 0);
	fake_file(m->fake, "state/" NIC ".pci", "x");
	fake_file(m->fake, "state/strange", "x");
	fake_file(m->fake, "state/new", "x");
	assert_int_equal(restore(m, text), -EBADMSG);
	is_now(m, DISK, "nvme", "");
}

static void the_first_failure_is_the_one_returned(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind(m, (const char *[]){NIC, DISK}, 2, text), 0);
	fake_file(m->fake, "state/" NIC ".pci", "x");
	strcpy(m->fake->refuses, "nvme");
	assert_int_equal(restore(m, text), -EBADMSG);
	assert_int_equal(m->error->code, LEND_ERROR_STATE);
	assert_string_equal(m->error->device, NIC);
	assert_non_null(strstr(m->log, DISK ": nvme did not take it"));
}

static void a_device_that_is_gone_is_forgotten(void **state)
{
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_nic(m), 0);
	fake_remove(m->fake, "sys/bus/pci/devices/" NIC);
	assert_int_equal(restore(m, text), 0);
	assert_non_null(strstr(m->log, NIC " is gone"));
	assert_false(fake_exists(m->fake, "state/" NIC ".pci"));
}

static int lock_is_held(const struct kernel *k, int fd)
{
	(void)k;
	(void)fd;
	return -EWOULDBLOCK;
}

static int is_read_only(const struct kernel *k, const char *path, int mode)
{
	(void)k;
	(void)path;
	(void)mode;
	return -EACCES;
}

static void two_at_a_time_are_kept_apart(void **state)
{
	struct machine *m = *state;
	char text[512];

	m->fake->kernel.lock = lock_is_held;
	assert_int_equal(bind_nic(m), -EBUSY);
	assert_int_equal(m->error->code, LEND_ERROR_BUSY);
	assert_int_equal(restore(m, text), -EBUSY);
	is_now(m, NIC, "e1000e", "");
}

static void it_takes_root(void **state)
{
	struct machine *m = *state;

	m->fake->kernel.mkdir = is_read_only;
	assert_int_equal(bind_nic(m), -EACCES);
	assert_int_equal(m->error->code, LEND_ERROR_PERMISSION);
	assert_string_equal(m->error->remedy, "run it as root (sudo)");
	is_now(m, NIC, "e1000e", "");
}

/* A platform device that no driver of the host knows. */
static void add_part(struct machine *m)
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

static void a_group_may_come_with_the_driver(void **state)
{
	struct machine *m = *state;
	char text[512];

	add_part(m);
	assert_int_equal(bind(m, (const char *[]){"1000.part"}, 1, text),
			 -ENODATA);
	assert_string_equal(m->error->remedy, "");
	fake_file(m->fake, "sys/devices/platform/1000.part/of_node/iommus",
		  "12345678");
	assert_int_equal(bind(m, (const char *[]){"1000.part"}, 1, text), 0);
	assert_string_equal(text, "1000.part >vfio-platform\n");
	/* Who has a driver and still no group gets none. */
	assert_int_equal(restore(m, text), 0);
	fake_file(m->fake, "sys/bus/platform/drivers/part/unbind", "");
	fake_link(m->fake, "sys/devices/platform/1000.part/driver",
		  "sys/bus/platform/drivers/part");
	assert_int_equal(bind(m, (const char *[]){"1000.part"}, 1, text),
			 -ENODATA);
}

static void who_waits_for_another_is_told_so(void **state)
{
	struct machine *m = *state;
	char text[512];

	add_part(m);
	fake_file(m->fake, "sys/devices/platform/1000.part/of_node/iommus",
		  "12345678");
	strcpy(m->fake->refuses, "vfio-platform");
	assert_int_equal(bind(m, (const char *[]){"1000.part"}, 1, text), -EIO);
	assert_non_null(strstr(m->error->remedy, "reset_required=0"));
	fake_file(m->fake,
		  "sys/devices/platform/1000.part/waiting_for_supplier", "1\n");
	assert_int_equal(bind(m, (const char *[]){"1000.part"}, 1, text), -EIO);
	assert_null(strstr(m->error->remedy, "reset_required=0"));
	assert_non_null(strstr(m->error->remedy, "fw_devlink=off"));
}

static void what_may_get_a_group_is_told_how(void **state)
{
	struct machine *m = *state;
	struct lend_address *address;

	add_part(m);
	fake_file(m->fake, "sys/devices/platform/1000.part/of_node/iommus",
		  "12345678");
	address = machine_find(m, "1000.part");
	assert_int_equal(lend_address_group(address), -ENODATA);
	assert_string_equal(m->error->remedy, "lend bind 1000.part");
	lend_address_unref(address);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(devices_go_and_come_back),
		TEST(records_are_safe_before_anything_moves),
		TEST(one_device_can_be_restored),
		TEST(binding_twice_changes_nothing),
		TEST(what_was_bound_before_is_left_alone),
		TEST(a_device_without_driver_gets_none_back),
		TEST(an_override_comes_back),
		TEST(nothing_moves_where_one_cannot),
		TEST(a_missing_vfio_names_the_module),
		TEST(a_refusing_driver_undoes_all),
		TEST(a_missing_host_driver_is_named),
		TEST(what_another_has_rebound_is_kept),
		TEST(a_group_in_use_is_not_pulled_away),
		TEST(damaged_records_are_named),
		TEST(one_failure_does_not_hold_up_the_others),
		TEST(the_first_failure_is_the_one_returned),
		TEST(a_device_that_is_gone_is_forgotten),
		TEST(two_at_a_time_are_kept_apart),
		TEST(it_takes_root),
		TEST(a_group_may_come_with_the_driver),
		TEST(who_waits_for_another_is_told_so),
		TEST(what_may_get_a_group_is_told_how),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
