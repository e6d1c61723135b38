// SPDX-License-Identifier: MIT
// A slot that can be plugged: what a guest's driver sees, the message it gets,
// and what is reported of the guest.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <linux/pci_regs.h>

#include "arch-map.h"
#include "pciehp.h"
#include "vmm/pci/function.h"
#include "vmm/pci/root-port.h"

#define CTL (ROOT_PORT_EXP + PCI_EXP_SLTCTL)
#define STA (ROOT_PORT_EXP + PCI_EXP_SLTSTA)

#define EVENTS (PCI_EXP_SLTSTA_ABP | PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_DLLSC)

static struct {
	struct root_port port;
	struct pciehp driver;
	unsigned int messages;
} slot_test;

static uint32_t slot_test_read(void *opaque, unsigned int offset,
			       unsigned int size)
{
	return root_port_read(opaque, offset, size);
}

static void slot_test_write(void *opaque, unsigned int offset,
			    unsigned int size, uint32_t value)
{
	root_port_write(opaque, offset, size, value);
}

/* A device without a PCI Express capability. */
static uint32_t slot_test_nothing(void *opaque, unsigned int offset,
				  unsigned int size)
{
	(void)opaque;
	(void)offset;
	(void)size;
	return 0;
}

static const struct pci_function_ops plain = {.config_read = slot_test_nothing};

static int slot_setup(void **state)
{
	memset(&slot_test, 0xa5, sizeof(slot_test));
	root_port_init(&slot_test.port, 7, 1, true);
	slot_test.messages = 0;
	slot_test.driver = (struct pciehp){
		.read = slot_test_read,
		.write = slot_test_write,
		.opaque = &slot_test.port,
	};
	*state = &slot_test.port;
	return 0;
}

/* As the main loop: messages reach the driver until there are none. Returns
 * what else happened. */
static unsigned int slot_turn(void)
{
	unsigned int all = 0, news;

	for (int i = 0; i < 10; i++) {
		news = slot_take(&slot_test.port);
		all |= news;
		if (!(news & SLOT_MESSAGE))
			return all & ~(unsigned int)SLOT_MESSAGE;
		slot_test.messages++;
		pciehp_interrupt(&slot_test.driver);
	}
	fail_msg("messages without an end");
	return 0;
}

static void slot_plug(void)
{
	root_port_plug(&slot_test.port, &plain, NULL);
	slot_fill(&slot_test.port);
}

static void slot_check_capabilities(const struct root_port *p)
{
	uint32_t caps = root_port_read(p, ROOT_PORT_EXP + PCI_EXP_SLTCAP, 4);

	assert_int_equal(caps & 0x7ffff,
			 PCI_EXP_SLTCAP_ABP | PCI_EXP_SLTCAP_PIP |
				 PCI_EXP_SLTCAP_HPS | PCI_EXP_SLTCAP_HPC |
				 PCI_EXP_SLTCAP_NCCS);
	assert_int_equal(caps >> 19, 7);
	assert_int_equal(root_port_read(p, PCI_INTERRUPT_PIN, 1),
			 IRQ_LEVELS_COMBINE);
}

static void it_is_a_slot_that_linux_serves_without_delay(void **state)
{
	struct root_port *p = *state;
	struct slot_view view = slot_look(p);

	slot_check_capabilities(p);
	assert_int_equal(root_port_read(p, CTL, 2), PCI_EXP_SLTCTL_PWR_IND_OFF);
	assert_int_equal(root_port_read(p, STA, 2), 0);
	assert_true(view.is_pluggable && !view.is_full && !view.has_driver);
}

static void a_device_is_there_at_the_start(void **state)
{
	struct root_port *p = *state;

	root_port_plug(p, &plain, NULL);
	assert_true(slot_look(p).is_on && slot_look(p).is_full);
	assert_int_equal(root_port_read(p, STA, 2), PCI_EXP_SLTSTA_PDS);
	pciehp_probe(&slot_test.driver);
	assert_int_equal(slot_turn(), SLOT_WRITTEN);
	assert_int_equal(slot_test.messages, 0);
	assert_int_equal(slot_test.driver.state, PCIEHP_ON);
	assert_true(slot_look(p).has_driver);
}

static void a_device_that_appears_is_found(void **state)
{
	pciehp_probe(&slot_test.driver);
	slot_turn();
	slot_plug();
	assert_int_equal(slot_turn(), SLOT_WRITTEN);
	assert_int_equal(slot_test.messages, 1);
	assert_int_equal(slot_test.driver.found, 1);
	assert_int_equal(slot_test.driver.lost, 0);
	assert_true(slot_look(*state).is_on);
}

