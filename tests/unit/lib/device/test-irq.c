// SPDX-License-Identifier: MIT
// The forms of VFIO_DEVICE_SET_IRQS, as the kernel sees them.

#include "fixture.h"

/* Asserts that the last call was SET_IRQS with just these words. */
static void assert_sent(struct fixture *f, const uint32_t *words, size_t count)
{
	const struct fake_call *call = &f->fake->log[f->fake->log_count - 1];

	assert_int_equal(call->request, VFIO_DEVICE_SET_IRQS);
	assert_int_equal(words[0], count * 4);
	assert_memory_equal(call->data, words, count * 4);
}

#define SENT(...)                                                              \
	assert_sent(f, (const uint32_t[]){__VA_ARGS__},                        \
		    sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

enum { NONE = 1, EVENTFD = 4, MASK = 8, UNMASK = 16, TRIGGER = 32 };

static void each_form_is_one_call(void **state)
{
	struct fixture *f = *state;
	const int fds[] = {11, -1, 13};
	const int fd = 9;

	assert_int_equal(lend_irq_set(f->device, 2, 5, 3, fds), 0);
	SENT(32, EVENTFD | TRIGGER, 2, 5, 3, 11, 0xffffffff, 13);
	assert_int_equal(f->nvme->irqs[2].trigger[7], 13);
	assert_int_equal(lend_irq_set(f->device, 0, 0, 1, &fd), 0);
	SENT(24, EVENTFD | TRIGGER, 0, 0, 1, 9);
	assert_int_equal(lend_irq_trigger(f->device, 0, 0), 0);
	SENT(20, NONE | TRIGGER, 0, 0, 1);
	assert_int_equal(f->nvme->irqs[0].fired, 1);
	assert_int_equal(lend_irq_unmask_fd(f->device, 0, 0, 10), 0);
	SENT(24, EVENTFD | UNMASK, 0, 0, 1, 10);
	assert_int_equal(lend_irq_unmask_fd(f->device, 0, 0, -1), 0);
	SENT(24, EVENTFD | UNMASK, 0, 0, 1, 0xffffffff);
	assert_int_equal(lend_irq_mask(f->device, 0, 0), 0);
	SENT(20, NONE | MASK, 0, 0, 1);
	assert_true(f->nvme->irqs[0].masked);
	assert_int_equal(lend_irq_unmask(f->device, 0, 0), 0);
	SENT(20, NONE | UNMASK, 0, 0, 1);
	assert_int_equal(lend_irq_disable(f->device, 0), 0);
	SENT(20, NONE | TRIGGER, 0, 0, 0);
	assert_false(f->nvme->irqs[0].on);
}

static void every_vector_in_one_call(void **state)
{
	struct fixture *f = *state;
	int fds[FAKE_VECTORS];

	f->nvme->irqs[2].count = FAKE_VECTORS;
	assert_int_equal(fixture_open(f), 0);
	for (unsigned int count = 1; count <= FAKE_VECTORS; count *= 2) {
		for (unsigned int i = 0; i < count; i++)
			fds[i] = (int)(3 + i);
		fake_log_clear(f->fake);
		assert_int_equal(lend_irq_set(f->device, 2, 0, count, fds), 0);
		assert_int_equal(f->fake->calls, 1);
		assert_memory_equal(f->nvme->irqs[2].trigger, fds, count * 4);
	}
}

static void indices_are_reported(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(lend_device_irq_count(f->device), 5);
	assert_int_equal(lend_device_irq(f->device, 0)->count, 1);
	assert_int_equal(lend_device_irq(f->device, 0)->flags,
			 LEND_IRQ_EVENTFD | LEND_IRQ_MASKABLE |
				 LEND_IRQ_AUTOMASKED);
	assert_int_equal(lend_device_irq(f->device, 1)->count, 8);
	assert_int_equal(lend_device_irq(f->device, 1)->flags,
			 LEND_IRQ_EVENTFD | LEND_IRQ_NORESIZE);
	assert_int_equal(lend_device_irq(f->device, 3)->count, 0);
	assert_int_equal(lend_device_irq(f->device, 5)->count, 0);
	assert_int_equal(lend_device_irq(f->device, 0xffffffff)->count, 0);
}

static void interrupts_there_are_not(void **state)
{
	static const unsigned int bad[][3] = {
		{0, 0, 2},          {0, 1, 1},          {2, 64, 1},
		{2, 63, 2},         {2, 0xffffffff, 2}, {2, 1, 0xffffffff},
		{2, 0x80000000, 1}, {3, 0, 1},          {5, 0, 1},
		{0xffffffff, 0, 1}, {2, 0, 0},
	};
	struct fixture *f = *state;
	const int fds[65] = {0};

	fake_log_clear(f->fake);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_error(f,
			     lend_irq_set(f->device, bad[i][0], bad[i][1],
					  bad[i][2], fds),
			     -EINVAL, LEND_ERROR_ARGUMENT);
	assert_error(f, lend_irq_trigger(f->device, 2, 64), -EINVAL,
		     LEND_ERROR_ARGUMENT);
	assert_error(f, lend_irq_mask(f->device, 0, 1), -EINVAL,
		     LEND_ERROR_ARGUMENT);
	assert_error(f, lend_irq_unmask(f->device, 4, 0), -EINVAL,
		     LEND_ERROR_ARGUMENT);
	assert_error(f, lend_irq_unmask_fd(f->device, 9, 0, 3), -EINVAL,
		     LEND_ERROR_ARGUMENT);
	assert_error(f, lend_irq_disable(f->device, 3), -EINVAL,
		     LEND_ERROR_ARGUMENT);
	assert_int_equal(f->fake->calls, 0);
}

static void fewer_vectors_than_asked_for(void **state)
{
	struct fixture *f = *state;
	const int fds[8] = {3, 3, 3, 3, 3, 3, 3, 3};

	f->nvme->irqs[1].available = 2;
	assert_int_equal(lend_irq_set(f->device, 1, 0, 8, fds), 2);
	fake_log_clear(f->fake);
	fixture_close(f);
	/* It was not switched on, so nothing is to switch off. */
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, VFIO_DEVICE_SET_IRQS),
			 0);
}

