// SPDX-License-Identifier: MIT
// A client's eventfds reach the device; what is not of its interrupts does not.

#include <sys/eventfd.h>

#include "fixture.h"

#define NONE  VFIO_IRQ_SET_DATA_NONE
#define BOOL  VFIO_IRQ_SET_DATA_BOOL
#define FDS   VFIO_IRQ_SET_DATA_EVENTFD
#define MASK  VFIO_IRQ_SET_ACTION_MASK
#define CLEAR VFIO_IRQ_SET_ACTION_UNMASK
#define FIRE  VFIO_IRQ_SET_ACTION_TRIGGER

/* A request, its bytes and descriptors, its errno, and what the device does. */
struct irq_case {
	uint32_t flags, index, start, count;
	unsigned int bytes, fds;
	int err;
	const char *done;
};

static void check_irqs(struct server_test *test, const struct irq_case *c)
{
	struct {
		struct user_irq_set set;
		uint8_t bytes[44];
	} ask = {.set = {.argsz = 64,
			 .flags = c->flags,
			 .index = c->index,
			 .start = c->start,
			 .count = c->count},
		 .bytes = {1, 0, 1}};
	int fds[USER_FDS_MAX], err;

	for (unsigned int i = 0; i < c->fds; i++)
		fds[i] = eventfd(0, EFD_CLOEXEC);
	err = user_client_ask(test, USER_DEVICE_SET_IRQS, &ask,
			      sizeof(ask.set) + c->bytes, fds, c->fds);
	for (unsigned int i = 0; i < c->fds; i++)
		close(fds[i]);
	if (err != c->err)
		fail_msg("flags 0x%x, index %u, %u from %u: %s, %s", c->flags,
			 c->index, c->count, c->start, strerror(err),
			 test->warning);
	assert_done(test, c->done);
}

