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
		{"initramfs", "initrd"},   {"apend", "append"},
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
		cmocka_unit_test(nearest_accepts_words_of_any_length),
		cmocka_unit_test(clean_keeps_printable_text),
		cmocka_unit_test(clean_replaces_unprintable_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
