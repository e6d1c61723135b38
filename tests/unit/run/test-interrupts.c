// SPDX-License-Identifier: MIT
// Interrupts of a lent function in the machine: what each costs in calls to
// KVM, and those that pass through the main loop. KVM is a counter, with
// eventfds that the test reads in its stead.

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
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <linux/kvm.h>
#include <cmocka.h>

#include <lend/irq.h>

#include "assign-pci-ops.h"

#define VM_FD   1000 /* no descriptor: every ioctl of it ends below */
#define VECTORS 4

static struct {
	unsigned int calls, irqfds, routings, messages;
	struct kvm_irqfd last;
	struct kvm_msi message;
	struct kvm_irq_routing_entry route; /* the last one of the table */
	unsigned long fail;                 /* this request */
	int error;
} kvm;

int ioctl(int fd, unsigned long request, ...)
{
	const struct kvm_irq_routing *routing;
	va_list args;
	const void *argument;

	va_start(args, request);
	argument = va_arg(args, const void *);
	va_end(args);
	assert_int_equal(fd, VM_FD);
	kvm.calls++;
	if (kvm.fail == request) {
		errno = kvm.error;
		return -1;
	}
	switch (request) {
	case KVM_IRQFD:
		kvm.irqfds++;
		memcpy(&kvm.last, argument, sizeof(kvm.last));
		return 0;
	case KVM_SET_GSI_ROUTING:
		routing = argument;
		kvm.routings++;
		kvm.route = routing->entries[routing->nr - 1];
		return 0;
	case KVM_SIGNAL_MSI:
		kvm.messages++;
		memcpy(&kvm.message, argument, sizeof(kvm.message));
		return 1;
	default:
		fail_msg("unexpected ioctl %#lx", request);
		return -1;
	}
}

/* The function. */
static struct {
	struct lend_irq intx;
	int index;
	unsigned int unmasks;

	/* With a trigger, a line that the device asserts and the guest, in
	 * another thread, deasserts. */
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

const char *lend_pci_name(const struct lend_pci *pci)
{
	(void)pci;
	return "0000:00:05.0";
}

unsigned int lend_pci_pin(const struct lend_pci *pci)
{
	(void)pci;
	return 1;
}

int lend_pci_irq_index(const struct lend_pci *pci)
{
	(void)pci;
	return host.index;
}

const struct lend_irq *lend_device_irq(const struct lend_device *device,
				       unsigned int index)
{
	(void)device;
	assert_int_equal(index, LEND_PCI_IRQ_INTX);
	return &host.intx;
}

int lend_irq_unmask(struct lend_device *device, unsigned int index,
		    unsigned int start)
{
	(void)device;
	assert_int_equal(index, LEND_PCI_IRQ_INTX);
	assert_int_equal(start, 0);
	host.unmasks++;
	if (!host.trigger)
		return 0;
	pthread_mutex_lock(&host.lock);
	host.masked = false;
	look_at_line();
	pthread_mutex_unlock(&host.lock);
	return 0;
}

const struct lend_pci_bar *lend_pci_bar(const struct lend_pci *pci,
					unsigned int bar)
{
	static const struct lend_pci_bar ports = {.size = 8, .io = true};

	(void)pci;
	(void)bar;
	return &ports;
}

void lend_pci_bar_read(struct lend_pci *pci, unsigned int bar, uint64_t offset,
		       void *data, unsigned int size)
{
	(void)pci;
	(void)bar;
	(void)offset;
	memset(data, 0, size);
}

void lend_pci_bar_write(struct lend_pci *pci, unsigned int bar, uint64_t offset,
			const void *data, unsigned int size)
{
	(void)pci;
	(void)bar;
	(void)offset;
	(void)data;
	(void)size;
}

struct plugged {
	struct machine machine;
	struct assign_pci function;
	struct assign_pci_vector vectors[VECTORS];
	unsigned int warnings;
	int fds[VECTORS]; /* what the device signals */
};

static void count_warning(void *opaque, enum lend_log_level level,
			  const char *text)
{
	struct plugged *p = opaque;

	(void)text;
	p->warnings += level == LEND_LOG_WARNING;
}

static int setup(void **state)
{
	static struct plugged p;
	struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = count_warning,
		.log_opaque = &p,
	};

