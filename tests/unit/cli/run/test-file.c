// SPDX-License-Identifier: MIT
// Options of lend run from a file.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "cli/run/file.h"

struct file_test {
	struct lend_ctx *ctx;
	char path[64];
	char argument[80];
};

static int file_test_setup(void **state)
{
	static struct file_test t;
	int fd;

	strcpy(t.path, "/tmp/lend-file-XXXXXX");
	fd = mkstemp(t.path);
	assert_true(fd >= 0);
	close(fd);
	snprintf(t.argument, sizeof(t.argument), "@%s", t.path);
	assert_int_equal(lend_ctx_new(NULL, &t.ctx), 0);
	*state = &t;
	return 0;
}

static int file_test_teardown(void **state)
{
	struct file_test *t = *state;

	unlink(t->path);
	lend_ctx_unref(t->ctx);
	return 0;
}

static void file_test_write(struct file_test *t, const char *text, size_t size)
{
	FILE *file = fopen(t->path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	fclose(file);
}

/* Expands "run @FILE @FILE -append @x"; words are joined by '|'. */
static int file_test_expand(struct file_test *t, char words[512])
{
	static char run[] = "run", append[] = "-append", value[] = "@x";
	char *argv[] = {run, t->argument, t->argument, append, value, NULL};
	struct run_file file;
	int err = run_file_expand(t->ctx, 5, argv, &file);

	words[0] = '\0';
	for (int i = 0; !err && i < file.argc; i++)
		snprintf(words + strlen(words), 512 - strlen(words), "%s%s",
			 i ? "|" : "", file.argv[i]);
	if (!err)
		assert_null(file.argv[file.argc]);
	run_file_free(&file);
	return err;
}

static void a_line_is_an_option_and_its_value(void **state)
{
	static const char text[] = "# a guest\n"
				   "\n"
				   "-append console=ttyS0  quiet # kept\n"
				   "  -no-reboot \r\n"
				   "\t-device\tvfio-pci,host=02:00.0";
	struct file_test *t = *state;
	char words[512];

	file_test_write(t, text, sizeof(text) - 1);
	assert_int_equal(file_test_expand(t, words), 0);
	assert_string_equal(words,
			    "run|"
			    "-append|console=ttyS0  quiet # kept|-no-reboot|"
			    "-device|vfio-pci,host=02:00.0|"
			    "-append|console=ttyS0  quiet # kept|-no-reboot|"
			    "-device|vfio-pci,host=02:00.0|-append|@x");
	file_test_write(t, "", 0);
	assert_int_equal(file_test_expand(t, words), 0);
	assert_string_equal(words, "run|-append|@x");
}

static void file_test_refuse(struct file_test *t, const char *what)
{
	char words[512];

	assert_int_equal(file_test_expand(t, words), -EINVAL);
	assert_int_equal(lend_ctx_error(t->ctx)->code, LEND_ERROR_ARGUMENT);
	assert_non_null(strstr(lend_ctx_error(t->ctx)->what, what));
}

static void what_has_no_options_is_refused(void **state)
{
	struct file_test *t = *state;
	char *large = malloc(1 << 17);

	file_test_write(t, "-m 1\nquiet\n", 11);
	file_test_refuse(t, "line 2 does not begin");
	file_test_write(t, "-m 1\0-m 2\n", 10);
	file_test_refuse(t, "NUL");
	assert_non_null(large);
	memset(large, '\n', 1 << 17);
	file_test_write(t, large, 1 << 16);
	file_test_refuse(t, "64 KiB");
	file_test_write(t, large, (1 << 16) - 1);
	assert_int_equal(file_test_expand(t, large), 0);
	free(large);
	unlink(t->path);
	file_test_refuse(t, "No such file");
	assert_int_equal(mkfifo(t->path, 0600), 0);
	file_test_refuse(t, "not a regular file");
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, file_test_setup, file_test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_is_an_option_and_its_value),
		TEST(what_has_no_options_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
