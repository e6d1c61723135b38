// SPDX-License-Identifier: MIT
// lend list --tree: what each device is behind.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "admin.h"

/* A function behind a bridge, and a virtual one beside it. */
static void tree_test_add_branch(struct fake_sysfs *fake)
{
	static const char directory[] =
		"sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0";

	fake_add_pci(fake, "0000:01:00.0", "igb", 21);
	fake_remove(fake, "sys/bus/pci/devices/0000:01:00.0");
	fake_remove(fake, "sys/devices/pci0000:00/0000:01:00.0");
	fake_file(fake,
		  "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/uevent",
		  "");
	fake_link(fake,
		  "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/subsystem",
		  "sys/bus/pci");
	fake_link(fake,
		  "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/driver",
		  "sys/bus/pci/drivers/igb");
	fake_link(fake, "sys/bus/pci/devices/0000:01:00.0", directory);
	fake_add_pci(fake, "0000:02:10.0", "vfio-pci", 14);
	fake_link(fake, "sys/devices/pci0000:00/0000:02:10.0/physfn",
		  "sys/devices/pci0000:00/0000:02:00.0");
	fake_link(fake, "sys/devices/pci0000:00/0000:00:01.0/iommu",
		  "sys/class/iommu/dmar0");
	fake_file(fake, "sys/devices/pci0000:00/0000:00:01.0/numa_node", "0\n");
	fake_file(fake, "proc/swaps",
		  "Filename Type Size Used Priority\n"
		  "/dev/nvme0n1p1 partition 1 0 -2\n");
}

static void devices_are_a_tree(void **state)
{
	struct machine *m = *state;

	admin_build_host(m);
	tree_test_add_branch(m->fake);
	setenv("LC_ALL", "C", 1);
	admin_expect(m, "list --tree", "list-tree.txt");
	setenv("LC_ALL", "de_DE.utf8", 1);
	admin_expect(m, "list --tree --all", "list-tree-utf8.txt");
	unsetenv("LC_ALL");
	setenv("LC_CTYPE", "", 1);
	setenv("LANG", "en_US.UTF-8", 1);
	admin_expect(m, "list --tree --all", "list-tree-utf8.txt");
	unsetenv("LC_CTYPE");
	unsetenv("LANG");
	admin_expect_error(m, "list --tree --group", LEND_ERROR_ARGUMENT,
			   "order of its own", "", "");
}

/* The holder of a device has a name that a terminal would act on. */
static void holders_are_named_in_either_form(void **state)
{
	struct machine *m = *state;

	admin_build_host(m);
	tree_test_add_branch(m->fake);
	fake_refuse(m->fake, "dev/vfio/16", 0, EBUSY);
	fake_file(m->fake, "proc/3141/comm", "q\x1b[31m\n");
	fake_file(m->fake, "proc/3141/status", "Name:\tq\nUid:\t0\t0\t0\t0\n");
	fake_link(m->fake, "proc/3141/fd/9", "dev/vfio/16");
	setenv("LC_ALL", "C", 1);
	admin_expect(m, "list --tree --all", "list-tree-held.txt");
	setenv("LC_ALL", "en_US.UTF-8", 1);
	admin_expect(m, "list --tree --all", "list-tree-held-utf8.txt");
	unsetenv("LC_ALL");
}

/* Each is the physical function of the other. */
static void a_loop_has_an_end(void **state)
{
	struct machine *m = *state;

	admin_build_host(m);
	fake_link(m->fake, "sys/devices/pci0000:00/0000:02:00.0/physfn",
		  "sys/devices/pci0000:00/0000:03:00.0");
	fake_link(m->fake, "sys/devices/pci0000:00/0000:03:00.0/physfn",
		  "sys/devices/pci0000:00/0000:02:00.0");
	setenv("LC_ALL", "C", 1);
	admin_expect(m, "list --tree", "list-tree-loop.txt");
	unsetenv("LC_ALL");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(devices_are_a_tree),
		MACHINE_TEST(holders_are_named_in_either_form),
		MACHINE_TEST(a_loop_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
