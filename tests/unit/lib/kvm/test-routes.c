// SPDX-License-Identifier: MIT
// Interrupt routes: the number of calls to KVM, the routes kept, a limit that
// is logged once, and the machine's own routes beside them.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "table.h"

/* Routes of messages that there can be beside KVM's own. */
#define MESSAGES (LEND_KVM_GSIS - kvm_pin_count)

static unsigned int messages_in_table(const struct table *t)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < t->vm.route_count; i++)
		count += t->vm.routes[i].type == KVM_IRQ_ROUTING_MSI;
	return count;
}

static int routes_test_get(struct table *t, uint32_t data)
{
	const struct kvm_message message = {0xfee00000, data, 0, false};

	return kvm_route_get(t->kvm, &message);
}

static void a_message_costs_a_call_once(void **state)
{
	struct table *t = *state;
	int a = routes_test_get(t, 1), b = routes_test_get(t, 2);

	table_expect(t, 2);
	assert_true(a >= 0 && b >= 0 && a != b);
	/* Vectors with one message share its route. */
	assert_int_equal(routes_test_get(t, 1), a);
	kvm_route_put(t->kvm, a);
	kvm_route_put(t->kvm, a);
	kvm_route_put(t->kvm, b);
	/* From one message to another and back, repeatedly. */
	for (int i = 0; i < 100; i++) {
		assert_int_equal(routes_test_get(t, 1), a);
		kvm_route_put(t->kvm, a);
		assert_int_equal(routes_test_get(t, 2), b);
		kvm_route_put(t->kvm, b);
	}
	table_expect(t, 0);
}

static void idle_routes_go_oldest_first(void **state)
{
	struct table *t = *state;
	int kept = routes_test_get(t, 0);

	for (uint32_t i = 1; i < 2000; i++)
		kvm_route_put(t->kvm, routes_test_get(t, i));
	assert_in_range(messages_in_table(t), 1, KVM_ROUTES_IDLE + 1);
	table_expect(t, 2000);
	for (uint32_t i = 2000 - KVM_ROUTES_IDLE; i < 2000; i++)
		kvm_route_put(t->kvm, routes_test_get(t, i));
	assert_int_equal(routes_test_get(t, 0), kept);
	table_expect(t, 0);
	kvm_route_put(t->kvm, routes_test_get(t, 1));
	table_expect(t, 1);
}

static void the_limit_is_logged_once(void **state)
{
	struct table *t = *state;
	char limit[64];
	int last = -1;

	for (uint32_t i = 0; i < MESSAGES; i++) {
		last = routes_test_get(t, i);
		assert_true(last >= 0);
	}
	table_expect(t, MESSAGES);
	assert_int_equal(t->warnings, 0);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(routes_test_get(t, MESSAGES + i), -ENOSPC);
	assert_int_equal(t->warnings, 1);
	snprintf(limit, sizeof(limit), "all %u interrupt routes", MESSAGES);
	assert_non_null(strstr(t->warning, limit));
	table_expect(t, 0);
	/* A released route serves another message. */
	kvm_route_put(t->kvm, last);
	assert_int_equal(routes_test_get(t, MESSAGES), last);
}

static void a_refused_route_is_not_kept(void **state)
{
	struct table *t = *state;
	int gsi;

	t->fail = KVM_SET_GSI_ROUTING;
	t->err = EINVAL;
	for (uint32_t i = 0; i < 2 * MESSAGES; i++)
		assert_int_equal(routes_test_get(t, i), -EINVAL);
	assert_int_equal(t->warnings, 0);
	t->fail = 0;
	gsi = routes_test_get(t, 1);
	assert_int_equal(messages_in_table(t), 1);
	t->fail = KVM_SET_GSI_ROUTING;
	t->err = EINVAL;
	assert_int_equal(
		kvm_route_change(t->kvm, gsi,
				 &(struct kvm_message){1, 2, 0, false}),
		-EINVAL);
	t->calls = 0;
	assert_int_equal(routes_test_get(t, 1), gsi);
	table_expect(t, 0);
}

