// SPDX-License-Identifier: MIT
// The record of a device that failed.

#include <lend/fault.h>

#include "fixture.h"
#include "lib/base/bytes.h"

#define IN_SYSFS "sys/bus/pci/devices/" NAME "/"

static uint8_t *config_of(struct fixture *f)
{
	return f->nvme->regions[LEND_PCI_REGION_CONFIG].bytes;
}

/* PCI Express at 0x40, Advanced Error Reporting at 0x100. */
static uint8_t *add_capabilities(struct fixture *f)
{
	uint8_t *config = config_of(f);

	config[0x06] |= 0x10;
	config[0x34] = 0x40;
	bytes_put(config + 0x40, 4, 0x00020010);
	bytes_put(config + 0x100, 4, 0x00010001);
	return config;
}

static void errors_are_named(void **state)
{
	struct fixture *f = *state;
	uint8_t *config = add_capabilities(f);

	bytes_put(config + 0x4a, 2, 0x000a);
	bytes_put(config + 0x104, 4, 0x00104000);
	bytes_put(config + 0x10c, 4, 0x00462030);
	bytes_put(config + 0x11c, 4, 0x04000001);
	bytes_put(config + 0x128, 4, 0xdeadbeef);
	assert_error(f, lend_device_fault(f->device), -EIO, LEND_ERROR_DEVICE);
	assert_reported(f, "uncorrectable error",
			"device status 0x000a: non-fatal error, unsupported "
			"request\n",
			"dmesg | grep " NAME);
	assert_reported(f, "",
			"0x00104000: completion timeout, unsupported request "
			"(non-fatal)\n",
			"");
	assert_reported(f, "", "TLP header 04000001 00000000 00000000 deadbeef",
			"");
	bytes_put(config + 0x10c, 4, 0x00004000);
	lend_device_fault(f->device);
	assert_reported(f, "", "unsupported request (fatal)", "");
	bytes_put(config + 0x104, 4, 0x80000000);
	lend_device_fault(f->device);
	assert_reported(f, "", "0x80000000: unknown (non-fatal)", "");
}

static void cleared_errors_are_counted(void **state)
{
	struct fixture *f = *state;

	add_capabilities(f);
	fake_kernel_file(f->fake, IN_SYSFS "aer_dev_fatal",
			 "Undefined 0\nDLP 0\nTOTAL_ERR_FATAL 0\n");
	fake_kernel_file(
		f->fake, IN_SYSFS "aer_dev_nonfatal",
		"Undefined 0\nTLP 10\nCmpltTO 2\nTOTAL_ERR_NONFATAL 12\n");
	lend_device_fault(f->device);
	assert_reported(f, "", "device status 0x0000: no error\n", "");
	assert_reported(f, "", "status is clear; the kernel", "");
	assert_reported(f, "",
			"non-fatal errors since the host booted: "
			"TLP 10, CmpltTO 2",
			"");
	assert_null(strstr(lend_ctx_error(f->ctx)->evidence, "DLP"));
	assert_null(strstr(lend_ctx_error(f->ctx)->evidence, "TOTAL"));
}

static void a_dead_device_is_reported(void **state)
{
	struct fixture *f = *state;

	memset(config_of(f), 0xff, 4096);
	lend_device_fault(f->device);
	assert_reported(f, "", "does not respond", "dmesg");
}

/* If VFIO cannot read configuration space, sysfs may. */
static void sysfs_helps_out(void **state)
{
	struct fixture *f = *state;

	f->fake->fail_at = f->fake->calls + 1;
	f->fake->fail_error = EIO;
	lend_device_fault(f->device);
	assert_reported(f, "", "cannot read", "dmesg");
	fake_kernel_file(f->fake, IN_SYSFS "config",
			 "\xff\xff\xff\xff----------------------------"
			 "--------------------------------");
	f->fake->fail_at = f->fake->calls + 1;
	lend_device_fault(f->device);
	assert_reported(f, "", "does not respond", "");
}

static void lists_that_lead_astray(void **state)
{
	struct fixture *f = *state;
	uint8_t *config = add_capabilities(f);

	/* In the last bytes of both parts: what follows is not there. */
	config[0x34] = 0xfc;
	bytes_put(config + 0xfc, 4, 0x00020010);
	bytes_put(config + 0x100, 4, 0xffc10003);
	bytes_put(config + 0xffc, 4, 0x00010001);
	lend_device_fault(f->device);
	assert_string_equal(lend_ctx_error(f->ctx)->evidence, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OPEN(errors_are_named),
		TEST_OPEN(cleared_errors_are_counted),
		TEST_OPEN(a_dead_device_is_reported),
		TEST_OPEN(sysfs_helps_out),
		TEST_OPEN(lists_that_lead_astray),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
