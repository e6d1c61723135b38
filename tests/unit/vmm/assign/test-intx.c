// SPDX-License-Identifier: MIT
// INTx of a lent function in the machine: wired to KVM, or passed on by the
// main loop, which must lose no level and repeat none.

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "function.h"

/* A line that the device asserts and the guest, in another thread, deasserts.
 */
static struct {
	pthread_mutex_t lock;
	int trigger;
	bool level;
	bool masked;
} host;

/* On one processor, who waits for an eventfd often runs before the call that
 * signals it returns. */
static _Atomic int yields_at = -1;

ssize_t write(int fd, const void *data, size_t size)
{
	ssize_t n = syscall(SYS_write, fd, data, size);

	for (int i = 0; fd == yields_at && i < 20; i++)
		sched_yield();
	return n;
}

/* What VFIO does, with the lock held. */
static void look_at_line(void)
{
	if (!host.level || host.masked)
		return;
	host.masked = true;
	assert_int_equal(eventfd_write(host.trigger, 1), 0);
}

static void intx_test_unmasked(void)
{
	pthread_mutex_lock(&host.lock);
	host.masked = false;
	look_at_line();
	pthread_mutex_unlock(&host.lock);
}

/* The line as KVM has it: taken by the guest, which then ends it. */
static unsigned int intx_test_asserted(struct plugged *p)
{
	watch_turn(&p->machine.watch);
	return function_taken(p->function.intx.line.raise);
}

static void intx_test_end(struct plugged *p)
{
	assert_int_equal(eventfd_write(p->function.intx.line.eoi, 1), 0);
	watch_turn(&p->machine.watch);
}

static void intx_is_resampled_on_the_line_of_its_slot(void **state)
{
	struct plugged *p = *state;

	assert_int_equal(assign_pci_intx_connect(&p->function, 7, 8), 0);
	assert_int_equal(kvm.last.gsi,
			 pci_host_gsi(&p->machine.pci, pci_place(0, 5, 0), 1));
	assert_int_equal(kvm.last.flags, KVM_IRQFD_FLAG_RESAMPLE);
	assert_int_equal(kvm.last.fd, 7);
	assert_int_equal(kvm.last.resamplefd, 8);
	assign_pci_intx_disconnect(&p->function, 7, 8);
	assert_int_equal(kvm.last.flags, KVM_IRQFD_FLAG_DEASSIGN);
	assert_int_equal(kvm.last.fd, 7);
	assert_int_equal(kvm.irqfds, 2);
}

static void connect_line(struct plugged *p, int resample)
{
	assert_int_equal(
		assign_pci_intx_connect(&p->function, p->fds[0], resample), 0);
	assert_int_equal(kvm.last.gsi,
			 pci_host_gsi(&p->machine.pci, pci_place(0, 5, 0), 1));
	assert_int_equal(kvm.last.flags, KVM_IRQFD_FLAG_RESAMPLE);
	assert_int_equal(kvm.last.fd, p->function.intx.line.raise);
	assert_int_equal(kvm.last.resamplefd, p->function.intx.line.eoi);
}

static void disconnect_line(struct plugged *p, int resample)
{
	assign_pci_intx_disconnect(&p->function, p->fds[0], resample);
	assert_int_equal(kvm.last.flags, KVM_IRQFD_FLAG_DEASSIGN);
	assert_int_equal(p->function.intx.line.raise, -1);
}

static void intx_passes_through_where_asked_for(void **state)
{
	struct plugged *p = *state;
	uint32_t value;

	p->function.no_kvm_irqs = 1u << LEND_PCI_IRQ_INTX;
	assign_pci_bar_place(&p->function, 0, 0xc000);
	connect_line(p, p->fds[3]);
	for (unsigned int i = 0; i < 3; i++) {
		function_fire(p, 0);
		assert_int_equal(intx_test_asserted(p), 1);
		/* The EOI is what unmasks it, and it alone. */
		bus_read(&p->machine.pio, 0xc000, &value, 1);
		assert_int_equal(lent.unmasks, i);
		intx_test_end(p);
		assert_int_equal(lent.unmasks, i + 1);
		assert_int_equal(intx_test_asserted(p), 0);
	}
	/* An EOI of another one on the line. */
	intx_test_end(p);
	assert_int_equal(lent.unmasks, 3);
	disconnect_line(p, p->fds[3]);
}

/* As mtty: an interrupt while it is masked is lost. */
static void intx_without_unmask_eventfd_is_unmasked(void **state)
{
	struct plugged *p = *state;
	uint32_t value;

	assign_pci_bar_place(&p->function, 0, 0xc000);
	connect_line(p, -1);
	bus_read(&p->machine.pio, 0xc000, &value, 1);
	assert_int_equal(lent.unmasks, 0);
	function_fire(p, 0);
	assert_int_equal(intx_test_asserted(p), 1);
	/* At the first access, so that it can fire again before the EOI. */
	bus_read(&p->machine.pio, 0xc000, &value, 1);
	bus_write(&p->machine.pio, 0xc000, &value, 1);
	assert_int_equal(lent.unmasks, 1);
	function_fire(p, 0);
	assert_int_equal(intx_test_asserted(p), 0); /* it still is */
	intx_test_end(p);
	assert_int_equal(lent.unmasks, 2);
	assert_int_equal(intx_test_asserted(p), 1);
	intx_test_end(p);
	assert_int_equal(lent.unmasks, 2);
	assert_int_equal(intx_test_asserted(p), 0);
	disconnect_line(p, -1);
}

