// SPDX-License-Identifier: MIT
// Interrupt routes: the number of calls to a mock KVM, the routes kept, and a
// limit that is logged once.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/irq/irq.h"

static struct {
	unsigned int calls;
	unsigned int routes; /* of messages */
	int fail;
} kvm;

int ioctl(int fd, unsigned long request, ...)
{
	const struct kvm_irq_routing *table;
	va_list args;

	(void)fd;
	va_start(args, request);
	table = va_arg(args, const struct kvm_irq_routing *);
	va_end(args);
	kvm.calls++;
	if (kvm.fail) {
		errno = kvm.fail;
		return -1;
	}
	if (request == KVM_SET_GSI_ROUTING)
		kvm.routes = table->nr - IRQ_FIXED;
	return 0;
}

struct part {
	struct lend_ctx *ctx;
	struct irq irq;
	unsigned int warnings;
};

static void irq_count_warning(void *opaque, enum lend_log_level level,
			      const char *text)
{
	struct part *p = opaque;

	char limit[16];

	snprintf(limit, sizeof(limit), "%d", IRQ_MAX_MSI);
	p->warnings += level == LEND_LOG_WARNING && strstr(text, limit);
}

static int irq_setup(void **state)
{
	static struct part p;
	struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = irq_count_warning,
		.log_opaque = &p,
	};
	int err = lend_ctx_new(&options, &p.ctx);

	p.warnings = 0;
	memset(&kvm, 0, sizeof(kvm));
	irq_init(&p.irq, p.ctx, -1);
	*state = &p;
	return err;
}

static int irq_teardown(void **state)
{
	struct part *p = *state;

	irq_destroy(&p->irq);
	lend_ctx_unref(p->ctx);
	return 0;
}

static int irq_get_route(struct part *p, uint32_t data)
{
	const struct irq_msi message = {0xfee00000, data, 0};

	return irq_msi_get(&p->irq, &message);
}

/* Check the number of calls since the last check. */
static void irq_expect_calls(unsigned int want)
{
	assert_int_equal(kvm.calls, want);
	kvm.calls = 0;
}

static void a_message_costs_a_call_once(void **state)
{
	struct part *p = *state;
	int a = irq_get_route(p, 1), b = irq_get_route(p, 2);

	irq_expect_calls(2);
	assert_true(a >= IRQ_PINS && b >= IRQ_PINS && a != b);
	/* Vectors with one message share its route. */
	assert_int_equal(irq_get_route(p, 1), a);
	irq_msi_put(&p->irq, a);
	irq_msi_put(&p->irq, a);
	irq_msi_put(&p->irq, b);
	/* From one message to another and back, repeatedly. */
	for (int i = 0; i < 100; i++) {
		assert_int_equal(irq_get_route(p, 1), a);
		irq_msi_put(&p->irq, a);
		assert_int_equal(irq_get_route(p, 2), b);
		irq_msi_put(&p->irq, b);
	}
	irq_expect_calls(0);
}

static void idle_routes_go_oldest_first(void **state)
{
	struct part *p = *state;
	int kept = irq_get_route(p, 0);

	for (uint32_t i = 1; i < 2000; i++)
		irq_msi_put(&p->irq, irq_get_route(p, i));
	assert_in_range(kvm.routes, 1, IRQ_MAX_IDLE + 1);
	irq_expect_calls(2000);
	for (uint32_t i = 2000 - IRQ_MAX_IDLE; i < 2000; i++)
		irq_msi_put(&p->irq, irq_get_route(p, i));
	assert_int_equal(irq_get_route(p, 0), kept);
	irq_expect_calls(0);
	irq_msi_put(&p->irq, irq_get_route(p, 1));
	irq_expect_calls(1);
}

static void the_limit_is_logged_once(void **state)
{
	struct part *p = *state;
	int last = -1;

	for (uint32_t i = 0; i < IRQ_MAX_MSI; i++) {
		last = irq_get_route(p, i);
		assert_true(last >= IRQ_PINS);
	}
	irq_expect_calls(IRQ_MAX_MSI);
	assert_int_equal(p->warnings, 0);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(irq_get_route(p, IRQ_MAX_MSI + i), -ENOSPC);
	assert_int_equal(p->warnings, 1);
	irq_expect_calls(0);
	/* A released route serves another message. */
	irq_msi_put(&p->irq, last);
	assert_int_equal(irq_get_route(p, IRQ_MAX_MSI), last);
}

static void a_refused_route_is_not_kept(void **state)
{
	struct part *p = *state;
	int gsi;

	kvm.fail = EINVAL;
	for (uint32_t i = 0; i < 2 * IRQ_MAX_MSI; i++)
		assert_int_equal(irq_get_route(p, i), -EINVAL);
	assert_int_equal(p->warnings, 0);
	kvm.fail = 0;
	gsi = irq_get_route(p, 1);
	assert_int_equal(kvm.routes, 1);
	kvm.fail = EINVAL;
	assert_int_equal(
		irq_msi_change(&p->irq, gsi, &(struct irq_msi){1, 2, 0}),
		-EINVAL);
	kvm.calls = 0;
	assert_int_equal(irq_get_route(p, 1), gsi);
	irq_expect_calls(0);
}

static void a_route_with_one_user_changes_in_place(void **state)
{
	struct part *p = *state;
	const struct irq_msi other = {0xfee01000, 7, 0};
	int gsi = irq_get_route(p, 1);

	kvm.calls = 0;
	assert_int_equal(irq_msi_change(&p->irq, gsi, &other), 0);
	assert_int_equal(irq_msi_change(&p->irq, gsi, &other), 0);
	irq_expect_calls(1);
	assert_int_equal(irq_msi_get(&p->irq, &other), gsi);
	assert_int_equal(irq_msi_change(&p->irq, gsi, &other), 0);
	assert_int_equal(
		irq_msi_change(&p->irq, gsi, &(struct irq_msi){1, 2, 0}),
		-EBUSY);
	irq_expect_calls(0);
}

static void unknown_gsis_are_refused(void **state)
{
	struct part *p = *state;
	const struct irq_msi message = {1, 2, 0};
	int gsi = irq_get_route(p, 1);

	irq_msi_put(&p->irq, gsi);
	irq_msi_put(&p->irq, gsi);
	irq_msi_put(&p->irq, 5000);
	assert_int_equal(irq_msi_change(&p->irq, gsi, &message), -EINVAL);
	assert_int_equal(irq_msi_change(&p->irq, 4, &message), -EINVAL);
	assert_int_equal(irq_msi_change(&p->irq, -1, &message), -EINVAL);
	kvm.fail = EBADF;
	assert_int_equal(irq_msi_send(&p->irq, &message), -EBADF);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, irq_setup, irq_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_message_costs_a_call_once),
		TEST(idle_routes_go_oldest_first),
		TEST(the_limit_is_logged_once),
		TEST(a_refused_route_is_not_kept),
		TEST(a_route_with_one_user_changes_in_place),
		TEST(unknown_gsis_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
