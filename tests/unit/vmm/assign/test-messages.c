// SPDX-License-Identifier: MIT
// MSI and MSI-X of a lent function in the machine: what each costs in calls to
// KVM, and messages that pass through the main loop.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "function.h"

static void messages_test_expect_calls(unsigned int want)
{
	assert_int_equal(kvm.calls, want);
	kvm.calls = 0;
}

static void messages_test_unmask(struct plugged *p, unsigned int vector,
				 uint64_t address, uint32_t data)
{
	assert_int_equal(assign_pci_msi_connect(&p->function, vector,
						p->fds[vector], address, data),
			 0);
}

static void messages_test_mask(struct plugged *p, unsigned int vector)
{
	assign_pci_msi_disconnect(&p->function, vector, p->fds[vector]);
}

static void messages_test_release(struct plugged *p, unsigned int vector)
{
	messages_test_mask(p, vector);
	assign_pci_msi_release(&p->function, vector);
}

static void a_mask_or_unmask_is_one_call(void **state)
{
	struct plugged *p = *state;
	unsigned int gsi;

	messages_test_unmask(p, 2, 0xfee00000, 0x41);
	messages_test_expect_calls(
		2); /* the first time, its route comes with it */
	gsi = kvm.route.gsi;
	assert_true(gsi >= IRQ_PINS);
	assert_int_equal(kvm.route.u.msi.data, 0x41);
	assert_int_equal(kvm.last.gsi, gsi);
	assert_int_equal(kvm.last.fd, p->fds[2]);
	for (unsigned int i = 0; i < 10; i++) {
		messages_test_mask(p, 2);
		assert_int_equal(kvm.last.flags, KVM_IRQFD_FLAG_DEASSIGN);
		messages_test_expect_calls(1);
		messages_test_unmask(p, 2, 0xfee00000, 0x41);
		assert_int_equal(kvm.last.flags, 0);
		messages_test_expect_calls(1);
	}
	assert_int_equal(kvm.last.gsi, gsi);
	messages_test_release(p, 2);
}

/* What Linux does when it moves an interrupt to another processor. */
static void so_is_one_with_another_message(void **state)
{
	struct plugged *p = *state;

	for (uint32_t i = 0; i < 4; i++) {
		messages_test_unmask(p, 0, 0xfee00000 + (i << 12), 0x41);
		messages_test_mask(p, 0);
	}
	messages_test_expect_calls(4 * 3);
	for (uint32_t i = 0; i < 20; i++) {
		messages_test_unmask(p, 0, 0xfee00000 + (i % 4 << 12), 0x41);
		messages_test_expect_calls(1);
		assert_int_equal(kvm.last.fd, p->fds[0]);
		messages_test_mask(p, 0);
		messages_test_expect_calls(1);
	}
	messages_test_release(p, 0);
	assert_int_equal(kvm.routings, 4);
}

/* What MSI without mask bits is. */
static void a_new_message_changes_the_route_alone(void **state)
{
	struct plugged *p = *state;
	unsigned int gsi;

	messages_test_unmask(p, 0, 0xfee00000, 0x41);
	kvm.calls = 0;
	messages_test_unmask(p, 0, 0xfee01000, 0x42);
	assert_int_equal(kvm.routings, 2);
	messages_test_expect_calls(1);
	assert_int_equal(kvm.route.u.msi.address_lo, 0xfee01000);
	assert_int_equal(kvm.route.u.msi.data, 0x42);
	/* Not the route of somebody else. */
	gsi = kvm.route.gsi;
	messages_test_unmask(p, 1, 0xfee01000, 0x42);
	assert_int_equal(kvm.last.gsi, gsi);
	messages_test_unmask(p, 0, 0xfee02000, 0x43);
	assert_int_equal(kvm.last.fd, p->fds[0]);
	assert_int_not_equal(kvm.last.gsi, gsi);
	assert_int_equal(kvm.last.gsi, kvm.route.gsi);
	messages_test_release(p, 0);
	messages_test_release(p, 1);
}

static void messages_test_batch(struct plugged *p, uint32_t data)
{
	const struct lend_pci_message messages[] = {
		{0xfee01000, data, 0},
		{0xfee01000, data + 1, 1},
		{0xfee01000, data + 2, VECTORS},
	};

	assign_pci_msi_expect(&p->function, messages, 3);
	for (unsigned int i = 0; i < 2; i++)
		messages_test_unmask(p, i, messages[i].address,
				     messages[i].data);
}

