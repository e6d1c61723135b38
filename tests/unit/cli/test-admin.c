// SPDX-License-Identifier: MIT
// The output of the administrator's commands, as text and as JSON, and their
// errors.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "admin.h"

#define UUID "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
#define MTTY "sys/devices/virtual/mtty/mtty/"

static void devices_are_listed(void **state)
{
	struct machine *m = *state;

	admin_build_host(m);
	admin_expect(m, "list", "list.txt");
	admin_expect(m, "list --group", "list-group.txt");
	admin_expect(m, "list --all", "list-all.txt");
	admin_expect(m, "list --json", "list.json");
	/* With a header on a terminal alone. */
	admin_expect_on_terminal(m, "list", "list-terminal.txt");
	admin_expect_on_terminal(m, "list --group", "list-group-terminal.txt");
}

static void empty_machine_has_an_empty_list(void **state)
{
	struct machine *m = *state;
	struct admin admin;

	admin_run(&admin, m, "list");
	assert_int_equal(admin.err, 0);
	assert_string_equal(admin.output, "");
	admin_free(&admin);
}

static void devices_are_shown(void **state)
{
	struct machine *m = *state;

	admin_build_host(m);
	admin_expect(m, "show 02:00.0", "show.txt");
	admin_expect(m, "show 02:00.0 --json", "show.json");
	admin_expect(m, "show 4:0.0", "show-vfio.txt");
	admin_expect(m, "show vfio-platform,host=fff51000.ethernet",
		     "show-platform.txt");
	admin_expect(m, "show " UUID, "show-mdev.txt");
}

/* The configuration space of a Realtek NIC. */
static void quirks_of_a_device_are_shown(void **state)
{
	static const unsigned char ids[12] = {0xec, 0x10, 0x68, 0x81, [11] = 2};
	struct machine *m = *state;
	char path[4096];
	int fd;

	admin_build_host(m);
	snprintf(path, sizeof(path),
		 "%s/sys/devices/pci0000:00/0000:02:00.0/config",
		 m->fake->root);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, ids, 4, 0), 4);
	assert_int_equal(pwrite(fd, ids + 8, 4, 8), 4);
	close(fd);
	admin_expect(m, "show 02:00.0", "show-quirks.txt");
}

/* Fails if the output holds bytes that a terminal would act on. */
static void assert_harmless(struct machine *m, const char *command)
{
	struct admin admin;
	char *clean;

	admin_run(&admin, m, command);
	assert_true(admin.err >= 0);
	for (char *c = admin.output; (c = strchr(c, '\n'));)
		*c = ' ';
	clean = strdup(admin.output);
	assert_non_null(clean);
	lend_text_clean(clean);
	if (strcmp(clean, admin.output))
		fail_msg("lend %s prints raw: %s", command, clean);
	free(clean);
	admin_free(&admin);
}

/* Names that would clear a terminal's screen, or that are not UTF-8. */
#define EVIL_ESCAPE "\033[2J"
#define EVIL_CSI                                                               \
	"\xc2\x9b"                                                             \
	"2J"
#define EVIL_BYTES                                                             \
	"\x9b"                                                                 \
	"2J\xff"

