/* SPDX-License-Identifier: MIT */
/* A lent function in the machine, for its interrupts: eventfds are signalled
 * and read by the test, in the device's stead and in KVM's. */
#ifndef TESTS_UNIT_VMM_ASSIGN_FUNCTION_H
#define TESTS_UNIT_VMM_ASSIGN_FUNCTION_H

#include <lend/irq.h>
#include <lend/kvm.h>

#include "plugged.h"
#include "vmm/assign/pci-ops.h"

#define VECTORS 4

/* What liblend reports of it. */
extern struct lent {
	struct lend_irq intx;
	int index; /* LEND_PCI_IRQ_*, as the guest has it switched on */
	unsigned int unmasks;
	void (*unmasked)(void); /* or NULL */
} lent;

struct plugged {
	struct machine machine;
	struct assign_pci function;
	struct assign_pci_vector vectors[VECTORS];
	unsigned int warnings;
	int fds[VECTORS]; /* what the device signals */
};

/* *state is the struct plugged. teardown looks that nothing is watched. */
int assign_function_setup(void **state);
int assign_function_teardown(void **state);

void function_fire(struct plugged *p, unsigned int source);

/* What came through an eventfd since the last time, 0 for nothing. */
unsigned int function_taken(int fd);

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, assign_function_setup,              \
					assign_function_teardown)

#endif
