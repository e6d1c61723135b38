// SPDX-License-Identifier: MIT
// Devices come and go below root ports, by the guest's accesses to its host
// bridge, while other threads read.
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <linux/pci_regs.h>

#include "pciehp.h"
#include "tests/unit/vmm/context.h"
#include "vmm/base/bus.h"
#include "vmm/irq/irq.h"
#include "vmm/pci/hotplug.h"

#define ECAM   0xfea00000
#define ROUNDS 2000

/* Two in one slot, which share a line, and one that is not for hot plug. */
static const struct pci_port_config ports[] = {
	{"one", {0, 2, 0}, 1, 1, true},
	{"two", {0, 2, 1}, 2, 2, true},
	{"three", {0, 3, 0}, 3, 3, false},
};

enum { ONE = 1, TWO, THREE };

static struct {
	struct lend_ctx *ctx;
	struct bus mmio;
	struct pci_host host;
	struct irq irq;
	struct pciehp drivers[2];
	unsigned int devfn[2]; /* of the ports */
	unsigned int due, released, sent;
	struct irq_msi message;
	bool has_come[2]; /* the ports' messages */
	int send_fails;
	bool line;
	atomic_bool is_gone, is_done;
	atomic_uint left, late;
} bridge;

void __wrap_irq_line_set(struct irq *irq, unsigned int gsi, bool level);
int __wrap_irq_msi_send(struct irq *irq, const struct irq_msi *message);

void __wrap_irq_line_set(struct irq *irq, unsigned int gsi, bool level)
{
	assert_ptr_equal(irq, &bridge.irq);
	assert_int_equal(gsi, IRQ_PCI_FIRST + 2);
	bridge.line = level;
}

int __wrap_irq_msi_send(struct irq *irq, const struct irq_msi *message)
{
	assert_ptr_equal(irq, &bridge.irq);
	if (bridge.send_fails)
		return bridge.send_fails;
	bridge.message = *message;
	bridge.sent++;
	for (unsigned int i = 0; i < 2; i++)
		bridge.has_come[i] |= message->requester == bridge.devfn[i];
	return 0;
}

static uint32_t bridge_port_read(void *opaque, unsigned int offset,
				 unsigned int size)
{
	return pci_host_read(&bridge.host, 0, *(unsigned int *)opaque, offset,
			     size);
}

static void bridge_port_write(void *opaque, unsigned int offset,
			      unsigned int size, uint32_t value)
{
	pci_host_write(&bridge.host, 0, *(unsigned int *)opaque, offset, size,
		       value);
}

static uint32_t part_answer(void *opaque, unsigned int offset,
			    unsigned int size)
{
	(void)opaque;
	(void)offset;
	(void)size;
	if (bridge.is_gone)
		bridge.late++;
	return 0;
}

static void part_ignore(void *opaque, unsigned int offset, unsigned int size,
			uint32_t value)
{
	part_answer(opaque, offset, size);
	(void)value;
}

static void part_leave(void *opaque)
{
	(void)opaque;
	bridge.left++;
	bridge.is_gone = true;
	/* For an access that does not wait. */
	sched_yield();
}

static const struct pci_function_ops part = {
	.config_read = part_answer,
	.config_write = part_ignore,
	.leave = part_leave,
};

static void bridge_due(void *opaque)
{
	(void)opaque;
	bridge.due++;
}

static const struct hotplug_owner owner = {
	.irq = &bridge.irq,
	.due = bridge_due,
};

static void bridge_news(void *opaque, unsigned int port, unsigned int what)
{
	(void)opaque;
	if (what & SLOT_RELEASED)
		bridge.released = port;
}

static void bridge_turn(void)
{
	for (unsigned int i = 0; i < 10; i++) {
		hotplug_turn(&bridge.host, bridge_news, NULL);
		if (bridge.has_come[i % 2])
			pciehp_interrupt(&bridge.drivers[i % 2]);
		bridge.has_come[i % 2] = false;
	}
}

