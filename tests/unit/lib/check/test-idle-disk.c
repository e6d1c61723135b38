// SPDX-License-Identifier: MIT
// Disks and file systems in use by the host: each use alone is found and
// reported.

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
#include <limits.h>

#include "idle.h"

static void a_device_without_uses_is_idle(void **state)
{
	struct machine *m = *state;

	idle_add_disk(m->fake);
	idle_expect_idle(m);
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 8:16 / / rw - ext4 /dev/sdb rw\n"
		  "23 1 0:21 / /proc rw - proc proc rw\n"
		  "nonsense\n"
		  "24 1\n");
	fake_file(m->fake, "proc/swaps", "Filename\n/dev/sdb1 partition\n");
	idle_expect_idle(m);
}

static void a_mount_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_add_disk(m->fake);
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 8:2 / /home rw,noatime shared:1 - ext4 /dev/sda2 rw\n");
	idle_expect_use(m, "sda2 is mounted on /home");
}

static void a_btrfs_mount_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_add_disk(m->fake);
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 0:45 /@ / rw shared:1 - btrfs /dev/sda2 rw");
	idle_expect_use(m, "sda2 is mounted on /");
}

static void swap_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_add_disk(m->fake);
	fake_file(m->fake, "proc/swaps",
		  "Filename Type Size\n/dev/sda2\tpartition 1\n");
	idle_expect_use(m, "sda2 is used as swap");
}

static void volumes_are_followed_to_their_mounts(void **state)
{
	struct machine *m = *state;

	idle_add_disk(m->fake);
	fake_file(m->fake, "sys/devices/virtual/block/dm-0/dev", "254:0\n");
	fake_file(m->fake, "sys/devices/virtual/block/dm-0/dm/name",
		  "vg-root\n");
	fake_link(m->fake, "sys/class/block/dm-0",
		  "sys/devices/virtual/block/dm-0");
	fake_link(m->fake, DEVICE "ata1/block/sda/sda2/holders/dm-0",
		  "sys/devices/virtual/block/dm-0");
	idle_expect_use(m, "sda2 is part of volume vg-root");
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 254:0 / / rw - ext4 /dev/mapper/vg-root rw\n");
	idle_expect_use(m, "sda2 is part of volume vg-root\n"
			   "dm-0 is mounted on /");
}

static void a_loop_of_volumes_ends(void **state)
{
	struct machine *m = *state;

	idle_add_disk(m->fake);
	fake_link(m->fake, DEVICE "ata1/block/sda/sda2/holders/sda2",
		  DEVICE "ata1/block/sda/sda2");
	lend_address_unref(machine_find(m, "3:0.0"));
	idle_expect_use(m, "sda2 is part of volume sda2");
}

static void a_multipath_disk_belongs_to_its_device(void **state)
{
	static const char subsystem[] =
		"sys/devices/virtual/nvme-subsystem/nvme-subsys0";
	struct machine *m = *state;
	char path[PATH_MAX];

	fake_add_pci(m->fake, "0000:03:00.0", "nvme", 15);
	fake_dir(m->fake, DEVICE "nvme/nvme0");
	snprintf(path, sizeof(path), "%s/nvme0n1", subsystem);
	idle_add_node(m->fake, path, "nvme0n1", "b259:0");
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 259:0 / /srv rw - xfs /dev/nvme0n1 rw\n");
	idle_expect_idle(m);
	snprintf(path, sizeof(path), "%s/nvme0", subsystem);
	fake_link(m->fake, path, DEVICE "nvme/nvme0");
	idle_expect_use(m, "nvme0n1 is mounted on /srv");
}

/* A mount in a container, or a member of a volume that sysfs does not show. */
static void a_claimed_disk_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_add_disk(m->fake);
	idle_expect_idle(m);
	fake_refuse(m->fake, "b8:2", O_EXCL, EBUSY);
	fake_refuse(m->fake, "b8:0", O_EXCL, EBUSY);
	idle_expect_use(
		m, "sda2 is claimed: its exclusive open fails, as with a mount "
		   "in another namespace, swap, or a volume of btrfs, ZFS, MD "
		   "or device mapper");
	/* What is known is not asked again. */
	fake_file(m->fake, "proc/swaps",
		  "Filename Type\n/dev/sda2 partition\n");
	idle_expect_use(m, "sda2 is used as swap");
}

