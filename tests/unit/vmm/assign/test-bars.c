// SPDX-License-Identifier: MIT
// What a lent function's BARs cost in calls to KVM, and where they may not go.
// KVM is a counter, the function a table.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <lend/irq.h>
#include <lend/kvm.h>
#include <lend/pci_irq.h>

#include "plugged.h"
#include "vmm/assign/pci-ops.h"

/* The function: memory, the upper half of it, ports. */
static const struct lend_pci_bar bars[ASSIGN_PCI_BARS] = {
	[0] = {.size = 0x4000, .is_64bit = true},
	[2] = {.size = 0x20, .io = true},
	[3] = {.size = 0x1000},
	[4] = {.size = 0x100},
	[5] = {.size = 0x100},
};

const struct lend_pci_bar *lend_pci_bar(const struct lend_pci *pci,
					unsigned int bar)
{
	(void)pci;
	return &bars[bar];
}

const char *lend_pci_name(const struct lend_pci *pci)
{
	(void)pci;
	return "0000:00:05.0";
}

unsigned int lend_pci_pin(const struct lend_pci *pci)
{
	(void)pci;
	return 0;
}

static struct {
	unsigned int bar;
	uint64_t offset;
	unsigned int size;
	uint64_t written;
} seen;

void lend_pci_bar_read(struct lend_pci *pci, unsigned int bar, uint64_t offset,
		       void *data, unsigned int size)
{
	(void)pci;
	seen.bar = bar;
	seen.offset = offset;
	seen.size = size;
	memset(data, 0x5a, size);
}

bool lend_pci_bar_write(struct lend_pci *pci, unsigned int bar, uint64_t offset,
			const void *data, unsigned int size)
{
	(void)pci;
	seen.bar = bar;
	seen.offset = offset;
	seen.size = size;
	seen.written = 0;
	memcpy(&seen.written, data, size);
	return false;
}

struct plugged {
	struct machine machine;
	struct assign_pci function;
	unsigned int warnings;
};

const struct lend_irq *lend_device_irq(const struct lend_device *device,
				       unsigned int index)
{
	static const struct lend_irq none;

	(void)device;
	(void)index;
	return &none;
}

static void open_kvm_side(struct plugged *p)
{
	const struct lend_kvm_pci_options options = {
		.size = sizeof(options),
		.pci = &p->function.pci,
		.bar_place = assign_pci_bar_trap,
		.bar_drop = assign_pci_bar_untrap,
		.opaque = &p->function,
	};

	assert_int_equal(lend_kvm_pci_new(p->machine.kvm, NULL, &options,
					  &p->function.kvm),
			 0);
}

static int bars_test_setup(void **state)
{
	static struct plugged p;

	plugged_open(&p.machine, &p.warnings);
	p.function = (struct assign_pci){
		.machine = &p.machine,
		.place = {.slot = 5},
	};
	for (unsigned int i = 0; i < ASSIGN_PCI_BARS; i++)
		p.function.bars[i] = (struct assign_pci_bar){
			.owner = &p.function,
			.index = i,
		};
	open_kvm_side(&p);
	*state = &p;
	return 0;
}

static int bars_test_teardown(void **state)
{
	struct plugged *p = *state;

	lend_kvm_pci_free(p->function.kvm);
	plugged_close(&p->machine);
	return 0;
}

static void trapped_accesses_reach_the_bar(void **state)
{
	struct plugged *p = *state;
	uint32_t value = 0;

	assert_int_equal(assign_pci_bar_place(&p->function, 0, 0xe0000000), 0);
	assert_int_equal(assign_pci_bar_place(&p->function, 2, 0xc000), 0);
	bus_read(&p->machine.mmio, 0xe0000010, &value, 4);
	assert_int_equal(value, 0x5a5a5a5a);
	assert_int_equal(seen.bar, 0);
	assert_int_equal(seen.offset, 0x10);
	value = 0x1234;
	bus_write(&p->machine.pio, 0xc01e, &value, 2);
	assert_int_equal(seen.bar, 2);
	assert_int_equal(seen.offset, 0x1e);
	assert_int_equal(seen.written, 0x1234);

	assign_pci_bar_drop(&p->function, 0);
	assign_pci_bar_drop(&p->function, 2);
	bus_read(&p->machine.mmio, 0xe0000010, &value, 4);
	assert_int_equal(value, UINT32_MAX);
	bus_read(&p->machine.pio, 0xc000, &value, 4);
	assert_int_equal(value, UINT32_MAX);
	/* What was dropped is another's to place, and not dropped again. */
	assert_int_equal(assign_pci_bar_place(&p->function, 3, 0xe0000000), 0);
	assign_pci_bar_drop(&p->function, 0);
	bus_read(&p->machine.mmio, 0xe0000010, &value, 4);
	assert_int_equal(value, 0x5a5a5a5a);
	assert_int_equal(kvm.slots, 0);
}