static void hostile_names_do_not_reach_the_terminal(void **state)
{
	static const char *const commands[] = {
		"list",
		"show 02:00.0",
		"check 02:00.0",
		"mdev types",
		"reset --dry-run --force 02:00.0",
		"bind --force --dry-run 02:00.0",
		"sriov 02:00.0",
	};
	struct machine *m = *state;
	char command[4200];

	admin_build_host(m);
	fake_add_driver(m->fake, EVIL_BYTES);
	fake_remove(m->fake, "sys/devices/pci0000:00/0000:02:00.0/driver");
	fake_link(m->fake, "sys/devices/pci0000:00/0000:02:00.0/driver",
		  "sys/bus/pci/drivers/" EVIL_BYTES);
	fake_file(m->fake, "sys/devices/pci0000:00/0000:02:00.0/label",
		  EVIL_CSI "\n");
	fake_file(m->fake, "sys/devices/pci0000:00/0000:02:00.0/reset_method",
		  EVIL_ESCAPE EVIL_CSI "\n");
	fake_file(m->fake, MTTY "mdev_supported_types/mtty-1/name",
		  EVIL_ESCAPE "\n");
	fake_file(m->fake, MTTY "mdev_supported_types/" EVIL_BYTES "/create",
		  "");
	fake_add_pci(m->fake, EVIL_BYTES, "vfio-pci", 20);
	fake_link(m->fake, "sys/devices/pci0000:00/0000:02:00.0/virtfn0",
		  "sys/devices/pci0000:00/" EVIL_BYTES);
	fake_file(m->fake, "sys/devices/pci0000:00/0000:02:00.0/sriov_numvfs",
		  "1\n");
	fake_file(m->fake, MTTY EVIL_BYTES "/remove", "");
	fake_link(m->fake, MTTY EVIL_BYTES "/subsystem", "sys/bus/mdev");
	for (unsigned int i = 0; i < sizeof(commands) / sizeof(commands[0]);
	     i++) {
		assert_harmless(m, commands[i]);
		snprintf(command, sizeof(command), "%s --json", commands[i]);
		assert_harmless(m, command);
	}
	snprintf(command, sizeof(command), "mdev remove %s/%s", m->fake->root,
		 MTTY EVIL_BYTES);
	assert_harmless(m, command);
}

static void device_tree_node_is_printed(void **state)
{
	struct machine *m = *state;

	admin_build_host(m);
	admin_expect(m, "dt fff51000.ethernet", "dt.txt");
	admin_expect(m, "dt --json vfio-calxeda-xgmac,host=fff51000.ethernet",
		     "dt.json");
	admin_expect_error(m, "dt 02:00.0", LEND_ERROR_WRONG_TYPE,
			   "not a platform device", "", "no node is needed");
	admin_expect_error(m, "dt serial8250", LEND_ERROR_NO_DEVICE,
			   "no node in the host's device tree", "of_node", "");
	admin_expect_error(m, "dt vfio-amd-xgbe,host=fff51000.ethernet",
			   LEND_ERROR_WRONG_TYPE,
			   "not compatible with amd,xgbe-seattle-v1a",
			   "calxeda,hb-xgmac", "vfio-platform");
	admin_expect_error(m, "dt --dt-overlay /none fff51000.ethernet",
			   LEND_ERROR_ARGUMENT, "/none: No such file", "", "");
	admin_expect_error(m, "dt --dt-overlay /proc/version serial8250 x",
			   LEND_ERROR_ARGUMENT, "one DEVICE", "", "");
	admin_expect_error(m,
			   "dt --dt-overlay /proc/version "
			   "fff51000.ethernet",
			   LEND_ERROR_ARGUMENT, "not a flattened device tree",
			   "", "dtc");
	/* If the tree is incomplete, the device is opened. */
	fake_remove(m->fake, "sys/firmware/devicetree/base/gic/phandle");
	admin_expect_error(m, "dt fff51000.ethernet", LEND_ERROR_SYSTEM, "",
			   "does not describe its interrupts", "");
}

static void unreadable_capabilities_are_reported(void **state)
{
	struct machine *m = *state;
	struct admin admin;

	admin_build_host(m);
	fake_file(m->fake, "sys/devices/pci0000:00/0000:02:00.0/config", "x");
	admin_run(&admin, m, "show 02:00.0");
	assert_non_null(strstr(admin.output, "only root can read them"));
	admin_free(&admin);
	admin_run(&admin, m, "show 02:00.0 --json");
	assert_non_null(strstr(admin.output, "\"capabilities\": null"));
	admin_free(&admin);
}

static void checks_report_their_findings(void **state)
{
	struct machine *m = *state;
	struct admin admin;

	admin_build_host(m);
	admin_expect(m, "check 02:00.0", "check-host.txt");
	admin_expect(m, "check 02:00.0 --json", "check-host.json");
	admin_expect(m, "check 04:00.0", "check-ready.txt");
	admin_expect(m, "check 05:00.0 00:01.0", "check-never.txt");
	admin_run(&admin, m, "check 04:00.0");
	assert_false(admin.failed);
	admin_free(&admin);
	admin_run(&admin, m, "check 02:00.0");
	assert_true(admin.failed);
	assert_int_equal(admin.err, 0);
	admin_free(&admin);
}

