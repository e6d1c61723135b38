// SPDX-License-Identifier: MIT
// Uses of a device by the host: each alone is found and reported.

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

static void idle_test_add_disk(struct fake_sysfs *fake)
{
	fake_add_pci(fake, "0000:03:00.0", "ahci", 15);
	fake_file(fake, DEVICE "ata1/block/sda/dev", "8:0\n");
	fake_file(fake, DEVICE "ata1/block/sda/sda2/dev", "8:2\n");
	fake_link(fake, "sys/class/block/sda", DEVICE "ata1/block/sda");
	fake_link(fake, "sys/class/block/sda2", DEVICE "ata1/block/sda/sda2");
	/* A disk of another device. */
	fake_file(fake, "sys/devices/pci0000:00/0000:03:00.00/sdb/dev",
		  "8:16\n");
	fake_link(fake, "sys/class/block/sdb",
		  "sys/devices/pci0000:00/0000:03:00.00/sdb");
}

static void idle_test_add_nic(struct fake_sysfs *fake)
{
	fake_add_pci(fake, "0000:03:00.0", "e1000e", 15);
	fake_dir(fake, DEVICE "net/eth0");
	fake_link(fake, "sys/class/net/eth0", DEVICE "net/eth0");
}

static void expect_idle(struct machine *m)
{
	struct lend_address *a = machine_find(m, "3:0.0");

	if (lend_check_idle(a))
		fail_msg("in use: %s", m->error->evidence);
	lend_address_unref(a);
}

static void expect_use(struct machine *m, const char *evidence)
{
	struct lend_address *a = machine_find(m, "3:0.0");

	assert_int_equal(lend_check_idle(a), -EBUSY);
	assert_int_equal(m->error->code, LEND_ERROR_IN_USE);
	assert_string_equal(m->error->device, "0000:03:00.0");
	assert_string_equal(m->error->evidence, evidence);
	lend_address_unref(a);
}

static void a_device_without_uses_is_idle(void **state)
{
	struct machine *m = *state;

	idle_test_add_disk(m->fake);
	expect_idle(m);
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 8:16 / / rw - ext4 /dev/sdb rw\n"
		  "23 1 0:21 / /proc rw - proc proc rw\n"
		  "nonsense\n"
		  "24 1\n");
	fake_file(m->fake, "proc/swaps", "Filename\n/dev/sdb1 partition\n");
	expect_idle(m);
}

static void a_mount_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_test_add_disk(m->fake);
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 8:2 / /home rw,noatime shared:1 - ext4 /dev/sda2 rw\n");
	expect_use(m, "sda2 is mounted on /home");
}

static void a_btrfs_mount_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_test_add_disk(m->fake);
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 0:45 /@ / rw shared:1 - btrfs /dev/sda2 rw");
	expect_use(m, "sda2 is mounted on /");
}

static void swap_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_test_add_disk(m->fake);
	fake_file(m->fake, "proc/swaps",
		  "Filename Type Size\n/dev/sda2\tpartition 1\n");
	expect_use(m, "sda2 is used as swap");
}

static void volumes_are_followed_to_their_mounts(void **state)
{
	struct machine *m = *state;

	idle_test_add_disk(m->fake);
	fake_file(m->fake, "sys/devices/virtual/block/dm-0/dev", "254:0\n");
	fake_file(m->fake, "sys/devices/virtual/block/dm-0/dm/name",
		  "vg-root\n");
	fake_link(m->fake, "sys/class/block/dm-0",
		  "sys/devices/virtual/block/dm-0");
	fake_link(m->fake, DEVICE "ata1/block/sda/sda2/holders/dm-0",
		  "sys/devices/virtual/block/dm-0");
	expect_use(m, "sda2 is part of volume vg-root");
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 254:0 / / rw - ext4 /dev/mapper/vg-root rw\n");
	expect_use(m, "sda2 is part of volume vg-root\n"
		      "dm-0 is mounted on /");
}

static void a_loop_of_volumes_ends(void **state)
{
	struct machine *m = *state;

	idle_test_add_disk(m->fake);
	fake_link(m->fake, DEVICE "ata1/block/sda/sda2/holders/sda2",
		  DEVICE "ata1/block/sda/sda2");
	lend_address_unref(machine_find(m, "3:0.0"));
	expect_use(m, "sda2 is part of volume sda2\n"
		      "sda2 is part of volume sda2\n"
		      "sda2 is part of volume sda2\n"
		      "sda2 is part of volume sda2\n"
		      "sda2 is part of volume sda2\n"
		      "sda2 is part of volume sda2\n"
		      "sda2 is part of volume sda2\n"
		      "sda2 is part of volume sda2\n"
		      "sda2 is part of volume sda2");
}

static void an_open_node_is_a_use(void **state)
{
	struct machine *m = *state;
	char evidence[PATH_MAX];

	idle_test_add_disk(m->fake);
	fake_file(m->fake, "dev/sda", "");
	fake_file(m->fake, "proc/314/comm", "fsck\n");
	fake_file(m->fake, "proc/314/status", "Name: fsck\nUid:\t0\t0\n");
	fake_link(m->fake, "proc/314/fd/5", "dev/sda");
	snprintf(evidence, sizeof(evidence),
		 "/dev/sda is open:\n%s/dev/sda is held by fsck (pid 314, "
		 "user root)",
		 m->fake->root);
	expect_use(m, evidence);
}

