// SPDX-License-Identifier: MIT
// RAM that servers of devices get, by its file. liblend's part is a script.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <lend/context.h>
#include <lend/iommu.h>

#include "vmm/machine/internal.h"

#define PAGE        4096
#define FILE_OF_RAM 77

/* What servers got, and their answer to each. */
static struct {
	int answer;
	unsigned int maps;
	uint64_t offsets[4];
} servers;

int __wrap_lend_iommu_map_file(struct lend_iommu *space, uint64_t iova,
			       void *vaddr, uint64_t size, unsigned int flags,
			       int file, uint64_t offset);

int __wrap_lend_iommu_map_file(struct lend_iommu *space, uint64_t iova,
			       void *vaddr, uint64_t size, unsigned int flags,
			       int file, uint64_t offset)
{
	(void)space;
	(void)iova;
	(void)vaddr;
	assert_int_equal(size, PAGE);
	assert_int_equal(flags, LEND_DMA_READ | LEND_DMA_WRITE);
	assert_int_equal(file, FILE_OF_RAM);
	servers.offsets[servers.maps++ % 4] = offset;
	return servers.answer;
}

static const struct machine_device_ops share_ops = {.awaits_dma = true};

struct share_test {
	struct machine machine;
	struct machine_device devices[2];
	struct machine_device *list[2];
	struct lend_iommu *spaces[2];
};

/* Two devices behind sockets, and none of the kernel's. */
static int share_setup(void **state)
{
	static char ram[2][PAGE];
	static struct share_test test;

	test = (struct share_test){
		.list = {&test.devices[0], &test.devices[1]}};
	test.machine = (struct machine){
		.devices = test.list,
		.device_count = 2,
		.memory = {.backing.fd = FILE_OF_RAM, .count = 2},
		.spaces = test.spaces,
		.space_count = 2,
	};
	for (unsigned int i = 0; i < 2; i++) {
		test.machine.memory.blocks[i] = (struct memory_block){
			.range = {i * UINT64_C(0x100000), PAGE},
			.vaddr = ram[i]};
		test.spaces[i] = (struct lend_iommu *)&servers;
		test.devices[i].ops = &share_ops;
		test.devices[i].space = test.spaces[i];
	}
	servers.answer = 0;
	servers.maps = 0;
	*state = &test;
	return lend_ctx_new(NULL, &test.machine.ctx);
}

static int share_teardown(void **state)
{
	struct share_test *test = *state;

	dma_stop(&test->machine.dma);
	lend_ctx_unref(test->machine.ctx);
	return 0;
}

static int share_ram(struct machine *machine)
{
	assert_int_equal(machine_prepare_dma(machine), 0);
	dma_start(&machine->dma);
	return dma_await(&machine->dma);
}

static void each_server_gets_all_ram(void **state)
{
	struct share_test *test = *state;

	assert_false(machine_has_lent(&test->machine));
	assert_int_equal(share_ram(&test->machine), 0);
	assert_int_equal(servers.maps, 4);
	assert_int_equal(servers.offsets[0], 0);
	assert_int_equal(servers.offsets[1], PAGE);
	assert_int_equal(servers.offsets[2], 0);
	assert_int_equal(servers.offsets[3], PAGE);
}

/* It has been reported, and its device is lost. */
static void a_lost_server_is_no_failure(void **state)
{
	struct share_test *test = *state;

	servers.answer = -ENODEV;
	assert_int_equal(share_ram(&test->machine), 0);
	assert_int_equal(servers.maps, 2);
}

/* Those that are plugged later have the machine's address space. */
static void servers_get_ram_once(void **state)
{
	struct share_test *test = *state;

	test->machine.up = true;
	assert_int_equal(share_ram(&test->machine), 0);
	assert_int_equal(servers.maps, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_server_gets_all_ram,
						share_setup, share_teardown),
		cmocka_unit_test_setup_teardown(a_lost_server_is_no_failure,
						share_setup, share_teardown),
		cmocka_unit_test_setup_teardown(servers_get_ram_once,
						share_setup, share_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
