// SPDX-License-Identifier: MIT
// Reading and writing sysfs (and procfs) through the seam to the kernel.

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/base/sysfs.h"

/* No directory that the library lists has a tenth of this. */
enum { NAMES_MAX = 65536 };

int sysfs_path(char path[SYSFS_PATH], const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = vsnprintf(path, SYSFS_PATH, fmt, args);
	va_end(args);
	return length < 0 || length >= SYSFS_PATH ? -ENAMETOOLONG : 0;
}

/* A file of sysfs gives a page at once, as far as there is so much. */
#define PAGE_SMALLEST 4096

/* Reads until size bytes are read or the file ends, as a short read says of a
 * file @in_sysfs. */
static ssize_t sysfs_read_all(const struct kernel *k, int fd, char *data,
			      size_t size, bool in_sysfs)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = k->read(k, fd, data + used, size - used);

		if (n < 0)
			return n;
		used += (size_t)n;
		if (!n || (in_sysfs && n < PAGE_SMALLEST))
			break;
	}
	return (ssize_t)used;
}

int sysfs_read_bytes(struct lend_ctx *ctx, const char *path, void *data,
		     size_t size)
{
	const struct kernel *k = ctx->kernel;
	int fd = ctx->is_confined ? -EACCES : k->open(k, path, O_RDONLY);
	ssize_t length;

	if (fd < 0)
		return fd;
	length = sysfs_read_all(k, fd, data, size,
				sysfs_below(path, ctx->sysfs));
	k->close(k, fd);
	return (int)length;
}

