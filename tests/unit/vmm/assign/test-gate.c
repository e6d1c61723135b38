// SPDX-License-Identifier: MIT
// No vCPU is inside a trapped BAR of a function that has left.
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "plugged.h"
#include "vmm/assign/pci-gate.h"
#include "vmm/assign/pci-ops.h"
#include "vmm/pci/topology.h"

#define PORTS  0x1000
#define SIZE   8
#define ROUNDS 2000

static struct {
	struct machine machine;
	struct machine_config config;
	struct assign_pci function;
	unsigned int warnings;
	atomic_bool is_gone, is_done;
	atomic_uint accesses, late;
} gated;

const struct lend_pci_bar *lend_pci_bar(const struct lend_pci *pci,
					unsigned int bar)
{
	static const struct lend_pci_bar ports = {.size = SIZE, .io = true};

	(void)pci;
	(void)bar;
	return &ports;
}

static void gated_note(void)
{
	gated.accesses++;
	if (gated.is_gone)
		gated.late++;
	/* For a change that does not wait. */
	sched_yield();
	if (gated.is_gone)
		gated.late++;
}

void lend_pci_bar_read(struct lend_pci *pci, unsigned int bar, uint64_t offset,
		       void *data, unsigned int size)
{
	(void)pci;
	assert_int_equal(bar, 2);
	assert_int_equal(offset, 4);
	memset(data, 0x5a, size);
	gated_note();
}

bool lend_pci_bar_write(struct lend_pci *pci, unsigned int bar, uint64_t offset,
			const void *data, unsigned int size)
{
	uint8_t value = 0;

	(void)pci;
	assert_int_equal(bar, 2);
	assert_int_equal(offset, 4);
	memcpy(&value, data, size);
	assert_int_equal(value, 0xa5);
	gated_note();
	return false;
}

static int gate_setup(void **state)
{
	static struct pci_port_config ports[] = {
		{"rp1", {0, 1, 0}, 1, 1, false},
		{"rp2", {0, 2, 0}, 2, 2, true},
	};
	static const struct topology topology = {ports, 2};

	memset(&gated, 0, sizeof(gated));
	plugged_open(&gated.machine, &gated.warnings);
	gated.config.topology = &topology;
	gated.machine.config = &gated.config;
	*state = &gated.machine;
	return 0;
}

static int gate_teardown(void **state)
{
	assign_pci_gate_free_all(*state);
	plugged_close(*state);
	return 0;
}

static uint8_t gated_read(void)
{
	uint8_t value;

	bus_read(&gated.machine.pio, PORTS + 4, &value, 1);
	return value;
}

static void gated_write(void)
{
	const uint8_t value = 0xa5;

	bus_write(&gated.machine.pio, PORTS + 4, &value, 1);
}

static void gated_place_bar(struct pci_place place)
{
	struct assign_pci *a = &gated.function;

	*a = (struct assign_pci){.machine = &gated.machine};
	a->bars[2] = (struct assign_pci_bar){.owner = a, .index = 2};
	assert_int_equal(assign_pci_gate_find(&gated.machine, place, &a->gate),
			 0);
	assert_int_equal(assign_pci_bar_trap(a, 2, PORTS), 0);
}

static void a_place_where_nothing_leaves_has_none(void **state)
{
	struct machine *machine = *state;
	struct assign_pci_gate *gate;

	gated_place_bar(pci_place(0, 3, 0));
	assert_null(gated.function.gate);
	assert_int_equal(gated_read(), 0x5a);
	assign_pci_gate_set(NULL, NULL);
	assign_pci_gate_find(machine, pci_place(1, 0, 0), &gate);
	assert_null(gate);
	assign_pci_gate_find(machine, pci_place(3, 0, 0), &gate);
	assert_null(gate);
	machine->config = &(struct machine_config){0};
	assign_pci_gate_find(machine, pci_place(2, 0, 0), &gate);
	assert_null(gate);
}

static void it_outlasts_the_function(void **state)
{
	struct assign_pci_gate *gate, *other;

	gated_place_bar(pci_place(2, 0, 1));
	gate = gated.function.gate;
	assert_non_null(gate);
	assert_int_equal(gated_read(), 0xff);
	assign_pci_gate_set(gate, &gated.function);
	assert_int_equal(gated_read(), 0x5a);
	gated_write();
	assert_int_equal(gated.accesses, 2);
	assign_pci_gate_set(gate, NULL);
	assert_int_equal(gated_read(), 0xff);
	gated_write();
	assert_int_equal(gated.accesses, 2);
	/* The next function of this place has the same. */
	assign_pci_gate_find(*state, pci_place(2, 0, 1), &other);
	assert_ptr_equal(other, gate);
	assign_pci_gate_find(*state, pci_place(2, 0, 0), &other);
	assert_ptr_not_equal(other, gate);
}

static void *gated_access_on(void *opaque)
{
	while (!gated.is_done)
		opaque ? gated_write() : (void)gated_read();
	return NULL;
}

static void no_access_is_left_inside(void **state)
{
	pthread_t threads[2];

	gated_place_bar(pci_place(2, 0, 0));
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
						gated_access_on,
						i ? *state : NULL),
				 0);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		gated.is_gone = false;
		assign_pci_gate_set(gated.function.gate, &gated.function);
		sched_yield();
		assign_pci_gate_set(gated.function.gate, NULL);
		gated.is_gone = true;
	}
	gated.is_done = true;
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(gated.late, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, gate_setup, gate_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_place_where_nothing_leaves_has_none),
		TEST(it_outlasts_the_function),
		TEST(no_access_is_left_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