static void checks_include_guest_memory(void **state)
{
	struct rlimit before, low;
	struct machine *m = *state;

	admin_build_host(m);
	fake_file(m->fake, "proc/meminfo", "MemAvailable: 4194304 kB\n");
	getrlimit(RLIMIT_MEMLOCK, &before);
	low = (struct rlimit){1 << 20, 1 << 20};
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &low), 0);
	admin_expect(m, "check 04:00.0 -m 1G", "check-memlock.txt");
	/* CAP_IPC_LOCK */
	fake_file(m->fake, "proc/self/status", "Name: x\nCapEff: 4000\n");
	admin_expect(m, "check 04:00.0 -m 1G", "check-enough.txt");
	admin_expect(m, "check 04:00.0 -m 8G", "check-memory.txt");
	setrlimit(RLIMIT_MEMLOCK, &before);
}

static void bind_takes_a_whole_group(void **state)
{
	struct machine *m = *state;
	char driver[64];

	admin_build_host(m);
	admin_expect(m, "bind --dry-run --group 02:00.0", "bind-group.txt");
	fake_driver(m->fake, "0000:02:00.0", driver);
	assert_string_equal(driver, "e1000e");
	admin_expect(m, "bind --group 02:00.0", "bind-group.txt");
	fake_driver(m->fake, "0000:02:00.1", driver);
	assert_string_equal(driver, "vfio-pci");
	admin_expect(m, "restore --json", "restore.json");
	fake_driver(m->fake, "0000:02:00.1", driver);
	assert_string_equal(driver, "snd_hda_intel");
}

static void bind_warns_of_the_rest_of_the_group(void **state)
{
	struct machine *m = *state;
	struct admin admin;

	admin_build_host(m);
	admin_run(&admin, m, "bind --json 02:00.0");
	assert_int_equal(admin.err, 0);
	assert_non_null(strstr(m->log, "lend bind --group 0000:02:00.0"));
	admin_free(&admin);
}

static void bind_requires_force_for_a_device_in_use(void **state)
{
	struct machine *m = *state;
	struct admin admin;
	char driver[64];

	admin_build_host(m);
	fake_file(m->fake, "proc/swaps",
		  "Filename Type Size Used Priority\n"
		  "/dev/nvme0n1p1 partition 1 0 -2\n");
	admin_expect_error(m, "bind 03:00.0", LEND_ERROR_IN_USE,
			   "the host uses it", "nvme0n1p1 is used as swap",
			   "lend bind --force");
	fake_driver(m->fake, "0000:03:00.0", driver);
	assert_string_equal(driver, "nvme");
	admin_expect(m, "bind 03:00.0 --json", "bind-used.json");
	admin_run(&admin, m, "bind --force 03:00.0");
	assert_int_equal(admin.err, 0);
	admin_free(&admin);
	fake_driver(m->fake, "0000:03:00.0", driver);
	assert_string_equal(driver, "vfio-pci");
}

static void bind_requires_force_for_the_chipset(void **state)
{
	struct machine *m = *state;
	struct admin admin;

	admin_build_host(m);
	/* The first may block the other function of its group. */
	fake_file(m->fake, "sys/devices/pci0000:00/0000:02:00.1/class",
		  "0x060100\n");
	fake_file(m->fake, "sys/devices/pci0000:00/0000:03:00.0/class",
		  "0x060100\n");
	admin_expect_error(m, "bind 02:00.1 03:00.0", LEND_ERROR_WRONG_TYPE,
			   "part of the host's chipset", "",
			   "override with lend bind --force");
	admin_run(&admin, m, "bind --force 03:00.0");
	assert_int_equal(admin.err, 0);
	admin_free(&admin);
}

