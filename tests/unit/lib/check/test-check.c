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

#include "ready.h"

static void a_ready_device_passes(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;
	struct ready_seen seen;

	ready_add(m);
	assert_int_equal(ready_check(m, "driver", &seen), 0);
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
	ready_expect_failure(m, "iommu", LEND_ERROR_NO_GROUP,
			     "so the IOMMU is off");
}

static void no_iommu_mode_fails(void **state)
{
	struct machine *m = *state;

	ready_add(m);
	fake_file(m->fake, "dev/vfio/noiommu-15", "");
	ready_expect_failure(m, "iommu", LEND_ERROR_NO_IOMMU, "no-IOMMU mode");
}

static void a_bridge_fails(void **state)
{
	struct machine *m = *state;
	struct ready_seen seen;

	ready_add(m);
	fake_file(m->fake, READY_DEVICE "class", "0x060400\n");
	ready_expect_failure(m, "type", LEND_ERROR_WRONG_TYPE, "bridge");
	/* Nothing more is reported. */
	assert_int_equal(ready_check(m, "driver", &seen), 1);
	assert_int_equal(seen.status, -1);
}

static void a_host_driver_fails(void **state)
{
	struct machine *m = *state;
	struct ready_seen seen;

	ready_add(m);
	fake_remove(m->fake, "sys/devices/pci0000:00/0000:03:00.0/driver");
	ready_expect_failure(m, "driver", LEND_ERROR_HOST_DRIVER,
			     "lend bind 0000:03:00.0");
	ready_check(m, "in-use", &seen);
	assert_int_equal(seen.status, -1);
	fake_add_driver(m->fake, "nvme");
	fake_link(m->fake, "sys/devices/pci0000:00/0000:03:00.0/driver",
		  "sys/bus/pci/drivers/nvme");
	ready_expect_failure(m, "driver", LEND_ERROR_HOST_DRIVER,
			     "its driver is nvme");
	ready_check(m, "in-use", &seen);
	assert_int_equal(seen.status, LEND_CHECK_OK);
	ready_check(m, "node", &seen);
	assert_int_equal(seen.status, LEND_CHECK_WARNING);
}

