// SPDX-License-Identifier: MIT
// Preconditions of lending: each alone fails, with its code and its remedy.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "tests/unit/lib/address/machine.h"

#define DEVICE "sys/devices/pci0000:00/0000:03:00.0/"

struct seen {
	const char *check; /* to look for */
	int status;        /* of the last of that name, -1 for none */
	enum lend_error_code code;
	char text[2048]; /* what, evidence, remedy */
};

static void check_test_note(void *opaque, const struct lend_finding *finding)
{
	struct seen *seen = opaque;

	if (strcmp(finding->check, seen->check) ||
	    seen->status == LEND_CHECK_FAILED)
		return;
	seen->status = (int)finding->status;
	seen->code = finding->code;
	snprintf(seen->text, sizeof(seen->text), "%s|%s|%s", finding->what,
		 finding->evidence, finding->remedy);
}

/* A device on vfio-pci that can be lent. */
static void add_ready(struct machine *m)
{
	fake_file(m->fake, "sys/class/iommu/dmar0", "");
	fake_add_pci(m->fake, "0000:03:00.0", "vfio-pci", 15);
	fake_file(m->fake, "dev/vfio/vfio", "");
	fake_file(m->fake, "dev/vfio/15", "");
	fake_file(m->fake, "dev/kvm", "");
}

static int check_test_run(struct machine *m, const char *name,
			  struct seen *seen)
{
	struct lend_check_options options = {
		.size = sizeof(options),
		.found = check_test_note,
		.opaque = seen,
	};
	struct lend_address *a = machine_find(m, "3:0.0");
	int failed;

	*seen = (struct seen){.check = name, .status = -1};
	failed = lend_check(m->ctx, &a, 1, &options);
	lend_address_unref(a);
	return failed;
}

static void expect_failure(struct machine *m, const char *name,
			   enum lend_error_code code, const char *text)
{
	struct seen seen;

	assert_true(check_test_run(m, name, &seen) > 0);
	assert_int_equal(seen.status, LEND_CHECK_FAILED);
	assert_int_equal(seen.code, code);
	if (!strstr(seen.text, text))
		fail_msg("%s", seen.text);
}

