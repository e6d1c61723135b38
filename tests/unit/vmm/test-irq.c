// SPDX-License-Identifier: MIT
// Interrupt routes: all or none, up to a limit that is told once.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "context.h"
#include "irq.h"

struct part {
	struct lend_ctx *ctx;
	struct irq irq;
	unsigned warnings;
	struct irq_msi messages[IRQ_MAX_MSI + 1];
	int gsis[IRQ_MAX_MSI + 1];
};

static void count_warning(void *opaque, enum lend_log_level level,
			  const char *text)
{
	struct part *p = opaque;

	p->warnings += level == LEND_LOG_WARNING && strstr(text, "4056");
}

static int setup(void **state)
{
	static struct part p;
	struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = count_warning,
		.log_opaque = &p,
	};
	int err = lend_ctx_new(&options, &p.ctx);

	p.warnings = 0;
	irq_init(&p.irq, p.ctx, -1); /* no KVM: every ioctl fails */
	*state = &p;
	return err;
}

static int teardown(void **state)
{
	struct part *p = *state;

	irq_destroy(&p->irq);
	lend_ctx_unref(p->ctx);
	return 0;
}

static void the_limit_is_told_once(void **state)
{
	struct part *p = *state;

	for (int i = 0; i < 3; i++)
		assert_int_equal(irq_msi_alloc(&p->irq, p->messages,
					       IRQ_MAX_MSI + 1, p->gsis),
				 -ENOSPC);
	assert_int_equal(p->warnings, 1);
}

static void what_kvm_refuses_takes_no_route(void **state)
{
	struct part *p = *state;

	/* Were routes kept, the second round would find none left. */
	for (int i = 0; i < 3; i++)
		assert_int_equal(irq_msi_alloc(&p->irq, p->messages,
					       IRQ_MAX_MSI, p->gsis),
				 -EBADF);
	assert_int_equal(p->warnings, 0);
}

static void strangers_are_refused(void **state)
{
	struct part *p = *state;

	assert_int_equal(irq_msi_update(&p->irq, IRQ_PINS, p->messages),
			 -EINVAL);
	assert_int_equal(irq_msi_update(&p->irq, 4, p->messages), -EINVAL);
	assert_int_equal(irq_msi_update(&p->irq, -1, p->messages), -EINVAL);
	irq_msi_free(&p->irq, 5000);
	assert_int_equal(irq_msi_send(&p->irq, p->messages), -EBADF);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_limit_is_told_once),
		TEST(what_kvm_refuses_takes_no_route),
		TEST(strangers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
