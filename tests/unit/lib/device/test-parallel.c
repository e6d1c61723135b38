// SPDX-License-Identifier: MIT
// Devices are opened and closed while the kernel resets others, which takes
// long, without waiting.

#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"

#define THIRD "0000:02:00.2"

/* The call that takes long: from its start until the end of the test. */
static struct {
	struct kernel kernel;  /* what the fixture had */
	unsigned long request; /* 0: a close */
	int fd;                /* to be closed */
	bool armed;
	sem_t begun, done;
} slow;

static void take_long(void)
{
	slow.armed = false;
	sem_post(&slow.begun);
	sem_wait(&slow.done);
}

static int slow_ioctl(const struct kernel *k, int fd, unsigned long request,
		      void *argument)
{
	if (slow.armed && slow.request && request == slow.request)
		take_long();
	return slow.kernel.ioctl(k, fd, request, argument);
}

static int slow_close(const struct kernel *k, int fd)
{
	if (slow.armed && !slow.request && fd == slow.fd)
		take_long();
	return slow.kernel.close(k, fd);
}

static void parallel_arm(struct fixture *f, unsigned long request, int fd)
{
	slow.kernel = f->fake->kernel;
	slow.request = request;
	slow.fd = fd;
	slow.armed = true;
	sem_init(&slow.begun, 0, 0);
	sem_init(&slow.done, 0, 0);
	f->fake->kernel.ioctl = slow_ioctl;
	f->fake->kernel.close = slow_close;
	alarm(20); /* a test that waits for itself ends so */
}

static unsigned long opening_request(const struct fixture *f)
{
	return f->is_iommufd ? UAPI_DEVICE_BIND : VFIO_GROUP_GET_DEVICE_FD;
}

struct opening {
	struct fixture *f;
	struct lend_address *address;
	struct lend_device *device;
	int err;
	pthread_t thread;
};

static void opening_prepare(struct fixture *f, struct opening *o,
			    const char *name, int group)
{
	fake_pci_add(f->fake, name, group);
	o->f = f;
	assert_int_equal(
		lend_address_find_host(f->ctx, LEND_BUS_PCI, name, &o->address),
		0);
}

static void *open_it(void *opaque)
{
	struct opening *o = opaque;

	o->err = lend_device_open(o->f->iommu, o->address, NULL, &o->device);
	return NULL;
}

static void *close_it(void *opaque)
{
	struct opening *o = opaque;

	o->device = lend_device_unref(o->device);
	return NULL;
}

static void opening_finish(struct opening *o)
{
	sem_post(&slow.done);
	pthread_join(o->thread, NULL);
	alarm(0);
	lend_device_unref(o->device);
	lend_address_unref(o->address);
}

/* Opens @third while @work on @other takes long; @other, on its way in or out,
 * cannot be had twice. */
static void open_beside(struct fixture *f, void *(*work)(void *opaque),
			struct opening *other, struct opening *third)
{
	assert_int_equal(pthread_create(&other->thread, NULL, work, other), 0);
	sem_wait(&slow.begun);
	open_it(third);
	assert_int_equal(third->err, 0);
	assert_error(f,
		     lend_device_open(f->iommu, other->address, NULL,
				      &third->device),
		     -EBUSY, LEND_ERROR_ATTACHED);
}

static void opens_beside_an_opening(void **state)
{
	struct fixture *f = *state;
	struct opening other, third;

	opening_prepare(f, &other, OTHER, 8);
	opening_prepare(f, &third, THIRD, 9);
	parallel_arm(f, opening_request(f), -1);
	open_beside(f, open_it, &other, &third);
	close_it(&third);
	lend_address_unref(third.address);
	opening_finish(&other);
	assert_int_equal(other.err, 0);
}

static void opens_beside_a_closing(void **state)
{
	struct fixture *f = *state;
	struct opening other, third;

	opening_prepare(f, &other, OTHER, 8);
	opening_prepare(f, &third, THIRD, 9);
	open_it(&other);
	assert_int_equal(other.err, 0);
	parallel_arm(f, 0, f->fake->devices[1].fd);
	open_beside(f, close_it, &other, &third);
	/* The last but for the one that goes: its mappings go with it. */
	f->device = lend_device_unref(f->device);
	close_it(&third);
	lend_address_unref(third.address);
	opening_finish(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_OPEN(opens_beside_an_opening),
		BOTH_OPEN(opens_beside_a_closing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
