// SPDX-License-Identifier: MIT
// JSON of strangers: what is read, what is refused and why, and how a stream is
// cut into messages.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vmm/control/frame.h"
#include "vmm/control/reader.h"
#include "vmm/control/writer.h"

static struct reader_value reader_read(const char *text)
{
	struct reader_value value;

	assert_null(reader_check(text, strlen(text), &value));
	return value;
}

static void what_is_no_json_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "expecting value"},
		{"nul", "invalid keyword"},
		{"trueish", "invalid keyword"},
		{"True", "invalid keyword"},
		{"01", "text after the value"},
		{"-", "invalid number"},
		{"1.", "invalid number"},
		{"1e", "invalid number"},
		{"1e+", "invalid number"},
		{"+1", "expecting value"},
		{"{\"a\":1", "expected separator in dict"},
		{"{\"a\":1,}", "expected a name in quotes"},
		{"{\"a\" 1}", "missing : in object pair"},
		{"{\"a\":}", "expecting value"},
		{"{a:1}", "expected a name in quotes"},
		{"{\"a\":1,\"\\u0061\":2}", "duplicate key"},
		{"{} x", "text after the value"},
		{"[1 2]", "expected separator in list"},
		{"[1,]", "expecting value"},
		{"\"a", "the string does not end"},
		{"\"a\n\"", "control character in a string"},
		{"\"\\x\"", "invalid escape"},
		{"\"\\u12\"", "invalid escape"},
		{"\"\\ud800\"", "a surrogate without the other"},
		{"\"\\ud800\\u0041\"", "a surrogate without the other"},
		{"\"\\udc00\"", "a surrogate without the other"},
		{"\"\x80\"", "invalid UTF-8"},
		{"\"\xc0\xaf\"", "invalid UTF-8"},
		{"\"\xe0\x80\x80\"", "invalid UTF-8"},
		{"\"\xed\xa0\x80\"", "invalid UTF-8"},
		{"\"\xf4\x90\x80\x80\"", "invalid UTF-8"},
		{"\"\xc3\"", "invalid UTF-8"},
		{"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
		 "nested deeper than 16 levels"},
	};
	struct reader_value value;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *wrong = reader_check(cases[i].text,
						 strlen(cases[i].text), &value);

		if (!wrong || strcmp(wrong, cases[i].why))
			fail_msg("%s: %s", cases[i].text, wrong ? wrong : "");
	}
}

/* A byte behind the text is not read. */
static void a_text_ends_where_its_length_says(void **state)
{
	static const char *const texts[] = {
		"12", "\"a\"", "true", "[1]", "\"\\u0041\"", "\"\xc3\xa9\""};
	struct reader_value value;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t length = strlen(texts[i]);
		char *text = malloc(length);

		memcpy(text, texts[i], length);
		assert_null(reader_check(text, length, &value));
		for (size_t cut = 0; cut < length; cut++) {
			char *shorter = malloc(cut ? cut : 1);

			memcpy(shorter, text, cut);
			reader_check(shorter, cut, &value);
			free(shorter);
		}
		free(text);
	}
}

static void too_many_members_are_refused(void **state)
{
	struct writer w = {.limit = SIZE_MAX};
	struct reader_value value;
	char name[16];

	(void)state;
	writer_open(&w, NULL, '{');
	for (int i = 0; i <= READER_MEMBERS; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		writer_number(&w, name, i);
	}
	writer_close(&w, '}');
	assert_string_equal(reader_check(w.text, w.used, &value),
			    "more than 64 members");
	writer_free(&w);
}

static void parts_of_a_value_are_found(void **state)
{
	struct reader_value object = reader_read(
		" {\"a\": -5, 'b' : [1, \"x,]\" , {}], \"c\": \"\\u00e9\\n\","
		"\"d\":true, \"e\":null, \"f\":1.5, \"\\u0067\":false} ");
	struct reader_walk walk = reader_begin(reader_find(object, "b"));
	struct reader_value name, value;
	char text[8];
	int64_t number;
	bool is_so;

	(void)state;
	assert_int_equal(reader_kind(object), READER_OBJECT);
	assert_true(reader_integer(reader_find(object, "a"), &number));
	assert_int_equal(number, -5);
	assert_false(reader_integer(reader_find(object, "f"), &number));
	assert_false(reader_integer(reader_find(object, "c"), &number));
	assert_true(reader_copy(reader_find(object, "c"), text, sizeof(text)));
	assert_string_equal(text, "\xc3\xa9\n");
	assert_false(reader_copy(reader_find(object, "c"), text, 3));
	assert_true(reader_boolean(reader_find(object, "d"), &is_so) && is_so);
	assert_true(reader_boolean(reader_find(object, "g"), &is_so) && !is_so);
	assert_false(reader_boolean(reader_find(object, "e"), &is_so));
	assert_int_equal(reader_kind(reader_find(object, "e")), READER_NULL);
	assert_int_equal(reader_kind(reader_find(object, "z")), READER_NONE);

	assert_true(reader_next(&walk, &name, &value));
	assert_null(name.start);
	assert_true(reader_integer(value, &number) && number == 1);
	assert_true(reader_next(&walk, &name, &value));
	assert_true(reader_is(value, "x,]"));
	assert_false(reader_is(value, "x,"));
	assert_false(reader_is(value, "x,]]"));
	assert_true(reader_next(&walk, &name, &value));
	assert_int_equal(reader_kind(value), READER_OBJECT);
	assert_false(reader_next(&walk, &name, &value));
}

