// SPDX-License-Identifier: MIT
// What the kernel, or the guest's view of a device, refuses is refused by the
// checks.

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

static void interrupts_that_are_not_remapped_fail(void **state)
{
	struct machine *m = *state;
	struct ready_seen seen;

	ready_add(m);
	assert_int_equal(ready_check(m, "remapping", &seen), 0);
	assert_int_equal(seen.status, -1); /* unknown */
	fake_file(m->fake, "sys/kernel/irq/1/chip_name", "IR-IO-APIC\n");
	assert_int_equal(ready_check(m, "remapping", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_OK);
	fake_file(m->fake, "sys/kernel/irq/1/chip_name", "IO-APIC\n");
	ready_expect_failure(m, "remapping", LEND_ERROR_NO_IOMMU,
			     "/sys/kernel/irq/1/chip_name: IO-APIC");
	ready_expect_failure(m, "remapping", LEND_ERROR_NO_IOMMU,
			     "module/vfio_iommu_type1/parameters/");
	fake_file(m->fake,
		  "sys/module/iommufd/parameters/"
		  "allow_unsafe_interrupts",
		  "Y\n");
	ready_expect_failure(m, "remapping", LEND_ERROR_NO_IOMMU, "");
	fake_file(m->fake,
		  "sys/module/vfio_iommu_type1/parameters/"
		  "allow_unsafe_interrupts",
		  "Y\n");
	assert_int_equal(ready_check(m, "remapping", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_WARNING);
}

static void a_mapping_that_firmware_requires_fails(void **state)
{
	struct machine *m = *state;
	struct ready_seen seen;

	ready_add(m);
	fake_file(m->fake, "sys/kernel/iommu_groups/15/reserved_regions",
		  "0x00000000000a0000 0x00000000000bffff direct-relaxable\n"
		  "0x00000000fee00000 0x00000000feefffff msi\n");
	assert_int_equal(ready_check(m, "direct", &seen), 0);
	fake_file(m->fake, "sys/kernel/iommu_groups/15/reserved_regions",
		  "0x000000007d000000 0x000000007dffffff direct\n");
	ready_expect_failure(m, "direct", LEND_ERROR_NO_IOMMU,
			     "0x000000007d000000 0x000000007dffffff direct");
}

static void bars_that_no_guest_can_have_fail(void **state)
{
	static const uint8_t ide[64] = {
		0x86, 0x80, 0x10, 0x70, [0x09] = 0x80, 0x01, 0x01};
	struct machine *m = *state;
	struct ready_seen seen;

	ready_add(m);
	assert_int_equal(ready_check(m, "presentation", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_OK);
	fake_bytes(m->fake, READY_DEVICE "config", ide, sizeof(ide));
	fake_file(m->fake, READY_DEVICE "resource",
		  "0x00000000000001f0 0x00000000000001f7 0x0000000000000110\n"
		  "0x00000000000003f6 0x00000000000003f6 0x0000000000000110\n"
		  "0x0000000000000170 0x0000000000000177 0x0000000000000110\n"
		  "0x0000000000000376 0x0000000000000376 0x0000000000000110\n"
		  "0x000000000000c040 0x000000000000c04f 0x0000000000040101\n");
	ready_expect_failure(
		m, "presentation", LEND_ERROR_DEVICE,
		"an I/O BAR's size is out of range|"
		"BAR 1 has 0x1 bytes of I/O ports\n"
		"BAR 3 has 0x1 bytes of I/O ports|set the controller");
	fake_file(m->fake, READY_DEVICE "resource",
		  "0x00000000e0000000 0x00000000e17fffff 0x0000000000040200\n");
	ready_expect_failure(m, "presentation", LEND_ERROR_DEVICE,
			     "not a power of two|"
			     "BAR 0 has 0x1800000 bytes of memory|");
}

static void what_does_not_answer_fails(void **state)
{
	struct machine *m = *state;
	uint8_t config[64];

	ready_add(m);
	memset(config, 0xff, sizeof(config));
	fake_bytes(m->fake, READY_DEVICE "config", config, sizeof(config));
	ready_expect_failure(
		m, "presentation", LEND_ERROR_DEVICE,
		"as if no device were present||if it worked before");
	fake_file(m->fake, READY_DEVICE "power_state", "D3cold\n");
	fake_file(m->fake, READY_DEVICE "power/runtime_status", "suspended\n");
	ready_expect_failure(
		m, "presentation", LEND_ERROR_DEVICE,
		"as if no device were present|power_state: D3cold\n"
		"power/runtime_status: suspended|if it worked");
}

/* As during a reset: a read in this process could not be interrupted. */
static void what_cannot_be_read_fails(void **state)
{
	struct machine *m = *state;

	ready_add(m);
	fake_file(m->fake, READY_DEVICE "config", "");
	strcpy(m->fake->hangs, "/config");
	ready_expect_failure(m, "presentation", LEND_ERROR_DEVICE,
			     "not read within 10 s|the kernel lets no process "
			     "read it while a reset");
}

static void a_virtual_function_passes(void **state)
{
	struct machine *m = *state;
	uint8_t config[64] = {0xff, 0xff, 0xff, 0xff, [0x0b] = 0x02};
	struct ready_seen seen;

	ready_add(m);
	fake_bytes(m->fake, READY_DEVICE "config", config, sizeof(config));
	fake_link(m->fake, READY_DEVICE "physfn", "sys/devices/pci0000:00");
	fake_file(m->fake, READY_DEVICE "resource",
		  "0x00000000e0000000 0x00000000e0003fff 0x000000000014220c\n");
	assert_int_equal(ready_check(m, "presentation", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_OK);
	fake_remove(m->fake, READY_DEVICE "config");
	assert_int_equal(ready_check(m, "presentation", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_WARNING);
}

static void virtio_past_the_iommu_fails(void **state)
{
	static const char zeros[] = "0010101010101010101010101010101010101010";
	char features[sizeof(zeros) + 1];
	struct machine *m = *state;
	struct ready_seen seen;

	ready_add(m);
	fake_file(m->fake, READY_DEVICE "vendor", "0x1af4\n");
	fake_file(m->fake, READY_DEVICE "device", "0x1041\n");
	assert_int_equal(ready_check(m, "bypass", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_WARNING);
	snprintf(features, sizeof(features), "%s\n", zeros);
	features[33] = '1';
	fake_file(m->fake, READY_DEVICE "virtio5/features", features);
	assert_int_equal(ready_check(m, "bypass", &seen), 0);
	assert_int_equal(seen.status, LEND_CHECK_OK);
	features[33] = '0';
	fake_file(m->fake, READY_DEVICE "virtio5/features", features);
	ready_expect_failure(m, "bypass", LEND_ERROR_NO_IOMMU,
			     "|virtio5/features: bit 33 is 0|");
	ready_expect_failure(m, "bypass", LEND_ERROR_NO_IOMMU,
			     "iommu_platform=on");
	fake_file(m->fake, "proc/cpuinfo",
		  "processor\t: 0\nflags\t\t: fpu hypervisor lahf_lm\n");
	ready_expect_failure(m, "bypass", LEND_ERROR_NO_IOMMU, "");
	/* Hardware that speaks virtio is behind the IOMMU. */
	fake_file(
		m->fake, "proc/cpuinfo",
		"processor\t: 0\nflags\t\t: fpu lahf_lm\nbugs\t: hypervisor\n");
	assert_int_equal(ready_check(m, "bypass", &seen), 0);
	assert_int_equal(seen.status, -1);
}

static void a_part_of_the_chipset_fails(void **state)
{
	static const char *const classes[] = {
		"0x060000", "0x060100", "0x068000", "0x0c0500", "0x080600"};
	static const char *const others[] = {"0x0c0330", "0x080501", "0x088000",
					     "0x050000"};
	struct machine *m = *state;
	struct ready_seen seen;

	ready_add(m);
	for (unsigned int i = 0; i < 5; i++) {
		fake_file(m->fake, READY_DEVICE "class", classes[i]);
		ready_expect_failure(m, "chipset", LEND_ERROR_WRONG_TYPE,
				     classes[i]);
	}
	for (unsigned int i = 0; i < 4; i++) {
		fake_file(m->fake, READY_DEVICE "class", others[i]);
		assert_int_equal(ready_check(m, "chipset", &seen), 0);
	}
}

static void a_kernel_without_the_driver_fails(void **state)
{
	struct machine *m = *state;
	struct ready_seen seen;
	char modules[128];

	ready_add(m);
	snprintf(modules, sizeof(modules), "%s/lib/modules", m->fake->root);
	m->ctx->modules = modules;
	fake_file(m->fake, "proc/sys/kernel/osrelease", "6.1.0-lend\n");
	fake_remove(m->fake, READY_DEVICE "driver");
	fake_remove(m->fake, "sys/bus/pci/drivers/vfio-pci");
	ready_expect_failure(m, "driver", LEND_ERROR_HOST_DRIVER, "lend bind");
	fake_file(m->fake, "lib/modules/6.1.0-lend/modules.builtin",
		  "kernel/fs/ext4/ext4.ko\n");
	ready_expect_failure(m, "driver", LEND_ERROR_HOST_DRIVER, "lend bind");
	fake_file(m->fake, "lib/modules/6.1.0-lend/modules.dep",
		  "kernel/drivers/vfio/pci/mlx5-vfio-pci.ko:\n");
	ready_expect_failure(m, "vfio", LEND_ERROR_NO_VFIO,
			     "6.1.0-lend has no driver vfio-pci");
	ready_expect_failure(m, "vfio", LEND_ERROR_NO_VFIO, "CONFIG_VFIO_PCI");
	/* To bind it would not help. */
	assert_true(ready_check(m, "iommu", &seen) > 0);
	assert_int_equal(seen.status, -1);
	fake_file(m->fake, "lib/modules/6.1.0-lend/modules.dep",
		  "kernel/drivers/vfio/pci/vfio-pci.ko.xz: kernel/x.ko\n");
	ready_expect_failure(m, "driver", LEND_ERROR_HOST_DRIVER, "lend bind");
	fake_file(m->fake, "lib/modules/6.1.0-lend/modules.dep", "");
	fake_file(m->fake, "lib/modules/6.1.0-lend/modules.builtin",
		  "kernel/drivers/vfio/pci/vfio-pci.ko\n");
	ready_expect_failure(m, "driver", LEND_ERROR_HOST_DRIVER, "lend bind");
}

static void a_variant_of_the_driver_is_named(void **state)
{
	struct machine *m = *state;
	struct ready_seen seen;
	char modules[128];

	ready_add(m);
	snprintf(modules, sizeof(modules), "%s/lib/modules", m->fake->root);
	m->ctx->modules = modules;
	fake_file(m->fake, "proc/sys/kernel/osrelease", "6.1.0-lend\n");
	fake_file(m->fake, READY_DEVICE "modalias",
		  "pci:v00008086d000010D3sv00sd00bc02sc00i00\n");
	fake_file(
		m->fake, "lib/modules/6.1.0-lend/modules.alias",
		"alias vfio_pci:v00008086d000010D3sv*sd*bc*sc*i* x_vfio_pci\n");
	fake_file(m->fake, "lib/modules/6.1.0-lend/modules.builtin", "");
	fake_file(m->fake, "lib/modules/6.1.0-lend/modules.dep",
		  "kernel/drivers/vfio/pci/x-vfio-pci.ko:\n");
	fake_remove(m->fake, READY_DEVICE "driver");
	ready_check(m, "vfio", &seen);
	assert_int_equal(seen.status, LEND_CHECK_OK);
	/* Its module is listed, and not there. */
	fake_file(m->fake, "lib/modules/6.1.0-lend/modules.dep", "");
	ready_expect_failure(m, "vfio", LEND_ERROR_NO_VFIO,
			     "6.1.0-lend has no driver x_vfio_pci");
	fake_remove(m->fake, "lib/modules");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(interrupts_that_are_not_remapped_fail),
		MACHINE_TEST(a_mapping_that_firmware_requires_fails),
		MACHINE_TEST(bars_that_no_guest_can_have_fail),
		MACHINE_TEST(what_does_not_answer_fails),
		MACHINE_TEST(what_cannot_be_read_fails),
		MACHINE_TEST(a_virtual_function_passes),
		MACHINE_TEST(virtio_past_the_iommu_fails),
		MACHINE_TEST(a_part_of_the_chipset_fails),
		MACHINE_TEST(a_kernel_without_the_driver_fails),
		MACHINE_TEST(a_variant_of_the_driver_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
