// SPDX-License-Identifier: MIT
// Devices that a udev rule binds at each boot: the file, who is refused, and
// what undoes it.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>

#include "admin.h"

#define ROOT  "sys/devices/pci0000:00/"
#define RULES "etc/udev/rules.d/05-lend-bind.rules"
#define NIC   "0000:02:00.0"
#define DISK  "0000:03:00.0"

#define RULE(device, ids, driver)                                              \
	"ACTION==\"add\", SUBSYSTEM==\"pci\", KERNEL==\"" device "\", " ids    \
	"ATTR{driver_override}=\"" driver "\", "                               \
	"ATTR{[subsystem/pci]drivers_probe}=\"" device "\", "                  \
	"RUN{builtin}+=\"kmod load " driver "\"\n"
#define IDS  "ATTR{vendor}==\"0x8086\", ATTR{device}==\"0x10d3\", "
#define SWAP "ATTR{vendor}==\"0x8086\", ATTR{device}==\"0x10d4\", "

/* The drivers of both are modules. */
static void boot_test_begin(struct machine *m)
{
	admin_build_host(m);
	fake_dir(m->fake, "etc/udev/rules.d");
	fake_dir(m->fake, "sys/module/e1000e");
	fake_link(m->fake, "sys/bus/pci/drivers/e1000e/module",
		  "sys/module/e1000e");
	fake_dir(m->fake, "sys/module/nvme");
	fake_link(m->fake, "sys/bus/pci/drivers/nvme/module",
		  "sys/module/nvme");
}

static void boot_test_run(struct machine *m, const char *command,
			  const char *output)
{
	struct admin admin;

	admin_run(&admin, m, command);
	if (admin.err)
		fail_msg("lend %s: %s", command, m->error->what);
	if (!strstr(admin.output, output))
		fail_msg("lend %s: %s", command, admin.output);
	admin_free(&admin);
}

/* Compares the rules without their head; "" for no file. */
static void boot_test_expect(struct machine *m, const char *rules)
{
	char path[256], text[4096];
	struct stat st;
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), "%s/" RULES, m->fake->root);
	file = fopen(path, "re");
	if (!*rules) {
		assert_null(file);
		return;
	}
	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	assert_int_equal(text[0], '#');
	assert_string_equal(strstr(text, "\nACTION") + 1, rules);
}

static void boot_test_is_on(struct machine *m, const char *device,
			    const char *expected)
{
	char driver[64];

	fake_driver(m->fake, device, driver);
	assert_string_equal(driver, expected);
}

/* As the rule does at a boot, where there is no record. */
static void boot_test_reboot(struct machine *m)
{
	fake_remove(m->fake, "state");
	machine_new_ctx(m);
}

static void a_rule_has_the_address_and_the_ids(void **state)
{
	struct machine *m = *state;

	boot_test_begin(m);
	umask(077);
	boot_test_run(m, "bind --persistent --dry-run 02:00.0",
		      NIC "  e1000e -> vfio-pci");
	boot_test_expect(m, "");
	boot_test_run(m, "bind --persistent 02:00.0", NIC "  bound at each");
	boot_test_run(m, "bind --persistent 03:00.0", "update-initramfs");
	boot_test_expect(m, RULE(NIC, IDS, "vfio-pci")
				    RULE(DISK, IDS, "vfio-pci"));
	/* Once more, with another driver than at first. */
	fake_file(m->fake, RULES, RULE(NIC, SWAP, "mlx5_vfio_pci"));
	boot_test_run(m, "bind --persistent --json 02:00.0", "\"moved\": [");
	boot_test_expect(m, RULE(NIC, IDS, "vfio-pci"));
	boot_test_run(m, "restore 02:00.0", NIC "  vfio-pci -> e1000e");
	boot_test_is_on(m, DISK, "vfio-pci");
	boot_test_expect(m, "");
}

