// SPDX-License-Identifier: MIT
// Groups: their members, why a device has none, and the processes that hold a
// node.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "lib/address/group.h"
#include "lib/address/holders.h"
#include "machine.h"

static void each_group_member_has_a_verdict(void **state)
{
	static const struct {
		const char *name, *driver;
		enum lend_member_verdict verdict;
	} expected[] = {
		{"0000:00:01.0", "pcieport", LEND_MEMBER_BRIDGE},
		{"0000:02:00.0", "vfio-pci", LEND_MEMBER_VFIO},
		{"0000:02:00.1", "snd_hda_intel", LEND_MEMBER_BLOCKS},
		{"0000:02:00.2", "", LEND_MEMBER_UNBOUND},
		{"0000:02:00.3", "pci-stub", LEND_MEMBER_STUB},
		{"0000:02:00.4", "mlx5_vfio_pci", LEND_MEMBER_VFIO},
		{"0000:02:00.5", "strange", LEND_MEMBER_VFIO},
	};
	enum { COUNT = sizeof(expected) / sizeof(expected[0]) };
	struct machine *m = *state;
	struct group_members members;

	for (unsigned int i = COUNT; i-- > 0;)
		fake_add_pci(m->fake, expected[i].name,
			     expected[i].driver[0] ? expected[i].driver : NULL,
			     14);
	fake_dir(m->fake, "sys/bus/pci/devices/0000:02:00.5/vfio-dev/vfio0");
	assert_int_equal(group_list(m->ctx, 14, &members), 0);
	assert_int_equal(members.count, COUNT);
	for (unsigned int i = 0; i < COUNT; i++) {
		assert_string_equal(members.members[i].name, expected[i].name);
		assert_string_equal(members.members[i].driver,
				    expected[i].driver);
		assert_int_equal(members.members[i].verdict,
				 expected[i].verdict);
	}
	group_members_free(&members);
	assert_int_equal(group_list(m->ctx, 15, &members), -ENOENT);
}

static void the_blocking_member_is_named(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:00:01.0", "pcieport", 14);
	fake_add_pci(m->fake, "0000:02:00.0", "vfio-pci", 14);
	fake_add_pci(m->fake, "0000:02:00.1", "snd_hda_intel", 14);
	assert_int_equal(group_explain_not_viable(m->ctx, 14, "0000:02:00.0"),
			 -EPERM);
	assert_int_equal(m->error->code, LEND_ERROR_NOT_VIABLE);
	assert_string_equal(
		m->error->evidence,
		"0000:00:01.0 pcieport      bridge, ok\n"
		"0000:02:00.0 vfio-pci      ok\n"
		"0000:02:00.1 snd_hda_intel BLOCKS: host driver still "
		"attached");
	assert_string_equal(m->error->remedy, "lend bind 0000:02:00.1");
}

static void remedy_fits_many_blocking_members(void **state)
{
	struct machine *m = *state;
	char name[32];

	for (unsigned int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "0000:%02x:00.0", i);
		fake_add_pci(m->fake, name, "e1000e", 14);
	}
	group_explain_not_viable(m->ctx, 14, "0000:02:00.0");
	assert_string_equal(m->error->remedy, "lend bind --group 0000:02:00.0");
}

/* If the names do not fit the remedy, it names none of them. */
static void remedy_omits_no_long_name(void **state)
{
	struct machine *m = *state;
	char name[256];

	for (unsigned int i = 0; i < 6; i++) {
		memset(name, 'x', 250);
		snprintf(name + 250, 6, "%u", i);
		fake_add_pci(m->fake, name, "e1000e", 14);
	}
	group_explain_not_viable(m->ctx, 14, name);
	assert_non_null(strstr(m->error->remedy, "lend bind --group xxx"));
	assert_null(strstr(m->error->remedy, "x0 "));
}

static void a_group_may_be_unviable_without_a_blocking_member(void **state)
{
	struct machine *m = *state;

	assert_int_equal(group_explain_not_viable(m->ctx, 14, "0000:02:00.0"),
			 -EPERM);
	fake_add_pci(m->fake, "0000:02:00.0", "vfio-pci", 14);
	assert_int_equal(group_explain_not_viable(m->ctx, 14, "0000:02:00.0"),
			 -EPERM);
	assert_string_equal(m->error->remedy, "");
}

static void the_host_driver_is_named(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 14);
	fake_add_pci(m->fake, "0000:02:00.1", NULL, 14);
	assert_int_equal(group_explain_host_driver(m->ctx, 14, "0000:02:00.0"),
			 -ENOENT);
	assert_string_equal(m->error->what,
			    "not bound to a VFIO driver: its driver is e1000e");
	assert_string_equal(m->error->remedy, "lend bind 0000:02:00.0");
	group_explain_host_driver(m->ctx, 14, "0000:02:00.1");
	assert_string_equal(m->error->what,
			    "not bound to a VFIO driver: it has no driver");
}

static void group_test_expect_none(struct machine *m)
{
	struct lend_address *a = machine_find(m, "02:00.0");

	assert_int_equal(lend_address_group(a), -ENODATA);
	assert_int_equal(m->error->code, LEND_ERROR_NO_GROUP);
	lend_address_unref(a);
}