static void integers_beyond_64_bits_are_none(void **state)
{
	int64_t number;

	(void)state;
	assert_true(
		reader_integer(reader_read("-9223372036854775808"), &number));
	assert_true(number == INT64_MIN);
	assert_false(
		reader_integer(reader_read("9223372036854775808"), &number));
	assert_false(reader_integer(
		reader_read("1000000000000000000000000000000000000"), &number));
	assert_false(reader_integer(reader_read("1e3"), &number));
}

static void a_string_with_nul_has_no_text(void **state)
{
	char text[8];

	(void)state;
	assert_false(
		reader_copy(reader_read("\"a\\u0000b\""), text, sizeof(text)));
	assert_false(reader_is(reader_read("\"a\\u0000\""), "a"));
}

/* What a client sent as "id" comes back on one line, as JSON. */
static void a_value_is_written_again(void **state)
{
	static const char *const cases[][2] = {
		{"'it\\'s \"x\"'", "\"it's \\\"x\\\"\""},
		{"{\n'a' :\r\n[1]}", "{\"a\" :[1]}"},
		{"\"\\u00e9\\n\\\\\\\"\"", "\"\\u00e9\\n\\\\\\\"\""},
		{"\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct writer w = {.limit = SIZE_MAX};

		writer_value(&w, NULL, reader_read(cases[i][0]));
		assert_int_equal(w.used, strlen(cases[i][1]));
		assert_memory_equal(w.text, cases[i][1], w.used);
		writer_free(&w);
	}
}

static void texts_are_written_printable(void **state)
{
	static const char expected[] = "{\"a\": \"q\\\"\\\\??\", \"b\": "
				       "[1, -2, {}], \"c\": false}\r\n";
	struct writer w = {.limit = SIZE_MAX};

	(void)state;
	writer_open(&w, NULL, '{');
	writer_string(&w, "a", "q\"\\\x01\xff");
	writer_open(&w, "b", '[');
	writer_number(&w, NULL, 1);
	writer_number(&w, NULL, -2);
	writer_open(&w, NULL, '{');
	writer_close(&w, '}');
	writer_close(&w, ']');
	writer_bool(&w, "c", false);
	writer_close(&w, '}');
	writer_end(&w);
	assert_int_equal(w.used, strlen(expected));
	assert_memory_equal(w.text, expected, w.used);
	writer_drop(&w, w.used - 3);
	assert_memory_equal(w.text, "}\r\n", w.used);
	writer_free(&w);
}

static void output_beyond_the_limit_is_lost(void **state)
{
	struct writer w = {.limit = 8};

	(void)state;
	writer_string(&w, NULL, "12345");
	assert_false(w.is_full);
	writer_string(&w, NULL, "6");
	assert_true(w.is_full);
	assert_true(w.used <= 8);
	writer_free(&w);
}

/* Feeds @text in pieces of @piece bytes; the messages, each with '|' behind. */
static void frame_cut(struct frame *frame, const char *text, size_t piece,
		      char *cut)
{
	const char *at = text, *end = text + strlen(text);

	*cut = '\0';
	while (at < end) {
		const char *stop =
			(size_t)(end - at) > piece ? at + piece : end;

		while (frame_take(frame, &at, stop) == FRAME_MESSAGE) {
			strncat(cut, frame->text, frame->length);
			strcat(cut, "|");
		}
	}
}

static void a_stream_is_cut_into_messages(void **state)
{
	static const char *const cases[][2] = {
		{"{\"a\":1}{\"b\":2}", "{\"a\":1}|{\"b\":2}|"},
		{" \r\n{\"a\":\n[1,\n2]}\r\n ", "{\"a\":\n[1,\n2]}|"},
		{"{\"}\":\"\\\"}\"} x\n", "{\"}\":\"\\\"}\"}|x\n|"},
		{"{'}':'\"'}", "{'}':'\"'}|"},
		{"{\"a\n{\"b\":1}", "{\"a\n|{\"b\":1}|"},
		{"}{}", "}|{}|"},
		{"quit\n{}", "quit\n|{}|"},
	};
	struct frame *frame = calloc(1, sizeof(*frame));
	char cut[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t piece = 1; piece < 9; piece++) {
			frame_cut(frame, cases[i][0], piece, cut);
			assert_string_equal(cut, cases[i][1]);
		}
	free(frame);
}

static void a_message_that_is_too_long_ends_with_its_line(void **state)
{
	struct frame *frame = calloc(1, sizeof(*frame));
	static char text[FRAME_MAX + 2];
	const char *at = text, *end = text + sizeof(text);

	(void)state;
	memset(text, '[', sizeof(text));
	assert_int_equal(frame_take(frame, &at, end), FRAME_LONG);
	assert_ptr_equal(at, text + FRAME_MAX + 1);
	assert_int_equal(frame_take(frame, &at, end), FRAME_MORE);
	at = "]]\n{}";
	end = at + 5;
	assert_int_equal(frame_take(frame, &at, end), FRAME_MESSAGE);
	assert_int_equal(frame->length, 2);
	free(frame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(a_text_ends_where_its_length_says),
		cmocka_unit_test(too_many_members_are_refused),
		cmocka_unit_test(parts_of_a_value_are_found),
		cmocka_unit_test(integers_beyond_64_bits_are_none),
		cmocka_unit_test(a_string_with_nul_has_no_text),
		cmocka_unit_test(a_value_is_written_again),
		cmocka_unit_test(texts_are_written_printable),
		cmocka_unit_test(output_beyond_the_limit_is_lost),
		cmocka_unit_test(a_stream_is_cut_into_messages),
		cmocka_unit_test(a_message_that_is_too_long_ends_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