static void restore_needs_no_record_of_a_boot(void **state)
{
	struct machine *m = *state;

	boot_test_begin(m);
	boot_test_run(m, "bind --persistent 02:00.0 03:00.0", "");
	boot_test_reboot(m);
	boot_test_run(m, "restore 03:00.0", DISK "  vfio-pci -> nvme");
	boot_test_is_on(m, NIC, "vfio-pci");
	boot_test_expect(m, RULE(NIC, IDS, "vfio-pci"));
	boot_test_run(m, "restore", NIC "  vfio-pci -> e1000e");
	boot_test_expect(m, "");
	/* A device without a rule is what it was. */
	admin_expect_error(m, "restore 04:00.0", LEND_ERROR_STATE,
			   "did not bind it", "", "");
	boot_test_is_on(m, "0000:04:00.0", "vfio-pci");
}

static void a_rule_that_did_nothing_is_removed(void **state)
{
	struct machine *m = *state;

	boot_test_begin(m);
	fake_file(m->fake, RULES, RULE(NIC, IDS, "vfio-pci"));
	boot_test_run(m, "restore 02:00.0", "");
	boot_test_expect(m, "");
	boot_test_is_on(m, NIC, "e1000e");
}

static void a_device_in_use_keeps_its_rule(void **state)
{
	struct machine *m = *state;

	boot_test_begin(m);
	boot_test_run(m, "bind --persistent 02:00.0 03:00.0", "");
	boot_test_reboot(m);
	fake_file(m->fake, "dev/vfio/14", "");
	fake_refuse(m->fake, "dev/vfio/14", 0, EBUSY);
	admin_expect_error(m, "restore", LEND_ERROR_BUSY, "14 is in use", "",
			   "");
	boot_test_is_on(m, DISK, "nvme");
	boot_test_expect(m, RULE(NIC, IDS, "vfio-pci"));
}

static void a_removed_device_is_a_warning(void **state)
{
	struct machine *m = *state;

	boot_test_begin(m);
	fake_file(m->fake, RULES, RULE("0000:09:00.0", IDS, "vfio-pci"));
	boot_test_run(m, "restore", "");
	assert_non_null(strstr(m->log, "0000:09:00.0 is gone or was replaced"));
	boot_test_expect(m, "");
	fake_file(m->fake, RULES, RULE("0000:09:00.0", IDS, "vfio-pci"));
	boot_test_run(m, "bind --forget 09:00.0", "");
	boot_test_expect(m, "");
}

static void another_card_is_left_alone(void **state)
{
	struct machine *m = *state;

	boot_test_begin(m);
	boot_test_run(m, "bind --persistent 02:00.0", "");
	boot_test_reboot(m);
	fake_file(m->fake, ROOT NIC "/device", "0x10d4\n");
	admin_expect_error(m, "restore 02:00.0", LEND_ERROR_STATE,
			   "did not bind it", "", "");
	boot_test_is_on(m, NIC, "vfio-pci");
	boot_test_run(m, "restore", "");
	boot_test_is_on(m, NIC, "vfio-pci");
	boot_test_expect(m, "");
}

static void forget_leaves_the_driver(void **state)
{
	struct machine *m = *state;

	boot_test_begin(m);
	boot_test_run(m, "bind --persistent eth0", "");
	boot_test_run(m, "bind --forget 02:00.0", "");
	boot_test_expect(m, "");
	boot_test_is_on(m, NIC, "vfio-pci");
	admin_expect_error(m, "bind --forget 02:00.0", LEND_ERROR_STATE,
			   "no rule binds it", "05-lend-bind.rules", "");
	admin_expect_error(m, "bind --forget --group 02:00.0",
			   LEND_ERROR_ARGUMENT, "no other option", "", "");
	admin_expect_error(m, "bind --forget", LEND_ERROR_ARGUMENT, "no device",
			   "", "");
}

static void what_a_rule_cannot_bind_is_refused(void **state)
{
	struct machine *m = *state;

	boot_test_begin(m);
	fake_remove(m->fake, "sys/bus/pci/drivers/nvme/module");
	admin_expect_error(m, "bind --persistent 02:00.0 03:00.0",
			   LEND_ERROR_HOST_DRIVER, "nvme is built into", "",
			   "lend-bind@" DISK ".service");
	boot_test_is_on(m, NIC, "e1000e");
	admin_expect_error(m, "bind --persistent fff51000.ethernet",
			   LEND_ERROR_WRONG_TYPE, "only PCI", "",
			   "systemd-escape");
	fake_remove(m->fake, "etc/udev/rules.d");
	admin_expect_error(m, "bind --persistent 02:00.0", LEND_ERROR_SYSTEM,
			   "No such file", "", "mkdir -p ");
	boot_test_is_on(m, NIC, "e1000e");
}

