// SPDX-License-Identifier: MIT
// JSON objects of options: members reach the caller decoded, and what is
// invalid is refused with its place.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "lib/base/json.h"

struct json_test {
	struct lend_ctx *ctx;
	char seen[512]; /* "name:type:value;" for each member */
};

static int json_test_setup(void **state)
{
	static struct json_test test;

	test = (struct json_test){};
	*state = &test;
	return lend_ctx_new(NULL, &test.ctx);
}

static int json_test_teardown(void **state)
{
	struct json_test *test = *state;

	lend_ctx_unref(test->ctx);
	return 0;
}

static int json_test_note(void *opaque, const char *name,
			  enum lend_json_type type, const char *value)
{
	struct json_test *test = opaque;
	size_t used = strlen(test->seen);

	snprintf(test->seen + used, sizeof(test->seen) - used, "%s:%d:%s;",
		 name, type, value);
	return 0;
}

static int json_test_read(struct json_test *test, const char *text)
{
	test->seen[0] = '\0';
	return lend_json_read(test->ctx, "-x", text, json_test_note, test);
}

static void json_members_are_decoded(void **state)
{
	static const char *const cases[][2] = {
		{"{}", ""},
		{" \t\r\n{ } ", ""},
		{"{\"a\":\"b\"}", "a:0:b;"},
		{" { \"a\" : \"b\" , \"c\" : 1 } ", "a:0:b;c:1:1;"},
		{"{'a':'b \"c\"'}", "a:0:b \"c\";"},
		{"{\"a\":true,\"b\":false}", "a:2:on;b:2:off;"},
		{"{\"a\":0,\"b\":-0,\"c\":-12.5e+3,\"d\":1E9}",
		 "a:1:0;b:1:-0;c:1:-12.5e+3;d:1:1E9;"},
		{"{\"\":\"\"}", ":0:;"},
		{"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\'\"}",
		 "a:0:\"\\/\b\f\n\r\t';"},
		{"{\"a\":\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"}",
		 "a:0:A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80;"},
		{"{\"a\":\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"}",
		 "a:0:\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf;"},
		{"{\"a\":\"\\udbff\\udfff\"}", "a:0:\xf4\x8f\xbf\xbf;"},
		{"{\"\\u0061\":\"\xe2\x82\xac\"}", "a:0:\xe2\x82\xac;"},
		{"{\"A\":1,\"a\":1}", "A:1:1;a:1:1;"},
	};
	struct json_test *test = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (json_test_read(test, cases[i][0]))
			fail_msg("%s: %s", cases[i][0],
				 lend_ctx_error(test->ctx)->what);
		assert_string_equal(test->seen, cases[i][1]);
	}
}