static void what_the_kernel_refuses(void **state)
{
	struct fixture *f = *state;

	assert_error(f, lend_irq_mask(f->device, 2, 0), -ENOTTY,
		     LEND_ERROR_DEVICE);
	assert_reported(f, "cannot set vectors 0 to 0 of interrupt index 2", "",
			"");
	assert_error(f, lend_irq_trigger(f->device, 2, 0), -EINVAL,
		     LEND_ERROR_DEVICE);
}

/* A range of vectors is reported by its first and its last. */
static void errors_name_the_vectors(void **state)
{
	struct fixture *f = *state;
	const int fds[4] = {3, 3, 3, 3};

	f->fake->fail_at = f->fake->calls + 1;
	f->fake->fail_error = EIO;
	assert_error(f, lend_irq_set(f->device, 2, 1, 4, fds), -EIO,
		     LEND_ERROR_DEVICE);
	assert_reported(f,
			"cannot set vectors 1 to 4 of interrupt index 2: "
			"Input/output error",
			"", "");
	assert_error(f, lend_irq_set(f->device, 2, 62, 4, fds), -EINVAL,
		     LEND_ERROR_ARGUMENT);
	assert_reported(f,
			"interrupt index 2 has 64 vectors; vectors 62 to 65 do "
			"not exist",
			"", "");
	assert_error(f, lend_irq_set(f->device, 2, 1, 0, fds), -EINVAL,
		     LEND_ERROR_ARGUMENT);
	assert_reported(f, "interrupt index 2: at least one vector", "", "");
}

/* Closing a device that failed must not hide why. */
static void closing_leaves_the_record_alone(void **state)
{
	struct fixture *f = *state;
	int fd = 9;

	assert_int_equal(lend_irq_set(f->device, 2, 0, 1, &fd), 0);
	lend_error_set(f->ctx, LEND_ERROR_GUEST, EIO, NULL, "it failed");
	lend_error_evidence(f->ctx, "in this way");
	f->fake->fail_at = f->fake->calls + 1;
	f->fake->fail_error = EIO;
	fixture_close(f);
	assert_non_null(
		strstr(f->warning, "could not disable interrupt index 2"));
	assert_error(f, -EIO, -EIO, LEND_ERROR_GUEST);
	assert_reported(f, "it failed", "in this way", "");
}

static void an_index_without_bound(void **state)
{
	struct fixture *f = *state;

	f->nvme->irqs[2].count = 0xffffffff;
	assert_error(f, fixture_open(f), -EBADMSG, LEND_ERROR_DEVICE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OPEN(each_form_is_one_call),
		TEST(every_vector_in_one_call),
		TEST_OPEN(indices_are_reported),
		TEST_OPEN(interrupts_there_are_not),
		TEST_OPEN(fewer_vectors_than_asked_for),
		TEST_OPEN(what_the_kernel_refuses),
		TEST_OPEN(errors_name_the_vectors),
		TEST_OPEN(closing_leaves_the_record_alone),
		TEST(an_index_without_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