static void lines_of_others_are_kept(void **state)
{
	static const char *const lines[] = {
		"ACTION==\"add\"\n",
		(RULE(NIC, IDS, "vfio-pci") "x\n"),
		RULE(NIC, "ATTR{vendor}==\"0x8086\", ", "vfio-pci"),
		RULE(NIC, IDS "ATTR{device}==\"0x1\", ", "vfio-pci"),
		RULE("", IDS, "vfio-pci"),
		"ACTION==\"add\", SUBSYSTEM==\"pci\", KERNEL==\"" NIC,
	};
	struct machine *m = *state;

	boot_test_begin(m);
	for (unsigned int i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		fake_file(m->fake, RULES, lines[i]);
		admin_expect_error(m, "bind --persistent 02:00.0",
				   LEND_ERROR_STATE, "is not a rule of lend",
				   "", "another file");
		assert_true(fake_exists(m->fake, RULES));
		boot_test_is_on(m, NIC, "e1000e");
	}
}

static void boot_test_check(struct machine *m, const char *line)
{
	struct admin admin;

	admin_run(&admin, m, "check 02:00.0");
	if (!strstr(admin.output, line))
		fail_msg("no '%s' in:\n%s", line, admin.output);
	admin_free(&admin);
	admin_run(&admin, m, "check --json 02:00.0");
	admin_free(&admin);
}

static void check_reports_the_next_boot(void **state)
{
	struct machine *m = *state;
	struct admin admin;

	boot_test_begin(m);
	admin_run(&admin, m, "check 02:00.0");
	assert_null(strstr(admin.output, "boot,"));
	assert_null(strstr(admin.output, "each boot"));
	admin_free(&admin);
	boot_test_run(m, "bind --force 02:00.0", "");
	boot_test_check(m, "ok    " NIC ": bound until the next boot");
	boot_test_run(m, "bind --persistent 02:00.0", "");
	boot_test_check(m, "ok    " NIC ": bound to vfio-pci at each boot");
	fake_file(m->fake, "etc/driverctl.d/" NIC, "igb\n");
	boot_test_check(m, "warn  " NIC ": driverctl sets its driver at boot "
			   "too");
	fake_remove(m->fake, "etc/driverctl.d");
	fake_file(m->fake, ROOT NIC "/device", "0x10d4\n");
	boot_test_check(m, "warn  " NIC ": the rule of the next boot is for "
			   "8086:10d3, and found 8086:10d4");
	fake_file(m->fake, RULES, "x\n");
	boot_test_check(m, "05-lend-bind.rules: line 1 is not a rule");
	fake_remove(m->fake, RULES);
	fake_link(m->fake, RULES, RULES);
	boot_test_check(m, "05-lend-bind.rules: Too many levels");
}

static void check_reports_a_rule_without_effect(void **state)
{
	struct machine *m = *state;

	boot_test_begin(m);
	fake_file(m->fake, RULES, RULE(NIC, IDS, "vfio-pci"));
	boot_test_check(m, "its driver is e1000e now");
	fake_remove(m->fake, "sys/bus/pci/drivers/e1000e/module");
	boot_test_check(m, "e1000e is built into the kernel");
	fake_remove(m->fake, RULES);
	fake_file(m->fake, "etc/driverctl.d/pci-" NIC, "vfio-pci\n");
	boot_test_check(m, "driverctl sets its driver at boot\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(a_rule_has_the_address_and_the_ids),
		MACHINE_TEST(restore_needs_no_record_of_a_boot),
		MACHINE_TEST(a_rule_that_did_nothing_is_removed),
		MACHINE_TEST(a_device_in_use_keeps_its_rule),
		MACHINE_TEST(a_removed_device_is_a_warning),
		MACHINE_TEST(another_card_is_left_alone),
		MACHINE_TEST(forget_leaves_the_driver),
		MACHINE_TEST(what_a_rule_cannot_bind_is_refused),
		MACHINE_TEST(lines_of_others_are_kept),
		MACHINE_TEST(check_reports_the_next_boot),
		MACHINE_TEST(check_reports_a_rule_without_effect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
