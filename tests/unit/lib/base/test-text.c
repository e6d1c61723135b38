// SPDX-License-Identifier: MIT
// The nearest known word is the intended one, or none; text from outside is
// made safe to print.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <lend/text.h>

static const char *const known[] = {
	"kernel", "initrd", "append", "m", "smp", "cpu", "device", "no-reboot",
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static void nearest_finds_the_intended_word(void **state)
{
	static const char *const cases[][2] = {
		{"kernel", "kernel"},      {"kernal", "kernel"},
		{"kenrel", "kernel"},      {"Kernel", "kernel"},
		{"initr", "initrd"},       {"apend", "append"},
		{"devcie", "device"},      {"devices", "device"},
		{"noreboot", "no-reboot"},
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(lend_nearest(cases[i][0], known, KNOWN),
				    cases[i][1]);
}

static void nearest_returns_null_if_nothing_is_near(void **state)
{
	(void)state;
	assert_null(lend_nearest("xyzzyqqq", known, KNOWN));
	assert_null(lend_nearest("kernel", NULL, 0));
	assert_null(lend_nearest("netdev", (const char *const[]){"m"}, 1));
	assert_null(lend_nearest("", (const char *const[]){"m"}, 1));
	assert_null(lend_nearest("x", (const char *const[]){"m"}, 1));
}

/* Words that were suggested for others once. */
static void nearest_is_one_or_two_edits_away(void **state)
{
	static const char *const far[][2] = {
		{"stop", "show"},
		{"version", "sriov"},
		{"msg", "m"},
		{"hdc", "h"},
		{"initramfs", "initrd"},
		{"list", "dt"},
		{"reset", "restore"},
		{"abcd", "abxy"},
		{"kernel", "krnxl3"},
	};
	static const char *const near[][2] = {
		{"bnid", "bind"},       {"smpp", "smp"},    {"di", "id"},
		{"restroe", "restore"}, {"chekc", "check"}, {"kernel", "krnxl"},
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(far) / sizeof(far[0]); i++)
		if (lend_nearest(far[i][0], &far[i][1], 1))
			fail_msg("%s is near %s", far[i][1], far[i][0]);
	for (unsigned int i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		if (!lend_nearest(near[i][0], &near[i][1], 1))
			fail_msg("%s is not near %s", near[i][1], near[i][0]);
}

static void nearest_is_never_the_opposite(void **state)
{
	static const char *const pairs[][2] = {
		{"unbind", "bind"},      {"bind", "unbind"}, {"UNBIND", "bind"},
		{"no-reboot", "reboot"}, {"nommap", "mmap"}, {"decode", "code"},
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (lend_nearest(pairs[i][0], &pairs[i][1], 1))
			fail_msg("%s for %s", pairs[i][1], pairs[i][0]);
}

static void nearest_accepts_words_of_any_length(void **state)
{
	char word[5000];

	(void)state;
	memset(word, 'k', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_null(lend_nearest(word, known, KNOWN));
	lend_nearest("", known, KNOWN);
	assert_ptr_equal(lend_nearest(word, (const char *const[]){word}, 1),
			 word);
}

static void clean_keeps_printable_text(void **state)
{
	static const char *const texts[] = {
		"",
		"e1000e",
		"r\xc3\xa9sum\xc3\xa9",
		"\xe2\x82\xac",
		"\xf0\x9f\x98\x80",
		"\xed\x9f\xbf\xee\x80\x80",
		"\xf4\x8f\xbf\xbf",
		"\xc2\xa0",
	};
	char text[32];

	(void)state;
	for (unsigned int i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		strcpy(text, texts[i]);
		lend_text_clean(text);
		assert_string_equal(text, texts[i]);
	}
}

static void clean_replaces_unprintable_text(void **state)
{
	static const char *const cases[][2] = {
		{"\033[2J", "?[2J"},
		{"a\tb\nc\177", "a?b?c?"},
		{"\xc2\x80\xc2\x9f"
		 "x",
		 "??x"},                      /* C1 */
		{"\x9b\xff\xfe", "???"},      /* not UTF-8 */
		{"\xc0\x9b\xc1\xbf", "????"}, /* overlong */
		{"\xe0\x80\x9b\xe0\x9f\xbf", "??????"},
		{"\xf0\x80\x80\x9b", "????"},
		{"\xed\xa0\x80", "???"},      /* a surrogate */
		{"\xf4\x90\x80\x80", "????"}, /* beyond the last */
		{"\xf5\x80\x80\x80", "????"},
		{"\xe2\x82", "??"}, /* cut */
		{"\xe2\x82"
		 "a",
		 "??a"},
		{"\xf0\x9f\x98\033", "????"},
		{"a\xe2\x80\xae"
		 "b\xe2\x81\xa6\xd8\x9c\xe2\x80\xa8",
		 "a?b???"}, /* right to left, and a line's end */
	};
	char text[32];

	(void)state;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(text, cases[i][0]);
		lend_text_clean(text);
		assert_string_equal(text, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nearest_finds_the_intended_word),
		cmocka_unit_test(nearest_returns_null_if_nothing_is_near),
		cmocka_unit_test(nearest_is_one_or_two_edits_away),
		cmocka_unit_test(nearest_is_never_the_opposite),
		cmocka_unit_test(nearest_accepts_words_of_any_length),
		cmocka_unit_test(clean_keeps_printable_text),
		cmocka_unit_test(clean_replaces_unprintable_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