static void the_button_releases_it_in_good_order(void **state)
{
	struct root_port *p = *state;

	a_device_that_appears_is_found(state);
	slot_press(p);
	assert_int_equal(slot_turn(), SLOT_WRITTEN);
	assert_true(slot_look(p).is_busy);
	pciehp_wait(&slot_test.driver);
	assert_true(slot_turn() & SLOT_RELEASED);
	assert_int_equal(slot_test.driver.left, 1);
	slot_empty(p);
	assert_int_equal(slot_turn() & SLOT_RELEASED, 0);
	assert_int_equal(slot_test.driver.lost, 0);
	assert_int_equal(root_port_read(p, STA, 2), 0);
	assert_int_equal(root_port_read(p, ROOT_PORT_EXP + PCI_EXP_LNKSTA, 2),
			 0);
	/* The next one is found again. */
	slot_plug();
	slot_turn();
	assert_int_equal(slot_test.driver.found, 2);
}

static void a_second_press_keeps_it(void **state)
{
	struct root_port *p = *state;

	a_device_that_appears_is_found(state);
	slot_press(p);
	slot_turn();
	slot_press(p);
	assert_int_equal(slot_turn(), SLOT_WRITTEN);
	pciehp_wait(&slot_test.driver);
	assert_int_equal(slot_turn(), 0);
	assert_true(slot_look(p).is_on);
	assert_int_equal(slot_test.driver.left, 0);
}

static void it_vanishes_by_surprise(void **state)
{
	a_device_that_appears_is_found(state);
	slot_empty(*state);
	slot_turn();
	assert_int_equal(slot_test.driver.lost, 1);
	assert_int_equal(slot_test.driver.state, PCIEHP_OFF);
	assert_false(slot_look(*state).is_full);
}

/* One that comes before the driver is done would be released with it. */
static void a_slot_is_busy_until_the_driver_is_done(void **state)
{
	struct root_port *p = *state;

	a_device_that_appears_is_found(state);
	assert_false(slot_look(p).is_busy);
	slot_empty(p);
	assert_true(slot_look(p).is_busy);
	slot_turn();
	assert_false(slot_look(p).is_busy);
	/* Without a driver nobody turns it off. */
	slot_plug();
	slot_turn();
	slot_empty(p);
	root_port_write(p, CTL, 2, PCI_EXP_SLTCTL_PWR_IND_ON);
	assert_false(slot_look(p).is_busy);
}

static void a_guest_that_cannot_use_it_releases_it(void **state)
{
	pciehp_probe(&slot_test.driver);
	slot_test.driver.probe_fails = true;
	slot_plug();
	pciehp_interrupt(&slot_test.driver);
	assert_true(slot_test.port.slot.news & SLOT_RELEASED);
	slot_empty(*state);
	assert_int_equal(slot_take(*state) & SLOT_RELEASED, 0);
	/* What is off cannot be turned off. */
	root_port_write(*state, CTL, 2, PCI_EXP_SLTCTL_PWR_IND_ON);
	root_port_write(*state, CTL, 2, PCI_EXP_SLTCTL_PWR_IND_OFF);
	assert_int_equal(slot_take(*state) & SLOT_RELEASED, 0);
}

static void before_its_driver_the_machine_has_the_indicator(void **state)
{
	struct root_port *p = *state;

	slot_plug();
	assert_true(slot_look(p).is_on);
	slot_empty(p);
	assert_int_equal(root_port_read(p, CTL, 2), PCI_EXP_SLTCTL_PWR_IND_OFF);
	assert_int_equal(slot_take(p), 0);
	/* Events that no driver has seen are there when it comes. */
	root_port_plug(p, &plain, NULL);
	slot_press(p);
	assert_int_equal(root_port_read(p, STA, 2),
			 PCI_EXP_SLTSTA_PDS | EVENTS);
	pciehp_probe(&slot_test.driver);
	assert_int_equal(root_port_read(p, STA, 2), PCI_EXP_SLTSTA_PDS);
}

/* The driver is not called: who writes is the test. */
static void one_message_for_all_that_is_pending(void **state)
{
	struct root_port *p = *state;

	pciehp_probe(&slot_test.driver);
	slot_take(p);
	slot_press(p);
	assert_int_equal(slot_take(p), SLOT_MESSAGE);
	slot_plug();
	slot_press(p);
	assert_int_equal(slot_take(p), 0);
	/* One event stays, in the other byte. */
	root_port_write(p, STA, 1, 0xff);
	assert_int_equal(root_port_read(p, STA, 2),
			 PCI_EXP_SLTSTA_PDS | PCI_EXP_SLTSTA_DLLSC);
	slot_press(p);
	assert_int_equal(slot_take(p), 0);
	root_port_write(p, CTL, 4, 0xffff0000 | root_port_read(p, CTL, 2));
	assert_int_equal(root_port_read(p, STA, 2), PCI_EXP_SLTSTA_PDS);
	slot_press(p);
	assert_int_equal(slot_take(p), SLOT_MESSAGE);
}