static int hotplug_setup(void **state)
{
	memset(&bridge, 0, sizeof(bridge));
	if (context_setup(state))
		return -1;
	bridge.ctx = *state;
	bus_init(&bridge.mmio);
	if (pci_host_init(&bridge.host, bridge.ctx, &bridge.mmio,
			  (struct range){ECAM, 4 * PCI_HOST_BUS_SIZE}, ports,
			  sizeof(ports) / sizeof(ports[0])))
		return -1;
	hotplug_begin(&bridge.host, &owner);
	for (unsigned int i = 0; i < 2; i++) {
		uint32_t buses = (i + 1) << 16 | (i + 1) << 8;

		bridge.devfn[i] = pci_place_devfn(ports[i].place);
		bridge.drivers[i] = (struct pciehp){
			.read = bridge_port_read,
			.write = bridge_port_write,
			.opaque = &bridge.devfn[i],
		};
		pci_host_write(&bridge.host, 0, bridge.devfn[i],
			       PCI_PRIMARY_BUS, 4, buses);
	}
	return 0;
}

static int hotplug_teardown(void **state)
{
	hotplug_end(&bridge.host);
	assert_false(bridge.line);
	pci_host_destroy(&bridge.host);
	bus_destroy(&bridge.mmio);
	return context_teardown(state);
}

static void bridge_add(unsigned int port, unsigned int function)
{
	bridge.is_gone = false;
	assert_int_equal(pci_host_add(&bridge.host, "it",
				      pci_place(port, 0, function), &part,
				      NULL),
			 0);
}

static void bridge_remove(unsigned int port, unsigned int function)
{
	pci_host_remove(&bridge.host, pci_place(port, 0, function));
}

/* Whether a function answers below a port, whose bus has its number. */
static bool bridge_answers(unsigned int port, unsigned int function)
{
	return pci_host_read(&bridge.host, port, function, 0, 4) == 0;
}

static void a_device_comes_and_goes(void **state)
{
	(void)state;
	pciehp_probe(&bridge.drivers[0]);
	bridge_add(ONE, 3);
	bridge_turn();
	assert_int_equal(bridge.sent, 0);
	assert_false(hotplug_look(&bridge.host, ONE).is_full);
	bridge_add(ONE, 0);
	hotplug_fill(&bridge.host, ONE);
	/* At once: nobody sees the device without it. */
	assert_int_equal(bridge.sent, 1);
	bridge_turn();
	assert_int_equal(bridge.sent, 1);
	assert_int_equal(bridge.message.address, PCIEHP_MESSAGE_ADDRESS);
	assert_int_equal(bridge.message.data, PCIEHP_MESSAGE_DATA);
	assert_int_equal(bridge.message.requester, bridge.devfn[0]);
	assert_int_equal(bridge.drivers[0].found, 1);
	assert_true(bridge_answers(ONE, 0) && bridge_answers(ONE, 3));
	assert_int_equal(pci_host_read(&bridge.host, ONE, 0, 0x0e, 1), 0x80);

	hotplug_press(&bridge.host, ONE);
	bridge_turn();
	pciehp_wait(&bridge.drivers[0]);
	bridge_turn();
	assert_int_equal(bridge.released, ONE);
	bridge_remove(ONE, 0);
	bridge_remove(ONE, 3);
	hotplug_empty(&bridge.host, ONE);
	assert_int_equal(bridge.left, 2);
	assert_false(bridge_answers(ONE, 0) || bridge_answers(ONE, 3));
	assert_false(hotplug_look(&bridge.host, ONE).is_full);
	bridge_turn();
	assert_int_equal(bridge.drivers[0].lost, 0);
	bridge_remove(ONE, 0);
	assert_int_equal(bridge.left, 2);
}

