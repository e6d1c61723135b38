// SPDX-License-Identifier: MIT
// Masks and unmasks on one processor while the device fires: each interrupt
// arrives once, and none while its vector is masked.

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "function.h"

#define TABLE   0x1000
#define PBA     0x2800
#define MSI     0x50
#define SECONDS 30 /* bounds each wait */

/* As KVM treats an eventfd: an event while it watches is delivered at once, one
 * that is there already when it starts to watch is delivered then. */
struct storm {
	struct function *f;
	pthread_mutex_t lock;
	int trigger; /* the device's */
	bool watched;
	unsigned int pending; /* times that it was seen */
	_Atomic unsigned int fired, delivered, rounds;
	_Atomic bool stop;
	const char *_Atomic fault;
};

static void storm_fd_moved(void *opaque, unsigned int vector, int fd,
			   bool connected)
{
	struct function *f = opaque;
	struct storm *s = f->opaque;
	uint64_t count;

	f->asked[0] = '\0';
	if (vector)
		return;
	pthread_mutex_lock(&s->lock);
	s->watched = connected;
	if (connected && read(fd, &count, sizeof(count)) == sizeof(count))
		s->delivered++;
	pthread_mutex_unlock(&s->lock);
}

static void storm_fire(struct storm *s)
{
	static const uint64_t one = 1;

	pthread_mutex_lock(&s->lock);
	s->fired++;
	if (s->watched)
		s->delivered++;
	else if (write(s->trigger, &one, sizeof(one)) != sizeof(one))
		s->fault = "an eventfd takes no more";
	pthread_mutex_unlock(&s->lock);
}

static double storm_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The device: one interrupt after the other, so that none merges with another
 * and all can be counted. */
static void *storm_device(void *opaque)
{
	struct storm *s = opaque;

	while (!s->stop && !s->fault) {
		double end = storm_now() + SECONDS;

		storm_fire(s);
		while (s->delivered < s->fired && storm_now() < end)
			sched_yield();
		if (s->delivered < s->fired)
			s->fault = "an interrupt was lost";
		if (s->delivered > s->fired)
			s->fault = "an interrupt came twice";
		s->rounds++;
	}
	return NULL;
}

static void msix_mask(struct function *f, bool masked)
{
	uint32_t control = masked;

	lend_pci_bar_write(f->pci, 0, TABLE + 12, &control, 4);
}

static void msix_mask_all(struct function *f, bool masked)
{
	cfg_put(f, 0xb2, 2, masked ? 0xc000 : 0x8000);
}

static bool msix_pending(struct function *f)
{
	uint64_t bits = 0;

	lend_pci_bar_read(f->pci, 0, PBA, &bits, 8);
	return bits & 1;
}

static void msi_mask(struct function *f, bool masked)
{
	cfg_put(f, MSI + 0x10, 4, masked);
}

static bool msi_pending(struct function *f)
{
	return cfg_get(f, MSI + 0x14, 4) & 1;
}

struct kind {
	unsigned int irq;
	void (*mask[2])(struct function *f, bool masked);
	bool (*pending)(struct function *f);
};

static const struct kind msix = {
	LEND_PCI_IRQ_MSIX,
	{msix_mask, msix_mask_all},
	msix_pending,
};
static const struct kind msi = {
	LEND_PCI_IRQ_MSI,
	{msi_mask, msi_mask},
	msi_pending,
};

/* What is pending while the vector is masked stays so until it no longer is.
 * The device comes to fire when it gets a processor: soon, or @surely. */
static void storm_look(struct storm *s, const struct kind *kind, bool surely)
{
	double end = surely ? storm_now() + SECONDS : 0;
	unsigned int before = s->delivered;

	for (int i = 0; !kind->pending(s->f) && (i < 10 || storm_now() < end);
	     i++)
		sched_yield();
	if (!kind->pending(s->f))
		return;
	s->pending++;
	sched_yield();
	if (s->delivered != before)
		s->fault = "a masked interrupt was delivered";
	if (!kind->pending(s->f))
		s->fault = "a pending bit went away";
}

static void storm_mask_and_unmask(struct function *f, const struct kind *kind,
				  unsigned int operations)
{
	struct storm s = {
		.f = f,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.trigger = f->host->irqs[kind->irq].trigger[0],
		.watched = true,
	};
	unsigned int calls;
	pthread_t thread;
	double end;

	assert_true(s.trigger >= 0);
	f->opaque = &s;
	f->vm.moved = storm_fd_moved;
	fake_log_clear(f->fake);
	assert_int_equal(pthread_create(&thread, NULL, storm_device, &s), 0);
	for (unsigned int i = 0; i < operations / 2 && !s.fault; i++) {
		void (*mask)(struct function *, bool) = kind->mask[i % 8 == 0];

		mask(f, true);
		if (i % 64 == 1)
			storm_look(&s, kind, i % 8192 == 1);
		mask(f, false);
	}
	/* The device is served to the end, and was all the time. */
	end = storm_now() + SECONDS;
	while (s.rounds < 100 && !s.fault && storm_now() < end)
		sched_yield();
	s.stop = true;
	pthread_join(thread, NULL);
	if (s.fault)
		fail_msg("%s after %u", s.fault, s.fired);
	assert_true(s.rounds >= 100);
	assert_true(s.pending > 0);
	assert_int_equal(s.fired, s.delivered);
	/* No call of the kernel but to look at pending bits. */
	calls = fake_count(f->fake, FAKE_POLL, 0);
	assert_true(calls > 0);
	assert_int_equal(f->fake->calls, calls);
	f->vm.moved = NULL;
}

static void a_million_operations_of_msix(void **state)
{
	struct function *f = *state;

	cfg_put(f, 0xb2, 2, 0x8000);
	msix_mask(f, false);
	storm_mask_and_unmask(f, &msix, 1000000);
}

static void a_hundred_thousand_of_msi(void **state)
{
	struct function *f = *state;

	cfg_put(f, MSI + 2, 2, 0x0001);
	storm_mask_and_unmask(f, &msi, 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OPEN(a_million_operations_of_msix),
		TEST_OPEN(a_hundred_thousand_of_msi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