static void a_route_with_one_user_changes_in_place(void **state)
{
	struct table *t = *state;
	const struct kvm_message other = {0xfee01000, 7, 0, false};
	int gsi = routes_test_get(t, 1);

	t->calls = 0;
	assert_int_equal(kvm_route_change(t->kvm, gsi, &other), 0);
	assert_int_equal(kvm_route_change(t->kvm, gsi, &other), 0);
	table_expect(t, 1);
	assert_int_equal(kvm_route_get(t->kvm, &other), gsi);
	assert_int_equal(kvm_route_change(t->kvm, gsi, &other), 0);
	assert_int_equal(
		kvm_route_change(t->kvm, gsi,
				 &(struct kvm_message){1, 2, 0, false}),
		-EBUSY);
	table_expect(t, 0);
}

static void unknown_gsis_are_refused(void **state)
{
	struct table *t = *state;
	const struct kvm_message message = {1, 2, 0, false};
	int gsi = routes_test_get(t, 1);

	kvm_route_put(t->kvm, gsi);
	kvm_route_put(t->kvm, gsi);
	kvm_route_put(t->kvm, 5000);
	assert_int_equal(kvm_route_change(t->kvm, gsi, &message), -EINVAL);
	assert_int_equal(kvm_route_change(t->kvm, 4, &message), -EINVAL);
	assert_int_equal(kvm_route_change(t->kvm, -1, &message), -EINVAL);
}

/* Two entries of one GSI, as x86 has them, and one of a device of the
 * machine. */
static const struct kvm_irq_routing_entry own[] = {
	{.gsi = 4, .type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip = {0, 4}},
	{.gsi = 4, .type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip = {2, 4}},
	{.gsi = 30, .type = KVM_IRQ_ROUTING_MSI, .u.msi = {.data = 0x99}},
};

static void routes_test_remake(struct table *t,
			       const struct lend_kvm_options *options)
{
	lend_kvm_free(t->kvm);
	t->kvm = NULL;
	assert_int_equal(lend_kvm_new(t->ctx, TABLE_VM, options, &t->kvm), 0);
}

static void the_machines_own_routes_stay(void **state)
{
	const struct lend_kvm_options options = {
		.size = sizeof(options),
		.routes = own,
		.route_count = 3,
	};
	struct kvm_irq_routing_entry more[4] = {
		own[0], own[1], own[2], {.gsi = 100}};
	struct table *t = *state;

	routes_test_remake(t, &options);
	table_expect(t, 0);
	assert_int_equal(routes_test_get(t, 1), 31);
	assert_int_equal(t->vm.route_count, 4);
	assert_memory_equal(t->vm.routes, own, sizeof(own));
	assert_int_equal(t->vm.routes[3].gsi, 31);
	table_expect(t, 1);

	assert_int_equal(lend_kvm_set_routes(t->kvm, more, 4), 0);
	table_expect(t, 1);
	assert_int_equal(t->vm.route_count, 5);
	assert_memory_equal(t->vm.routes, more, sizeof(more));
	assert_int_equal(t->vm.routes[4].gsi, 31);
	/* Nobody else has it yet. */
	assert_int_equal(routes_test_get(t, 2), 101);

	assert_int_equal(lend_kvm_set_routes(t->kvm, NULL, 0), 0);
	assert_int_equal(t->vm.route_count, 2);
	assert_int_equal(routes_test_get(t, 3), 102);
	assert_int_equal(t->vm.route_count, 3);
}