/* Nothing shows before the device is whole. */
static void a_device_appears_with_its_event(void **state)
{
	(void)state;
	pciehp_probe(&bridge.drivers[0]);
	hotplug_hold(&bridge.host, ONE);
	bridge_add(ONE, 0);
	pciehp_interrupt(&bridge.drivers[0]);
	assert_int_equal(bridge.drivers[0].calls, 0);
	assert_false(hotplug_look(&bridge.host, ONE).is_full);
	assert_false(pciehp_is_present(&bridge.drivers[0]));
	hotplug_fill(&bridge.host, ONE);
	assert_true(pciehp_is_present(&bridge.drivers[0]));
	bridge_turn();
	assert_int_equal(bridge.drivers[0].found, 1);
	/* One that does not come after all. */
	hotplug_hold(&bridge.host, TWO);
	bridge_add(TWO, 0);
	bridge_remove(TWO, 0);
	hotplug_empty(&bridge.host, TWO);
	assert_false(hotplug_look(&bridge.host, TWO).is_full);
	bridge_add(TWO, 0);
	assert_true(hotplug_look(&bridge.host, TWO).is_full);
	assert_int_equal(bridge.sent, 1);
}

static void a_message_that_fails_is_sent_with_the_next_event(void **state)
{
	(void)state;
	pciehp_probe(&bridge.drivers[0]);
	bridge.send_fails = -EFAULT;
	hotplug_press(&bridge.host, ONE);
	bridge.send_fails = 0;
	bridge_turn();
	assert_int_equal(bridge.sent, 0);
	hotplug_press(&bridge.host, ONE);
	assert_int_equal(bridge.sent, 1);
	hotplug_press(&bridge.host, ONE);
	assert_int_equal(bridge.sent, 1);
}

static void ports_share_a_line(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		bridge.drivers[i].no_messages = true;
		pciehp_probe(&bridge.drivers[i]);
		hotplug_press(&bridge.host, i + 1);
		assert_true(bridge.line);
	}
	pciehp_interrupt(&bridge.drivers[0]);
	assert_true(bridge.line);
	pciehp_interrupt(&bridge.drivers[1]);
	assert_false(bridge.line);
	hotplug_press(&bridge.host, TWO);
	assert_true(bridge.line);
	assert_int_equal(bridge.sent, 0);
}

static void other_ports_have_no_hot_plug(void **state)
{
	(void)state;
	bridge_add(THREE, 0);
	hotplug_fill(&bridge.host, THREE);
	hotplug_press(&bridge.host, THREE);
	hotplug_empty(&bridge.host, THREE);
	hotplug_press(&bridge.host, THREE + 1);
	hotplug_press(&bridge.host, 0);
	bridge_turn();
	assert_int_equal(bridge.due, 0);
	assert_false(hotplug_look(&bridge.host, THREE).is_pluggable);
	assert_true(hotplug_look(&bridge.host, THREE).is_full);
	assert_false(hotplug_look(&bridge.host, THREE + 1).is_full);
	assert_int_equal(
		pci_host_read(&bridge.host, 0, 3 << 3, PCI_INTERRUPT_PIN, 1),
		0);
}

static void *bridge_read_on(void *opaque)
{
	(void)opaque;
	while (!bridge.is_done) {
		bridge_answers(ONE, 0);
		pci_host_write(&bridge.host, ONE, 0, 4, 2, 7);
		pci_host_write(&bridge.host, 0, bridge.devfn[0],
			       PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_BUS_RESET);
		pci_host_write(&bridge.host, 0, bridge.devfn[0],
			       PCI_BRIDGE_CONTROL, 2, 0);
	}
	return NULL;
}

/* Nothing of a function is called once it has left. */
static void no_access_reaches_a_function_that_left(void **state)
{
	pthread_t readers[2];

	(void)state;
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(
			pthread_create(&readers[i], NULL, bridge_read_on, NULL),
			0);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		bridge_add(ONE, 0);
		hotplug_fill(&bridge.host, ONE);
		bridge_remove(ONE, 0);
		hotplug_empty(&bridge.host, ONE);
	}
	bridge.is_done = true;
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(bridge.left, ROUNDS);
	assert_int_equal(bridge.late, 0);
}

int main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, hotplug_setup, hotplug_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_device_comes_and_goes),
		TEST(a_device_appears_with_its_event),
		TEST(a_message_that_fails_is_sent_with_the_next_event),
		TEST(ports_share_a_line),
		TEST(other_ports_have_no_hot_plug),
		TEST(no_access_reaches_a_function_that_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