static void bind_gives_the_node_to_the_owner(void **state)
{
	struct machine *m = *state;

	admin_build_host(m);
	admin_expect_error(m, "bind --owner nobody-at-all 04:00.0",
			   LEND_ERROR_ARGUMENT, "unknown user", "", "");
	fake_remove(m->fake, "dev/vfio/16");
	admin_expect_error(m, "bind --owner root 04:00.0", LEND_ERROR_NO_VFIO,
			   "16 does not exist", "", "");
}

static void reset_uses_sysfs(void **state)
{
	struct machine *m = *state;

	admin_build_host(m);
	admin_expect(m, "reset --dry-run 02:00.0", "reset-dry-run.txt");
	admin_expect(m, "reset --json 02:00.0", "reset.json");
	admin_expect_error(m, "reset 04:00.0", LEND_ERROR_DEVICE,
			   "no reset method of its own", "", "");
	fake_file(m->fake, "proc/net/route",
		  "Iface Destination Gateway Flags RefCnt Use Metric Mask\n"
		  "eth0 00000000 0202000A 0003 0 0 0 00000000 0 0 0\n");
	admin_expect_error(m, "reset 02:00.0", LEND_ERROR_IN_USE, "",
			   "eth0 has the default route", "--force");
}

static void reset_requires_force_under_a_guest(void **state)
{
	struct machine *m = *state;
	struct admin admin;

	admin_build_host(m);
	fake_file(m->fake, "sys/devices/pci0000:00/0000:04:00.0/reset_method",
		  "flr\n");
	fake_file(m->fake, "sys/devices/pci0000:00/0000:04:00.0/reset", "");
	fake_refuse(m->fake, "dev/vfio/16", 0, EBUSY);
	admin_expect_error(m, "reset 04:00.0", LEND_ERROR_BUSY,
			   "its group 16 is in use", "", "lend reset --force");
	admin_run(&admin, m, "reset --force 04:00.0");
	assert_int_equal(admin.err, 0);
	admin_free(&admin);
	/* It is bound already. */
	admin_run(&admin, m, "bind 04:00.0");
	assert_int_equal(admin.err, 0);
	admin_free(&admin);
}

static void mdev_creates_and_removes_devices(void **state)
{
	struct machine *m = *state;

	admin_build_host(m);
	admin_expect(m, "mdev types", "mdev-types.txt");
	admin_expect(m, "mdev types mtty --json", "mdev-types.json");
	admin_expect(m, "mdev create mtty mtty-1 " UUID, "mdev-create.txt");
	admin_expect(m, "mdev create --json mtty mtty-1 " UUID,
		     "mdev-create.json");
	admin_expect(m, "mdev remove --json " UUID, "mdev-remove.json");
	admin_expect_error(m, "mdev types 02:00.0", LEND_ERROR_NO_DEVICE,
			   "not a parent", "parent: mtty", "");
	admin_expect_error(m, "mdev create mtty mtty-3 " UUID,
			   LEND_ERROR_NO_DEVICE, "type 'mtty-3'",
			   "supported type: mtty-1", "");
	admin_expect_error(m, "mdev create mtty ../mtty-1 " UUID,
			   LEND_ERROR_NO_DEVICE, "", "", "");
	admin_expect_error(m, "mdev create mtty mtty-1 x", LEND_ERROR_ARGUMENT,
			   "'x' is not a UUID", "", "");
	admin_expect_error(m, "mdev remove 02:00.0", LEND_ERROR_WRONG_TYPE,
			   "not a mediated device", "", "");
	admin_expect_error(m, "mdev", LEND_ERROR_ARGUMENT,
			   "expected 'types', 'create'", "", "lend mdev -h");
	admin_expect_error(m, "mdev make", LEND_ERROR_ARGUMENT, "'make'", "",
			   "");
	admin_expect_error(m, "mdev create mtty", LEND_ERROR_ARGUMENT,
			   "PARENT TYPE", "", "");
	admin_expect_error(m, "mdev remove", LEND_ERROR_ARGUMENT, "no device",
			   "", "");
	fake_remove(m->fake, "sys/class/mdev_bus");
	admin_expect(m, "mdev types", "mdev-types-none.txt");
}