static void remedy_says_how_to_enable_the_iommu(void **state)
{
	static const struct {
		const char *cpuinfo, *cmdline, *table, *remedy;
	} cases[] = {
		{"vendor_id : GenuineIntel\n", "", NULL,
		 "enable VT-d in the firmware setup\n"
		 "boot the host with intel_iommu=on"},
		{"vendor_id : GenuineIntel\n", "", "DMAR",
		 "boot the host with intel_iommu=on"},
		{"vendor_id : GenuineIntel\n", "quiet intel_iommu=on", NULL,
		 "enable VT-d in the firmware setup"},
		{"vendor_id : AuthenticAMD\n", "", NULL,
		 "enable IOMMU (AMD-Vi) in the firmware setup"},
		{"vendor_id : AuthenticAMD\n", "amd_iommu=off", "IVRS",
		 "remove iommu=off from the kernel command line"},
		{"vendor_id : AuthenticAMD\nflags : fpu hypervisor\n", "", NULL,
		 "this host is a virtual machine: its hypervisor must "
		 "provide a virtual IOMMU"},
		{"processor : 0\n", "", NULL,
		 "enable the IOMMU (Intel VT-d, AMD-Vi, Arm SMMU) in the "
		 "firmware setup"},
	};
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", -1);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[64];

		fake_file(m->fake, "proc/cpuinfo", cases[i].cpuinfo);
		fake_file(m->fake, "proc/cmdline", cases[i].cmdline);
		snprintf(path, sizeof(path), "sys/firmware/acpi/tables/%s",
			 cases[i].table ? cases[i].table : "APIC");
		fake_file(m->fake, path, "");
		group_test_expect_none(m);
		assert_string_equal(m->error->remedy, cases[i].remedy);
		fake_remove(m->fake, "sys/firmware");
	}
}

static void a_single_device_may_have_no_group(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;
	char path[256];

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", -1);
	fake_file(m->fake, "sys/class/iommu/dmar0", "");
	group_test_expect_none(m);
	assert_string_equal(
		m->error->evidence,
		"the IOMMU is on (dmar0), but this device is not behind it");
	assert_string_equal(m->error->remedy, "");

	fake_add_pci(m->fake, "0000:03:00.0", "virtio-pci", 3);
	fake_dir(m->fake, "sys/bus/virtio");
	fake_file(m->fake, "sys/devices/pci0000:00/0000:03:00.0/virtio0/uevent",
		  "");
	fake_link(m->fake,
		  "sys/devices/pci0000:00/0000:03:00.0/virtio0/subsystem",
		  "sys/bus/virtio");
	snprintf(path, sizeof(path),
		 "%s/sys/devices/pci0000:00/0000:03:00.0/virtio0",
		 m->fake->root);
	a = machine_find(m, path);
	assert_int_equal(lend_address_group(a), -ENODATA);
	assert_string_equal(m->error->remedy,
			    "lend the device it is part of: 0000:03:00.0");
	lend_address_unref(a);
}

static void holders_are_named(void **state)
{
	struct machine *m = *state;
	char node[128];

	snprintf(node, sizeof(node), "%s/dev/vfio/14", m->fake->root);
	fake_file(m->fake, "dev/vfio/14", "");
	fake_file(m->fake, "proc/uptime", "");
	fake_file(m->fake, "proc/12/fd/0", "");
	fake_link(m->fake, "proc/12/fd/1", "dev/vfio/1");
	fake_file(m->fake, "proc/3141/comm", "qemu-system-x86\n");
	fake_file(m->fake, "proc/3141/status",
		  "Name:\tqemu\nUid:\t0\t0\t0\t0\n");
	fake_link(m->fake, "proc/3141/fd/9", "dev/vfio/14");
	fake_link(m->fake, "proc/3141/fd/10", "dev/vfio/14");
	fake_link(m->fake, "proc/99/fd/3", "dev/vfio/14");
	lend_error_set(m->ctx, LEND_ERROR_BUSY, EBUSY, NULL, "busy");
	assert_int_equal(holders_add_evidence(m->ctx, node), 2);
	assert_non_null(strstr(m->error->evidence,
			       "is held by qemu-system-x86 (pid 3141, user "
			       "root)"));
	assert_non_null(strstr(m->error->evidence,
			       "is held by a process (pid 99, user unknown)"));

	fake_remove(m->fake, "proc");
	lend_error_set(m->ctx, LEND_ERROR_BUSY, EBUSY, NULL, "busy");
	assert_int_equal(holders_add_evidence(m->ctx, node), 0);
	assert_non_null(strstr(m->error->evidence, "cannot be seen"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(each_group_member_has_a_verdict),
		MACHINE_TEST(the_blocking_member_is_named),
		MACHINE_TEST(remedy_fits_many_blocking_members),
		MACHINE_TEST(remedy_omits_no_long_name),
		MACHINE_TEST(a_group_may_be_unviable_without_a_blocking_member),
		MACHINE_TEST(the_host_driver_is_named),
		MACHINE_TEST(remedy_says_how_to_enable_the_iommu),
		MACHINE_TEST(a_single_device_may_have_no_group),
		MACHINE_TEST(holders_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
