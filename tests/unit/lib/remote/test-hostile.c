// SPDX-License-Identifier: MIT
// Servers that lie in one field: the open fails, says why, and leaves nothing.

#include "tests/unit/lib/remote/script.h"

#define HEADER(field) offsetof(struct user_header, field)
#define BODY(type, field)                                                      \
	(offsetof(struct script_message, payload) + offsetof(type, field))

struct hostile_case {
	enum script_step step;
	size_t at;
	size_t width;
	uint64_t value;
	int err;
	const char *why;
};

static const struct hostile_case hostile_cases[] = {
	{SCRIPT_VERSION, HEADER(id), 2, 2, ENODEV, "reply to nothing"},
	{SCRIPT_VERSION, HEADER(command), 2, USER_DEVICE_RESET, ENODEV,
	 "reply to nothing"},
	{SCRIPT_VERSION, HEADER(flags), 4, 2, ENODEV, "reply to nothing"},
	{SCRIPT_VERSION, HEADER(size), 4, 0, ENODEV, "violated"},
	{SCRIPT_VERSION, HEADER(size), 4, 15, ENODEV, "violated"},
	{SCRIPT_VERSION, HEADER(size), 4, UINT32_MAX, ENODEV, "violated"},
	{SCRIPT_VERSION, HEADER(size), 4, 17, EINVAL, "too short"},
	{SCRIPT_VERSION, HEADER(flags), 4, USER_REPLY | USER_ERROR, EIO,
	 "agree on a version"},
	{SCRIPT_VERSION, BODY(struct user_version_head, major), 2, 1, ENOTSUP,
	 "vfio-user 1.0"},
	{SCRIPT_VERSION, BODY(struct user_version_head, minor), 2, 1, ENOTSUP,
	 "vfio-user 0.1"},
	{SCRIPT_VERSION, BODY(struct user_version_head, minor) + 2, 1, '[',
	 EINVAL, "socket"},

	{SCRIPT_INFO, HEADER(id), 2, 1, ENODEV, "reply to nothing"},
	{SCRIPT_INFO, HEADER(size), 4, 31, ENODEV, "too short"},
	{SCRIPT_INFO, BODY(struct user_device_info, region_count), 4, 101,
	 ENODEV, "too many regions"},
	{SCRIPT_INFO, BODY(struct user_device_info, region_count), 4,
	 UINT32_MAX, ENODEV, "too many regions"},
	{SCRIPT_INFO, BODY(struct user_device_info, irq_count), 4, 51, ENODEV,
	 "too many interrupt"},

	{SCRIPT_REGION, HEADER(size), 4, 47, ENODEV, "another size"},
	{SCRIPT_REGION, HEADER(size), 4, 49, ENODEV, "another size"},
	{SCRIPT_REGION, BODY(struct user_region_info, index), 4, 1, ENODEV,
	 "another region"},
	{SCRIPT_REGION, BODY(struct user_region_info, index), 4, UINT32_MAX,
	 ENODEV, "another region"},
	{SCRIPT_REGION, BODY(struct user_region_info, argsz), 4, UINT32_MAX,
	 EBADMSG, "from the server"},
	{SCRIPT_REGION, BODY(struct user_region_info, size), 8, 1ull << 63,
	 EBADMSG, "from the server"},
	{SCRIPT_REGION, BODY(struct user_region_info, offset), 8, INT64_MAX,
	 EBADMSG, "from the server"},
	{SCRIPT_REGION, BODY(struct user_region_info, flags), 4,
	 VFIO_REGION_INFO_FLAG_CAPS | (uint64_t)8 << 32, EBADMSG, ""},
	{SCRIPT_REGION, offsetof(struct script_message, fd_count), 4, 2, ENODEV,
	 "several descriptors"},
	{SCRIPT_REGION, HEADER(flags), 4, USER_REPLY | USER_ERROR, EIO,
	 "query region 0"},

	{SCRIPT_IRQ, HEADER(size), 4, 31, ENODEV, "too short"},
	{SCRIPT_IRQ, BODY(struct user_irq_info, index), 4, 1, ENODEV,
	 "another index"},
	{SCRIPT_IRQ, BODY(struct user_irq_info, count), 4, 65537, EBADMSG,
	 "from the server"},
	{SCRIPT_IRQ, HEADER(command), 2, USER_VERSION, ENODEV,
	 "reply to nothing"},
};