/* Of new vectors, and of attached ones; none where nothing is wired to KVM. */
static void a_batch_changes_the_table_once(void **state)
{
	struct plugged *p = *state;

	messages_test_batch(p, 0x41);
	messages_test_expect_calls(1 + 2);
	messages_test_batch(p, 0x51);
	messages_test_expect_calls(1);
	messages_test_release(p, 0);
	messages_test_release(p, 1);
	kvm.routings = 0;
	p->function.no_kvm_irqs = 1u << lent.index;
	messages_test_batch(p, 0x61);
	assert_int_equal(kvm.routings, 0);
	messages_test_release(p, 0);
	messages_test_release(p, 1);
}

static void released_vectors_cost_nothing(void **state)
{
	struct plugged *p = *state;

	messages_test_unmask(p, 0, 0xfee00000, 0x41);
	assign_pci_msi_disconnect(&p->function, 0, p->fds[0]);
	assign_pci_msi_release(&p->function, 0);
	kvm.calls = 0;
	assign_pci_msi_release(&p->function, 0);
	assign_pci_msi_release(&p->function, VECTORS);
	assign_pci_msi_disconnect(&p->function, VECTORS, 7);
	messages_test_mask(p, 1);
	messages_test_expect_calls(0);
	assert_int_equal(assign_pci_msi_connect(&p->function, VECTORS, 7, 1, 1),
			 -EINVAL);
}

/* Fires in all ways that there are, while a vector passes through the machine:
 * each comes, once. */
static void passes_on(struct plugged *p)
{
	unsigned int sent = kvm.messages;

	watch_turn(&p->machine.watch);
	assert_int_equal(kvm.messages, sent);
	function_fire(p, 0);
	watch_turn(&p->machine.watch);
	assert_int_equal(kvm.messages, sent + 1);
	assert_int_equal(kvm.message.address_lo, 0xfee01000);
	assert_int_equal(kvm.message.data, 0x41);
	/* What fires while it is masked stays in its eventfd, and comes with
	 * the message of the unmask. */
	messages_test_mask(p, 0);
	function_fire(p, 0);
	function_fire(p, 0);
	watch_turn(&p->machine.watch);
	assert_int_equal(kvm.messages, sent + 1);
	messages_test_unmask(p, 0, 0xfee02000, 0x42);
	watch_turn(&p->machine.watch);
	assert_int_equal(kvm.messages, sent + 2);
	assert_int_equal(kvm.message.address_lo, 0xfee02000);
	assert_int_equal(kvm.message.data, 0x42);
}

static void messages_pass_through_where_asked_for(void **state)
{
	static const int kinds[] = {LEND_PCI_IRQ_MSI, LEND_PCI_IRQ_MSIX};
	struct plugged *p = *state;

	for (int i = 0; i < 2; i++) {
		lent.index = kinds[i];
		p->function.no_kvm_irqs = 1u << kinds[!i];
		messages_test_unmask(p, 0, 0xfee01000, 0x41);
		assert_int_equal(kvm.last.fd, p->fds[0]);
		messages_test_release(p, 0);
		kvm.irqfds = kvm.routings = 0;
		p->function.no_kvm_irqs = 1u << kinds[i];
		messages_test_unmask(p, 0, 0xfee01000, 0x41);
		passes_on(p);
		messages_test_release(p, 0);
		assert_int_equal(kvm.irqfds + kvm.routings, 0);
	}
	assert_int_equal(p->warnings, 0);
}

static void messages_pass_through_where_kvm_refuses(void **state)
{
	static const unsigned long requests[] = {KVM_SET_GSI_ROUTING,
						 KVM_IRQFD};
	struct plugged *p = *state;

	for (int i = 0; i < 2; i++) {
		kvm.fail = requests[i];
		kvm.err = ENOMEM;
		messages_test_unmask(p, 0, 0xfee01000, 0x41);
		passes_on(p);
		/* And no longer once it takes them. */
		messages_test_mask(p, 0);
		kvm.fail = 0;
		messages_test_unmask(p, 0, 0xfee03000, 0x43);
		assert_int_equal(kvm.last.fd, p->fds[0]);
		function_fire(p, 0);
		watch_turn(&p->machine.watch);
		assert_int_equal(function_taken(p->fds[0]), 1);
		messages_test_release(p, 0);
	}
	assert_int_equal(p->warnings, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_mask_or_unmask_is_one_call),
		TEST(so_is_one_with_another_message),
		TEST(a_new_message_changes_the_route_alone),
		TEST(a_batch_changes_the_table_once),
		TEST(released_vectors_cost_nothing),
		TEST(messages_pass_through_where_asked_for),
		TEST(messages_pass_through_where_kvm_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
