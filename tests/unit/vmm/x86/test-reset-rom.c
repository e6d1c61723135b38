// SPDX-License-Identifier: MIT
// A processor that arrives at a reset vector resets the machine.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>
#include <cmocka.h>

#include <lend/context.h>
#include <lend/kvm.h>

#include "vmm/memory/memory.h"
#include "vmm/memory/range.h"
#include "vmm/x86/pci-ports.h"
#include "vmm/x86/power.h"
#include "vmm/x86/reset-rom.h"

#define VM_FD 1000

struct rom_test {
	struct kvm_userspace_memory_region regions[4];
	unsigned int slots;
	bool fails;
	unsigned int resets;
};

static struct rom_test rom_test;

int ioctl(int fd, unsigned long request, ...)
{
	const struct kvm_userspace_memory_region *region;
	va_list args;

	va_start(args, request);
	region = va_arg(args, const struct kvm_userspace_memory_region *);
	va_end(args);
	assert_int_equal(fd, VM_FD);
	assert_int_equal(request, KVM_SET_USER_MEMORY_REGION);
	assert_true(rom_test.slots < 4);
	if (rom_test.fails) {
		errno = EINVAL;
		return -1;
	}
	rom_test.regions[rom_test.slots++] = *region;
	return 0;
}

static void count_reset(void *opaque)
{
	(void)opaque;
	rom_test.resets++;
}

/* Run the code from @at until it halts; the opcodes mean the same in 16, 32 and
 * 64-bit mode. Returns the offset of the HLT. */
static unsigned int rom_execute(struct bus *pio, unsigned int at)
{
	uint8_t al = 0;

	for (unsigned int steps = 0; steps < 2 * LAYOUT_ROM_SIZE; steps++) {
		assert_true(at + 1 < LAYOUT_ROM_SIZE);
		switch (reset_rom[at]) {
		case 0x90:
		case 0xfa:
			at++;
			break;
		case 0xb0:
			al = reset_rom[at + 1];
			at += 2;
			break;
		case 0xe6:
			bus_write(pio, reset_rom[at + 1], &al, 1);
			at += 2;
			break;
		case 0xf4:
			return at;
		default:
			fail_msg("opcode %#x", reset_rom[at]);
		}
	}
	fail_msg("no end");
	return 0;
}

static void code_at_the_vector_resets(void **state)
{
	struct power power = {.reset = count_reset};
	struct pci_ports ports = {0};
	struct bus pio;
	unsigned int end;

	(void)state;
	rom_test = (struct rom_test){0};
	bus_init(&pio);
	assert_int_equal(power_init(&power, &pio, &ports), 0);
	end = rom_execute(&pio, LAYOUT_ROM_SIZE - 16);
	assert_int_equal(rom_test.resets, 1);
	assert_int_equal(rom_execute(&pio, 0), end);
	assert_int_equal(rom_test.resets, 2);
	/* A processor that goes on after the HLT returns to it. */
	assert_int_equal(reset_rom[end + 1], 0xeb);
	assert_int_equal((int8_t)reset_rom[end + 2], -3);
	bus_destroy(&pio);
}

static void upper_page_is_read_only(void **state)
{
	const struct kvm_userspace_memory_region *region = rom_test.regions;
	struct lend_ctx *ctx;
	struct lend_kvm *kvm;

	(void)state;
	rom_test = (struct rom_test){0};
	assert_int_equal(lend_ctx_new(NULL, &ctx), 0);
	assert_int_equal(lend_kvm_new(ctx, VM_FD, NULL, &kvm), 0);
	assert_int_equal(reset_rom_map(kvm), 0);
	assert_int_equal(rom_test.slots, 1);
	assert_true(region->guest_phys_addr == 0xfffff000);
	assert_int_equal(region->flags, KVM_MEM_READONLY);
	assert_int_equal(region->memory_size, LAYOUT_ROM_SIZE);
	assert_true(region->userspace_addr == (uintptr_t)reset_rom);
	lend_kvm_free(kvm);

	assert_int_equal(lend_kvm_new(ctx, VM_FD, NULL, &kvm), 0);
	rom_test.fails = true;
	assert_int_equal(reset_rom_map(kvm), -EINVAL);
	lend_kvm_free(kvm);
	lend_ctx_unref(ctx);
}

static void lower_page_is_written_to_ram(void **state)
{
	static uint8_t ram[0x100000];
	struct memory memory = {
		.blocks = {{{0, sizeof(ram)}, ram}},
		.count = 1,
	};

	(void)state;
	assert_int_equal(reset_rom_put(&memory), 0);
	assert_memory_equal(ram + 0xff000, reset_rom, LAYOUT_ROM_SIZE);
	assert_int_equal(ram[0xfefff], 0);
	memory.blocks[0].range.size = 0xff000;
	assert_int_equal(reset_rom_put(&memory), -EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_at_the_vector_resets),
		cmocka_unit_test(upper_page_is_read_only),
		cmocka_unit_test(lower_page_is_written_to_ram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
