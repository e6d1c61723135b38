// SPDX-License-Identifier: MIT
// The nearest known word is the one a person meant, or none.

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

static void finds_what_was_meant(void **state)
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

static void keeps_silent_where_nothing_is_near(void **state)
{
	(void)state;
	assert_null(lend_nearest("xyzzyqqq", known, KNOWN));
	assert_null(lend_nearest("kernel", NULL, 0));
	assert_null(lend_nearest("netdev", (const char *const[]){"m"}, 1));
}

static void takes_words_of_any_length(void **state)
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_meant),
		cmocka_unit_test(keeps_silent_where_nothing_is_near),
		cmocka_unit_test(takes_words_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
