// SPDX-License-Identifier: MIT
// Interrupts of a function that is software: messages, pending ones, and a line
// that masks itself.

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/pci_regs.h>

#include <lend/lend.h>

#include "fake/kernel.h"

#define EVENTS 4

struct irq_test {
	struct fake_kernel *fake;
	struct lend_ctx *ctx;
	struct lend_function *function;
	int events[EVENTS]; /* the client's */
};

static int irq_setup(void **state)
{
	static const struct lend_function_options options = {
		.size = sizeof(options),
		.bars = {{4096, 0, 0}},
		.msi = 4,
		.msix = 70,
		.msix_pba = 2048,
		.intx = true,
	};
	static struct irq_test test;

	*state = &test;
	test.fake = fake_kernel_new();
	for (unsigned int i = 0; i < EVENTS; i++)
		test.events[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return fake_ctx_new(test.fake, &test.ctx) ||
	       lend_function_new(test.ctx, &options, &test.function);
}

static int irq_teardown(void **state)
{
	struct irq_test *test = *state;
	char why[128];
	bool is_idle;

	lend_function_free(test->function);
	lend_ctx_unref(test->ctx);
	for (unsigned int i = 0; i < EVENTS; i++)
		close(test->events[i]);
	is_idle = fake_is_idle(test->fake, why, sizeof(why));
	fake_kernel_free(test->fake);
	return is_idle ? 0 : -1;
}

/* How often an eventfd was signalled since the last time. */
static unsigned int events_count(const struct irq_test *test,
				 unsigned int number)
{
	eventfd_t count;

	return eventfd_read(test->events[number], &count) ? 0
							  : (unsigned int)count;
}

static void irq_enable(struct irq_test *test, unsigned int index,
		       unsigned int start, unsigned int count)
{
	assert_int_equal(lend_function_irq_set(test->function, index, start,
					       count, test->events),
			 0);
}

static void messages_are_signalled(void **state)
{
	struct irq_test *test = *state;

	assert_int_equal(lend_function_messages(test->function), 0);
	lend_function_signal(test->function, 0);
	irq_enable(test, LEND_PCI_IRQ_MSIX, 1, 2);
	assert_int_equal(lend_function_messages(test->function), 70);
	lend_function_signal(test->function, 2);
	lend_function_signal(test->function, 70);
	assert_int_equal(events_count(test, 0), 0);
	assert_int_equal(events_count(test, 1), 1);
	assert_int_equal(
		lend_function_irq_disable(test->function, LEND_PCI_IRQ_MSIX),
		0);
	lend_function_signal(test->function, 2);
	assert_int_equal(events_count(test, 1), 0);

	irq_enable(test, LEND_PCI_IRQ_MSI, 0, 4);
	assert_int_equal(lend_function_messages(test->function), 4);
	lend_function_signal(test->function, 3);
	assert_int_equal(events_count(test, 3), 1);
}

/* A masked vector has no eventfd. */
static void a_masked_vector_is_pending(void **state)
{
	static const int none = -1;
	struct irq_test *test = *state;

	irq_enable(test, LEND_PCI_IRQ_MSIX, 65, 1);
	assert_int_equal(lend_function_irq_set(test->function,
					       LEND_PCI_IRQ_MSIX, 65, 1, &none),
			 0);
	lend_function_signal(test->function, 65);
	lend_function_signal(test->function, 65);
	assert_true(lend_function_pending(test->function, 64) == 2);
	assert_true(lend_function_pending(test->function, 0) == 0);
	assert_int_equal(events_count(test, 0), 0);
	irq_enable(test, LEND_PCI_IRQ_MSIX, 65, 1);
	assert_int_equal(events_count(test, 0), 1);
	assert_true(lend_function_pending(test->function, 64) == 0);

	lend_function_signal(test->function, 1);
	assert_true(lend_function_pending(test->function, 0) == 2);
	lend_function_reset(test->function);
	assert_true(lend_function_pending(test->function, 0) == 0);
}

static void the_line_masks_itself(void **state)
{
	struct irq_test *test = *state;
	uint16_t status;

	lend_function_set_line(test->function, true);
	lend_function_config_read(test->function, PCI_STATUS, &status, 2);
	assert_true(status & PCI_STATUS_INTERRUPT);
	irq_enable(test, LEND_PCI_IRQ_INTX, 0, 1);
	assert_int_equal(events_count(test, 0), 1);
	lend_function_set_line(test->function, true);
	assert_int_equal(events_count(test, 0), 0);
	/* It fires again as long as the device asserts it. */
	lend_function_irq_act(test->function, LEND_PCI_IRQ_INTX, 0,
			      LEND_SERVER_IRQ_UNMASK);
	assert_int_equal(events_count(test, 0), 1);
	lend_function_set_line(test->function, false);
	lend_function_irq_act(test->function, LEND_PCI_IRQ_INTX, 0,
			      LEND_SERVER_IRQ_UNMASK);
	assert_int_equal(events_count(test, 0), 0);
	lend_function_irq_act(test->function, LEND_PCI_IRQ_INTX, 0,
			      LEND_SERVER_IRQ_MASK);
	lend_function_set_line(test->function, true);
	assert_int_equal(events_count(test, 0), 0);
	lend_function_reset(test->function);
	lend_function_config_read(test->function, PCI_STATUS, &status, 2);
	assert_false(status & PCI_STATUS_INTERRUPT);
}

static void the_clients_eventfd_unmasks_the_line(void **state)
{
	struct irq_test *test = *state;

	irq_enable(test, LEND_PCI_IRQ_INTX, 0, 1);
	assert_int_equal(lend_function_unmask_fd(test->function), -1);
	assert_int_equal(lend_function_irq_unmask_fd(test->function,
						     LEND_PCI_IRQ_INTX, 0,
						     test->events[1]),
			 0);
	assert_true(lend_function_unmask_fd(test->function) >= 0);
	lend_function_set_line(test->function, true);
	assert_int_equal(events_count(test, 0), 1);
	lend_function_unmask(test->function);
	assert_int_equal(events_count(test, 0), 0);
	eventfd_write(test->events[1], 1);
	lend_function_unmask(test->function);
	assert_int_equal(events_count(test, 0), 1);
	lend_function_irq_disable(test->function, LEND_PCI_IRQ_INTX);
	assert_int_equal(lend_function_unmask_fd(test->function), -1);
}

static void the_command_register_disables_the_line(void **state)
{
	uint16_t command = PCI_COMMAND_INTX_DISABLE;
	struct irq_test *test = *state;

	irq_enable(test, LEND_PCI_IRQ_INTX, 0, 1);
	lend_function_config_write(test->function, PCI_COMMAND, &command, 2);
	lend_function_set_line(test->function, true);
	assert_int_equal(events_count(test, 0), 0);
	command = 0;
	lend_function_config_write(test->function, PCI_COMMAND, &command, 2);
	assert_int_equal(events_count(test, 0), 1);
}

static void clients_trigger_interrupts(void **state)
{
	struct irq_test *test = *state;

	irq_enable(test, LEND_PCI_IRQ_MSIX, 0, 2);
	assert_int_equal(lend_function_irq_act(test->function,
					       LEND_PCI_IRQ_MSIX, 1,
					       LEND_SERVER_IRQ_TRIGGER),
			 0);
	assert_int_equal(events_count(test, 1), 1);
	assert_int_equal(lend_function_irq_act(test->function,
					       LEND_PCI_IRQ_MSIX, 1,
					       LEND_SERVER_IRQ_MASK),
			 -EINVAL);
}

static int irq_try(struct irq_test *test, unsigned int index,
		   unsigned int start, unsigned int count)
{
	return lend_function_irq_set(test->function, index, start, count,
				     test->events);
}

static void what_is_not_there_is_refused(void **state)
{
	struct irq_test *test = *state;

	assert_int_equal(irq_try(test, LEND_PCI_IRQ_MSI, 1, 4), -EINVAL);
	assert_int_equal(irq_try(test, LEND_PCI_IRQ_MSI, 5, 1), -EINVAL);
	assert_int_equal(irq_try(test, LEND_PCI_IRQ_REQ, 0, 1), -EINVAL);
	assert_int_equal(irq_try(test, 1000, 0, 1), -EINVAL);
	assert_int_equal(lend_function_irq_unmask_fd(test->function,
						     LEND_PCI_IRQ_MSI, 0, -1),
			 -EINVAL);
	assert_int_equal(lend_function_irq_disable(test->function, 5), -EINVAL);
}

/* Nothing that could make the device wait is written to. */
static void other_files_are_no_eventfds(void **state)
{
	struct irq_test *test = *state;
	int ends[2], blocking = eventfd(0, EFD_CLOEXEC);

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(lend_function_irq_set(test->function,
					       LEND_PCI_IRQ_MSIX, 0, 1,
					       &ends[1]),
			 -EINVAL);
	assert_int_equal(lend_function_irq_unmask_fd(
				 test->function, LEND_PCI_IRQ_INTX, 0, ends[0]),
			 -EINVAL);
	/* A full counter makes nobody wait. */
	assert_int_equal(lend_function_irq_set(test->function,
					       LEND_PCI_IRQ_MSIX, 0, 1,
					       &blocking),
			 0);
	assert_true(fcntl(blocking, F_GETFL) & O_NONBLOCK);
	eventfd_write(blocking, UINT64_MAX - 1);
	lend_function_signal(test->function, 0);
	close(ends[0]);
	close(ends[1]);
	close(blocking);
}

static void a_failure_leaves_no_descriptor(void **state)
{
	struct irq_test *test = *state;

	fake_log_clear(test->fake);
	test->fake->fail_at = 2;
	test->fake->fail_error = EMFILE;
	assert_int_equal(irq_try(test, LEND_PCI_IRQ_MSIX, 0, 3), -EMFILE);
	test->fake->fail_at = 0;
	lend_function_signal(test->function, 0);
	lend_function_signal(test->function, 1);
	assert_int_equal(events_count(test, 0), 1);
	assert_true(lend_function_pending(test->function, 0) == 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, irq_setup, irq_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_are_signalled),
		TEST(a_masked_vector_is_pending),
		TEST(the_line_masks_itself),
		TEST(the_clients_eventfd_unmasks_the_line),
		TEST(the_command_register_disables_the_line),
		TEST(clients_trigger_interrupts),
		TEST(what_is_not_there_is_refused),
		TEST(other_files_are_no_eventfds),
		TEST(a_failure_leaves_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
