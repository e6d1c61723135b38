// SPDX-License-Identifier: MIT
// A root port's registers hold the values that a guest's bridge driver
// requires, and accept the permitted writes only.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/pci_regs.h>

#include "vmm/pci/function.h"
#include "vmm/pci/root-port.h"

static int root_port_setup(void **state)
{
	static struct root_port port;

	memset(&port, 0xa5, sizeof(port));
	root_port_init(&port, 0x1234, 0x56, false);
	*state = &port;
	return 0;
}

/* The capability's offset. */
static unsigned int root_port_find_capability(const struct root_port *port,
					      unsigned int id)
{
	unsigned int at = root_port_read(port, PCI_CAPABILITY_LIST, 1);

	for (unsigned int i = 0; at && i < 48; i++) {
		if (root_port_read(port, at, 1) == id)
			return at;
		at = root_port_read(port, at + 1, 1);
	}
	fail_msg("no capability %#x", id);
	return 0;
}

static void it_is_a_bridge_with_closed_windows(void **state)
{
	struct root_port *p = *state;

	assert_int_equal(root_port_read(p, PCI_CLASS_DEVICE, 2), 0x0604);
	assert_int_equal(root_port_read(p, PCI_HEADER_TYPE, 1), 1);
	assert_int_equal(root_port_read(p, PCI_STATUS, 2), PCI_STATUS_CAP_LIST);
	assert_int_equal(root_port_read(p, PCI_COMMAND, 2), 0);
	assert_int_equal(root_port_read(p, PCI_PRIMARY_BUS, 4), 0);
	assert_true(root_port_read(p, PCI_IO_BASE, 1) >
		    root_port_read(p, PCI_IO_LIMIT, 1));
	assert_true(root_port_read(p, PCI_MEMORY_BASE, 2) >
		    root_port_read(p, PCI_MEMORY_LIMIT, 2));
	assert_true(root_port_read(p, PCI_PREF_MEMORY_BASE, 2) >
		    root_port_read(p, PCI_PREF_MEMORY_LIMIT, 2));
	assert_int_equal(root_port_read(p, PCI_INTERRUPT_PIN, 1), 0);
	assert_int_equal(root_port_read(p, PCI_BASE_ADDRESS_0, 4), 0);
	assert_int_equal(root_port_read(p, 0x200, 4), 0);
	assert_int_equal(root_port_read(p, 4092, 4), 0);
}

static void its_capabilities_are_a_root_ports(void **state)
{
	struct root_port *p = *state;
	unsigned int exp = root_port_find_capability(p, PCI_CAP_ID_EXP);
	uint32_t flags = root_port_read(p, exp + PCI_EXP_FLAGS, 2);

	root_port_find_capability(p, PCI_CAP_ID_PM);
	assert_int_equal((flags & PCI_EXP_FLAGS_TYPE) >> 4,
			 PCI_EXP_TYPE_ROOT_PORT);
	assert_int_equal(flags & PCI_EXP_FLAGS_VERS, 2);
	assert_int_equal(root_port_read(p, exp + PCI_EXP_SLTCAP, 4) >> 19,
			 0x1234);
	assert_int_equal(root_port_read(p, exp + PCI_EXP_LNKCAP, 4) >> 24,
			 0x56);
	/* Hotplug is unsupported. */
	assert_int_equal(root_port_read(p, exp + PCI_EXP_SLTCAP, 4) &
				 (PCI_EXP_SLTCAP_HPC | PCI_EXP_SLTCAP_HPS),
			 0);
	assert_int_equal(root_port_read(p, exp + PCI_EXP_SLTSTA, 2) &
				 PCI_EXP_SLTSTA_PDS,
			 0);
	assert_int_equal(root_port_read(p, exp + PCI_EXP_LNKSTA, 2) &
				 PCI_EXP_LNKSTA_DLLLA,
			 0);
	assert_int_equal(root_port_read(p, 0x100, 4), 0x0001000d);
	assert_int_equal(root_port_read(p, 0x104, 2), 0x1f);
}