static void a_member_that_blocks_fails(void **state)
{
	struct machine *m = *state;
	struct ready_seen seen;

	ready_add(m);
	fake_add_pci(m->fake, "0000:00:1c.0", "pcieport", 15);
	assert_int_equal(ready_check(m, "member", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_OK);
	assert_string_equal(seen.text, "pcieport: bridge, ok||");
	fake_add_pci(m->fake, "0000:03:00.1", "snd_hda_intel", 15);
	ready_expect_failure(m, "member", LEND_ERROR_NOT_VIABLE,
			     "lend bind --group 0000:03:00.0");
}

static void a_missing_node_fails(void **state)
{
	struct machine *m = *state;

	ready_add(m);
	fake_remove(m->fake, "dev/vfio/15");
	ready_expect_failure(m, "node", LEND_ERROR_NO_VFIO,
			     "15 does not exist");
	fake_file(m->fake, "dev/vfio/15", "");
	fake_remove(m->fake, "dev/vfio/vfio");
	ready_expect_failure(m, "node", LEND_ERROR_NO_VFIO,
			     "vfio does not exist");
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

	ready_add(m);
	m->fake->kernel.access = check_test_deny;
	ready_expect_failure(m, "node", LEND_ERROR_PERMISSION, "lend udev");
	ready_expect_failure(m, "kvm", LEND_ERROR_PERMISSION,
			     "kvm: permission denied");
}

static void iommufd_replaces_the_group_node(void **state)
{
	struct machine *m = *state;
	struct ready_seen seen;

	ready_add(m);
	fake_remove(m->fake, "dev/vfio/15");
	fake_dir(m->fake, READY_DEVICE "vfio-dev/vfio3");
	ready_expect_failure(m, "node", LEND_ERROR_NO_VFIO,
			     "15 does not exist");
	fake_file(m->fake, "dev/vfio/devices/vfio3", "");
	ready_expect_failure(m, "node", LEND_ERROR_NO_VFIO,
			     "15 does not exist");
	fake_file(m->fake, "dev/iommu", "");
	assert_int_equal(ready_check(m, "node", &seen), 0);
	assert_non_null(strstr(seen.text, "devices/vfio3 and /dev/iommu"));
}

static void a_holder_fails(void **state)
{
	struct machine *m = *state;

	ready_add(m);
	fake_file(m->fake, "proc/314/comm", "qemu\n");
	fake_link(m->fake, "proc/314/fd/9", "dev/vfio/15");
	ready_expect_failure(m, "holder", LEND_ERROR_BUSY,
			     "held by qemu (pid 314, user unknown)");
	fake_remove(m->fake, "proc/314/fd/9");
	fake_dir(m->fake, READY_DEVICE "vfio-dev/vfio3");
	fake_file(m->fake, "dev/vfio/devices/vfio3", "");
	fake_link(m->fake, "proc/314/fd/9", "dev/vfio/devices/vfio3");
	ready_expect_failure(m, "holder", LEND_ERROR_BUSY,
			     "devices/vfio3 is held");
}

static void a_missing_kvm_fails(void **state)
{
	struct machine *m = *state;

	ready_add(m);
	fake_remove(m->fake, "dev/kvm");
	ready_expect_failure(m, "kvm", LEND_ERROR_NO_KVM, "No such file");
}

/* A device with a BAR at e0000000-e1ffffff. */
static void add_bar(struct machine *m)
{
	ready_add(m);
	fake_file(m->fake, READY_DEVICE "resource",
		  "0x00000000e0000000 0x00000000e1ffffff 0x14220c\n"
		  "0x0000000000000000 0x0000000000000000 0x0\nbad\n");
}

static void expect_bars_free(struct machine *m, const char *iomem)
{
	struct ready_seen seen;

	fake_file(m->fake, "proc/iomem", iomem);
	ready_check(m, "framebuffer", &seen);
	if (seen.status != LEND_CHECK_OK)
		fail_msg("%s: %s", iomem, seen.text);
}

static void expect_bars_held(struct machine *m, const char *iomem)
{
	fake_file(m->fake, "proc/iomem", iomem);
	ready_expect_failure(m, "framebuffer", LEND_ERROR_IN_USE, "efifb:off");
}

static void a_framebuffer_in_a_bar_fails(void **state)
{
	static const char *const inside[] = {
		"  e0000000-e02fffff : BOOTFB",
		"e1ffffff-e2000000 : efifb",
		"  dfff0000-e0000000 : simplefb",
		"  e0000000-e02fffff : efidrm",
		"  e0000000-e02fffff : of the next release",
		("e0000000-e1ffffff : 0000:03:00.0\n"
		 "  e0000000-e1ffffff : vesadrm\n"),
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
		fake_link(m->fake, READY_DEVICE "driver", path);
		fake_file(m->fake, READY_DEVICE "class", "0x030000\n");
		snprintf(iomem, sizeof(iomem),
			 "e0000000-e1ffffff : 0000:03:00.0\n%s\n",
			 drivers[i].own);
		expect_bars_free(m, iomem);
		expect_bars_held(m, "  e0000000-e02fffff : BOOTFB");
		/* No firmware has its screen there. */
		fake_file(m->fake, READY_DEVICE "class", "0x0c0330\n");
		expect_bars_free(m, "  e0000000-e00000ff : another label");
	}
}

static void hidden_ranges_are_unknown(void **state)
{
	struct machine *m = *state;
	struct ready_seen seen;

	add_bar(m);
	fake_file(m->fake, "proc/iomem",
		  "00000000-00000000 : System RAM\n"
		  "  00000000-00000000 : BOOTFB\n");
	assert_int_equal(ready_check(m, "framebuffer", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_WARNING);
	assert_non_null(strstr(seen.text, "requires root to know"));
	fake_remove(m->fake, "proc/iomem");
	assert_int_equal(ready_check(m, "framebuffer", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_WARNING);
}

/* As `lspci -xxx` shows a controller whose channels are in compatibility mode:
 * the kernel gives it the fixed ports. */
/* Its own IDs read as ones, and it has no interrupt pin of its own. */
/* Neither bound nor registered: whether there is a module decides what helps.
 */
/* Whichever call fails, a check returns and leaves nothing open:
 * fake_sysfs_free() verifies that. */
static void a_check_survives_each_fault(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;

	ready_add(m);
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
		MACHINE_TEST(a_host_drivers_own_ranges_pass),
		MACHINE_TEST(hidden_ranges_are_unknown),
		MACHINE_TEST(a_check_survives_each_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
