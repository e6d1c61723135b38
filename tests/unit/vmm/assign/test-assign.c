// SPDX-License-Identifier: MIT
// Where lent functions end up in the machine: windows, slots, interrupt lines.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <lend/pci.h>

#include "vmm/assign/pci.h"
#include "vmm/irq/irq.h"
#include "vmm/memory/layout.h"
#include "vmm/pci/host.h"

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

static const struct lend_pci_bar mem32 = {.size = MIB};
static const struct lend_pci_bar mem32_prefetchable = {
	.size = 32 * MIB,
	.prefetchable = true,
};
static const struct lend_pci_bar mem64 = {.size = 16 * MIB, .is_64bit = true};
static const struct lend_pci_bar mem64_prefetchable = {
	.size = 64 * GIB,
	.is_64bit = true,
	.prefetchable = true,
};
static const struct lend_pci_bar ports = {.size = 32, .io = true};
static const struct lend_pci_bar none = {.size = 0};

static void bars_are_sorted_by_the_window_they_need(void **state)
{
	struct layout_need need = {};

	(void)state;
	assert_int_equal(assign_pci_need(&need, &mem32), 0);
	assert_int_equal(assign_pci_need(&need, &mem32_prefetchable), 0);
	assert_int_equal(assign_pci_need(&need, &mem64), 0);
	assert_int_equal(assign_pci_need(&need, &mem64_prefetchable), 0);
	assert_int_equal(assign_pci_need(&need, &ports), 0);
	assert_int_equal(assign_pci_need(&need, &none), 0);
	assert_int_equal(need.mem32, 33 * MIB);
	assert_int_equal(need.mem32_largest, 32 * MIB);
	assert_true(need.mem64 == 64 * GIB + 16 * MIB);
	assert_true(need.mem64_largest == 64 * GIB);
	assert_int_equal(need.io, 32);
}

/* PCI-to-PCI bridge specification: below a bridge, 64-bit BARs are above 4 GiB
 * only if they are prefetchable. */
static void bars_below_a_port_go_into_its_windows(void **state)
{
	struct layout_need below = {.is_bridge = true}, need = {};

	(void)state;
	assign_pci_need(&below, &mem64);
	assign_pci_need(&below, &mem64_prefetchable);
	assign_pci_need(&below, &ports);
	assert_int_equal(below.mem32, 16 * MIB);
	assert_true(below.mem64 == 64 * GIB);
	assert_int_equal(layout_need_add_bridge(&need, &below), 0);
	assert_int_equal(need.mem32, 16 * MIB);
	assert_true(need.mem64 == 64 * GIB);
	assert_int_equal(need.io, 0);
	assert_int_equal(need.io_bridges, 1);
}

static void a_sum_beyond_64_bits_is_refused(void **state)
{
	const struct lend_pci_bar huge = {.size = 1ULL << 63, .is_64bit = true};
	struct layout_need need = {};

	(void)state;
	assert_int_equal(assign_pci_need(&need, &huge), 0);
	assert_true(assign_pci_need(&need, &huge) < 0);
}

static void windows_hold_the_largest_bar_aligned(void **state)
{
	struct layout_need need = {};
	struct layout layout;
	struct lend_ctx *ctx;

	(void)state;
	assert_int_equal(lend_ctx_new(NULL, &ctx), 0);
	assign_pci_need(&need, &mem32);
	assign_pci_need(&need, &mem32_prefetchable);
	assign_pci_need(&need, &mem64_prefetchable);
	assert_int_equal(layout_compute(&layout, ctx, 512 * MIB, &need, 40), 0);
	assert_true(layout.mem32.base % (32 * MIB) == 0);
	assert_true(layout.mem32.size >= 33 * MIB);
	assert_true(layout.mem32.base + layout.mem32.size <= 4 * GIB);
	assert_true(layout.mem64.base % (64 * GIB) == 0);
	assert_true(layout.mem64.base >= 4 * GIB);
	assert_true(layout.mem64.size >= 64 * GIB);
	lend_ctx_unref(ctx);
}

/* PCI-to-PCI bridge specification, table 9-1: the pin turns with the slot. */
static void neighbours_do_not_share_a_line(void **state)
{
	static const struct pci_host host;

	(void)state;
	for (unsigned int slot = 0; slot < 31; slot++) {
		struct pci_place first = pci_place(0, slot, 0);
		struct pci_place last = pci_place(0, slot, 7);
		struct pci_place next = pci_place(0, slot + 1, 0);

		for (unsigned int pin = 1; pin <= 4; pin++) {
			unsigned int gsi = pci_host_gsi(&host, first, pin);

			assert_in_range(gsi, IRQ_PCI_FIRST,
					IRQ_PCI_FIRST + IRQ_PCI_COUNT - 1);
			/* All functions of a slot share the slot's lines. */
			assert_int_equal(pci_host_gsi(&host, last, pin), gsi);
			if (pin < 4)
				assert_int_equal(
					pci_host_gsi(&host, next, pin),
					pci_host_gsi(&host, first, pin + 1));
		}
		assert_int_not_equal(pci_host_gsi(&host, first, 1),
				     pci_host_gsi(&host, next, 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bars_are_sorted_by_the_window_they_need),
		cmocka_unit_test(bars_below_a_port_go_into_its_windows),
		cmocka_unit_test(a_sum_beyond_64_bits_is_refused),
		cmocka_unit_test(windows_hold_the_largest_bar_aligned),
		cmocka_unit_test(neighbours_do_not_share_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
