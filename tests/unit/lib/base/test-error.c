// SPDX-License-Identifier: MIT
// The error record: what it keeps, and what it replaces.

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <lend/context.h>
#include <lend/error.h>

#include "lib/base/context.h"

static int error_test_setup(void **state)
{
	return lend_ctx_new(NULL, (struct lend_ctx **)state);
}

static int error_test_teardown(void **state)
{
	lend_ctx_unref(*state);
	return 0;
}

static void error_record_starts_empty(void **state)
{
	const struct lend_error *e = lend_ctx_error(*state);

	assert_int_equal(e->code, LEND_ERROR_NONE);
	assert_string_equal(e->device, "");
	assert_string_equal(e->what, "");
	assert_string_equal(e->evidence, "");
	assert_string_equal(e->remedy, "");
}

static void error_record_keeps_fact_evidence_remedy(void **state)
{
	const struct lend_error *e = lend_ctx_error(*state);

	assert_int_equal(lend_error_set(*state, LEND_ERROR_BUSY, EBUSY, "d",
					"group %d", 7),
			 -EBUSY);
	assert_int_equal(lend_error_evidence(*state, "one"), -EBUSY);
	assert_int_equal(lend_error_evidence(*state, "two"), -EBUSY);
	assert_int_equal(lend_error_remedy(*state, "stop it"), -EBUSY);
	assert_int_equal(e->code, LEND_ERROR_BUSY);
	assert_string_equal(e->device, "d");
	assert_string_equal(e->what, "group 7");
	assert_string_equal(e->evidence, "one\ntwo");
	assert_string_equal(e->remedy, "stop it");
}

static void a_new_error_replaces_the_old(void **state)
{
	const struct lend_error *e = lend_ctx_error(*state);

	lend_error_set(*state, LEND_ERROR_BUSY, EBUSY, "d", "a");
	lend_error_remedy(*state, "b");
	lend_error_set(*state, LEND_ERROR_SYSTEM, EIO, NULL, "c");
	assert_string_equal(e->device, "");
	assert_string_equal(e->what, "c");
	assert_string_equal(e->remedy, "");
}

static void control_characters_do_not_reach_a_terminal(void **state)
{
	const struct lend_error *e = lend_ctx_error(*state);

	lend_error_set(*state, LEND_ERROR_ARGUMENT, EINVAL, "\033[2J",
		       "a\nb\r");
	assert_string_equal(e->device, "?[2J");
	assert_string_equal(e->what, "a?b?");
}

/* CSI is also a control character, U+009B, and a byte in Latin-1. */
static void invalid_utf8_does_not_reach_a_terminal(void **state)
{
	const struct lend_error *e = lend_ctx_error(*state);

	lend_error_set(*state, LEND_ERROR_ARGUMENT, EINVAL,
		       "\xc2\x9b"
		       "2J",
		       "\x9b"
		       "2J, r\xc3\xa9sum\xc3\xa9");
	lend_error_evidence(*state, "\xf0\x9f\x98");
	assert_string_equal(e->device, "?2J");
	assert_string_equal(e->what, "?2J, r\xc3\xa9sum\xc3\xa9");
	assert_string_equal(e->evidence, "???");
}

static void error_test_keep_log(void *opaque, enum lend_log_level level,
				const char *text)
{
	(void)level;
	snprintf(opaque, 64, "%s", text);
}

static void log_messages_have_no_control_characters(void **state)
{
	char text[64];
	struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = error_test_keep_log,
		.log_opaque = text,
	};
	struct lend_ctx *ctx;

	(void)state;
	assert_int_equal(lend_ctx_new(&options, &ctx), 0);
	lend_log(ctx, LEND_LOG_WARNING, "%s", "\033[2J\n\xc2\x9b");
	assert_string_equal(text, "?[2J??");
	lend_ctx_unref(ctx);
}