static void invalid_json_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text;
		unsigned int byte;
		const char *why;
	} cases[] = {
		{"", 1, "expected '{'"},
		{"[]", 1, "expected '{'"},
		{"{", 2, "expected a name"},
		{"{,}", 2, "expected a name"},
		{"{a:1}", 2, "expected a name"},
		{"{1:1}", 2, "expected a name"},
		{"{\"a\"}", 5, "expected ':'"},
		{"{\"a\":}", 6, "expected a string"},
		{"{\"a\":1", 7, "expected ',' or '}'"},
		{"{\"a\":1]", 7, "expected ',' or '}'"},
		{"{\"a\":1,}", 8, "expected a name"},
		{"{\"a\":1 \"b\":2}", 8, "expected ',' or '}'"},
		{"{\"a\":1}}", 8, "after the object"},
		{"{}x", 3, "after the object"},
		{"{\"a\":{}}", 6, "objects and arrays"},
		{"{\"a\":[1]}", 6, "objects and arrays"},
		{"{\"a\":null}", 6, "null"},
		{"{\"a\":nul}", 6, "expected a string"},
		{"{\"a\":trueish}", 6, "expected a string"},
		{"{\"a\":True}", 6, "expected a string"},
		{"{\"a\":01}", 6, "expected a string"},
		{"{\"a\":+1}", 6, "expected a string"},
		{"{\"a\":-}", 6, "expected a string"},
		{"{\"a\":1.}", 6, "expected a string"},
		{"{\"a\":1e}", 6, "expected a string"},
		{"{\"a\":.5}", 6, "expected a string"},
		{"{\"a\":0x10}", 7, "expected ',' or '}'"},
		{"{\"a\":NaN}", 6, "expected a string"},
		{"{\"a\":\"b", 8, "does not end"},
		{"{\"a\":\"b'}", 10, "does not end"},
		{"{\"a", 4, "does not end"},
		{"{\"a\":\"\\", 8, "escape"},
		{"{\"a\":\"\\x\"}", 8, "escape"},
		{"{\"a\":\"\\u12\"}", 8, "four hexadecimal"},
		{"{\"a\":\"\\u12g4\"}", 8, "four hexadecimal"},
		{"{\"a\":\"\\u0000\"}", 8, "\\u0000"},
		{"{\"a\":\"\\ud800\"}", 8, "high surrogate"},
		{"{\"a\":\"\\ud800\\n\"}", 8, "high surrogate"},
		{"{\"a\":\"\\ud800\\u0041\"}", 8, "high surrogate"},
		{"{\"a\":\"\\ud800\\", 8, "high surrogate"},
		{"{\"a\":\"\\udc00\"}", 8, "low surrogate"},
		{"{\"a\":\"\n\"}", 7, "control"},
		{"{\"a\":\"\xff\"}", 7, "UTF-8"},
		{"{\"a\":\"\xc0\x80\"}", 7, "UTF-8"},
		{"{\"a\":\"\xe2\x82\"}", 7, "UTF-8"},
		{"{\"\xed\xa0\x80\":1}", 3, "UTF-8"},
		{"{\"a\":1,\"a\":2}", 8, "given twice"},
		{"{\"a\":1,\"\\u0061\":2}", 8, "given twice"},
		{"{\"a\":1 /* */}", 8, "expected ',' or '}'"},
	};
	struct json_test *test = *state;
	const struct lend_error *e = lend_ctx_error(test->ctx);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char place[32];

		snprintf(place, sizeof(place),
			 "-x: JSON: byte %u:", cases[i].byte);
		if (json_test_read(test, cases[i].text) != -EINVAL)
			fail_msg("%s: taken", cases[i].text);
		assert_int_equal(e->code, LEND_ERROR_ARGUMENT);
		if (strncmp(e->what, place, strlen(place)) ||
		    !strstr(e->what, cases[i].why))
			fail_msg("%s: %s", cases[i].text, e->what);
		assert_true(*e->evidence);
	}
}

static void json_refusals_name_the_member(void **state)
{
	struct json_test *test = *state;

	assert_int_equal(json_test_read(test, "{\"a\":1,\"host\":null}"),
			 -EINVAL);
	assert_non_null(
		strstr(lend_ctx_error(test->ctx)->evidence, "\"host\""));
	assert_non_null(strstr(lend_ctx_error(test->ctx)->remedy, "\"host\""));
}

/* Fills an object with members of one letter and number each. */
static void json_test_fill(char *text, size_t size, unsigned int members)
{
	size_t used = 1;

	text[0] = '{';
	for (unsigned int i = 0; i < members; i++)
		used += (size_t)snprintf(text + used, size - used,
					 "%s\"m%u\":1", i ? "," : "", i);
	snprintf(text + used, size - used, "}");
}

static void json_objects_have_limits(void **state)
{
	struct json_test *test = *state;
	const struct lend_error *e = lend_ctx_error(test->ctx);
	size_t size = 65536;
	char *text = malloc(size + 2);

	assert_non_null(text);
	json_test_fill(text, size, 64);
	assert_int_equal(json_test_read(test, text), 0);
	json_test_fill(text, size, 65);
	assert_int_equal(json_test_read(test, text), -EINVAL);
	assert_non_null(strstr(e->what, "64 members"));

	memset(text, ' ', size + 1);
	memcpy(text, "{}", 2);
	text[size] = '\0';
	assert_int_equal(json_test_read(test, text), 0);
	text[size] = ' ';
	text[size + 1] = '\0';
	assert_int_equal(json_test_read(test, text), -EINVAL);
	assert_non_null(strstr(e->what, "longer than 65536"));
	memset(text, '{', size);
	text[size] = '\0';
	assert_int_equal(json_test_read(test, text), -EINVAL);
	free(text);
}

static int json_test_fail(void *opaque, const char *name,
			  enum lend_json_type type, const char *value)
{
	struct json_test *test = opaque;