static void only_writable_bits_change(void **state)
{
	static const struct {
		unsigned int offset, size;
		uint32_t value;
	} after[] = {
		{PCI_VENDOR_ID, 4, 0x000c1b36},
		{PCI_COMMAND, 2, 0x0147},
		{PCI_STATUS, 2, 0x0010},
		{PCI_CLASS_REVISION, 4, 0x06040000},
		{PCI_CACHE_LINE_SIZE, 4, 0x000100ff},
		{PCI_BASE_ADDRESS_0, 4, 0},
		{PCI_BASE_ADDRESS_1, 4, 0},
		{PCI_PRIMARY_BUS, 4, 0x00ffffff},
		{PCI_IO_BASE, 4, 0x0000f0f0},
		{PCI_MEMORY_BASE, 4, 0xfff0fff0},
		{PCI_PREF_MEMORY_BASE, 4, 0xfff1fff1},
		{PCI_PREF_BASE_UPPER32, 4, 0xffffffff},
		{PCI_PREF_LIMIT_UPPER32, 4, 0xffffffff},
		{PCI_IO_BASE_UPPER16, 4, 0},
		{PCI_ROM_ADDRESS1, 4, 0},
		{PCI_INTERRUPT_LINE, 4, 0x005f00ff},
	};
	struct root_port *p = *state;

	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		uint32_t ones = UINT32_MAX >> (32 - 8 * after[i].size);

		root_port_write(p, after[i].offset, after[i].size, ones);
		assert_int_equal(
			root_port_read(p, after[i].offset, after[i].size),
			after[i].value);
	}
	assert_int_equal(root_port_secondary(p), 0xff);
	assert_int_equal(root_port_subordinate(p), 0xff);
	assert_int_equal(root_port_write(p, 0x200, 4, 1), 0);
	assert_int_equal(root_port_write(p, 4095, 1, 1), 0);
}

static void writes_report_their_side_effects(void **state)
{
	struct root_port *p = *state;

	assert_int_equal(root_port_write(p, PCI_PRIMARY_BUS, 1, 1), 0);
	assert_int_equal(root_port_write(p, PCI_PRIMARY_BUS, 2, 0x0201),
			 ROOT_PORT_BUSES);
	assert_int_equal(root_port_write(p, PCI_SECONDARY_BUS, 1, 2),
			 ROOT_PORT_BUSES);
	assert_int_equal(root_port_write(p, PCI_SUBORDINATE_BUS, 1, 2),
			 ROOT_PORT_BUSES);
	assert_int_equal(root_port_write(p, PCI_SEC_LATENCY_TIMER, 1, 2), 0);
	assert_int_equal(root_port_write(p, PCI_INTERRUPT_LINE, 4, 0x400000),
			 ROOT_PORT_RESET);
	assert_int_equal(root_port_write(p, PCI_BRIDGE_CONTROL, 2, 0x40), 0);
	assert_int_equal(root_port_write(p, PCI_BRIDGE_CONTROL, 2, 0), 0);
}

/* The part of a device's configuration space that a port reads. */
static uint32_t image_read(void *opaque, unsigned int offset, unsigned int size)
{
	uint32_t value = 0;

	assert_true(offset + size <= 256);
	memcpy(&value, (uint8_t *)opaque + offset, size);
	return value;
}

static const struct pci_function_ops ops = {.config_read = image_read};