static void long_error_texts_are_cut(void **state)
{
	const struct lend_error *e = lend_ctx_error(*state);
	char text[9000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	lend_error_set(*state, LEND_ERROR_ARGUMENT, EINVAL, text, "%s", text);
	for (int i = 0; i < 3; i++) {
		lend_error_evidence(*state, "%s", text);
		lend_error_remedy(*state, "%s", text);
	}
	assert_in_range(strlen(e->what), 100, sizeof(text));
	assert_in_range(strlen(e->evidence), 100, sizeof(text));
	/* Between characters, not within one. */
	for (unsigned int i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	lend_error_set(*state, LEND_ERROR_ARGUMENT, EINVAL, text, "%s", text);
	assert_false(e->device[strlen(e->device) - 1] & 0x40);
	assert_false(e->what[strlen(e->what) - 1] & 0x40);
}

static void a_record_is_written_as_text(void **state)
{
	static const char whole[] = "0000:02:00.0: it is \xc3\xa9\n"
				    "  seen\n"
				    "  again\n"
				    "Fix: do this\n"
				    "     or that";
	const struct lend_error *e = lend_ctx_error(*state);
	char text[LEND_ERROR_TEXT];

	lend_error_set(*state, LEND_ERROR_BUSY, EBUSY, "0000:02:00.0",
		       "it is \xc3\xa9");
	lend_error_evidence(*state, "seen");
	lend_error_evidence(*state, "again");
	lend_error_remedy(*state, "do this");
	lend_error_remedy(*state, "or that");
	assert_int_equal(lend_error_format(e, NULL, 0), strlen(whole));
	for (size_t size = 1; size <= sizeof(whole); size++) {
		/* No character is cut in two. */
		size_t kept = size - 1 - (size == 22);

		memset(text, '#', sizeof(text));
		assert_int_equal(lend_error_format(e, text, size),
				 strlen(whole));
		assert_int_equal(strlen(text), kept);
		assert_memory_equal(text, whole, kept);
		assert_int_equal(text[size], '#');
	}
	lend_error_set(*state, LEND_ERROR_BUSY, EBUSY, NULL, "busy");
	assert_int_equal(lend_error_format(e, text, sizeof(text)), 4);
	assert_string_equal(text, "busy");
}

/* Each line of evidence and of the remedy is one character long. */
static void the_longest_record_fits_its_text(void **state)
{
	char device[200], what[600], text[LEND_ERROR_TEXT];

	memset(device, 'd', sizeof(device));
	memset(what, 'w', sizeof(what));
	device[sizeof(device) - 1] = what[sizeof(what) - 1] = '\0';
	lend_error_set(*state, LEND_ERROR_BUSY, EBUSY, device, "%s", what);
	for (int i = 0; i < 4096; i++) {
		lend_error_evidence(*state, "e");
		lend_error_remedy(*state, "r");
	}
	assert_in_range(
		lend_error_format(lend_ctx_error(*state), text, sizeof(text)),
		10000, sizeof(text) - 1);
}

static void no_memory_has_one_kind_and_one_text(void **state)
{
	const struct lend_error *e = lend_ctx_error(*state);

	assert_int_equal(error_no_memory(*state, "d"), -ENOMEM);
	assert_int_equal(e->code, LEND_ERROR_MEMORY);
	assert_int_equal(e->err, ENOMEM);
	assert_string_equal(e->device, "d");
	assert_string_equal(e->what, "not enough memory");
	assert_string_equal(e->evidence, "");
	assert_int_equal(error_no_memory(*state, NULL), -ENOMEM);
	assert_string_equal(e->device, "");
}

static void every_error_code_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i <= LEND_ERROR_LIMIT; i++)
		assert_string_not_equal(lend_error_code_name(i), "unknown");
	assert_string_equal(lend_error_code_name(LEND_ERROR_LIMIT + 1),
			    "unknown");
	assert_string_equal(lend_error_code_name(-1), "unknown");
}

static void context_options_carry_their_size(void **state)
{
	struct lend_ctx_options options = {.size = 4};
	struct lend_ctx *ctx;

	(void)state;
	assert_int_equal(lend_ctx_new(&options, &ctx), -EINVAL);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, error_test_setup,                   \
					error_test_teardown)

