// SPDX-License-Identifier: MIT
// Quirks of ATI and AMD: configuration space among the registers, and the reset
// of cards without a PCI reset.

#include <stdio.h>
#include <string.h>

#include "device.h"

enum {
	CONFIG = LEND_PCI_REGION_CONFIG,
	PORTS = LEND_PCI_BAR_VGA_PORTS_HIGH,
	VGA = LEND_PCI_REGION_VGA,
	MIRROR = 0x4000,
};

static const struct lend_pci_options with_vga = {
	.size = sizeof(with_vga),
	.vga = true,
};

/* A card of before Bonaire: registers in BAR 2, ports in BAR 4. */
static void open_old(struct function *f, uint32_t bar2,
		     const struct lend_pci_options *options)
{
	quirk_device_be(f, 0x68181002, 0x030000);
	quirk_device_bar(f, 0, 0xe000000c, 0x10000);
	quirk_device_bar(f, 2, 0xf6000000 | bar2, 0x10000);
	quirk_device_bar(f, 4, 0xe001, 0x100);
	quirk_device_vga(f);
	quirk_device_open(f, options);
}

static void mirror_in_bar_2(void **state)
{
	struct function *f = *state;

	open_old(f, BAR_64, &with_vga);
	assert_string_equal(quirk_device_logged(),
			    "ati-config-mirror ati-config-window "
			    "ati-vga-port ");
	cfg_put(f, 0x18, 4, 0xc0000000);
	host_put(f, 2, MIRROR + 0x18, 4, 0xf6000004);
	host_put(f, 2, MIRROR + 0x100, 4, 0x1234);
	assert_int_equal(bar_get(f, 2, MIRROR + 0x18, 4), 0xc0000004);
	assert_int_equal(bar_get(f, 2, MIRROR + 0x100, 4), 0x1234);
	bar_put(f, 2, MIRROR + 0x18, 4, 0xd0000000);
	assert_int_equal(cfg_get(f, 0x18, 4), 0xd0000004);
	cfg_put(f, 4, 2, 2);
	assert_non_null(strstr(f->asked, "d0000000+4000"));
	assert_non_null(strstr(f->asked, "d0005000+b000"));
	cfg_put(f, 4, 2, 0);
}

static void doorbells_are_no_registers(void **state)
{
	struct function *f = *state;

	open_old(f, BAR_64_CACHE, &with_vga);
	assert_string_equal(quirk_device_logged(),
			    "ati-config-window ati-vga-port ");
	host_put(f, 2, MIRROR, 4, 7);
	assert_int_equal(bar_get(f, 2, MIRROR, 4), 7);
}

static void nothing_without_vga(void **state)
{
	struct function *f = *state;

	open_old(f, BAR_64, NULL);
	assert_string_equal(quirk_device_logged(), "");
}

static void window_of_bar_4(void **state)
{
	struct function *f = *state;

	open_old(f, BAR_64, &with_vga);
	host_put(f, 4, 4, 4, 0x99);
	bar_put(f, 4, 0, 4, MIRROR - 4);
	assert_int_equal(bar_get(f, 4, 4, 4), 0x99);
	bar_put(f, 4, 0, 4, MIRROR + 2);
	assert_int_equal(bar_get(f, 4, 4, 2), 0x6818);
	bar_put(f, 4, 0, 4, MIRROR + 0x18);
	bar_put(f, 4, 4, 4, 0xc0000000);
	assert_int_equal(cfg_get(f, 0x18, 4), 0xc0000004);
	assert_int_equal(host_get(f, 4, 4, 4), 0x99);
	bar_put(f, 4, 0, 4, MIRROR + 0x1000);
	bar_put(f, 4, 4, 4, 0x77);
	assert_int_equal(host_get(f, 4, 4, 4), 0x77);
}

static void port_3c3_tells_of_bar_4(void **state)
{
	struct function *f = *state;

	open_old(f, BAR_64, &with_vga);
	host_put(f, VGA, 0x3c2, 4, 0x1122e0aa);
	cfg_put(f, 0x20, 4, 0xc100);
	assert_int_equal(bar_get(f, PORTS, 3, 1), 0xc1);
	assert_int_equal(bar_get(f, PORTS, 2, 4), 0x1122c1aa);
	bar_put(f, PORTS, 3, 1, 1);
	assert_int_equal(host_get(f, VGA, 0x3c3, 1), 1);
	assert_int_equal(cfg_get(f, 0x20, 4), 0xc101);
}

/* What is behind the card's index, and what was done to it in order. */
static struct card {
	uint32_t clock, pc, fuses, misc, reset;
	bool hangs;
	char done[512];
} card;

static uint32_t *amd_register(uint32_t index)
{
	switch (index) {
	case 0x80000000:
		return &card.reset;
	case 0x80000004:
		return &card.clock;
	case 0x80000370:
		return &card.pc;
	case 0xc0000010:
		return &card.misc;
	case 0xc00c0000:
		return &card.fuses;
	default:
		fail_msg("index %x", index);
		return NULL;
	}
}

