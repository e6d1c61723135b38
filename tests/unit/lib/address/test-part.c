// SPDX-License-Identifier: MIT
// Names that people have for a device: of interfaces, disks and nodes, of IDs
// and slots, and addresses as other programs write them.

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

#define NIC  "sys/devices/pci0000:00/0000:02:00.0"
#define AHCI "sys/devices/pci0000:00/0000:03:00.0"

/* Adds a class device at path, below a device. */
static void part_test_add(struct machine *m, const char *path,
			  const char *class, const char *name)
{
	char text[512], target[64];

	snprintf(text, sizeof(text), "%s/uevent", path);
	fake_file(m->fake, text, "");
	snprintf(target, sizeof(target), "sys/class/%s", class);
	fake_dir(m->fake, target);
	snprintf(text, sizeof(text), "%s/subsystem", path);
	fake_link(m->fake, text, target);
	snprintf(text, sizeof(text), "sys/class/%s/%s", class, name);
	fake_link(m->fake, text, path);
}

/* Puts a device on a bus that the fake has no devices of. */
static void part_test_add_bus(struct machine *m, const char *path,
			      const char *bus)
{
	char text[512], target[64];

	snprintf(text, sizeof(text), "%s/uevent", path);
	fake_file(m->fake, text, "");
	snprintf(target, sizeof(target), "sys/bus/%s", bus);
	snprintf(text, sizeof(text), "%s/devices", target);
	fake_dir(m->fake, text);
	snprintf(text, sizeof(text), "%s/subsystem", path);
	fake_link(m->fake, text, target);
	snprintf(text, sizeof(text), "%s/devices%s", target,
		 strrchr(path, '/'));
	fake_link(m->fake, text, path);
}

static void part_test_expect(struct machine *m, const char *text,
			     const char *name)
{
	struct lend_address *a;

	if (lend_address_find(m->ctx, text, &a))
		fail_msg("%s: %s", text, m->error->what);
	assert_string_equal(lend_address_name(a), name);
	lend_address_unref(a);
}

static void part_test_refused(struct machine *m, const char *text, int err,
			      const char *words)
{
	struct lend_address *a;

	if (lend_address_find(m->ctx, text, &a) != err)
		fail_msg("%s: not refused as it should be", text);
	if (!strstr(m->error->what, words) &&
	    !strstr(m->error->evidence, words) &&
	    !strstr(m->error->remedy, words))
		fail_msg("%s: %s\n%s\n%s", text, m->error->what,
			 m->error->evidence, m->error->remedy);
}

static void parts_stand_for_their_device(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	part_test_add(m, NIC "/net/enp2s0", "net", "enp2s0");
	part_test_add(m, NIC "/nvme/nvme0", "nvme", "nvme0");
	part_test_add(m, NIC "/nvme/nvme0/nvme0n1", "block", "nvme0n1");
	part_test_add(m, NIC "/nvme/nvme0/nvme0n1/nvme0n1p2", "block",
		      "nvme0n1p2");
	part_test_add(m, NIC "/drm/card0", "drm", "card0");
	part_test_add_bus(m, NIC "/virtio2", "virtio");
	part_test_add(m, NIC "/virtio2/block/vda", "block", "vda");
	part_test_expect(m, "enp2s0", "0000:02:00.0");
	part_test_expect(m, "nvme0", "0000:02:00.0");
	part_test_expect(m, "nvme0n1", "0000:02:00.0");
	part_test_expect(m, "nvme0n1p2", "0000:02:00.0");
	part_test_expect(m, "card0", "0000:02:00.0");
	part_test_expect(m, "virtio2", "0000:02:00.0");
	part_test_expect(m, "vda", "0000:02:00.0");
	/* Each machine has this node. */
	fake_dir(m->fake, "sys/dev/char");
	fake_link(m->fake, "sys/dev/char/1:3", NIC "/nvme/nvme0");
	part_test_expect(m, "/dev/null", "0000:02:00.0");
}

static void parts_behind_another_bus_are_refused(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:03:00.0", "ahci", 1);
	part_test_add_bus(m, AHCI "/ata1/host0/target0:0:0/0:0:0:0", "scsi");
	part_test_add(m, AHCI "/ata1/host0/target0:0:0/0:0:0:0/block/sda",
		      "block", "sda");
	part_test_add(m, "sys/devices/virtual/net/lo", "net", "lo");
	part_test_refused(m, "sda", -ENODEV, "sda is on the scsi bus");
	part_test_refused(m, "sda", -ENODEV, "on it: 0000:03:00.0");
	part_test_refused(m, "lo", -ENODEV, "lo belongs to no device");
	part_test_refused(m, "eth9", -ENODEV, "no such device");
	part_test_refused(m, "..", -EINVAL, "");
	part_test_refused(m, ".", -EINVAL, "");
}

static int part_test_append(void *opaque, const char *device, const char *kind,
			    const char *name)
{
	char *text = opaque;
	size_t length = strlen(text);

	snprintf(text + length, 512 - length, "%s %s %s\n",
		 strrchr(device, '/') + 1, kind, name);
	return strcmp(name, "vdz") ? 0 : 7;
}

/* Partitions and connectors are named after what they are on, and lo is of no
 * device. */