static void a_message_waits_until_it_is_enabled(void **state)
{
	struct root_port *p = *state;
	unsigned int msi;
	uint64_t address;
	uint32_t data;

	slot_press(p);
	assert_int_equal(slot_take(p), 0);
	root_port_write(p, CTL, 2, PCI_EXP_SLTCTL_ABPE);
	assert_int_equal(slot_take(p), SLOT_WRITTEN);
	assert_false(slot_line(p));
	root_port_write(p, CTL, 2, PCI_EXP_SLTCTL_ABPE | PCI_EXP_SLTCTL_HPIE);
	assert_int_equal(slot_take(p), SLOT_WRITTEN);
	assert_int_equal(slot_line(p), IRQ_LEVELS_COMBINE);
	assert_false(slot_message(p, &address, &data));
	msi = pciehp_find(&slot_test.driver, PCI_CAP_ID_MSI);
	root_port_write(p, msi + PCI_MSI_DATA_64, 4, 0xffff1234);
	root_port_write(p, msi + PCI_MSI_ADDRESS_LO, 4, 0xfee00013);
	root_port_write(p, msi + PCI_MSI_ADDRESS_HI, 4, 1);
	root_port_write(p, msi + PCI_MSI_FLAGS, 2, 0xffff);
	assert_int_equal(root_port_read(p, msi + PCI_MSI_FLAGS, 2),
			 PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_ENABLE);
	assert_int_equal(slot_take(p), SLOT_MESSAGE);
	assert_false(slot_line(p));
	assert_true(slot_message(p, &address, &data));
	assert_int_equal(address, 0x1fee00010);
	assert_int_equal(data, 0x1234);
}

static void the_line_follows_what_is_pending(void **state)
{
	struct root_port *p = *state;

	if (!IRQ_LEVELS_COMBINE)
		skip();
	slot_test.driver.no_messages = true;
	pciehp_probe(&slot_test.driver);
	slot_plug();
	assert_true(slot_line(p));
	assert_true(root_port_read(p, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
	root_port_write(p, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
	assert_false(slot_line(p));
	root_port_write(p, PCI_COMMAND, 2, 0);
	pciehp_interrupt(&slot_test.driver);
	assert_false(slot_line(p));
	assert_int_equal(root_port_read(p, PCI_STATUS, 2), PCI_STATUS_CAP_LIST);
	assert_int_equal(slot_take(p), SLOT_WRITTEN);
	assert_int_equal(slot_test.driver.found, 1);
}

/* Every value, in every state: what may change changes, and nothing else. */
static void any_write_is_harmless(void **state)
{
	const uint32_t control = PCI_EXP_SLTCTL_ABPE | PCI_EXP_SLTCTL_PDCE |
				 PCI_EXP_SLTCTL_HPIE | PCI_EXP_SLTCTL_PIC |
				 PCI_EXP_SLTCTL_DLLSCE;
	struct root_port *p = *state;

	for (uint32_t value = 0; value < 0x10000; value++) {
		bool was_on, is_full = value & 1;

		if (is_full)
			slot_plug();
		else
			slot_empty(p);
		was_on = (root_port_read(p, CTL, 2) & PCI_EXP_SLTCTL_PIC) !=
			 PCI_EXP_SLTCTL_PWR_IND_OFF;
		slot_take(p);
		root_port_write(p, CTL, 2, value);
		assert_int_equal(root_port_read(p, CTL, 2), value & control);
		assert_int_equal(!!(slot_take(p) & SLOT_RELEASED),
				 is_full && was_on &&
					 (value & PCI_EXP_SLTCTL_PIC) ==
						 PCI_EXP_SLTCTL_PWR_IND_OFF);
		root_port_write(p, STA, 2, value);
		assert_int_equal(root_port_read(p, STA, 2) & ~(uint32_t)EVENTS,
				 is_full ? PCI_EXP_SLTSTA_PDS : 0);
		assert_int_equal(root_port_read(p, STA, 2) & EVENTS & value, 0);
		root_port_write(p, ROOT_PORT_EXP + PCI_EXP_SLTCAP, 4, value);
		root_port_write(p, ROOT_PORT_EXP + PCI_EXP_LNKSTA, 2, value);
	}
	slot_check_capabilities(p);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, slot_setup)
	const struct CMUnitTest tests[] = {
		TEST(it_is_a_slot_that_linux_serves_without_delay),
		TEST(a_device_is_there_at_the_start),
		TEST(a_device_that_appears_is_found),
		TEST(the_button_releases_it_in_good_order),
		TEST(a_second_press_keeps_it),
		TEST(it_vanishes_by_surprise),
		TEST(a_slot_is_busy_until_the_driver_is_done),
		TEST(a_guest_that_cannot_use_it_releases_it),
		TEST(before_its_driver_the_machine_has_the_indicator),
		TEST(one_message_for_all_that_is_pending),
		TEST(a_message_waits_until_it_is_enabled),
		TEST(the_line_follows_what_is_pending),
		TEST(any_write_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
