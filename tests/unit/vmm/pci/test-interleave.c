// SPDX-License-Identifier: MIT
// Devices come and go while a guest's driver is between any two of its
// accesses: none is lost unless it was torn out, and none is left.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <linux/pci_regs.h>

#include "stepwise.h"
#include "tests/unit/vmm/context.h"
#include "vmm/base/bus.h"
#include "vmm/irq/irq.h"
#include "vmm/pci/hotplug.h"

#define ECAM  0xfea00000
#define PORT  1
#define DEVFN (2 << 3)
#define MSI   0x84 /* of the port */
#define RUNS  2000
#define STEPS 400
#define CALM  200 /* steps within which all comes to rest */

static const struct pci_port_config ports[] = {{"one", {0, 2, 0}, 1, 1, true}};

static struct {
	uint32_t random;
	struct pci_host host;
	struct stepwise driver;
	bool is_in, is_asked;
	unsigned int in, released, torn;
} race;

int __wrap_irq_msi_send(struct irq *irq, const struct irq_msi *message);

int __wrap_irq_msi_send(struct irq *irq, const struct irq_msi *message)
{
	(void)irq;
	(void)message;
	race.driver.irq = true;
	return 0;
}

/* Marsaglia's xorshift: the same each time. */
static uint32_t race_random(uint32_t below)
{
	race.random ^= race.random << 13;
	race.random ^= race.random >> 17;
	race.random ^= race.random << 5;
	return race.random % below;
}

static uint16_t race_read(void *opaque, unsigned int reg)
{
	(void)opaque;
	return (uint16_t)pci_host_read(&race.host, 0, DEVFN,
				       ROOT_PORT_EXP + reg, 2);
}

static void race_write(void *opaque, unsigned int reg, uint16_t value)
{
	(void)opaque;
	pci_host_write(&race.host, 0, DEVFN, ROOT_PORT_EXP + reg, 2, value);
}

static uint16_t race_vendor(void *opaque)
{
	(void)opaque;
	return (uint16_t)pci_host_read(&race.host, 1, 0, PCI_VENDOR_ID, 2);
}

/* A step of the guest: that of the thread, unless an interrupt comes first. */
static bool race_guest(void)
{
	if (race_random(2) && stepwise_interrupt(&race.driver))
		return true;
	return stepwise_thread(&race.driver) ||
	       stepwise_interrupt(&race.driver);
}

/* The guest's processor runs on meanwhile. */
static void race_pause(void)
{
	while (race_random(4))
		race_guest();
}

static uint32_t race_answer(void *opaque, unsigned int offset,
			    unsigned int size)
{
	(void)opaque;
	(void)offset;
	(void)size;
	return 0;
}

static void race_ignore(void *opaque, unsigned int offset, unsigned int size,
			uint32_t value)
{
	(void)opaque;
	(void)offset;
	(void)size;
	(void)value;
}

static const struct pci_function_ops race_function = {
	.config_read = race_answer,
	.config_write = race_ignore,
};

static void race_plug(void)
{
	struct slot_view view = hotplug_look(&race.host, PORT);

	if (race.is_in || view.is_full || view.is_busy)
		return;
	hotplug_hold(&race.host, PORT);
	race_pause();
	assert_int_equal(pci_host_add(&race.host, "it", pci_place(PORT, 0, 0),
				      &race_function, NULL),
			 0);
	race_pause();
	hotplug_fill(&race.host, PORT);
	race.is_in = true;
	race.in++;
}

static void race_remove(void)
{
	pci_host_remove(&race.host, pci_place(PORT, 0, 0));
	race_pause();
	hotplug_empty(&race.host, PORT);
	race.is_in = race.is_asked = false;
}

static void race_press(void)
{
	if (!race.is_in || race.is_asked ||
	    !hotplug_look(&race.host, PORT).is_on)
		return;
	race.is_asked = true;
	hotplug_press(&race.host, PORT);
}

static void race_news(void *opaque, unsigned int port, unsigned int what)
{
	(void)opaque;
	assert_int_equal(port, PORT);
	assert_false(what & SLOT_MESSAGE);
	if (!(what & SLOT_RELEASED))
		return;
	assert_true(race.is_in);
	race.released++;
	race_remove();
}

static void race_turn(void)
{
	hotplug_turn(&race.host, race_news, NULL);
}

static void race_step(void)
{
	switch (race_random(24)) {
	case 0:
		race_plug();
		break;
	case 1:
		race_press();
		break;
	case 2:
		if (race.is_in && !race_random(4)) {
			race_remove();
			race.torn++;
		}
		break;
	case 3:
		if (race.driver.state == SLOT_LEAVING || !race_random(8))
			stepwise_release(&race.driver);
		break;
	case 4:
	case 5:
	case 6:
		race_turn();
		break;
	default:
		race_guest();
	}
}

/* All that was begun ends. */
static void race_calm(void)
{
	for (unsigned int i = 0; i < CALM; i++) {
		race_turn();
		if (!race_guest() && race.driver.state == SLOT_LEAVING)
			stepwise_release(&race.driver);
	}
	assert_false(race_guest());
}

static void race_due(void *opaque)
{
	(void)opaque;
}

static void race_check(unsigned int run)
{
	const struct stepwise *driver = &race.driver;
	struct slot_view view = hotplug_look(&race.host, PORT);

	if (driver->state != (race.is_in ? SLOT_ON : SLOT_OFF) ||
	    view.is_full != race.is_in || view.is_on != race.is_in ||
	    view.is_busy)
		fail_msg("run %u: a device is %s, and the driver's state is "
			 "%d",
			 run, race.is_in ? "in" : "out", driver->state);
	if (driver->lost > race.torn ||
	    race.released > driver->left + (race.in - driver->found))
		fail_msg("run %u: %u in, %u found; %u lost, %u torn out; %u "
			 "left, %u released",
			 run, race.in, driver->found, driver->lost, race.torn,
			 driver->left, race.released);
}

static void race_run(struct lend_ctx *ctx, unsigned int run)
{
	const struct hotplug_owner owner = {.due = race_due};
	struct bus mmio;

	memset(&race, 0, sizeof(race));
	race.random = run;
	race.driver = (struct stepwise){
		.read = race_read,
		.write = race_write,
		.vendor = race_vendor,
	};
	bus_init(&mmio);
	assert_int_equal(
		pci_host_init(&race.host, ctx, &mmio,
			      (struct range){ECAM, 2 * PCI_HOST_BUS_SIZE},
			      ports, 1),
		0);
	hotplug_begin(&race.host, &owner);
	pci_host_write(&race.host, 0, DEVFN, PCI_PRIMARY_BUS, 4, 0x010100);
	pci_host_write(&race.host, 0, DEVFN, MSI + PCI_MSI_FLAGS, 2,
		       PCI_MSI_FLAGS_ENABLE);
	stepwise_probe(&race.driver);
	for (unsigned int i = 0; i < STEPS; i++)
		race_step();
	race_calm();
	race_check(run);
	hotplug_end(&race.host);
	pci_host_destroy(&race.host);
	bus_destroy(&mmio);
}

static void any_order_ends_well(void **state)
{
	unsigned int found = 0, left = 0, lost = 0;

	for (unsigned int run = 1; run <= RUNS; run++) {
		race_run(*state, run);
		found += race.driver.found;
		left += race.driver.left;
		lost += race.driver.lost;
	}
	/* Each happened often. */
	assert_true(found > RUNS && left > RUNS / 4 && lost > RUNS / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			any_order_ends_well, context_setup, context_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