static void sriov_sets_the_number_of_functions(void **state)
{
	struct machine *m = *state;

	admin_build_host(m);
	admin_expect(m, "sriov 02:00.0", "sriov.txt");
	admin_expect_error(m, "sriov 02:00.0 8", LEND_ERROR_LIMIT,
			   "its limit of 7", "", "");
	admin_expect_error(m, "sriov 04:00.0 1", LEND_ERROR_WRONG_TYPE,
			   "does not support SR-IOV", "", "");
	admin_expect_error(m, "sriov 02:00.0 x", LEND_ERROR_ARGUMENT,
			   "'x' is not a count", "", "");
	admin_expect_error(m, "sriov", LEND_ERROR_ARGUMENT, "DEVICE", "", "");
	/* A driver would create it; a machine of files does not. */
	fake_add_pci(m->fake, "0000:02:10.0", "vfio-pci", 20);
	fake_link(m->fake, "sys/devices/pci0000:00/0000:02:00.0/virtfn0",
		  "sys/devices/pci0000:00/0000:02:10.0");
	fake_link(m->fake, "sys/devices/pci0000:00/0000:02:10.0/physfn",
		  "sys/devices/pci0000:00/0000:02:00.0");
	admin_expect(m, "sriov --json 02:00.0 1", "sriov-1.json");
	admin_expect_error(m, "sriov 02:10.0 1", LEND_ERROR_WRONG_TYPE,
			   "does not support SR-IOV", "", "0000:02:00.0");
}

/* Why the file of the rules cannot be opened, whoever runs the test. */
static int rules_error;

FILE *__real_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode);

FILE *__wrap_fopen64(const char *path, const char *mode)
{
	if (strncmp(path, "/etc/udev/", strlen("/etc/udev/")))
		return __real_fopen64(path, mode);
	errno = rules_error;
	return NULL;
}

static void udev_rules_name_their_group(void **state)
{
	struct machine *m = *state;

	admin_expect(m, "udev --dry-run --group root", "udev.txt");
	admin_expect(m, "udev --dry-run --group root --json", "udev.json");
	admin_expect_error(m, "udev --group a\"b", LEND_ERROR_ARGUMENT,
			   "is not a group name", "", "");
	admin_expect_error(m, "udev --group no-such-group", LEND_ERROR_ARGUMENT,
			   "unknown group", "", "");
	rules_error = ENOENT;
	admin_expect_error(m, "udev --group root", LEND_ERROR_SYSTEM,
			   "No such file", "", "mkdir -p /etc/udev/rules.d");
	rules_error = EROFS;
	admin_expect_error(m, "udev --group root", LEND_ERROR_SYSTEM,
			   "Read-only", "", "lend udev --dry-run");
	rules_error = EACCES;
	admin_expect_error(m, "udev --group root", LEND_ERROR_PERMISSION,
			   "Permission denied", "", "as root");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(devices_are_listed),
		MACHINE_TEST(empty_machine_has_an_empty_list),
		MACHINE_TEST(devices_are_shown),
		MACHINE_TEST(quirks_of_a_device_are_shown),
		MACHINE_TEST(hostile_names_do_not_reach_the_terminal),
		MACHINE_TEST(device_tree_node_is_printed),
		MACHINE_TEST(unreadable_capabilities_are_reported),
		MACHINE_TEST(checks_report_their_findings),
		MACHINE_TEST(checks_include_guest_memory),
		MACHINE_TEST(bind_takes_a_whole_group),
		MACHINE_TEST(bind_warns_of_the_rest_of_the_group),
		MACHINE_TEST(bind_requires_force_for_a_device_in_use),
		MACHINE_TEST(bind_requires_force_for_the_chipset),
		MACHINE_TEST(bind_gives_the_node_to_the_owner),
		MACHINE_TEST(reset_uses_sysfs),
		MACHINE_TEST(reset_requires_force_under_a_guest),
		MACHINE_TEST(mdev_creates_and_removes_devices),
		MACHINE_TEST(sriov_sets_the_number_of_functions),
		MACHINE_TEST(udev_rules_name_their_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