	memset(&kvm, 0, sizeof(kvm));
	memset(&host, 0, sizeof(host));
	memset(&p, 0, sizeof(p));
	host.index = LEND_PCI_IRQ_MSIX;
	host.intx.flags = LEND_IRQ_AUTOMASKED;
	assert_int_equal(lend_ctx_new(&options, &p.machine.ctx), 0);
	assert_int_equal(watch_open(&p.machine.watch, p.machine.ctx), 0);
	irq_init(&p.machine.irq, p.machine.ctx, VM_FD);
	bus_init(&p.machine.pio);
	p.function = (struct assign_pci){
		.machine = &p.machine,
		.place = 5 << 3,
		.intx = ASSIGN_PCI_INTX_NONE,
		.vectors = p.vectors,
		.vector_count = VECTORS,
		.bars[0] = {.owner = &p.function},
	};
	for (unsigned int i = 0; i < VECTORS; i++) {
		p.vectors[i] = ASSIGN_PCI_VECTOR_NONE;
		p.fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	}
	*state = &p;
	return 0;
}

static int teardown(void **state)
{
	struct plugged *p = *state;
	struct pollfd left = {.fd = p->machine.watch.fd, .events = POLLIN};

	/* Nothing is watched any more. */
	for (unsigned int i = 0; i < VECTORS; i++)
		eventfd_write(p->fds[i], 1);
	assert_int_equal(poll(&left, 1, 0), 0);
	for (unsigned int i = 0; i < VECTORS; i++)
		close(p->fds[i]);
	irq_destroy(&p->machine.irq);
	bus_destroy(&p->machine.pio);
	watch_close(&p->machine.watch);
	lend_ctx_unref(p->machine.ctx);
	return 0;
}

static void expect_calls(unsigned int want)
{
	assert_int_equal(kvm.calls, want);
	kvm.calls = 0;
}

static void unmask(struct plugged *p, unsigned int vector, uint64_t address,
		   uint32_t data)
{
	assert_int_equal(assign_pci_msi_connect(&p->function, vector,
						p->fds[vector], address, data),
			 0);
}

static void mask(struct plugged *p, unsigned int vector)
{
	assign_pci_msi_disconnect(&p->function, vector, p->fds[vector]);
}

static void release(struct plugged *p, unsigned int vector)
{
	mask(p, vector);
	assign_pci_msi_release(&p->function, vector);
}

static void fire(struct plugged *p, unsigned int source)
{
	assert_int_equal(eventfd_write(p->fds[source], 1), 0);
}

/* What came through an eventfd since the last time, 0 for nothing. */
static unsigned int taken(int fd)
{
	eventfd_t count = 0;

	return eventfd_read(fd, &count) ? 0 : (unsigned int)count;
}

static void a_mask_or_unmask_is_one_call(void **state)
{
	struct plugged *p = *state;
	int gsi;

	unmask(p, 2, 0xfee00000, 0x41);
	expect_calls(2); /* the first time, its route comes with it */
	gsi = p->vectors[2].gsi;
	assert_true(gsi >= IRQ_PINS);
	assert_int_equal(kvm.route.gsi, gsi);
	assert_int_equal(kvm.route.u.msi.data, 0x41);
	assert_int_equal(kvm.last.gsi, gsi);
	assert_int_equal(kvm.last.fd, p->fds[2]);
	for (unsigned int i = 0; i < 10; i++) {
		mask(p, 2);
		assert_int_equal(kvm.last.flags, KVM_IRQFD_FLAG_DEASSIGN);
		expect_calls(1);
		unmask(p, 2, 0xfee00000, 0x41);
		assert_int_equal(kvm.last.flags, 0);
		expect_calls(1);
	}
	assert_int_equal(p->vectors[2].gsi, gsi);
	release(p, 2);
}

/* What Linux does when it moves an interrupt to another processor. */
static void so_is_one_with_another_message(void **state)
{
	struct plugged *p = *state;

	for (uint32_t i = 0; i < 4; i++) {
		unmask(p, 0, 0xfee00000 + (i << 12), 0x41);
		mask(p, 0);
	}
	expect_calls(4 * 3);
	for (uint32_t i = 0; i < 20; i++) {
		unmask(p, 0, 0xfee00000 + (i % 4 << 12), 0x41);
		expect_calls(1);
		assert_int_equal(kvm.last.fd, p->fds[0]);
		mask(p, 0);
		expect_calls(1);
	}
	release(p, 0);
	assert_int_equal(kvm.routings, 4);
}