static void a_claimed_whole_disk_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_add_disk(m->fake);
	fake_refuse(m->fake, "b8:0", O_EXCL, EBUSY);
	idle_expect_words(m, "sda is claimed");
}

static void a_disk_without_a_node_is_asked_too(void **state)
{
	struct machine *m = *state;

	idle_add_disk(m->fake);
	fake_remove(m->fake, "dev/sda2");
	fake_node(m->fake, "dev/sda", "b8:16");
	idle_expect_idle(m);
	fake_refuse(m->fake, "b8:2", O_EXCL, EBUSY);
	idle_expect_words(m, "sda2 is claimed");
	m->fake->mknod_error = EPERM;
	idle_expect_unknown(m, "requires root, outside a container, to know "
			       "whether sda2 is mounted");
}

static void a_disk_that_cannot_be_opened_is_unknown(void **state)
{
	struct machine *m = *state;

	idle_add_disk(m->fake);
	fake_refuse(m->fake, "b8:2", O_EXCL, EACCES);
	idle_expect_unknown(m, "requires root, outside a container, to know "
			       "whether sda2 is mounted or part of a volume");
	m->fake->refusal_count = 0;
	fake_refuse(m->fake, "b8:0", O_EXCL, ENOMEDIUM);
	idle_expect_idle(m);
	fake_refuse(m->fake, "b8:2", O_EXCL, EIO);
	idle_expect_unknown(m, "open: Input/output error");
}

static void a_mount_in_another_namespace_is_named(void **state)
{
	struct machine *m = *state;

	idle_add_disk(m->fake);
	idle_add_container(m->fake);
	fake_file(m->fake, "proc/31/mountinfo",
		  "22 1 8:2 / /srv rw - ext4 /dev/sda2 rw\n");
	fake_file(m->fake, "proc/32/mountinfo",
		  "22 1 8:2 / /srv rw - ext4 /dev/sda2 rw\n");
	idle_expect_use(
		m, "sda2 is mounted on /srv in the mount namespace of nginx "
		   "(pid 31, user unknown)");
}

static void a_loop_device_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_add_disk(m->fake);
	idle_add_node(m->fake, "sys/devices/virtual/block/loop0", "loop0",
		      "b7:0");
	fake_link(m->fake, "sys/class/block/loop0",
		  "sys/devices/virtual/block/loop0");
	fake_file(m->fake, "sys/devices/virtual/block/loop0/loop/backing_file",
		  "/srv/sda2\n");
	idle_expect_idle(m);
	fake_file(m->fake, "sys/devices/virtual/block/loop0/loop/backing_file",
		  "/dev/sda2\n");
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 7:0 / /mnt rw - ext4 /dev/loop0 rw\n");
	idle_expect_use(
		m, "sda2 is part of volume loop0\nloop0 is mounted on /mnt");
}

/* An export has the node open in the kernel alone, by any of its names. */
static void an_exported_disk_is_a_use(void **state)
{
	static const struct {
		const char *dir, *file, *words;
	} kinds[] = {
		{"nvmet/subsystems/nqn/namespaces/1", "device_path",
		 "sda2 is exported by the NVMe target, as "},
		{"target/core/iblock_0/disk", "udev_path",
		 "sda2 is exported by the SCSI target, as "},
	};
	struct machine *m = *state;
	char path[PATH_MAX], node[PATH_MAX];

	idle_add_disk(m->fake);
	fake_link(m->fake, "dev/disk/by-id/x", "dev/sda2");
	snprintf(node, sizeof(node), "%s/dev/disk/by-id/x\n", m->fake->root);
	for (unsigned int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "sys/kernel/config/%s/%s",
			 kinds[i].dir, kinds[i].file);
		fake_file(m->fake, path, node);
		snprintf(path, sizeof(path), "sys/kernel/config/%s/enable",
			 kinds[i].dir);
		fake_file(m->fake, path, "0\n");
		idle_expect_idle(m);
		fake_file(m->fake, path, "1\n");
		idle_expect_words(m, kinds[i].words);
		fake_remove(m->fake, "sys/kernel/config");
	}
}

