// SPDX-License-Identifier: MIT
// Options of lend run from a file: @FILE.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lend/error.h>

#include "cli/no-memory.h"
#include "cli/run/file.h"

enum { FILE_MAX = 1 << 16 };

static const char blanks[] = " \t\r";

static int run_file_add(struct lend_ctx *ctx, struct run_file *file, char *word)
{
	char **longer = reallocarray(file->argv, (size_t)file->argc + 2,
				     sizeof(*longer));

	if (!longer)
		return cli_no_memory(ctx);
	file->argv = longer;
	longer[file->argc++] = word;
	longer[file->argc] = NULL;
	return 0;
}

static int run_file_refuse(struct lend_ctx *ctx, const char *path,
			   const char *what)
{
	return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL, "@%s: %s",
			      path, what);
}

/* Reads a regular file: another could block, or have no end. */
static ssize_t run_file_read_all(const char *path, char text[FILE_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t length = 0, n = fd < 0 ? -errno : 1;

	if (fd < 0)
		return n;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		n = -EINVAL;
	while (n > 0 && length < FILE_MAX) {
		n = read(fd, text + length, (size_t)(FILE_MAX - length));
		length += n > 0 ? n : 0;
	}
	if (n < 0 && n != -EINVAL)
		n = -errno;
	close(fd);
	return n < 0 ? n : length;
}

static int run_file_read(struct lend_ctx *ctx, const char *path, char *text)
{
	ssize_t length = run_file_read_all(path, text);

	if (length == -EINVAL)
		return run_file_refuse(ctx, path, "not a regular file");
	if (length < 0)
		return run_file_refuse(ctx, path, strerror((int)-length));
	if (length == FILE_MAX)
		return run_file_refuse(ctx, path, "larger than 64 KiB");
	text[length] = '\0';
	if (memchr(text, '\0', (size_t)length))
		return run_file_refuse(ctx, path, "not a text: it has a NUL");
	return 0;
}

static int run_file_add_line(struct lend_ctx *ctx, struct run_file *file,
			     char *line)
{
	size_t length = strlen(line);
	char *option;
	int err;

	while (length && strchr(blanks, line[length - 1]))
		line[--length] = '\0';
	option = line + strspn(line, blanks);
	if (!*option || *option == '#')
		return 0;
	if (*option != '-')
		return -EINVAL;
	line = option + strcspn(option, blanks);
	if (*line)
		*line++ = '\0';
	line += strspn(line, blanks);
	err = run_file_add(ctx, file, option);
	return err || !*line ? err : run_file_add(ctx, file, line);
}

static int run_file_add_all(struct lend_ctx *ctx, struct run_file *file,
			    const char *path)
{
	char *text = malloc(FILE_MAX), *rest = text, *line;
	char **longer = reallocarray(file->texts, (size_t)file->text_count + 1,
				     sizeof(*longer));
	unsigned int number = 0;
	int err;

	if (longer)
		file->texts = longer;
	if (!text || !longer) {
		free(text);
		return cli_no_memory(ctx);
	}
	longer[file->text_count++] = text;
	err = run_file_read(ctx, path, text);
	while (!err && (line = strsep(&rest, "\n"))) {
		number++;
		err = run_file_add_line(ctx, file, line);
		if (err != -EINVAL)
			continue;
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "@%s: line %u does not begin with an option",
			       path, number);
		lend_error_remedy(ctx, "a line has one option, with its dash, "
				       "and its value");
	}
	return err;
}

int run_file_expand(struct lend_ctx *ctx, int argc, char **argv,
		    struct run_file *file)
{
	int err, i = 1;

	*file = (struct run_file){0};
	err = run_file_add(ctx, file, argv[0]);
	/* Later, it may be the value of an option. */
	for (; !err && i < argc && argv[i][0] == '@'; i++)
		err = run_file_add_all(ctx, file, argv[i] + 1);
	for (; !err && i < argc; i++)
		err = run_file_add(ctx, file, argv[i]);
	return err;
}

void run_file_free(struct run_file *file)
{
	for (int i = 0; i < file->text_count; i++)
		free(file->texts[i]);
	free(file->texts);
	free(file->argv);
	*file = (struct run_file){0};
}