/* Makes text of the bytes that were read, or of the -errno. */
static int sysfs_end_text(char *text, size_t size, int length)
{
	if (length < 0) {
		text[0] = '\0';
		return length;
	}
	if ((size_t)length >= size) {
		text[0] = '\0';
		return -EFBIG;
	}
	if (length && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return strlen(text) == (size_t)length ? length : -EBADMSG;
}

int sysfs_read(struct lend_ctx *ctx, const char *path, char *text, size_t size)
{
	return sysfs_end_text(text, size,
			      sysfs_read_bytes(ctx, path, text, size));
}

struct sysfs_wait {
	struct lend_ctx *ctx;
	const char *path;
	const char *text; /* that is written; NULL to read */
	unsigned int seconds;
};

static void sysfs_report_wait(void *opaque)
{
	const struct sysfs_wait *wait = opaque;

	if (wait->text)
		lend_log(
			wait->ctx, LEND_LOG_PROGRESS,
			"waiting up to %u s for the kernel to carry out '%.*s' "
			"in %s",
			wait->seconds, (int)strcspn(wait->text, "\n"),
			wait->text, wait->path);
	else
		lend_log(wait->ctx, LEND_LOG_PROGRESS,
			 "waiting up to %u s for the kernel to show %s",
			 wait->seconds, wait->path);
}

int sysfs_read_apart(struct lend_ctx *ctx, const char *path, char *text,
		     size_t size, int kept, unsigned int seconds)
{
	struct sysfs_wait wait = {ctx, path, NULL, seconds};
	const struct apart_job job = {
		.slow = sysfs_report_wait,
		.opaque = &wait,
		.path = path,
		.buffer = text,
		.size = size,
		.kept = kept,
		.seconds = seconds,
	};

	return sysfs_end_text(text, size,
			      (int)ctx->kernel->apart(ctx->kernel, &job));
}

int sysfs_read_bytes_apart(struct lend_ctx *ctx, const char *path, void *data,
			   size_t size, unsigned int seconds)
{
	const struct apart_job job = {
		.path = path,
		.buffer = data,
		.size = size < APART_MAX ? size : APART_MAX,
		.kept = -1,
		.seconds = seconds,
	};

	return ctx->is_confined ? -EACCES
				: (int)ctx->kernel->apart(ctx->kernel, &job);
}

int sysfs_write_apart(struct lend_ctx *ctx, const char *path, const char *text,
		      int kept, unsigned int seconds)
{
	struct sysfs_wait wait = {ctx, path, text, seconds};
	const struct apart_job job = {
		.slow = sysfs_report_wait,
		.opaque = &wait,
		.path = path,
		.data = text,
		.size = strlen(text),
		.kept = kept,
		.seconds = seconds,
	};
	ssize_t n = ctx->kernel->apart(ctx->kernel, &job);

	if (n < 0)
		return (int)n;
	return (size_t)n == job.size ? 0 : -EIO;
}

static ssize_t sysfs_readlink(struct lend_ctx *ctx, const char *path,
			      char *target, size_t size)
{
	const struct kernel *k = ctx->kernel;

	return ctx->is_confined ? -EACCES : k->readlink(k, path, target, size);
}

int sysfs_link(struct lend_ctx *ctx, const char *path, char *name, size_t size)
{
	char target[SYSFS_PATH];
	ssize_t length = sysfs_readlink(ctx, path, target, sizeof(target) - 1);
	const char *last;

	if (length < 0)
		return (int)length;
	/* A target that fills the buffer may have been cut. */
	if ((size_t)length >= sizeof(target) - 1)
		return -ENAMETOOLONG;
	target[length] = '\0';
	last = strrchr(target, '/');
	last = last ? last + 1 : target;
	if (!*last || !strcmp(last, ".") || !strcmp(last, ".."))
		return -EBADMSG;
	if (strlen(last) >= size)
		return -ENAMETOOLONG;
	strcpy(name, last);
	return (int)strlen(last);
}

/* Applies the components of text to the directory path. */
static int sysfs_join(char path[SYSFS_PATH], char *text)
{
	size_t length = *text == '/' ? 0 : strlen(path);
	char *rest, *part;

	for (part = strtok_r(text, "/", &rest); part;
	     part = strtok_r(NULL, "/", &rest)) {
		if (!strcmp(part, "."))
			continue;
		if (!strcmp(part, "..")) {
			while (length && path[--length] != '/')
				;
			continue;
		}
		if (strlen(part) + 2 > SYSFS_PATH - length)
			return -ENAMETOOLONG;
		path[length++] = '/';
		strcpy(path + length, part);
		length += strlen(part);
	}
	path[length] = '\0';
	return 0;
}

int sysfs_target(struct lend_ctx *ctx, const char *link,
		 char target[SYSFS_PATH])
{
	const char *slash = strrchr(link, '/');
	char text[SYSFS_PATH];
	ssize_t length = sysfs_readlink(ctx, link, text, sizeof(text) - 1);

	if (length < 0)
		return (int)length;
	if ((size_t)length >= sizeof(text) - 1)
		return -ENAMETOOLONG;
	text[length] = '\0';
	snprintf(target, SYSFS_PATH, "%.*s", slash ? (int)(slash - link) : 0,
		 link);
	return sysfs_join(target, text);
}

bool sysfs_exists(struct lend_ctx *ctx, const char *path)
{
	const struct kernel *k = ctx->kernel;
	char resolved[SYSFS_PATH];

	return !ctx->is_confined &&
	       k->realpath(k, path, resolved, sizeof(resolved)) >= 0;
}

const char *sysfs_below(const char *path, const char *root)
{
	size_t length = strlen(root);

	if (strncmp(path, root, length) || path[length] != '/')
		return NULL;
	return path + length + 1;
}

static int add_name(void *opaque, const char *name)
{
	struct sysfs_names *names = opaque;
	char **more;

	if (names->count >= NAMES_MAX)
		return -E2BIG;
	/* Grown whenever the count is a power of two. */
	if (!(names->count & (names->count - 1))) {
		size_t room = names->count ? 2 * (size_t)names->count : 1;

		more = reallocarray(names->names, room, sizeof(*more));
		if (!more)
			return -ENOMEM;
		names->names = more;
	}
	names->names[names->count] = strdup(name);
	if (!names->names[names->count])
		return -ENOMEM;
	names->count++;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int sort_names(struct sysfs_names *names, int err)
{
	if (err < 0) {
		sysfs_names_free(names);
		return err;
	}
	if (names->count)
		qsort(names->names, names->count, sizeof(*names->names),
		      compare_names);
	return 0;
}

static int sysfs_visit(struct lend_ctx *ctx, const char *path,
		       int (*visit)(void *opaque, const char *name),
		       void *opaque)
{
	const struct kernel *k = ctx->kernel;

	return ctx->is_confined ? -EACCES : k->list(k, path, visit, opaque);
}

int sysfs_list(struct lend_ctx *ctx, const char *path,
	       struct sysfs_names *names)
{
	*names = (struct sysfs_names){0};
	return sort_names(names, sysfs_visit(ctx, path, add_name, names));
}

int sysfs_list_dirs(struct lend_ctx *ctx, const char *path,
		    struct sysfs_names *names)
{
	return sysfs_list_kinds(ctx, path, names, NULL);
}

struct kinds {
	struct sysfs_names *dirs;
	struct sysfs_names *others; /* or NULL */
};

static int add_kind(void *opaque, const char *name, bool is_dir)
{
	struct kinds *kinds = opaque;
	struct sysfs_names *names = is_dir ? kinds->dirs : kinds->others;

	return names ? add_name(names, name) : 0;
}

int sysfs_list_kinds(struct lend_ctx *ctx, const char *path,
		     struct sysfs_names *dirs, struct sysfs_names *others)
{
	const struct kernel *k = ctx->kernel;
	struct kinds kinds = {dirs, others};
	int err;

	*dirs = (struct sysfs_names){0};
	if (others)
		*others = (struct sysfs_names){0};
	err = ctx->is_confined ? -EACCES
			       : k->list_kinds(k, path, add_kind, &kinds);
	if (others)
		sort_names(others, err);
	return sort_names(dirs, err);
}

bool sysfs_names_hold(const struct sysfs_names *names, const char *name)
{
	return names->count && bsearch(&name, names->names, names->count,
				       sizeof(*names->names), compare_names);
}

static int keep_name(void *opaque, const char *name)
{
	snprintf(opaque, SYSFS_NAME, "%s", name);
	return 1;
}

int sysfs_first(struct lend_ctx *ctx, const char *path, char name[SYSFS_NAME])
{
	int result = sysfs_visit(ctx, path, keep_name, name);

	if (!result)
		return -ENOENT;
	return result < 0 ? result : 0;
}

void sysfs_names_free(struct sysfs_names *names)
{
	for (unsigned int i = 0; i < names->count; i++)
		free(names->names[i]);
	free(names->names);
	names->names = NULL;
	names->count = 0;
}