/* What MSI without mask bits is. */
static void a_new_message_changes_the_route_alone(void **state)
{
	struct plugged *p = *state;

	unmask(p, 0, 0xfee00000, 0x41);
	kvm.calls = 0;
	unmask(p, 0, 0xfee01000, 0x42);
	assert_int_equal(kvm.routings, 2);
	expect_calls(1);
	assert_int_equal(kvm.route.u.msi.address_lo, 0xfee01000);
	assert_int_equal(kvm.route.u.msi.data, 0x42);
	/* Not the route of somebody else. */
	unmask(p, 1, 0xfee01000, 0x42);
	assert_int_equal(p->vectors[1].gsi, p->vectors[0].gsi);
	unmask(p, 0, 0xfee02000, 0x43);
	assert_int_not_equal(p->vectors[1].gsi, p->vectors[0].gsi);
	assert_int_equal(kvm.last.gsi, p->vectors[0].gsi);
	release(p, 0);
	release(p, 1);
}

static void released_vectors_cost_nothing(void **state)
{
	struct plugged *p = *state;

	unmask(p, 0, 0xfee00000, 0x41);
	assign_pci_msi_disconnect(&p->function, 0, p->fds[0]);
	assign_pci_msi_release(&p->function, 0);
	assert_int_equal(p->vectors[0].gsi, -1);
	kvm.calls = 0;
	assign_pci_msi_release(&p->function, 0);
	assign_pci_msi_release(&p->function, VECTORS);
	assign_pci_msi_disconnect(&p->function, VECTORS, 7);
	mask(p, 1);
	expect_calls(0);
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
	fire(p, 0);
	watch_turn(&p->machine.watch);
	assert_int_equal(kvm.messages, sent + 1);
	assert_int_equal(kvm.message.address_lo, 0xfee01000);
	assert_int_equal(kvm.message.data, 0x41);
	/* What fires while it is masked stays in its eventfd, and comes with
	 * the message of the unmask. */
	mask(p, 0);
	fire(p, 0);
	fire(p, 0);
	watch_turn(&p->machine.watch);
	assert_int_equal(kvm.messages, sent + 1);
	unmask(p, 0, 0xfee02000, 0x42);
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
		host.index = kinds[i];
		p->function.no_kvm_irqs = 1u << kinds[!i];
		unmask(p, 0, 0xfee01000, 0x41);
		assert_true(p->vectors[0].gsi >= 0);
		release(p, 0);
		kvm.irqfds = kvm.routings = 0;
		p->function.no_kvm_irqs = 1u << kinds[i];
		unmask(p, 0, 0xfee01000, 0x41);
		passes_on(p);
		release(p, 0);
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
		kvm.error = ENOMEM;
		unmask(p, 0, 0xfee01000, 0x41);
		passes_on(p);
		/* And no longer once it takes them. */
		mask(p, 0);
		kvm.fail = 0;
		unmask(p, 0, 0xfee03000, 0x43);
		assert_int_equal(kvm.last.fd, p->fds[0]);
		fire(p, 0);
		watch_turn(&p->machine.watch);
		assert_int_equal(taken(p->fds[0]), 1);
		release(p, 0);
	}
	assert_int_equal(p->warnings, 1);
}

/* The line as KVM has it: taken by the guest, which then ends it. */
static unsigned int asserted(struct plugged *p)
{
	watch_turn(&p->machine.watch);
	return taken(p->function.intx.line.raise);
}

static void end(struct plugged *p)
{
	assert_int_equal(eventfd_write(p->function.intx.line.eoi, 1), 0);
	watch_turn(&p->machine.watch);
}

static void intx_is_resampled_on_the_line_of_its_slot(void **state)
{
	struct plugged *p = *state;

	assert_int_equal(assign_pci_intx_connect(&p->function, 7, 8), 0);
	assert_int_equal(kvm.last.gsi,
			 pci_host_gsi(&p->machine.pci, 5 << 3, 1));
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
			 pci_host_gsi(&p->machine.pci, 5 << 3, 1));
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
		fire(p, 0);
		assert_int_equal(asserted(p), 1);
		/* The EOI is what unmasks it, and it alone. */
		bus_read(&p->machine.pio, 0xc000, &value, 1);
		assert_int_equal(host.unmasks, i);
		end(p);
		assert_int_equal(host.unmasks, i + 1);
		assert_int_equal(asserted(p), 0);
	}
	/* An EOI of another one on the line. */
	end(p);
	assert_int_equal(host.unmasks, 3);
	disconnect_line(p, p->fds[3]);
}