static void bad_routes_change_nothing(void **state)
{
	static struct kvm_irq_routing_entry many[LEND_KVM_GSIS];
	struct kvm_irq_routing_entry bad = {.gsi = LEND_KVM_GSIS};
	struct table *t = *state;
	unsigned int gsi = (unsigned int)routes_test_get(t, 1);
	unsigned int count = t->vm.route_count;

	t->calls = 0;
	assert_int_equal(lend_kvm_set_routes(t->kvm, &bad, 1), -EINVAL);
	bad.gsi = gsi;
	assert_int_equal(lend_kvm_set_routes(t->kvm, &bad, 1), -EINVAL);
	assert_int_equal(lend_kvm_set_routes(t->kvm, many, LEND_KVM_GSIS),
			 -ENOSPC);
	table_expect(t, 0);
	t->fail = KVM_SET_GSI_ROUTING;
	t->err = EINVAL;
	assert_int_equal(lend_kvm_set_routes(t->kvm, own, 3), -EINVAL);
	t->fail = 0;
	assert_int_equal(t->vm.route_count, count);
	routes_test_get(t, 2);
	assert_int_equal(t->vm.route_count, count + 1);
	assert_int_equal(t->vm.routes[count - 1].gsi, gsi);
}

static int count_up_gsi(void *opaque)
{
	int *next = opaque;

	return (*next)++;
}

static void gsis_are_the_machines(void **state)
{
	int next = LEND_KVM_GSIS - 2;
	const struct lend_kvm_options options = {
		.size = sizeof(options),
		.gsi = count_up_gsi,
		.opaque = &next,
	};
	struct table *t = *state;

	routes_test_remake(t, &options);
	assert_int_equal(routes_test_get(t, 1), LEND_KVM_GSIS - 2);
	assert_int_equal(routes_test_get(t, 1), LEND_KVM_GSIS - 2);
	assert_int_equal(routes_test_get(t, 2), LEND_KVM_GSIS - 1);
	t->calls = 0;
	/* Out of range, given already, a pin, and none. */
	assert_int_equal(routes_test_get(t, 3), -EINVAL);
	next = LEND_KVM_GSIS - 1;
	assert_int_equal(routes_test_get(t, 3), -EINVAL);
	next = 5;
	assert_int_equal(routes_test_get(t, 3), -EINVAL);
	next = -ENOSPC;
	assert_int_equal(routes_test_get(t, 3), -ENOSPC);
	assert_int_equal(t->warnings, 1);
	table_expect(t, 0);
	for (unsigned int i = 0; i < 2; i++)
		kvm_route_put(t->kvm, LEND_KVM_GSIS - 2);
	next = -ENOSPC;
	assert_int_equal(routes_test_get(t, 3), LEND_KVM_GSIS - 2);
}

static void options_out_of_range_are_refused(void **state)
{
	const struct kvm_irq_routing_entry bad = {.gsi = LEND_KVM_GSIS};
	struct lend_kvm_options options = {
		.size = sizeof(options),
		.routes = &bad,
		.route_count = 1,
	};
	struct table *t = *state;
	struct lend_kvm *kvm;

	assert_int_equal(lend_kvm_new(t->ctx, TABLE_VM, &options, &kvm),
			 -EINVAL);
	assert_int_equal(lend_ctx_error(t->ctx)->code, LEND_ERROR_ARGUMENT);
	options.route_count = LEND_KVM_GSIS + 1;
	assert_int_equal(lend_kvm_new(t->ctx, TABLE_VM, &options, &kvm),
			 -EINVAL);
	options.size = 8;
	assert_int_equal(lend_kvm_new(t->ctx, TABLE_VM, &options, &kvm),
			 -EINVAL);
	assert_non_null(strstr(lend_ctx_error(t->ctx)->what,
			       "struct lend_kvm_options"));
	table_expect(t, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, table_setup, table_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_message_costs_a_call_once),
		TEST(idle_routes_go_oldest_first),
		TEST(the_limit_is_logged_once),
		TEST(a_refused_route_is_not_kept),
		TEST(a_route_with_one_user_changes_in_place),
		TEST(unknown_gsis_are_refused),
		TEST(the_machines_own_routes_stay),
		TEST(bad_routes_change_nothing),
		TEST(gsis_are_the_machines),
		TEST(options_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