static void a_multipath_disk_belongs_to_its_device(void **state)
{
	static const char subsystem[] =
		"sys/devices/virtual/nvme-subsystem/nvme-subsys0";
	struct machine *m = *state;
	char path[PATH_MAX];

	fake_add_pci(m->fake, "0000:03:00.0", "nvme", 15);
	fake_dir(m->fake, DEVICE "nvme/nvme0");
	snprintf(path, sizeof(path), "%s/nvme0n1/dev", subsystem);
	fake_file(m->fake, path, "259:0\n");
	snprintf(path, sizeof(path), "%s/nvme0n1", subsystem);
	fake_link(m->fake, "sys/class/block/nvme0n1", path);
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 259:0 / /srv rw - xfs /dev/nvme0n1 rw\n");
	expect_idle(m);
	snprintf(path, sizeof(path), "%s/nvme0", subsystem);
	fake_link(m->fake, path, DEVICE "nvme/nvme0");
	expect_use(m, "nvme0n1 is mounted on /srv");
}

static void a_route_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_test_add_nic(m->fake);
	fake_file(m->fake, "proc/net/route",
		  "Iface\tDestination\tGateway Flags RefCnt Use Metric Mask\n"
		  "eth1\t00000000\t0202000A\t3\t0\t0\t0\t00000000\t0\t0\t0\n");
	expect_idle(m);
	fake_file(m->fake, "proc/net/route",
		  "Iface\tDestination\tGateway Flags RefCnt Use Metric Mask\n"
		  "eth0\t00000000\t0202000A\t3\t0\t0\t0\t00000000\t0\t0\t0\n"
		  "eth0\t0002000A\t00000000\t1\t0\t0\t0\t00FFFFFF\t0\t0\t0\n");
	expect_use(m, "eth0 has the default route\n"
		      "eth0 has the route to 10.0.2.0/24");
}

static void an_address_without_a_route_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_test_add_nic(m->fake);
	strcpy(m->fake->addressed, "eth1");
	expect_idle(m);
	strcpy(m->fake->addressed, "eth0");
	expect_use(m, "eth0 has the address 192.0.2.1");
}

static void an_ipv6_address_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_test_add_nic(m->fake);
	fake_file(m->fake, "proc/net/if_inet6",
		  "fe800000000000005054 bad line\n"
		  "fe80000000000000505400fffe123456 02 40 20 80     eth0\n");
	expect_idle(m);
	fake_file(m->fake, "proc/net/if_inet6",
		  "20010db8000000000000000000000001 02 40 00 80     eth0\n");
	expect_use(m, "eth0 has the IPv6 address "
		      "20010db8000000000000000000000001/64");
}

static void a_bridge_port_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_test_add_nic(m->fake);
	fake_link(m->fake, DEVICE "net/eth0/master",
		  "sys/devices/virtual/net/br0");
	fake_link(m->fake, DEVICE "net/eth0/upper_br0",
		  "sys/devices/virtual/net/br0");
	fake_link(m->fake, DEVICE "net/eth0/upper_vlan7",
		  "sys/devices/virtual/net/vlan7");
	expect_use(m, "eth0 belongs to br0\nvlan7 is stacked on eth0");
}

static void an_open_drm_node_is_a_use(void **state)
{
	struct machine *m = *state;
	char evidence[PATH_MAX];

	fake_add_pci(m->fake, "0000:03:00.0", "i915", 15);
	fake_file(m->fake, DEVICE "drm/card0/uevent",
		  "MAJOR=226\nDEVNAME=dri/card0\n");
	fake_link(m->fake, "sys/class/drm/card0", DEVICE "drm/card0");
	fake_file(m->fake, "dev/dri/card0", "");
	expect_idle(m);
	fake_file(m->fake, "proc/7/comm", "Xorg\n");
	fake_link(m->fake, "proc/7/fd/3", "dev/dri/card0");
	snprintf(evidence, sizeof(evidence),
		 "/dev/dri/card0 is open:\n%s/dev/dri/card0 is held by Xorg "
		 "(pid 7, user unknown)",
		 m->fake->root);
	expect_use(m, evidence);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(a_device_without_uses_is_idle),
		MACHINE_TEST(a_mount_is_a_use),
		MACHINE_TEST(a_btrfs_mount_is_a_use),
		MACHINE_TEST(swap_is_a_use),
		MACHINE_TEST(volumes_are_followed_to_their_mounts),
		MACHINE_TEST(a_loop_of_volumes_ends),
		MACHINE_TEST(an_open_node_is_a_use),
		MACHINE_TEST(a_multipath_disk_belongs_to_its_device),
		MACHINE_TEST(a_route_is_a_use),
		MACHINE_TEST(an_address_without_a_route_is_a_use),
		MACHINE_TEST(an_ipv6_address_is_a_use),
		MACHINE_TEST(a_bridge_port_is_a_use),
		MACHINE_TEST(an_open_drm_node_is_a_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
