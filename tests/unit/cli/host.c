// SPDX-License-Identifier: MIT
// Builds a host of files for the administrator's commands.

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
#define UUID "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"

/* Power management, MSI, MSI-X; AER, SR-IOV, a vendor's, and one that points to
 * itself. */
static void admin_host_write_config(struct fake_sysfs *fake, const char *device)
{
	static const struct {
		unsigned int at;
		unsigned char bytes[4];
	} parts[] = {
		{0x00, {0x86, 0x80, 0xd3, 0x10}},
		{0x04, {0x07, 0x00, 0x10, 0x00}},
		{0x34, {0x40, 0, 0, 0}},
		{0x40, {0x01, 0x50, 0, 0}},
		{0x50, {0x05, 0x70, 0, 0}},
		{0x70, {0x11, 0x00, 0, 0}},
		{0x100, {0x01, 0, 0x01, 0x14}},
		{0x140, {0x10, 0, 0x01, 0x16}},
		{0x160, {0xfe, 0xff, 1, 0x16}},
	};
	unsigned char config[4096] = {0};
	char path[4096];
	FILE *file;

	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		memcpy(config + parts[i].at, parts[i].bytes, 4);
	snprintf(path, sizeof(path), "%s/" ROOT "%s/config", fake->root,
		 device);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(config, sizeof(config), 1, file), 1);
	fclose(file);
}

static void admin_host_add_nic(struct fake_sysfs *fake)
{
	fake_add_pci(fake, "0000:02:00.0", "e1000e", 14);
	fake_file(fake, ROOT "0000:02:00.0/resource",
		  "0x00000000e0000000 0x00000000e001ffff 0x0000000000040200\n"
		  "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
		  "0x000000000000d000 0x000000000000d01f 0x0000000000040101\n"
		  "0x00000000e0020000 0x00000000e0023fff 0x000000000014220c\n"
		  "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
		  "0x0000000000000000 0x0000000000000fff 0x0000000020040200\n");
	fake_file(fake, ROOT "0000:02:00.0/subsystem_vendor", "0x1028\n");
	fake_file(fake, ROOT "0000:02:00.0/subsystem_device", "0x0775\n");
	fake_file(fake, ROOT "0000:02:00.0/revision", "0x1a\n");
	fake_file(fake, ROOT "0000:02:00.0/current_link_speed",
		  "8.0 GT/s PCIe\n");
	fake_file(fake, ROOT "0000:02:00.0/current_link_width", "4\n");
	fake_file(fake, ROOT "0000:02:00.0/numa_node", "1\n");
	fake_file(fake, ROOT "0000:02:00.0/power_state", "D0\n");
	fake_file(fake, ROOT "0000:02:00.0/reset", "");
	fake_file(fake, ROOT "0000:02:00.0/reset_method", "flr bus\n");
	fake_file(fake, ROOT "0000:02:00.0/sriov_totalvfs", "7\n");
	fake_file(fake, ROOT "0000:02:00.0/sriov_numvfs", "0\n");
	admin_host_write_config(fake, "0000:02:00.0");
	fake_dir(fake, ROOT "0000:02:00.0/net/eth0");
	fake_dir(fake, "sys/class/net");
	fake_link(fake, "sys/class/net/eth0", ROOT "0000:02:00.0/net/eth0");
	fake_add_pci(fake, "0000:02:00.1", "snd_hda_intel", 14);
	fake_file(fake, ROOT "0000:02:00.1/class", "0x040300\n");
}

/* A disk or a partition: dir is below the controller. */
static void admin_host_add_node(struct fake_sysfs *fake, const char *dir,
				const char *number)
{
	const char *name = strrchr(dir, '/');
	char path[512], text[64], target[256];

	name = name ? name + 1 : dir;
	snprintf(target, sizeof(target), ROOT "0000:03:00.0/nvme/nvme0/%s",
		 dir);
	snprintf(path, sizeof(path), "%s/uevent", target);
	snprintf(text, sizeof(text), "DEVNAME=%s\n", name);
	fake_file(fake, path, text);
	snprintf(path, sizeof(path), "sys/dev/block/%s", number);
	fake_link(fake, path, target);
	snprintf(path, sizeof(path), "dev/%s", name);
	snprintf(text, sizeof(text), "b%s", number);
	fake_node(fake, path, text);
}

static void admin_host_add_disk(struct fake_sysfs *fake)
{
	fake_add_pci(fake, "0000:03:00.0", "nvme", 15);
	fake_file(fake, ROOT "0000:03:00.0/class", "0x010802\n");
	admin_host_add_node(fake, "nvme0n1", "259:0");
	admin_host_add_node(fake, "nvme0n1/nvme0n1p1", "259:1");
	fake_dir(fake, "sys/class/block");
	fake_link(fake, ROOT "0000:03:00.0/nvme/nvme0/nvme0n1/subsystem",
		  "sys/class/block");
	fake_link(fake, "sys/class/block/nvme0n1",
		  ROOT "0000:03:00.0/nvme/nvme0/nvme0n1");
	fake_link(fake, "sys/class/block/nvme0n1p1",
		  ROOT "0000:03:00.0/nvme/nvme0/nvme0n1/nvme0n1p1");
}

#define TREE "sys/firmware/devicetree/base"