static void parts_are_listed_with_their_device(void **state)
{
	struct machine *m = *state;
	char text[512] = "";

	assert_int_equal(lend_host_names(m->ctx, part_test_append, text), 0);
	assert_string_equal(text, "");
	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	fake_add_pci(m->fake, "0000:03:00.0", "ahci", 2);
	part_test_add(m, NIC "/net/enp2s0", "net", "enp2s0");
	part_test_add(m, "sys/devices/virtual/net/lo", "net", "lo");
	part_test_add(m, NIC "/nvme/nvme0", "nvme", "nvme0");
	part_test_add(m, NIC "/nvme/nvme0/nvme0n1", "block", "nvme0n1");
	part_test_add(m, NIC "/nvme/nvme0/nvme0n1/nvme0n1p2", "block",
		      "nvme0n1p2");
	part_test_add(m, NIC "/drm/card0", "drm", "card0");
	part_test_add(m, NIC "/drm/card0/card0-DP-1", "drm", "card0-DP-1");
	part_test_add_bus(m, NIC "/virtio2", "virtio");
	part_test_add_bus(m, AHCI "/ata1/host0/target0:0:0/0:0:0:0", "scsi");
	part_test_add(m, AHCI "/ata1/host0/target0:0:0/0:0:0:0/block/sda",
		      "block", "sda");
	assert_int_equal(lend_host_names(m->ctx, part_test_append, text), 0);
	assert_string_equal(text, "0000:02:00.0 net enp2s0\n"
				  "0000:02:00.0 block nvme0n1\n"
				  "0000:03:00.0 block sda\n"
				  "0000:02:00.0 nvme nvme0\n"
				  "0000:02:00.0 drm card0\n"
				  "0000:02:00.0 virtio virtio2\n");
	part_test_add(m, NIC "/virtio2/block/vdz", "block", "vdz");
	assert_int_equal(lend_host_names(m->ctx, part_test_append, text), 7);
}

static void hostile_links_lead_nowhere(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	fake_dir(m->fake, "sys/class/net");
	fake_dir(m->fake, "outside/eth0");
	fake_link(m->fake, "outside/eth0/subsystem", "sys/bus/pci");
	fake_link(m->fake, "sys/class/net/eth0", "outside/eth0");
	part_test_refused(m, "eth0", -EINVAL, "is not in sysfs");
	fake_link(m->fake, "sys/class/net/eth1", "sys/class/net/eth1");
	part_test_refused(m, "eth1", -ENODEV, "no such device");
	part_test_add(m, NIC "/net/a\033[2Jb", "net", "a\033[2Jb");
	part_test_expect(m, "a\033[2Jb", "0000:02:00.0");
	part_test_add_bus(m, NIC "/usb\033", "usb\033");
	part_test_add(m, NIC "/usb\033/net/c\033", "net", "c\033");
	part_test_refused(m, "c\033", -ENODEV, "c? is on the usb? bus");
	assert_int_equal(
		lend_host_names(m->ctx, part_test_append, (char[512]){""}), 0);
}

static void other_spellings_of_an_address_are_accepted(void **state)
{
	static const char *const cases[] = {
		"pci_0000_02_00_0",
		"pci@0000:02:00.0",
		"pci/0000:02:00.0",
		"pci@02:00.0",
	};
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		part_test_expect(m, cases[i], "0000:02:00.0");
	part_test_refused(m, "pci_0000_02_01_0", -ENODEV, "no such device");
	part_test_refused(m, "pci_0000_02_00", -ENODEV, "no such device");
	part_test_refused(m, "pci_0000_02_00_0_0", -ENODEV, "no such device");
	part_test_refused(m, "pci_", -ENODEV, "no such device");
	part_test_refused(m, "pci", -ENODEV, "no such device");
}

/* The fake's devices have the IDs 8086:10d3. */
static void ids_and_slots_name_one_device(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	part_test_expect(m, "8086:10d3", "0000:02:00.0");
	part_test_expect(m, "8086:10D3", "0000:02:00.0");
	part_test_expect(m, "02:00", "0000:02:00.0");
	part_test_expect(m, "2:0", "0000:02:00.0");
	part_test_expect(m, "0000:02:00", "0000:02:00.0");
	part_test_refused(m, "8086:10d4", -ENODEV, "no such device");
	part_test_refused(m, "0001:02:00", -ENODEV, "no such device");
	part_test_refused(m, "02:20", -EINVAL, "PCI");

	fake_add_pci(m->fake, "0000:02:00.1", NULL, 2);
	part_test_refused(m, "02:00", -EINVAL, "'02:00' names 2 devices");
	part_test_refused(m, "8086:10d3", -EINVAL,
			  "present: 0000:02:00.0, 8086:10d3, driver e1000e\n"
			  "present: 0000:02:00.1, 8086:10d3, driver (none)");
	part_test_refused(m, "8086:10d3", -EINVAL, "by its address");
	/* In a -device string as in QEMU, which takes addresses alone. */
	part_test_refused(m, "vfio-pci,host=02:00", -EINVAL, "host");
	fake_remove(m->fake, "sys/bus/pci");
	part_test_refused(m, "8086:10d3", -ENODEV, "no such device");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(parts_stand_for_their_device),
		MACHINE_TEST(parts_behind_another_bus_are_refused),
		MACHINE_TEST(parts_are_listed_with_their_device),
		MACHINE_TEST(hostile_links_lead_nowhere),
		MACHINE_TEST(other_spellings_of_an_address_are_accepted),
		MACHINE_TEST(ids_and_slots_name_one_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
