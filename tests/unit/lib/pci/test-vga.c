// SPDX-License-Identifier: MIT
// The VGA ranges: placed while the guest enables their kind of access.

#include <errno.h>
#include <string.h>

#include "function.h"

enum { REGION = LEND_PCI_REGION_VGA, SIZE = 0xc0000 };

static const struct lend_pci_options with_vga = {
	.size = sizeof(with_vga),
	.no_mmap = true,
	.vga = true,
};

static void add_vga(struct function *f)
{
	/* Ports by no BAR. */
	fake_region_set(f->host, 2, 0, 0);
	f->host->regions[REGION].err = 0;
	fake_region_set(f->host, REGION, SIZE,
			VFIO_REGION_INFO_FLAG_READ |
				VFIO_REGION_INFO_FLAG_WRITE);
}

static void open_vga(struct function *f)
{
	add_vga(f);
	assert_int_equal(function_open(f, &with_vga), 0);
	f->asked[0] = '\0';
	fake_log_clear(f->fake);
}

static void command_register_rules(void **state)
{
	struct function *f = *state;

	open_vga(f);
	cfg_put(f, 4, 2, 0x401);
	expect_asked(f, "config 4/2 401; place 8 3b0; place 9 3c0; ");
	cfg_put(f, 4, 2, 0x403);
	expect_asked(f, "config 4/2 403; place 7 a0000; ");
	assert_true(lend_pci_config_write(f->pci, 4, 2, 0x402));
	expect_asked(f, "drop 8; drop 9; config 4/2 402; ");
	/* Asleep, nothing decodes. */
	cfg_put(f, 0x44, 2, 3);
	expect_asked(f, "drop 7; config 44/1 b; ");
	cfg_put(f, 0x44, 2, 0);
	expect_asked(f, "config 44/1 8; place 7 a0000; ");
	lend_pci_stop(f->pci);
	expect_asked(f, "drop 7; config 4/2 0; ");
}

static void accesses_reach_the_region(void **state)
{
	struct function *f = *state;
	const uint8_t *bytes = f->host->regions[REGION].bytes;
	uint64_t value = 0x1122334455667788;

	open_vga(f);
	bytes = f->host->regions[REGION].bytes;
	lend_pci_bar_write(f->pci, LEND_PCI_BAR_VGA_MEMORY, 0x1fff8, &value, 8);
	assert_memory_equal(bytes + 0xbfff8, &value, 8);
	lend_pci_bar_write(f->pci, LEND_PCI_BAR_VGA_PORTS_LOW, 0xb, &value, 1);
	assert_int_equal(bytes[0x3bb], 0x88);
	lend_pci_bar_write(f->pci, LEND_PCI_BAR_VGA_PORTS_HIGH, 4, &value, 2);
	assert_int_equal(bytes[0x3c5], 0x77);
	value = 0;
	lend_pci_bar_read(f->pci, LEND_PCI_BAR_VGA_PORTS_HIGH, 4, &value, 2);
	assert_int_equal(value, 0x7788);
	/* Nothing beyond a range's end. */
	lend_pci_bar_read(f->pci, LEND_PCI_BAR_VGA_PORTS_LOW, 0xb, &value, 2);
	assert_int_equal(value & 0xffff, 0xffff);
	lend_pci_bar_write(f->pci, LEND_PCI_BAR_VGA_PORTS_HIGH, 0x1f, "\1\2",
			   2);
	assert_int_equal(bytes[0x3df], 0);
	lend_pci_bar_read(f->pci, LEND_PCI_BARS, 0, &value, 2);
	assert_int_equal(value & 0xffff, 0xffff);
	assert_int_equal(lend_pci_bar(f->pci, 7)->size, 0x20000);
	assert_int_equal(lend_pci_bar(f->pci, 8)->size, 0xc);
	assert_int_equal(lend_pci_bar(f->pci, 9)->size, 0x20);
	assert_true(lend_pci_bar(f->pci, 9)->io);
	assert_int_equal(lend_pci_bar(f->pci, 10)->size, 0);
}

/* Two cards in one guest: the second gets what the first lets go of. */
static void refused_ranges_are_asked_for_again(void **state)
{
	struct function *f = *state;

	open_vga(f);
	f->vm.refusal = -EEXIST;
	cfg_put(f, 4, 2, 0x401);
	expect_asked(f, "config 4/2 401; place 8 3b0; place 9 3c0; ");
	assert_int_equal(f->warnings, 2);
	cfg_put(f, 0x3c, 1, 5);
	expect_asked(f, "");
	/* The guest tries again, or the other card lets go. */
	cfg_put(f, 4, 2, 0x400);
	cfg_put(f, 4, 2, 0x401);
	expect_asked(f, "config 4/2 400; config 4/2 401; place 8 3b0; "
			"place 9 3c0; ");
	f->vm.refusal = 0;
	lend_pci_retry(f->pci);
	expect_asked(f, "place 8 3b0; place 9 3c0; ");
	lend_pci_retry(f->pci);
	expect_asked(f, "");
	assert_int_equal(f->warnings, 2);
}

static void nothing_without_being_asked_for(void **state)
{
	struct function *f = *state;

	add_vga(f);
	assert_int_equal(function_open(f, NULL), 0);
	f->asked[0] = '\0';
	cfg_put(f, 4, 2, 0x403);
	expect_asked(f, "config 4/2 402; ");
	assert_int_equal(lend_pci_bar(f->pci, 7)->size, 0);
	cfg_put(f, 4, 2, 0x400);
	f->asked[0] = '\0';
}

static void devices_without_are_refused(void **state)
{
	struct function *f = *state;

	assert_int_equal(function_open(f, &with_vga), -EOPNOTSUPP);
	assert_non_null(strstr(lend_ctx_error(f->ctx)->what, "VGA"));
	assert_non_null(
		strstr(lend_ctx_error(f->ctx)->remedy, "CONFIG_VFIO_PCI_VGA"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(command_register_rules),
		TEST(accesses_reach_the_region),
		TEST(refused_ranges_are_asked_for_again),
		TEST(nothing_without_being_asked_for),
		TEST(devices_without_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