enum { FAILURES = 20000 };

struct failing {
	struct lend_ctx *ctx;
	int err;
	unsigned int others; /* records that were not the thread's own */
};

static void *fail_often(void *opaque)
{
	struct failing *f = opaque;
	char what[32];

	for (unsigned int i = 0; i < FAILURES; i++) {
		const struct lend_error *e;

		snprintf(what, sizeof(what), "%d failed %u", f->err, i);
		lend_error_set(f->ctx, LEND_ERROR_SYSTEM, f->err, NULL, "%s",
			       what);
		lend_error_remedy(f->ctx, "remedy %d", f->err);
		e = lend_ctx_error(f->ctx);
		f->others += e->err != f->err || strcmp(e->what, what) != 0;
	}
	return NULL;
}

static void a_thread_reads_its_own_failure(void **state)
{
	struct failing f[3] = {
		{*state, EIO, 0}, {*state, EBUSY, 0}, {*state, ENOMEM, 0}};
	const struct lend_error *e = lend_ctx_error(*state);
	pthread_t threads[3];

	lend_error_set(*state, LEND_ERROR_BUSY, EAGAIN, NULL, "mine");
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, fail_often, &f[i]),
			0);
	for (unsigned int i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(f[i].others, 0);
	}
	assert_ptr_equal(lend_ctx_error(*state), e);
	assert_string_equal(e->what, "mine");
	assert_string_equal(e->remedy, "");
}

static void *fail_once(void *opaque)
{
	struct failing *f = opaque;

	f->others = lend_ctx_error(f->ctx)->code == LEND_ERROR_NONE;
	lend_error_set(f->ctx, LEND_ERROR_SYSTEM, f->err, NULL, "once");
	return lend_error_copy(f->ctx);
}

static void threads_that_ended_leave_no_records(void **state)
{
	struct lend_ctx *ctx = *state;
	struct failing f = {ctx, EIO, 0};
	unsigned int records = 0;
	pthread_t thread;
	void *copy;

	lend_error_set(ctx, LEND_ERROR_BUSY, EAGAIN, NULL, "mine");
	for (unsigned int i = 0; i < 500; i++) {
		assert_int_equal(pthread_create(&thread, NULL, fail_once, &f),
				 0);
		pthread_join(thread, &copy);
		lend_error_free(copy);
	}
	for (const struct error_slot *s = &ctx->error; s; s = s->next)
		records++;
	/* The kernel may count a thread for a while after its end. */
	assert_in_range(records, 1, 50);
}

static void a_copy_goes_to_another_thread(void **state)
{
	struct failing f = {*state, EIO, 0};
	const struct lend_error *e = lend_ctx_error(*state);
	pthread_t thread;
	void *copy;

	assert_int_equal(pthread_create(&thread, NULL, fail_once, &f), 0);
	pthread_join(thread, &copy);
	assert_int_equal(e->code, LEND_ERROR_NONE);
	assert_int_equal(lend_error_restore(*state, copy), -EIO);
	assert_string_equal(e->what, "once");
	assert_string_equal(((struct lend_error *)copy)->what, "once");
	assert_int_equal(lend_error_remedy(*state, "wait"), -EIO);
	assert_string_equal(((struct lend_error *)copy)->remedy, "");
	lend_error_free(copy);
	lend_error_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(error_record_starts_empty),
		TEST(error_record_keeps_fact_evidence_remedy),
		TEST(a_new_error_replaces_the_old),
		TEST(control_characters_do_not_reach_a_terminal),
		TEST(invalid_utf8_does_not_reach_a_terminal),
		TEST(log_messages_have_no_control_characters),
		TEST(long_error_texts_are_cut),
		TEST(a_record_is_written_as_text),
		TEST(the_longest_record_fits_its_text),
		TEST(no_memory_has_one_kind_and_one_text),
		TEST(every_error_code_has_a_name),
		TEST(context_options_carry_their_size),
		TEST(a_thread_reads_its_own_failure),
		TEST(threads_that_ended_leave_no_records),
		TEST(a_copy_goes_to_another_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