/* An offset of capabilities has no effect without the flag: both at once. */
static void hostile_mutate(struct script_message *message,
			   const struct hostile_case *c)
{
	memcpy((char *)message + c->at, &c->value, c->width);
	if (c->value >> 32 && c->width == 4)
		((struct user_region_info *)message->payload)->cap_offset =
			(uint32_t)(c->value >> 32);
}

static void assert_record_has(struct remote_test *test, const char *why,
			      size_t number)
{
	const struct lend_error *e = lend_ctx_error(test->ctx);

	if (!strstr(e->what, why) && !strstr(e->evidence, why))
		fail_msg("case %zu: %s: %s\n%s", number, why, e->what,
			 e->evidence);
}

static void lies_are_found(void **state)
{
	struct remote_test *test = *state;

	for (size_t i = 0; i < sizeof(hostile_cases) / sizeof(hostile_cases[0]);
	     i++) {
		const struct hostile_case *c = &hostile_cases[i];
		struct script script = script_new();
		char why[128];
		int err;

		hostile_mutate(&script.steps[c->step], c);
		test->is_silent = true;
		err = script_open(&script, test);
		if (err != -c->err)
			fail_msg("case %zu: %d", i, err);
		assert_record_has(test, c->why, i);
		assert_null(test->device);
		script_end(&script);
		test->iommu = lend_iommu_unref(test->iommu);
		if (!fake_is_idle(test->fake, why, sizeof(why)))
			fail_msg("case %zu: %s", i, why);
		assert_int_equal(lend_iommu_new(test->ctx, NULL, &test->iommu),
				 0);
	}
}

static void servers_that_leave_are_noticed(void **state)
{
	struct remote_test *test = *state;

	for (unsigned int step = 0; step < SCRIPT_STEPS; step++) {
		struct script script = script_new();

		/* A message that nobody expects, after which it is gone. */
		script.steps[step].header.flags = USER_REPLY | USER_ERROR;
		script.steps[step].header.err = EPERM;
		script.steps[step].header.size = sizeof(struct user_header);
		assert_int_equal(script_open(&script, test), -EPERM);
		script_end(&script);
	}
}

/* The reply to an access has what was asked for, and no more. */
static void replies_to_accesses_are_checked(void **state)
{
	static const struct {
		struct user_region_access at;
		uint32_t size;
	} cases[] = {
		{{8, 0, 4}, 16 + 16 + 3}, {{8, 0, 4}, 16 + 16 + 5},
		{{8, 0, 5}, 16 + 16 + 4}, {{8, 0, 5}, 16 + 16 + 5},
		{{9, 0, 4}, 16 + 16 + 4}, {{8, 1, 4}, 16 + 16 + 4},
		{{8, 0, 4}, 16 + 15},     {{8, 0, 4}, 16},
	};
	struct remote_test *test = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct script script = script_new();
		struct script_message reply = {.header = {6, USER_REGION_READ,
							  cases[i].size,
							  USER_REPLY, 0}};
		uint32_t value = 0;

		assert_int_equal(script_open(&script, test), 0);
		memcpy(reply.payload, &cases[i].at, sizeof(cases[i].at));
		script_send(&script, &reply);
		assert_int_equal(
			lend_region_read(test->device, 0, 8, &value, 4), 0);
		assert_int_equal(value, UINT32_MAX);
		assert_true(lend_device_is_lost(test->device));
		test->device = lend_device_unref(test->device);
		script_end(&script);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_REMOTE(lies_are_found),
		TEST_REMOTE(servers_that_leave_are_noticed),
		TEST_REMOTE(replies_to_accesses_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
