// SPDX-License-Identifier: MIT
// What lend show --as prints for each program.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "admin.h"

#define ROOT "sys/devices/pci0000:00/"
#define MDEV "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"

static const char *const programs[] = {
	"qemu", "libvirt", "cloud-hypervisor", "crosvm", "podman", "lend",
};

enum { PROGRAMS = sizeof(programs) / sizeof(programs[0]) };

static void paste_test_expect(struct machine *m, const char *program,
			      const char *devices, const char *kind)
{
	char command[256], golden[128];

	snprintf(command, sizeof(command), "show --as %s %s", program, devices);
	snprintf(golden, sizeof(golden), "as-%s%s.txt", program, kind);
	admin_expect(m, command, golden);
}

static void each_program_gets_the_group(void **state)
{
	struct machine *m = *state;

	admin_build_host(m);
	for (unsigned int i = 0; i < PROGRAMS; i++)
		paste_test_expect(m, programs[i], "02:00.0 04:00.0 " MDEV, "");
	admin_expect(m, "show --json --as lend 02:00.0", "as-lend.json");
}

static void nodes_of_devices_need_iommufd(void **state)
{
	struct machine *m = *state;

	admin_build_host(m);
	/* Without its attribute, the kernel has no nodes of devices. */
	fake_dir(m->fake, ROOT "0000:04:00.0/vfio-dev/vfio3");
	paste_test_expect(m, "podman", "04:00.0", "-group");
	fake_file(m->fake, ROOT "0000:04:00.0/vfio-dev/vfio3/dev", "511:3\n");
	paste_test_expect(m, "qemu", "04:00.0", "-iommufd");
	paste_test_expect(m, "podman", "04:00.0", "-iommufd");
}

static void platform_devices_are_for_some(void **state)
{
	struct machine *m = *state;
	struct admin admin;
	char command[128];

	admin_build_host(m);
	for (unsigned int i = 0; i < PROGRAMS; i++) {
		snprintf(command, sizeof(command),
			 "show --as %s fff51000.ethernet", programs[i]);
		admin_run(&admin, m, command);
		if (!strcmp(programs[i], "qemu") ||
		    !strcmp(programs[i], "lend"))
			assert_string_equal(admin.output,
					    "-device vfio-platform,host="
					    "fff51000.ethernet\n");
		else if (strcmp(programs[i], "podman") != 0)
			assert_int_equal(m->error->code, LEND_ERROR_WRONG_TYPE);
		admin_free(&admin);
	}
}

static void what_cannot_be_pasted_is_refused(void **state)
{
	static const char hostile[] = "a'$(reboot),b";
	struct machine *m = *state;
	char path[256], link[512], command[512];

	admin_build_host(m);
	admin_expect_error(m, "show --as xen 02:00.0", LEND_ERROR_ARGUMENT,
			   "unknown program 'xen'", "", "qemu, libvirt, cloud");
	admin_expect_error(m, "show --as qemu 05:00.0", LEND_ERROR_NO_GROUP, "",
			   "", "");
	snprintf(path, sizeof(path), "sys/devices/platform/%s/uevent", hostile);
	fake_file(m->fake, path, "");
	snprintf(path, sizeof(path), "sys/devices/platform/%s", hostile);
	snprintf(link, sizeof(link), "%s/subsystem", path);
	fake_link(m->fake, link, "sys/bus/platform");
	snprintf(command, sizeof(command), "show --as qemu %s/%s",
		 m->fake->root, path);
	admin_expect_error(m, command, LEND_ERROR_DEVICE,
			   "characters that a shell", "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(each_program_gets_the_group),
		MACHINE_TEST(nodes_of_devices_need_iommufd),
		MACHINE_TEST(platform_devices_are_for_some),
		MACHINE_TEST(what_cannot_be_pasted_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