	(void)type;
	(void)value;
	if (strcmp(name, "b"))
		return 0;
	return lend_error_set(test->ctx, LEND_ERROR_ARGUMENT, ENOTSUP, NULL,
			      "refused");
}

static void a_refused_member_gets_its_place(void **state)
{
	struct json_test *test = *state;
	const struct lend_error *e = lend_ctx_error(test->ctx);

	assert_int_equal(lend_json_read(test->ctx, "-x",
					"{\"a\":1, \"b\": 2, \"c\":3}",
					json_test_fail, test),
			 -ENOTSUP);
	assert_string_equal(e->what, "refused");
	assert_string_equal(e->evidence, "at byte 14 of the JSON object");
}

static int json_test_note_leaf(void *opaque, const char *const *names,
			       unsigned int depth, enum lend_json_type type,
			       const char *value)
{
	struct json_test *test = opaque;

	for (unsigned int i = 0; i + 1 < depth; i++)
		strcat(strcat(test->seen, names[i]), ">");
	return json_test_note(test, names[depth - 1], type, value);
}

static int json_test_read_tree(struct json_test *test, const char *text)
{
	test->seen[0] = '\0';
	return json_read_tree(test->ctx, "peer", text, json_test_note_leaf,
			      test);
}

static void json_trees_are_walked(void **state)
{
	static const char *const cases[][2] = {
		{"{}", ""},
		{"{\"a\":1,\"b\":{\"c\":true,\"d\":{}},\"e\":\"f\"}",
		 "a:1:1;b>c:2:on;e:0:f;"},
		{"{\"a\":{\"b\":{\"c\":1},\"d\":2},\"e\":3}",
		 "a>b>c:1:1;a>d:1:2;e:1:3;"},
		{"{\"a\":null,\"b\":[],\"c\":[1,[2,null],{\"d\":3}],\"e\":4}",
		 "e:1:4;"},
		{"{\"a\":{\"a\":1,\"b\":2},\"b\":{\"a\":3}}",
		 "a>a:1:1;a>b:1:2;b>a:1:3;"},
		{"{ \"a\" : { } , \"b\" : [ 1 , 2 ] , \"c\" : 1 }", "c:1:1;"},
		{"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}",
		 "a>a>a>a>a>a>a:1:1;"},
	};
	struct json_test *test = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (json_test_read_tree(test, cases[i][0]))
			fail_msg("%s: %s", cases[i][0],
				 lend_ctx_error(test->ctx)->what);
		assert_string_equal(test->seen, cases[i][1]);
	}
}

static void invalid_trees_are_refused(void **state)
{
	static const char *const cases[][2] = {
		{"{\"a\":{\"b\":1,\"b\":2}}", "byte 13: the name is given"},
		{"{\"a\":{},\"a\":2}", "byte 9: the name is given"},
		{"{\"a\":{\"b\":1}", "byte 13: expected ',' or '}'"},
		{"{\"a\":{", "byte 7: expected a name"},
		{"{\"a\":[", "byte 7: expected a string"},
		{"{\"a\":[1", "byte 8: expected ',' or ']'"},
		{"{\"a\":[1}", "byte 8: expected ',' or ']'"},
		{"{\"a\":[1,]}", "byte 9: expected a string"},
		{"{\"a\":nul}", "byte 6: expected a string"},
		{"[]", "byte 1: expected '{'"},
		{"{\"a\":[[[[[[[[1]]]]]]]]}", "byte 13: more than 8 levels"},
		{"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":"
		 "{}}}}}}}}}",
		 "more than 8 levels"},
	};
	struct json_test *test = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (json_test_read_tree(test, cases[i][0]) != -EINVAL)
			fail_msg("%s: taken", cases[i][0]);
		if (!strstr(lend_ctx_error(test->ctx)->what, cases[i][1]))
			fail_msg("%s: %s", cases[i][0],
				 lend_ctx_error(test->ctx)->what);
	}
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, json_test_setup, json_test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(json_members_are_decoded),
		TEST(invalid_json_is_refused_with_its_place),
		TEST(json_refusals_name_the_member),
		TEST(json_objects_have_limits),
		TEST(a_refused_member_gets_its_place),
		TEST(json_trees_are_walked),
		TEST(invalid_trees_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