/* As mtty: what it has to tell while it is masked is forgotten. */
static void intx_without_unmask_eventfd_is_unmasked(void **state)
{
	struct plugged *p = *state;
	uint32_t value;

	assign_pci_bar_place(&p->function, 0, 0xc000);
	connect_line(p, -1);
	bus_read(&p->machine.pio, 0xc000, &value, 1);
	assert_int_equal(host.unmasks, 0);
	fire(p, 0);
	assert_int_equal(asserted(p), 1);
	/* At the first access, so that it can fire again before the EOI. */
	bus_read(&p->machine.pio, 0xc000, &value, 1);
	bus_write(&p->machine.pio, 0xc000, &value, 1);
	assert_int_equal(host.unmasks, 1);
	fire(p, 0);
	assert_int_equal(asserted(p), 0); /* it still is */
	end(p);
	assert_int_equal(host.unmasks, 2);
	assert_int_equal(asserted(p), 1);
	end(p);
	assert_int_equal(host.unmasks, 2);
	assert_int_equal(asserted(p), 0);
	disconnect_line(p, -1);
}

/* By another vCPU's thread, which found it masked and comes to unmask it. */
static void an_access_may_outlast_the_line(void **state)
{
	struct plugged *p = *state;

	connect_line(p, -1);
	fire(p, 0);
	assert_int_equal(asserted(p), 1);
	disconnect_line(p, -1);
	assert_false(p->function.intx.line.masked);
	p->function.intx.line.masked = true;
	line_unmask(&p->function.intx.line);
	assert_int_equal(host.unmasks, 1);
}

/* Signals that are not the level of anything: each is followed by an interrupt
 * that the guest takes after it. */
static void signals_of_a_line_that_is_not_masked_all_come(void **state)
{
	struct plugged *p = *state;

	host.intx.flags = 0;
	connect_line(p, -1);
	fire(p, 0);
	assert_int_equal(asserted(p), 1);
	fire(p, 0);
	fire(p, 0);
	assert_int_equal(asserted(p), 0);
	end(p);
	assert_int_equal(asserted(p), 1);
	/* One that fires as the guest ends the one before. */
	eventfd_write(p->function.intx.line.eoi, 1);
	fire(p, 0);
	assert_int_equal(asserted(p), 1);
	end(p);
	assert_int_equal(asserted(p), 0);
	assert_int_equal(host.unmasks, 0);
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
static void *guest(void *opaque)
{
	struct lively *l = opaque;
	struct assign_pci_intx *intx = &l->p->function.intx;
	struct pollfd line = {.fd = intx->line.raise, .events = POLLIN};

	for (unsigned int n = 0; !l->stop; n++) {
		if (poll(&line, 1, 10) > 0) {
			taken(intx->line.raise);
			pthread_mutex_lock(&host.lock);
			host.level = false;
			pthread_mutex_unlock(&host.lock);
			taken(intx->line.raise);
			eventfd_write(intx->line.eoi, 1);
		}
		if (l->shared && n % 3 == 0)
			eventfd_write(intx->line.eoi, 1);
	}
	return NULL;
}

static bool served(void)
{
	bool level;

	pthread_mutex_lock(&host.lock);
	level = host.level;
	pthread_mutex_unlock(&host.lock);
	return !level;
}

static void serve(struct plugged *p, bool shared, bool yields)
{
	struct lively l = {.p = p, .shared = shared};
	pthread_t threads[2];

	connect_line(p, p->fds[3]);
	yields_at = yields ? p->function.intx.line.raise : -1;
	assert_int_equal(pthread_create(&threads[0], NULL, main_loop, &l), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, guest, &l), 0);
	for (unsigned int i = 0; i < 2000; i++) {
		time_t end = time(NULL) + 20;

		pthread_mutex_lock(&host.lock);
		host.level = true;
		look_at_line();
		pthread_mutex_unlock(&host.lock);
		while (!served()) {
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
	taken(p->fds[0]);
}

static void a_line_is_served_to_the_end(void **state)
{
	struct plugged *p = *state;

	p->function.no_kvm_irqs = 1u << LEND_PCI_IRQ_INTX;
	pthread_mutex_init(&host.lock, NULL);
	host.trigger = p->fds[0];
	for (int i = 0; i < 4; i++)
		serve(p, i & 1, i & 2);
	pthread_mutex_destroy(&host.lock);
}

static void a_line_that_kvm_refuses_leaves_nothing(void **state)
{
	struct plugged *p = *state;

	kvm.fail = KVM_IRQFD;
	kvm.error = EBUSY;
	assert_int_equal(assign_pci_intx_connect(&p->function, p->fds[0], -1),
			 -EBUSY);
	assert_int_equal(p->function.intx.line.raise, -1);
	assert_int_equal(p->function.intx.line.eoi, -1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_mask_or_unmask_is_one_call),
		TEST(so_is_one_with_another_message),
		TEST(a_new_message_changes_the_route_alone),
		TEST(released_vectors_cost_nothing),
		TEST(messages_pass_through_where_asked_for),
		TEST(messages_pass_through_where_kvm_refuses),
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
