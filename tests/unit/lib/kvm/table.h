/* SPDX-License-Identifier: MIT */
/* KVM as a table behind the seam to the kernel: what it was asked for, as its
 * memory slots, routes and irqfds are afterwards. Some calls a test makes fail.
 */
#ifndef TESTS_UNIT_LIB_KVM_TABLE_H
#define TESTS_UNIT_LIB_KVM_TABLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake/kvm.h"
#include "lib/base/context.h"
#include "lib/kvm/kvm.h"

#define TABLE_VM   1000 /* no descriptors: nothing here makes a real call */
#define TABLE_VFIO 1001

struct table {
	struct kernel kernel; /* first */
	struct lend_ctx *ctx;
	struct lend_kvm *kvm;

	unsigned int calls;
	struct fake_kvm vm;
	unsigned int opened; /* VFIO devices, and those closed */
	unsigned int closed;

	unsigned long fail; /* this request */
	unsigned int after; /* so many of it that succeed */
	int err;

	unsigned int warnings;
	char warning[256]; /* the last */
};

/* *state is the struct table, with a context and, unless a test makes its own,
 * a virtual machine without options. */
int table_setup(void **state);
int table_teardown(void **state);

/* Checks the number of calls since the last check. */
void table_expect(struct table *t, unsigned int calls);

/* The entry of a message's route, or NULL. */
const struct kvm_irq_routing_entry *
table_route(const struct table *t, uint64_t address, uint32_t data);

#endif