static void eventfds_reach_the_device(void **state)
{
	static const struct irq_case cases[] = {
		{FDS | FIRE, 0, 0, 1, 0, 1, 0, "irq 0,0+1,1;"},
		{FDS | CLEAR, 0, 0, 1, 0, 1, 0, "unmask fd 0,0,1;"},
		{FDS | CLEAR, 0, 0, 1, 0, 0, 0, "unmask fd 0,0,0;"},
		{FDS | FIRE, 0, 0, 1, 0, 0, 0, "irq 0,0+1,0;"},
		{NONE | MASK, 0, 0, 1, 0, 0, 0, "mask 0,0;"},
		{NONE | CLEAR, 0, 0, 1, 0, 0, 0, "unmask 0,0;"},
		{NONE | FIRE, 0, 0, 1, 0, 0, 0, "trigger 0,0;"},
		{NONE | FIRE, 0, 0, 0, 0, 0, 0, "disable 0;"},
		{FDS | FIRE, 1, 0, 16, 0, 16, 0, "irq 1,0+16,16;"},
		{FDS | FIRE, 1, 39, 1, 0, 1, 0, "irq 1,39+1,1;"},
		{FDS | FIRE, 1, 1, 39, 0, 0, 0,
		 "irq 1,1+16,0;irq 1,17+16,0;irq 1,33+7,0;"},
		{BOOL | FIRE, 1, 5, 3, 3, 0, 0, "trigger 1,5;trigger 1,7;"},
		{NONE | MASK, 1, 38, 2, 0, 0, 0, "mask 1,38;mask 1,39;"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_irqs(*state, &cases[i]);
}

static void invalid_requests_do_not(void **state)
{
	static const struct irq_case cases[] = {
		{FDS | FIRE, 0, 0, 2, 0, 2, EINVAL, ""},
		{FDS | FIRE, 0, 1, 1, 0, 1, EINVAL, ""},
		{FDS | FIRE, 0, UINT32_MAX, 1, 0, 1, EINVAL, ""},
		{FDS | FIRE, 0, 0, 0, 0, 0, EINVAL, ""},
		{FDS | FIRE, 1, 0, 3, 0, 2, EINVAL, ""},
		{FDS | FIRE, 1, 0, 2, 0, 3, EINVAL, ""},
		{FDS | FIRE, 1, 0, 1, 1, 1, EINVAL, ""},
		{FDS | FIRE, 1, 1, UINT32_MAX, 0, 0, EINVAL, ""},
		{FDS | FIRE, 1, 40, 1, 0, 1, EINVAL, ""},
		{FDS | FIRE, 2, 0, 0, 0, 0, EINVAL, ""},
		{FDS | FIRE, 3, 0, 1, 0, 1, EINVAL, ""},
		{FDS | FIRE, UINT32_MAX, 0, 1, 0, 1, EINVAL, ""},
		{FDS | MASK, 0, 0, 1, 0, 1, EINVAL, ""},
		{FDS | CLEAR, 1, 0, 2, 0, 2, EINVAL, ""},
		{NONE | FIRE, 0, 0, 1, 0, 1, EINVAL, ""},
		{NONE | FIRE, 0, 0, 1, 4, 0, EINVAL, ""},
		{NONE | FIRE, 1, 1, 0, 0, 0, EINVAL, ""},
		{NONE | MASK, 0, 0, 0, 0, 0, EINVAL, ""},
		{NONE | MASK | FIRE, 0, 0, 1, 0, 0, EINVAL, ""},
		{NONE, 0, 0, 1, 0, 0, EINVAL, ""},
		{BOOL | FIRE, 1, 0, 3, 2, 0, EINVAL, ""},
		{BOOL | FIRE, 1, 0, 3, 4, 0, EINVAL, ""},
		{BOOL | FIRE, 1, 0, 0, 0, 0, EINVAL, ""},
		{NONE | BOOL | FIRE, 0, 0, 1, 1, 0, EINVAL, ""},
		{FIRE, 0, 0, 1, 0, 0, EINVAL, ""},
		{FDS | FIRE | 0x40, 0, 0, 1, 0, 1, EINVAL, ""},
		{FDS | FIRE | 0x80000000, 0, 0, 1, 0, 1, EINVAL, ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_irqs(*state, &cases[i]);
}

static void interrupts_are_described(void **state)
{
	struct server_test *test = *state;
	struct user_irq_info info = {.argsz = 16, .index = 0};

	assert_int_equal(CLIENT_ASK(test, USER_DEVICE_GET_IRQ_INFO, info), 0);
	memcpy(&info, test->reply.payload, sizeof(info));
	assert_int_equal(info.count, 1);
	assert_int_equal(info.flags, VFIO_IRQ_INFO_EVENTFD |
					     VFIO_IRQ_INFO_MASKABLE |
					     VFIO_IRQ_INFO_AUTOMASKED);
	info = (struct user_irq_info){.argsz = 16, .index = 1};
	assert_int_equal(CLIENT_ASK(test, USER_DEVICE_GET_IRQ_INFO, info), 0);
	memcpy(&info, test->reply.payload, sizeof(info));
	assert_int_equal(info.count, 40);
	assert_int_equal(info.flags,
			 VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE);
	info = (struct user_irq_info){.argsz = 16, .index = 3};
	assert_int_equal(CLIENT_ASK(test, USER_DEVICE_GET_IRQ_INFO, info),
			 EINVAL);
	info = (struct user_irq_info){.argsz = 15, .index = 0};
	assert_int_equal(CLIENT_ASK(test, USER_DEVICE_GET_IRQ_INFO, info),
			 EINVAL);
}

static void what_is_enabled_is_disabled_at_the_end(void **state)
{
	static const struct irq_case cases[] = {
		{FDS | FIRE, 0, 0, 1, 0, 1, 0, "irq 0,0+1,1;"},
		{NONE | FIRE, 0, 0, 0, 0, 0, 0, "disable 0;"},
		{FDS | FIRE, 1, 0, 2, 0, 2, 0, "irq 1,0+2,2;"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_irqs(*state, &cases[i]);
	user_client_leave(*state);
	assert_done(*state, "disable 1;reset;left;");
}

/* An index may be enabled even though the device failed. */
static void what_failed_is_disabled_too(void **state)
{
	const struct irq_case failed = {FDS | FIRE, 0, 0,     1,
					0,          1, EBADF, "irq 0,0+1,1;"};
	struct server_test *test = *state;

	test->err = -EBADF;
	check_irqs(test, &failed);
	user_client_leave(test);
	assert_done(test, "disable 0;reset;left;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AGREED(eventfds_reach_the_device),
		TEST_AGREED(invalid_requests_do_not),
		TEST_AGREED(interrupts_are_described),
		TEST_AGREED(what_is_enabled_is_disabled_at_the_end),
		TEST_AGREED(what_failed_is_disabled_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
