// SPDX-License-Identifier: MIT
// What a run can refuse without its devices is refused before one is opened:
// the kernel resets a device as it is opened. KVM's part is scripted.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/arch.h"
#include "vmm/machine/internal.h"

int __wrap_boot_open(struct boot *boot);
int __wrap_arch_check_boot(struct machine *machine);
int __wrap_arch_open(struct machine *machine);
unsigned int __wrap_arch_phys_bits(const struct machine *machine);
int __wrap_vm_open(struct vm *vm, struct lend_ctx *ctx);
int __wrap_vm_start(struct vm *vm);
int __wrap_machine_open_devices(struct machine *machine);

static unsigned int phys_bits;
static bool has_opened;

int __wrap_boot_open(struct boot *boot)
{
	(void)boot;
	return 0;
}

int __wrap_arch_check_boot(struct machine *machine)
{
	(void)machine;
	return 0;
}

int __wrap_arch_open(struct machine *machine)
{
	(void)machine;
	return 0;
}

unsigned int __wrap_arch_phys_bits(const struct machine *machine)
{
	(void)machine;
	return phys_bits;
}

int __wrap_vm_open(struct vm *vm, struct lend_ctx *ctx)
{
	(void)vm;
	(void)ctx;
	return 0;
}

int __wrap_vm_start(struct vm *vm)
{
	(void)vm;
	return 0;
}

int __wrap_machine_open_devices(struct machine *machine)
{
	(void)machine;
	has_opened = true;
	return -EBUSY;
}

static int refusing_create(struct lend_ctx *ctx, uint64_t ram, const char *path,
			   unsigned int bits)
{
	static const struct machine_device_config device;
	const struct machine_config config = {
		.kernel = "vmlinuz",
		.append = "console=ttyS0",
		.ram = ram,
		.mem_path = path,
		.devices = &device,
		.device_count = 1,
	};
	struct machine *machine;

	phys_bits = bits;
	has_opened = false;
	return machine_create(&machine, ctx, &config);
}

static void devices_come_last(void **state)
{
	assert_int_equal(refusing_create(*state, 1ull << 24, NULL, 52), -EBUSY);
	assert_true(has_opened);
	assert_int_equal(refusing_create(*state, 1ull << 24, "/tmp", 52),
			 -EBUSY);
	assert_true(has_opened);
}

static void memory_that_the_host_lacks(void **state)
{
	assert_int_equal(refusing_create(*state, 1ull << 46, NULL, 52),
			 -ENOMEM);
	assert_true(context_says(*state, "67108864 MiB required"));
	assert_false(has_opened);
}

static void a_directory_that_is_not_there(void **state)
{
	assert_int_equal(refusing_create(*state, 1ull << 24, "/nowhere", 52),
			 -ENOENT);
	assert_false(has_opened);
	assert_true(refusing_create(*state, 1ull << 46, "/tmp", 52) < 0);
	assert_false(has_opened);
}

static void memory_beyond_the_guests_addresses(void **state)
{
	assert_true(refusing_create(*state, 1ull << 40, NULL, 36) < 0);
	assert_true(context_says(*state, "36"));
	assert_false(has_opened);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, context_setup, context_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(devices_come_last),
		TEST(memory_that_the_host_lacks),
		TEST(a_directory_that_is_not_there),
		TEST(memory_beyond_the_guests_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