static void the_link_is_copied_from_the_device(void **state)
{
	struct root_port *p = *state;
	unsigned int exp = root_port_find_capability(p, PCI_CAP_ID_EXP);
	uint8_t image[256] = {
		[PCI_STATUS] = PCI_STATUS_CAP_LIST,
		[PCI_CAPABILITY_LIST] = 0x50,
		[0x50] = PCI_CAP_ID_MSI,
		[0x51] = 0x70,
		[0x70] = PCI_CAP_ID_EXP,
		[0x70 + PCI_EXP_DEVCAP] = 2,
		[0x70 + PCI_EXP_DEVCTL] = 1 << 5,
		[0x70 + PCI_EXP_LNKCAP] = 0x84, /* 16 GT/s, 8 lanes */
		[0x70 + PCI_EXP_LNKSTA] = 0x43, /* 8 GT/s, 4 lanes */
	};

	root_port_plug(p, &ops, image);
	assert_int_equal(root_port_read(p, exp + PCI_EXP_LNKCAP, 2) & 0x3ff,
			 0x84);
	assert_int_equal(root_port_read(p, exp + PCI_EXP_LNKCAP, 4) >> 24,
			 0x56);
	assert_int_equal(root_port_read(p, exp + PCI_EXP_LNKSTA, 2),
			 0x43 | PCI_EXP_LNKSTA_DLLLA);
	assert_int_equal(root_port_read(p, exp + PCI_EXP_LNKCAP2, 4), 0x1e);
	assert_int_equal(root_port_read(p, exp + PCI_EXP_LNKCTL2, 2), 4);
	assert_int_equal(root_port_read(p, exp + PCI_EXP_DEVCAP, 4) & 7, 2);
	assert_int_equal(root_port_read(p, exp + PCI_EXP_DEVCTL, 2), 1 << 5);
	assert_int_equal(root_port_read(p, exp + PCI_EXP_SLTSTA, 2),
			 PCI_EXP_SLTSTA_PDS);
}

/* A virtual function's status may be zero. */
static void a_link_without_a_status_has_all_of_its_lanes(void **state)
{
	struct root_port *p = *state;
	unsigned int exp = root_port_find_capability(p, PCI_CAP_ID_EXP);
	uint8_t image[256] = {
		[PCI_STATUS] = PCI_STATUS_CAP_LIST,
		[PCI_CAPABILITY_LIST] = 0x70,
		[0x70] = PCI_CAP_ID_EXP,
		[0x70 + PCI_EXP_LNKCAP] = 0x84,
	};

	for (unsigned int speed = 0; speed < 4; speed += 3) {
		image[0x70 + PCI_EXP_LNKSTA] = (uint8_t)speed;
		root_port_plug(p, &ops, image);
		assert_int_equal(root_port_read(p, exp + PCI_EXP_LNKSTA, 2),
				 0x84 | PCI_EXP_LNKSTA_DLLLA);
	}
}

static void a_broken_device_leaves_a_slow_link(void **state)
{
	struct root_port *p = *state;
	unsigned int exp = root_port_find_capability(p, PCI_CAP_ID_EXP);
	uint8_t image[256];

	for (unsigned int i = 0; i < 3; i++) {
		memset(image, i ? 0xff : 0, sizeof(image));
		if (i == 2) { /* a circular list */
			memset(image + 0x40, 0, 0xc0);
			image[PCI_CAPABILITY_LIST] = 0x41;
			image[0x41] = 0x40;
		}
		root_port_init(p, 1, 1, false);
		root_port_plug(p, &ops, image);
		assert_int_equal(root_port_read(p, exp + PCI_EXP_LNKSTA, 2),
				 0x11 | PCI_EXP_LNKSTA_DLLLA);
		assert_int_equal(root_port_read(p, exp + PCI_EXP_LNKCAP, 2) &
					 0x3ff,
				 0x11);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, root_port_setup)
	const struct CMUnitTest tests[] = {
		TEST(it_is_a_bridge_with_closed_windows),
		TEST(its_capabilities_are_a_root_ports),
		TEST(only_writable_bits_change),
		TEST(writes_report_their_side_effects),
		TEST(the_link_is_copied_from_the_device),
		TEST(a_link_without_a_status_has_all_of_its_lanes),
		TEST(a_broken_device_leaves_a_slow_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