static void a_file_system_over_virtio_is_a_use(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:03:00.0", "virtio-pci", 15);
	fake_file(m->fake, DEVICE "virtio2/mount_tag", "share");
	fake_link(m->fake, "sys/bus/virtio/devices/virtio2", DEVICE "virtio2");
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 0:5 / /other rw - 9p host rw\n"
		  "23 1 0:6 / /text rw - ext4 share rw\n");
	idle_expect_idle(m);
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 0:5 / /mnt rw - 9p share rw,trans=virtio\n");
	idle_expect_use(m, "9p share is mounted on /mnt");
}

static void a_virtiofs_mount_is_a_use(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:03:00.0", "virtio-pci", 15);
	fake_file(m->fake, DEVICE "virtio2/uevent", "");
	fake_link(m->fake, "sys/bus/virtio/drivers/virtiofs/virtio2",
		  DEVICE "virtio2");
	idle_expect_idle(m);
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 0:5 / /mnt rw - virtiofs myfs rw\n");
	idle_expect_unknown(m, "whether virtiofs myfs, mounted on /mnt, is on "
			       "this device is unknown");
	fake_file(m->fake, "sys/fs/virtiofs/2/tag", "other\n");
	fake_link(m->fake, "sys/fs/virtiofs/2/device", DEVICE "virtio2");
	idle_expect_idle(m);
	fake_file(m->fake, "sys/fs/virtiofs/2/tag", "myfs\n");
	idle_expect_use(m, "virtiofs myfs is mounted on /mnt");
}

static void a_flash_mount_is_a_use(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:03:00.0", "intel-spi", 15);
	idle_add_node(m->fake, DEVICE "mtd/mtd0", "mtd0", "c90:0");
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 0:5 / /mnt rw - jffs2 mtd0 rw\n");
	idle_expect_use(m, "mtd0 is mounted on /mnt");
}

/* Whatever call fails, nothing is left open: fake_sysfs_free() verifies. */
static void a_check_for_uses_survives_each_fault(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;

	idle_add_disk(m->fake);
	idle_add_container(m->fake);
	fake_remove(m->fake, "dev/sda2");
	fake_file(m->fake, "proc/31/mountinfo",
		  "22 1 8:2 / /srv rw - ext4 /dev/sda2 rw\n");
	a = machine_find(m, "3:0.0");
	m->fake->calls = 0;
	assert_int_equal(lend_check_idle(a), -EBUSY);
	for (unsigned int i = m->fake->calls; i > 0; i--) {
		m->fake->calls = 0;
		m->fake->fault_at = i;
		lend_check_idle(a);
	}
	lend_address_unref(a);
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
		MACHINE_TEST(a_multipath_disk_belongs_to_its_device),
		MACHINE_TEST(a_claimed_disk_is_a_use),
		MACHINE_TEST(a_claimed_whole_disk_is_a_use),
		MACHINE_TEST(a_disk_without_a_node_is_asked_too),
		MACHINE_TEST(a_disk_that_cannot_be_opened_is_unknown),
		MACHINE_TEST(a_mount_in_another_namespace_is_named),
		MACHINE_TEST(a_loop_device_is_a_use),
		MACHINE_TEST(an_exported_disk_is_a_use),
		MACHINE_TEST(a_file_system_over_virtio_is_a_use),
		MACHINE_TEST(a_virtiofs_mount_is_a_use),
		MACHINE_TEST(a_flash_mount_is_a_use),
		MACHINE_TEST(a_check_for_uses_survives_each_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