static void amd_log(const char *what, uint32_t value)
{
	size_t used = strlen(card.done);

	snprintf(card.done + used, sizeof(card.done) - used, "%s %x; ", what,
		 value);
}

static void card_written(struct fake_device *device, unsigned int region,
			 uint64_t offset, unsigned int size)
{
	struct function *f = device->opaque;
	uint32_t index = host_get(f, 5, 0x200, 4);

	(void)size;
	if (region == CONFIG && offset == 4)
		amd_log("command", host_get(f, CONFIG, 4, 2));
	if (region == CONFIG && offset == 0x7c) {
		amd_log("reset", host_get(f, CONFIG, 0x7c, 4));
		host_put(f, 5, 0x5428, 4, card.hangs ? 0xffffffff : 2048);
	}
	if (region == 5 && offset == 0x200)
		host_put(f, 5, 0x204, 4, *amd_register(index));
	if (region == 5 && offset == 0x204) {
		*amd_register(index) = host_get(f, 5, 0x204, 4);
		snprintf(card.done + strlen(card.done), 16, "%x ", index);
		amd_log("is", *amd_register(index));
	}
}

static void open_hawaii(struct function *f)
{
	quirk_device_be(f, 0x67b11002, 0x030000);
	quirk_device_bar(f, 5, 0xf6000000, 0x40000);
	f->host->flags &= ~(uint32_t)VFIO_DEVICE_FLAGS_RESET;
	quirk_device_open(f, NULL);
	assert_string_equal(quirk_device_logged(), "amd-smc-reset ");
	f->host->written = card_written;
	host_put(f, 5, 0x5428, 4, 0xffffffff);
	f->warnings = 0; /* of its MSI-X, which has no BAR */
	card = (struct card){.pc = 0x20100};
}

static void cards_without_a_reset_have_their_own(void **state)
{
	struct function *f = *state;

	open_hawaii(f);
	assert_int_equal(lend_pci_reset(f->pci), 0);
	assert_string_equal(card.done,
			    "command 0; command 2; c0000010 is 2; "
			    "reset 39d5e86b; 80000000 is 1; 80000004 is 1; "
			    "command 0; ");
	assert_int_equal(f->warnings, 0);
	assert_int_equal(f->host->hot_resets, 0);
}

static void a_fuse_turns_the_bit(void **state)
{
	struct function *f = *state;

	open_hawaii(f);
	card.fuses = 0x40;
	card.misc = 0x13;
	assert_int_equal(lend_pci_reset(f->pci), 0);
	assert_non_null(strstr(card.done, "c0000010 is 11; reset"));
}

/* It waits for a while, not for ever. */
static void a_card_that_does_not_wake_up(void **state)
{
	struct function *f = *state;

	open_hawaii(f);
	card.hangs = true;
	assert_int_equal(lend_pci_reset(f->pci), 0);
	assert_non_null(strstr(card.done, "80000004 is 1; command 0; "));
}

/* There is nothing to reset, and nobody to do it. */
static void without_firmware_it_is_as_others(void **state)
{
	struct function *f = *state;

	open_hawaii(f);
	card.pc = 0x1000;
	assert_int_equal(lend_pci_reset(f->pci), 0);
	assert_string_equal(card.done, "command 0; command 2; command 0; ");
	assert_non_null(strstr(f->warning, "cannot be reset"));
}

static void stopped_clock_is_no_firmware(void **state)
{
	struct function *f = *state;

	open_hawaii(f);
	card.clock = 1;
	assert_int_equal(lend_pci_reset(f->pci), 0);
	assert_null(strstr(card.done, "reset"));
}

static void the_kernels_reset_comes_first(void **state)
{
	struct function *f = *state;

	open_hawaii(f);
	f->host->flags |= VFIO_DEVICE_FLAGS_RESET;
	lend_pci_free(f->pci);
	lend_device_unref(f->device);
	lend_iommu_unref(f->iommu);
	assert_int_equal(function_open(f, NULL), 0);
	f->host->resets = 0;
	assert_int_equal(lend_pci_reset(f->pci), 0);
	assert_null(strstr(card.done, "reset"));
	assert_int_equal(f->host->resets, 1);
}

static void others_are_left_alone(void **state)
{
	struct function *f = *state;

	quirk_device_be(f, 0x67df1002, 0x030000);
	quirk_device_bar(f, 5, 0xf6000000, 0x40000);
	quirk_device_open(f, NULL);
	assert_string_equal(quirk_device_logged(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mirror_in_bar_2),
		TEST(doorbells_are_no_registers),
		TEST(nothing_without_vga),
		TEST(window_of_bar_4),
		TEST(port_3c3_tells_of_bar_4),
		TEST(cards_without_a_reset_have_their_own),
		TEST(a_fuse_turns_the_bit),
		TEST(a_card_that_does_not_wake_up),
		TEST(without_firmware_it_is_as_others),
		TEST(stopped_clock_is_no_firmware),
		TEST(the_kernels_reset_comes_first),
		TEST(others_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