static void write_property(struct fake_sysfs *fake, const char *path,
			   const char *data, size_t size)
{
	char full[4096];
	FILE *file;

	fake_file(fake, path, "");
	snprintf(full, sizeof(full), "%s/%s", fake->root, path);
	file = fopen(full, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(data, size, 1, file), 1);
	fclose(file);
}

/* A device with three interrupts of a GIC, the last one edge-triggered. */
static void admin_host_add_tree(struct fake_sysfs *fake)
{
	static const struct {
		const char *path;
		const char *data;
		size_t size;
	} properties[] = {
		{"#address-cells", "\0\0\0\1", 4},
		{"#size-cells", "\0\0\0\1", 4},
		{"interrupt-parent", "\0\0\0\7", 4},
		{"gic/interrupt-controller", "", 1},
		{"gic/phandle", "\0\0\0\7", 4},
		{"gic/#interrupt-cells", "\0\0\0\3", 4},
		{"soc/name", "soc", 4},
		{"soc/ethernet@fff51000/name", "ethernet", 9},
		{"soc/ethernet@fff51000/compatible", "calxeda,hb-xgmac", 17},
		{"soc/ethernet@fff51000/reg", "\xff\xf5\x10\0\0\0\x10\0", 8},
		{"soc/ethernet@fff51000/interrupts",
		 "\0\0\0\0\0\0\0\x4d\0\0\0\4"
		 "\0\0\0\0\0\0\0\x4e\0\0\0\4"
		 "\0\0\0\0\0\0\0\x4f\0\0\0\1",
		 36},
	};
	char path[256];

	for (unsigned int i = 0; i < sizeof(properties) / sizeof(properties[0]);
	     i++) {
		snprintf(path, sizeof(path), TREE "/%s", properties[i].path);
		write_property(fake, path, properties[i].data,
			       properties[i].size);
	}
}

static void admin_host_add_others(struct fake_sysfs *fake)
{
	fake_file(fake, "sys/devices/platform/fff51000.ethernet/uevent", "");
	fake_link(fake, "sys/devices/platform/fff51000.ethernet/of_node",
		  TREE "/soc/ethernet@fff51000");
	fake_link(fake, "sys/devices/platform/fff51000.ethernet/subsystem",
		  "sys/bus/platform");
	fake_link(fake, "sys/bus/platform/devices/fff51000.ethernet",
		  "sys/devices/platform/fff51000.ethernet");
	fake_link(fake, "sys/devices/platform/fff51000.ethernet/iommu_group",
		  "sys/kernel/iommu_groups/17");
	fake_link(fake, "sys/kernel/iommu_groups/17/devices/fff51000.ethernet",
		  "sys/devices/platform/fff51000.ethernet");
	fake_file(fake, "sys/devices/platform/serial8250/uevent", "");
	fake_link(fake, "sys/devices/platform/serial8250/subsystem",
		  "sys/bus/platform");
	fake_link(fake, "sys/bus/platform/devices/serial8250",
		  "sys/devices/platform/serial8250");
}

#define MTTY "sys/devices/virtual/mtty/mtty/"

static void admin_host_add_mdev(struct fake_sysfs *fake)
{
	static const char *const files[][2] = {
		{MTTY "mdev_supported_types/mtty-1/name", "Single port\n"},
		{MTTY "mdev_supported_types/mtty-1/device_api", "vfio-pci\n"},
		{MTTY "mdev_supported_types/mtty-1/available_instances",
		 "23\n"},
		{MTTY "mdev_supported_types/mtty-1/create", ""},
		{MTTY "mdev_supported_types/mtty-2/name", "Dual port\n"},
		{MTTY "mdev_supported_types/mtty-2/create", ""},
		{MTTY UUID "/uevent", ""},
		{MTTY UUID "/remove", ""},
		{MTTY UUID "/mdev_type/name", "Single port\n"},
	};

	for (unsigned int i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		fake_file(fake, files[i][0], files[i][1]);
	fake_dir(fake, "sys/class/mdev_bus");
	fake_link(fake, "sys/class/mdev_bus/mtty", MTTY);
	fake_dir(fake, "sys/bus/mdev/devices");
	fake_link(fake, MTTY UUID "/subsystem", "sys/bus/mdev");
	fake_link(fake, "sys/bus/mdev/devices/" UUID, MTTY UUID);
	fake_link(fake, MTTY UUID "/iommu_group", "sys/kernel/iommu_groups/18");
	fake_link(fake, "sys/kernel/iommu_groups/18/devices/" UUID, MTTY UUID);
	fake_file(fake, "dev/vfio/18", "");
}

void admin_build_host(struct machine *machine)
{
	struct fake_sysfs *fake = machine->fake;

	fake_file(fake, "sys/class/iommu/dmar0", "");
	fake_add_driver(fake, "vfio-pci");
	fake_add_pci(fake, "0000:00:01.0", "pcieport", 1);
	fake_file(fake, ROOT "0000:00:01.0/class", "0x060400\n");
	admin_host_add_nic(fake);
	admin_host_add_disk(fake);
	fake_add_pci(fake, "0000:04:00.0", "vfio-pci", 16);
	fake_add_pci(fake, "0000:05:00.0", NULL, -1);
	fake_file(fake, "dev/vfio/vfio", "");
	fake_file(fake, "dev/vfio/16", "");
	fake_file(fake, "dev/kvm", "");
	fake_file(fake, "proc/iomem", "00100000-7fffffff : System RAM\n");
	admin_host_add_tree(fake);
	admin_host_add_others(fake);
	admin_host_add_mdev(fake);
}