static void nothing_goes_where_something_is(void **state)
{
	struct plugged *p = *state;
	struct lend_kvm *space = p->machine.kvm;
	uint32_t value = 0;

	lend_kvm_claim(space, 0, 0x10000000, "RAM", NULL);
	lend_kvm_claim(space, 0xfee00000, 0x1000, "APIC", NULL);
	assert_int_equal(assign_pci_bar_place(&p->function, 0, 0), -EEXIST);
	assert_int_equal(assign_pci_bar_place(&p->function, 0, 0xffff000),
			 -EEXIST);
	assert_int_equal(assign_pci_bar_place(&p->function, 0, 0xfedfe000),
			 -EEXIST);
	assert_int_equal(assign_pci_bar_place(&p->function, 0, -0x2000ULL),
			 -EINVAL);
	assert_int_equal(assign_pci_bar_place(&p->function, 2, 0xfff0),
			 -EINVAL);
	assert_int_equal(assign_pci_bar_place(&p->function, 2, 1ULL << 32),
			 -EINVAL);
	assert_int_equal(assign_pci_bar_place(&p->function, 3, 0x20000000), 0);
	assert_int_equal(assign_pci_bar_place(&p->function, 0, 0x1ffff000),
			 -EEXIST);
	/* A BAR that is nowhere has nothing to give back. */
	assign_pci_bar_drop(&p->function, 0);
	bus_read(&p->machine.mmio, 0x20000000, &value, 4);
	assert_int_equal(value, 0x5a5a5a5a);
}

static void a_window_is_one_slot(void **state)
{
	struct plugged *p = *state;
	void *host = (void *)0x7f0000000000;

	assign_pci_bar_place(&p->function, 0, 0xe0000000);
	assert_int_equal(assign_pci_window_map(&p->function, 3, 0xe0001000,
					       0x3000, host),
			 0);
	assert_int_equal(kvm.slots, 1);
	assign_pci_window_unmap(&p->function, 3);
	assert_int_equal(kvm.slots, 2);
	assign_pci_window_unmap(&p->function, 3);
	assert_int_equal(kvm.slots, 2);
	kvm.fail = KVM_SET_USER_MEMORY_REGION;
	kvm.err = EEXIST;
	assert_int_equal(assign_pci_window_map(&p->function, 3, 0xe0001000,
					       0x3000, host),
			 -EEXIST);
	assign_pci_window_unmap(&p->function, 3);
	assert_int_equal(kvm.slots, 2);
}

static unsigned int retries;

static void count_retry(struct machine_device *device)
{
	(void)device;
	retries++;
}

/* Who was in a refused BAR's way has all functions asked, once. */
static void room_is_announced_to_all(void **state)
{
	static const struct machine_device_ops ops = {.retry = count_retry};
	struct plugged *p = *state;
	struct machine_device other = {.ops = &ops};
	struct machine_device *devices[] = {&other, &other};

	p->machine.devices = devices;
	p->machine.device_count = 2;
	retries = 0;
	assign_pci_bar_place(&p->function, 0, 0xe0000000);
	assign_pci_bar_drop(&p->function, 0);
	assign_pci_retry(&p->machine);
	assert_int_equal(retries, 0);
	assign_pci_bar_place(&p->function, 0, 0xe0000000);
	assert_int_equal(assign_pci_bar_place(&p->function, 3, 0xe0000000),
			 -EEXIST);
	assign_pci_retry(&p->machine);
	assert_int_equal(retries, 0);
	assign_pci_bar_drop(&p->function, 0);
	assign_pci_retry(&p->machine);
	assert_int_equal(retries, 2);
	assign_pci_retry(&p->machine);
	assert_int_equal(retries, 2);
	assert_int_equal(assign_pci_bar_place(&p->function, 3, 0xe0000000), 0);

	/* Ports too. */
	assert_int_equal(
		bus_add(&p->machine.pio, (struct range){0x3f8, 8}, NULL, NULL),
		0);
	assert_int_equal(assign_pci_bar_place(&p->function, 2, 0x3e0), -EEXIST);
	assign_pci_bar_drop(&p->function, 3);
	assign_pci_retry(&p->machine);
	assert_int_equal(retries, 4);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, bars_test_setup, bars_test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(trapped_accesses_reach_the_bar),
		TEST(nothing_goes_where_something_is),
		TEST(a_window_is_one_slot),
		TEST(room_is_announced_to_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