static void a_ready_device_passes(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;
	struct seen seen;

	add_ready(m);
	assert_int_equal(check_test_run(m, "driver", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_OK);
	assert_int_equal(m->error->code, LEND_ERROR_NONE);
	a = machine_find(m, "3:0.0");
	assert_int_equal(lend_check(m->ctx, &a, 1, NULL), 0);
	lend_address_unref(a);
}

static void options_of_another_release_are_refused(void **state)
{
	const struct lend_check_options options = {.size = 1};
	struct machine *m = *state;

	assert_int_equal(lend_check(m->ctx, NULL, 0, &options), -EINVAL);
	assert_int_equal(m->error->code, LEND_ERROR_ARGUMENT);
}

static void a_missing_group_fails(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:03:00.0", "vfio-pci", -1);
	expect_failure(m, "iommu", LEND_ERROR_NO_GROUP, "so the IOMMU is off");
}

static void no_iommu_mode_fails(void **state)
{
	struct machine *m = *state;

	add_ready(m);
	fake_file(m->fake, "dev/vfio/noiommu-15", "");
	expect_failure(m, "iommu", LEND_ERROR_NO_IOMMU, "no-IOMMU mode");
}

static void a_bridge_fails(void **state)
{
	struct machine *m = *state;
	struct seen seen;

	add_ready(m);
	fake_file(m->fake, DEVICE "class", "0x060400\n");
	expect_failure(m, "type", LEND_ERROR_WRONG_TYPE, "bridge");
	/* Nothing more is reported. */
	assert_int_equal(check_test_run(m, "driver", &seen), 1);
	assert_int_equal(seen.status, -1);
}

static void a_host_driver_fails(void **state)
{
	struct machine *m = *state;
	struct seen seen;

	add_ready(m);
	fake_remove(m->fake, "sys/devices/pci0000:00/0000:03:00.0/driver");
	expect_failure(m, "driver", LEND_ERROR_HOST_DRIVER,
		       "lend bind 0000:03:00.0");
	check_test_run(m, "in-use", &seen);
	assert_int_equal(seen.status, -1);
	fake_add_driver(m->fake, "nvme");
	fake_link(m->fake, "sys/devices/pci0000:00/0000:03:00.0/driver",
		  "sys/bus/pci/drivers/nvme");
	expect_failure(m, "driver", LEND_ERROR_HOST_DRIVER,
		       "its driver is nvme");
	check_test_run(m, "in-use", &seen);
	assert_int_equal(seen.status, LEND_CHECK_OK);
	check_test_run(m, "node", &seen);
	assert_int_equal(seen.status, LEND_CHECK_WARNING);
}

static void a_member_that_blocks_fails(void **state)
{
	struct machine *m = *state;
	struct seen seen;

	add_ready(m);
	fake_add_pci(m->fake, "0000:00:1c.0", "pcieport", 15);
	assert_int_equal(check_test_run(m, "member", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_OK);
	assert_string_equal(seen.text, "pcieport: bridge, ok||");
	fake_add_pci(m->fake, "0000:03:00.1", "snd_hda_intel", 15);
	expect_failure(m, "member", LEND_ERROR_NOT_VIABLE,
		       "lend bind --group 0000:03:00.0");
}

static void a_missing_node_fails(void **state)
{
	struct machine *m = *state;

	add_ready(m);
	fake_remove(m->fake, "dev/vfio/15");
	expect_failure(m, "node", LEND_ERROR_NO_VFIO, "15 does not exist");
	fake_file(m->fake, "dev/vfio/15", "");
	fake_remove(m->fake, "dev/vfio/vfio");
	expect_failure(m, "node", LEND_ERROR_NO_VFIO, "vfio does not exist");
}

static int check_test_deny(const struct kernel *k, const char *path, int mode)
{
	(void)k;
	(void)path;
	(void)mode;
	return -EACCES;
}

static void a_node_without_access_fails(void **state)
{
	struct machine *m = *state;

	add_ready(m);
	m->fake->kernel.access = check_test_deny;
	expect_failure(m, "node", LEND_ERROR_PERMISSION, "lend udev");
	expect_failure(m, "kvm", LEND_ERROR_PERMISSION,
		       "kvm: permission denied");
}

static void iommufd_replaces_the_group_node(void **state)
{
	struct machine *m = *state;
	struct seen seen;

	add_ready(m);
	fake_remove(m->fake, "dev/vfio/15");
	fake_dir(m->fake, DEVICE "vfio-dev/vfio3");
	expect_failure(m, "node", LEND_ERROR_NO_VFIO, "15 does not exist");
	fake_file(m->fake, "dev/vfio/devices/vfio3", "");
	expect_failure(m, "node", LEND_ERROR_NO_VFIO, "15 does not exist");
	fake_file(m->fake, "dev/iommu", "");
	assert_int_equal(check_test_run(m, "node", &seen), 0);
	assert_non_null(strstr(seen.text, "devices/vfio3 and /dev/iommu"));
}

static void a_holder_fails(void **state)
{
	struct machine *m = *state;

	add_ready(m);
	fake_file(m->fake, "proc/314/comm", "qemu\n");
	fake_link(m->fake, "proc/314/fd/9", "dev/vfio/15");
	expect_failure(m, "holder", LEND_ERROR_BUSY,
		       "held by qemu (pid 314, user unknown)");
	fake_remove(m->fake, "proc/314/fd/9");
	fake_dir(m->fake, DEVICE "vfio-dev/vfio3");
	fake_file(m->fake, "dev/vfio/devices/vfio3", "");
	fake_link(m->fake, "proc/314/fd/9", "dev/vfio/devices/vfio3");
	expect_failure(m, "holder", LEND_ERROR_BUSY, "devices/vfio3 is held");
}

static void a_missing_kvm_fails(void **state)
{
	struct machine *m = *state;

	add_ready(m);
	fake_remove(m->fake, "dev/kvm");
	expect_failure(m, "kvm", LEND_ERROR_NO_KVM, "No such file");
}

/* A device with a BAR at e0000000-e1ffffff. */
static void add_bar(struct machine *m)
{
	add_ready(m);
	fake_file(m->fake, DEVICE "resource",
		  "0x00000000e0000000 0x00000000e1ffffff 0x14220c\n"
		  "0x0000000000000000 0x0000000000000000 0x0\nbad\n");
}

static void expect_bars_free(struct machine *m, const char *iomem)
{
	struct seen seen;

	fake_file(m->fake, "proc/iomem", iomem);
	check_test_run(m, "framebuffer", &seen);
	if (seen.status != LEND_CHECK_OK)
		fail_msg("%s: %s", iomem, seen.text);
}

static void expect_bars_held(struct machine *m, const char *iomem)
{
	fake_file(m->fake, "proc/iomem", iomem);
	expect_failure(m, "framebuffer", LEND_ERROR_IN_USE, "efifb:off");
}

static void a_framebuffer_in_a_bar_fails(void **state)
{
	static const char *const inside[] = {
		"  e0000000-e02fffff : BOOTFB",
		"e1ffffff-e2000000 : efifb",
		"  dfff0000-e0000000 : simplefb",
		"  e0000000-e02fffff : efidrm",
		"  e0000000-e02fffff : of the next release",
		"e0000000-e1ffffff : 0000:03:00.0\n"
		"  e0000000-e1ffffff : vesadrm\n",
	};
	static const char *const outside[] = {
		"  e2000000-e20fffff : BOOTFB",
		"dff00000-dfffffff : efifb",
		"  e0000000-e02fffff : 0000:03:00.0",
		"nonsense",
		" : BOOTFB",
		/* Around the BAR, and the open device's own. */
		"e0000000-efffffff : PCI Bus 0000:03\n"
		"  e0000000-e1ffffff : PCI Bus 0000:04\n"
		"    e0000000-e1ffffff : 0000:03:00.0\n"
		"      e0000000-e1ffffff : vfio-pci\n",
	};
	struct machine *m = *state;

	add_bar(m);
	for (unsigned int i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		expect_bars_held(m, inside[i]);
	for (unsigned int i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		expect_bars_free(m, outside[i]);
}

/* The driver's own ranges go with it; names are as drivers write them. */
static void a_host_drivers_own_ranges_pass(void **state)
{
	static const struct {
		const char *driver, *own;
	} drivers[] = {
		{"xhci_hcd", "  e0000000-e000ffff : xhci-hcd"},
		{"exar_serial", "  e0000000-e0000007 : serial"},
		{"snd_hda_intel", "  e0000000-e1ffffff : ICH HD audio"},
		{"mgag200", "  e0000000-e1ffffff : mgadrmfb_vram"},
		{"thunderbolt", "  e0000000-e1ffffff : thunderbolt"},
	};
	struct machine *m = *state;

	add_bar(m);
	for (unsigned int i = 0; i < sizeof(drivers) / sizeof(drivers[0]);
	     i++) {
		char path[64], iomem[256];

		fake_add_driver(m->fake, drivers[i].driver);
		snprintf(path, sizeof(path), "sys/bus/pci/drivers/%s",
			 drivers[i].driver);
		fake_link(m->fake, DEVICE "driver", path);
		fake_file(m->fake, DEVICE "class", "0x030000\n");
		snprintf(iomem, sizeof(iomem),
			 "e0000000-e1ffffff : 0000:03:00.0\n%s\n",
			 drivers[i].own);
		expect_bars_free(m, iomem);
		expect_bars_held(m, "  e0000000-e02fffff : BOOTFB");
		/* No firmware has its screen there. */
		fake_file(m->fake, DEVICE "class", "0x0c0330\n");
		expect_bars_free(m, "  e0000000-e00000ff : another label");
	}
}

static void hidden_ranges_are_unknown(void **state)
{
	struct machine *m = *state;
	struct seen seen;

	add_bar(m);
	fake_file(m->fake, "proc/iomem",
		  "00000000-00000000 : System RAM\n"
		  "  00000000-00000000 : BOOTFB\n");
	assert_int_equal(check_test_run(m, "framebuffer", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_WARNING);
	assert_non_null(strstr(seen.text, "requires root to know"));
	fake_remove(m->fake, "proc/iomem");
	assert_int_equal(check_test_run(m, "framebuffer", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_WARNING);
}

static void interrupts_that_are_not_remapped_fail(void **state)
{
	struct machine *m = *state;
	struct seen seen;

	add_ready(m);
	assert_int_equal(check_test_run(m, "remapping", &seen), 0);
	assert_int_equal(seen.status, -1); /* unknown */
	fake_file(m->fake, "sys/kernel/irq/1/chip_name", "IR-IO-APIC\n");
	assert_int_equal(check_test_run(m, "remapping", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_OK);
	fake_file(m->fake, "sys/kernel/irq/1/chip_name", "IO-APIC\n");
	expect_failure(m, "remapping", LEND_ERROR_NO_IOMMU,
		       "/sys/kernel/irq/1/chip_name: IO-APIC");
	expect_failure(m, "remapping", LEND_ERROR_NO_IOMMU,
		       "module/vfio_iommu_type1/parameters/");
	fake_file(m->fake,
		  "sys/module/iommufd/parameters/"
		  "allow_unsafe_interrupts",
		  "Y\n");
	expect_failure(m, "remapping", LEND_ERROR_NO_IOMMU, "");
	fake_file(m->fake,
		  "sys/module/vfio_iommu_type1/parameters/"
		  "allow_unsafe_interrupts",
		  "Y\n");
	assert_int_equal(check_test_run(m, "remapping", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_WARNING);
}

static void a_mapping_that_firmware_requires_fails(void **state)
{
	struct machine *m = *state;
	struct seen seen;

	add_ready(m);
	fake_file(m->fake, "sys/kernel/iommu_groups/15/reserved_regions",
		  "0x00000000000a0000 0x00000000000bffff direct-relaxable\n"
		  "0x00000000fee00000 0x00000000feefffff msi\n");
	assert_int_equal(check_test_run(m, "direct", &seen), 0);
	fake_file(m->fake, "sys/kernel/iommu_groups/15/reserved_regions",
		  "0x000000007d000000 0x000000007dffffff direct\n");
	expect_failure(m, "direct", LEND_ERROR_NO_IOMMU,
		       "0x000000007d000000 0x000000007dffffff direct");
}

/* As `lspci -xxx` shows a controller whose channels are in compatibility mode:
 * the kernel gives it the fixed ports. */
static void bars_that_no_guest_can_have_fail(void **state)
{
	static const uint8_t ide[64] = {
		0x86, 0x80, 0x10, 0x70, [0x09] = 0x80, 0x01, 0x01};
	struct machine *m = *state;
	struct seen seen;

	add_ready(m);
	assert_int_equal(check_test_run(m, "presentation", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_OK);
	fake_bytes(m->fake, DEVICE "config", ide, sizeof(ide));
	fake_file(m->fake, DEVICE "resource",
		  "0x00000000000001f0 0x00000000000001f7 0x0000000000000110\n"
		  "0x00000000000003f6 0x00000000000003f6 0x0000000000000110\n"
		  "0x0000000000000170 0x0000000000000177 0x0000000000000110\n"
		  "0x0000000000000376 0x0000000000000376 0x0000000000000110\n"
		  "0x000000000000c040 0x000000000000c04f 0x0000000000040101\n");
	expect_failure(m, "presentation", LEND_ERROR_DEVICE,
		       "an I/O BAR's size is out of range|"
		       "BAR 1 has 0x1 bytes of I/O ports\n"
		       "BAR 3 has 0x1 bytes of I/O ports|set the controller");
	fake_file(m->fake, DEVICE "resource",
		  "0x00000000e0000000 0x00000000e17fffff 0x0000000000040200\n");
	expect_failure(m, "presentation", LEND_ERROR_DEVICE,
		       "not a power of two|"
		       "BAR 0 has 0x1800000 bytes of memory|");
}

static void what_does_not_answer_fails(void **state)
{
	struct machine *m = *state;
	uint8_t config[64];

	add_ready(m);
	memset(config, 0xff, sizeof(config));
	fake_bytes(m->fake, DEVICE "config", config, sizeof(config));
	expect_failure(m, "presentation", LEND_ERROR_DEVICE,
		       "as if no device were present||if it worked before");
}

/* Its own IDs read as ones, and it has no interrupt pin of its own. */
static void a_virtual_function_passes(void **state)
{
	struct machine *m = *state;
	uint8_t config[64] = {0xff, 0xff, 0xff, 0xff, [0x0b] = 0x02};
	struct seen seen;

	add_ready(m);
	fake_bytes(m->fake, DEVICE "config", config, sizeof(config));
	fake_link(m->fake, DEVICE "physfn", "sys/devices/pci0000:00");
	fake_file(m->fake, DEVICE "resource",
		  "0x00000000e0000000 0x00000000e0003fff 0x000000000014220c\n");
	assert_int_equal(check_test_run(m, "presentation", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_OK);
	fake_remove(m->fake, DEVICE "config");
	assert_int_equal(check_test_run(m, "presentation", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_WARNING);
}

static void virtio_past_the_iommu_fails(void **state)
{
	static const char zeros[] = "0010101010101010101010101010101010101010";
	char features[sizeof(zeros) + 1];
	struct machine *m = *state;
	struct seen seen;

	add_ready(m);
	fake_file(m->fake, DEVICE "vendor", "0x1af4\n");
	fake_file(m->fake, DEVICE "device", "0x1041\n");
	assert_int_equal(check_test_run(m, "bypass", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_WARNING);
	snprintf(features, sizeof(features), "%s\n", zeros);
	features[33] = '1';
	fake_file(m->fake, DEVICE "virtio5/features", features);
	assert_int_equal(check_test_run(m, "bypass", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_OK);
	features[33] = '0';
	fake_file(m->fake, DEVICE "virtio5/features", features);
	expect_failure(m, "bypass", LEND_ERROR_NO_IOMMU,
		       "|virtio5/features: bit 33 is 0|");
	expect_failure(m, "bypass", LEND_ERROR_NO_IOMMU, "iommu_platform=on");
	fake_file(m->fake, "proc/cpuinfo",
		  "processor\t: 0\nflags\t\t: fpu hypervisor lahf_lm\n");
	expect_failure(m, "bypass", LEND_ERROR_NO_IOMMU, "");
	/* Hardware that speaks virtio is behind the IOMMU. */
	fake_file(
		m->fake, "proc/cpuinfo",
		"processor\t: 0\nflags\t\t: fpu lahf_lm\nbugs\t: hypervisor\n");
	assert_int_equal(check_test_run(m, "bypass", &seen), 0);
	assert_int_equal(seen.status, -1);
}

static void a_part_of_the_chipset_fails(void **state)
{
	static const char *const classes[] = {
		"0x060000", "0x060100", "0x068000", "0x0c0500", "0x080600"};
	static const char *const others[] = {"0x0c0330", "0x080501", "0x088000",
					     "0x050000"};
	struct machine *m = *state;
	struct seen seen;

	add_ready(m);
	for (unsigned int i = 0; i < 5; i++) {
		fake_file(m->fake, DEVICE "class", classes[i]);
		expect_failure(m, "chipset", LEND_ERROR_WRONG_TYPE, classes[i]);
	}
	for (unsigned int i = 0; i < 4; i++) {
		fake_file(m->fake, DEVICE "class", others[i]);
		assert_int_equal(check_test_run(m, "chipset", &seen), 0);
	}
}

/* Neither bound nor registered: whether there is a module decides what helps.
 */
static void a_kernel_without_the_driver_fails(void **state)
{
	struct machine *m = *state;
	char modules[128];

	add_ready(m);
	snprintf(modules, sizeof(modules), "%s/lib/modules", m->fake->root);
	m->ctx->modules = modules;
	fake_file(m->fake, "proc/sys/kernel/osrelease", "6.1.0-lend\n");
	fake_remove(m->fake, DEVICE "driver");
	fake_remove(m->fake, "sys/bus/pci/drivers/vfio-pci");
	expect_failure(m, "driver", LEND_ERROR_HOST_DRIVER, "lend bind");
	fake_file(m->fake, "lib/modules/6.1.0-lend/modules.builtin",
		  "kernel/fs/ext4/ext4.ko\n");
	expect_failure(m, "driver", LEND_ERROR_HOST_DRIVER, "lend bind");
	fake_file(m->fake, "lib/modules/6.1.0-lend/modules.dep",
		  "kernel/drivers/vfio/pci/mlx5-vfio-pci.ko:\n");
	expect_failure(m, "vfio", LEND_ERROR_NO_VFIO,
		       "6.1.0-lend has no driver vfio-pci");
	expect_failure(m, "vfio", LEND_ERROR_NO_VFIO, "CONFIG_VFIO_PCI");
	fake_file(m->fake, "lib/modules/6.1.0-lend/modules.dep",
		  "kernel/drivers/vfio/pci/vfio-pci.ko.xz: kernel/x.ko\n");
	expect_failure(m, "driver", LEND_ERROR_HOST_DRIVER, "lend bind");
	fake_file(m->fake, "lib/modules/6.1.0-lend/modules.dep", "");
	fake_file(m->fake, "lib/modules/6.1.0-lend/modules.builtin",
		  "kernel/drivers/vfio/pci/vfio-pci.ko\n");
	expect_failure(m, "driver", LEND_ERROR_HOST_DRIVER, "lend bind");
}

/* Whichever call fails, a check returns and leaves nothing open:
 * fake_sysfs_free() verifies that. */
static void a_check_survives_each_fault(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;

	add_ready(m);
	fake_file(m->fake, "proc/iomem", "e0000000-e02fffff : BOOTFB\n");
	fake_add_pci(m->fake, "0000:03:00.1", "snd_hda_intel", 15);
	a = machine_find(m, "3:0.0");
	m->fake->calls = 0;
	lend_check(m->ctx, &a, 1, NULL);
	for (unsigned int i = m->fake->calls; i > 0; i--) {
		m->fake->calls = 0;
		m->fake->fault_at = i;
		assert_true(lend_check(m->ctx, &a, 1, NULL) >= 0);
	}
	lend_address_unref(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(a_ready_device_passes),
		MACHINE_TEST(options_of_another_release_are_refused),
		MACHINE_TEST(a_missing_group_fails),
		MACHINE_TEST(no_iommu_mode_fails),
		MACHINE_TEST(a_bridge_fails),
		MACHINE_TEST(a_host_driver_fails),
		MACHINE_TEST(a_member_that_blocks_fails),
		MACHINE_TEST(a_missing_node_fails),
		MACHINE_TEST(a_node_without_access_fails),
		MACHINE_TEST(iommufd_replaces_the_group_node),
		MACHINE_TEST(a_holder_fails),
		MACHINE_TEST(a_missing_kvm_fails),
		MACHINE_TEST(a_framebuffer_in_a_bar_fails),
		MACHINE_TEST(interrupts_that_are_not_remapped_fail),
		MACHINE_TEST(a_mapping_that_firmware_requires_fails),
		MACHINE_TEST(bars_that_no_guest_can_have_fail),
		MACHINE_TEST(what_does_not_answer_fails),
		MACHINE_TEST(a_virtual_function_passes),
		MACHINE_TEST(a_host_drivers_own_ranges_pass),
		MACHINE_TEST(hidden_ranges_are_unknown),
		MACHINE_TEST(virtio_past_the_iommu_fails),
		MACHINE_TEST(a_part_of_the_chipset_fails),
		MACHINE_TEST(a_kernel_without_the_driver_fails),
		MACHINE_TEST(a_check_survives_each_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