/* By another vCPU's thread, which found it masked and comes to unmask it. */
static void an_access_may_outlast_the_line(void **state)
{
	struct plugged *p = *state;

	connect_line(p, -1);
	function_fire(p, 0);
	assert_int_equal(intx_test_asserted(p), 1);
	disconnect_line(p, -1);
	assert_false(p->function.intx.line.masked);
	p->function.intx.line.masked = true;
	line_unmask(&p->function.intx.line);
	assert_int_equal(lent.unmasks, 1);
}

/* Signals that are not the level of anything: each is followed by an interrupt
 * that the guest takes after it. */
static void signals_of_a_line_that_is_not_masked_all_come(void **state)
{
	struct plugged *p = *state;

	lent.intx.flags = 0;
	connect_line(p, -1);
	function_fire(p, 0);
	assert_int_equal(intx_test_asserted(p), 1);
	function_fire(p, 0);
	function_fire(p, 0);
	assert_int_equal(intx_test_asserted(p), 0);
	intx_test_end(p);
	assert_int_equal(intx_test_asserted(p), 1);
	/* One that fires as the guest ends the one before. */
	eventfd_write(p->function.intx.line.eoi, 1);
	function_fire(p, 0);
	assert_int_equal(intx_test_asserted(p), 1);
	intx_test_end(p);
	assert_int_equal(intx_test_asserted(p), 0);
	assert_int_equal(lent.unmasks, 0);
	disconnect_line(p, -1);
}

/* The guest and the main loop, each on a processor of its own. */
struct lively {
	struct plugged *p;
	bool shared; /* the line, with a device that interrupts all the time */
	_Atomic bool stop;
};

static void *main_loop(void *opaque)
{
	struct lively *l = opaque;
	struct watch *watch = &l->p->machine.watch;
	struct pollfd ready = {.fd = watch->fd, .events = POLLIN};

	while (!l->stop) {
		poll(&ready, 1, 10);
		watch_turn(watch);
	}
	return NULL;
}

/* Serves the device, then ends the interrupt: whatever was asserted meanwhile
 * is gone with that. */
static void *intx_test_guest(void *opaque)
{
	struct lively *l = opaque;
	struct assign_pci_intx *intx = &l->p->function.intx;
	struct pollfd line = {.fd = intx->line.raise, .events = POLLIN};

	for (unsigned int n = 0; !l->stop; n++) {
		if (poll(&line, 1, 10) > 0) {
			function_taken(intx->line.raise);
			pthread_mutex_lock(&host.lock);
			host.level = false;
			pthread_mutex_unlock(&host.lock);
			function_taken(intx->line.raise);
			eventfd_write(intx->line.eoi, 1);
		}
		if (l->shared && n % 3 == 0)
			eventfd_write(intx->line.eoi, 1);
	}
	return NULL;
}

static bool intx_test_served(void)
{
	bool level;

	pthread_mutex_lock(&host.lock);
	level = host.level;
	pthread_mutex_unlock(&host.lock);
	return !level;
}

static void intx_test_serve(struct plugged *p, bool shared, bool yields)
{
	struct lively l = {.p = p, .shared = shared};
	pthread_t threads[2];

	connect_line(p, p->fds[3]);
	yields_at = yields ? p->function.intx.line.raise : -1;
	assert_int_equal(pthread_create(&threads[0], NULL, main_loop, &l), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, intx_test_guest, &l),
			 0);
	for (unsigned int i = 0; i < 2000; i++) {
		time_t end = time(NULL) + 20;

		pthread_mutex_lock(&host.lock);
		host.level = true;
		look_at_line();
		pthread_mutex_unlock(&host.lock);
		while (!intx_test_served()) {
			if (time(NULL) > end)
				fail_msg("interrupt %u is not served", i);
			sched_yield();
		}
	}
	l.stop = true;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	yields_at = -1;
	disconnect_line(p, p->fds[3]);
	host.masked = false;
	function_taken(p->fds[0]);
}

static void a_line_is_served_to_the_end(void **state)
{
	struct plugged *p = *state;

	p->function.no_kvm_irqs = 1u << LEND_PCI_IRQ_INTX;
	pthread_mutex_init(&host.lock, NULL);
	host.trigger = p->fds[0];
	lent.unmasked = intx_test_unmasked;
	for (int i = 0; i < 4; i++)
		intx_test_serve(p, i & 1, i & 2);
	pthread_mutex_destroy(&host.lock);
}

static void a_line_that_kvm_refuses_leaves_nothing(void **state)
{
	struct plugged *p = *state;

	kvm.fail = KVM_IRQFD;
	kvm.err = EBUSY;
	assert_int_equal(assign_pci_intx_connect(&p->function, p->fds[0], -1),
			 -EBUSY);
	assert_int_equal(p->function.intx.line.raise, -1);
	assert_int_equal(p->function.intx.line.eoi, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(intx_is_resampled_on_the_line_of_its_slot),
		TEST(intx_passes_through_where_asked_for),
		TEST(intx_without_unmask_eventfd_is_unmasked),
		TEST(an_access_may_outlast_the_line),
		TEST(signals_of_a_line_that_is_not_masked_all_come),
		TEST(a_line_is_served_to_the_end),
		TEST(a_line_that_kvm_refuses_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
