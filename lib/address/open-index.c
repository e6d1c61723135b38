// SPDX-License-Identifier: MIT
// The device nodes and VFIO devices that all processes have open or mapped.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/address/open-index.h"
#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/base/survey.h"
#include "lib/base/sysfs.h"

#define VFIO_DEVICE "anon_inode:[vfio-device]"

struct pass {
	struct lend_ctx *ctx;
	struct open_index *index;
	const char *dir;   /* fd or map_files */
	unsigned int room; /* for files */
};

/* Returns -ENOMEM to end the pass. */
static int pass_add(struct pass *pass, const struct open_file *file)
{
	struct open_index *index = pass->index;

	if (index->count == pass->room) {
		unsigned int room = pass->room ? 2 * pass->room : 64;
		struct open_file *grown =
			reallocarray(index->files, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		index->files = grown;
		pass->room = room;
	}
	index->files[index->count] = *file;
	index->files[index->count].process = index->process_count - 1;
	index->files[index->count].order = index->count;
	index->count++;
	return 0;
}

/* What is known by a path: that of a file below /dev, or of a VFIO device. */
static int pass_add_path(struct pass *pass, const char *path, bool is_device)
{
	char *copy = strdup(path);
	int err = copy ? pass_add(pass,
				  &(struct open_file){
					  .target = is_device ? NULL : copy,
					  .device = is_device ? copy : NULL,
				  })
		       : -ENOMEM;

	if (err)
		free(copy);
	return err;
}

/* The line "vfio-device-syspath: /sys/devices/…" names the device even where
 * its node and its group are closed. */
static int pass_add_vfio(struct pass *pass, const char *pid, const char *name)
{
	static const char key[] = "vfio-device-syspath:";
	char path[64], text[4096];
	char *rest = text, *line;

	snprintf(path, sizeof(path), "%.16s/fdinfo/%.32s", pid, name);
	procfs_read(pass->ctx, path, text, sizeof(text));
	while ((line = procfs_next_line(&rest)))
		if (!strncmp(line, key, strlen(key)))
			break;
	if (!line)
		return pass_add_path(pass, "", true);
	line += strlen(key);
	return pass_add_path(pass, line + strspn(line, " \t"), true);
}

static int pass_visit_target(struct pass *pass, const char *pid,
			     const char *name, const char *path)
{
	const struct kernel *k = pass->ctx->kernel;
	char target[SYSFS_PATH];
	ssize_t length = k->readlink(k, path, target, sizeof(target) - 1);

	if (length < 0)
		return 0;
	target[length] = '\0';
	if (!strcmp(target, VFIO_DEVICE))
		return pass_add_vfio(pass, pid, name);
	return sysfs_below(target, pass->ctx->dev)
		       ? pass_add_path(pass, target, false)
		       : 0;
}

static int pass_visit_file(void *opaque, const char *name)
{
	struct pass *pass = opaque;
	const struct kernel *k = pass->ctx->kernel;
	const char *pid = pass->index->pids[pass->index->process_count - 1];
	struct stat st = {0};
	char path[SYSFS_PATH];
	mode_t type;

	if (sysfs_path(path, "%s/%s/%s/%s", pass->ctx->proc, pid, pass->dir,
		       name))
		return 0;
	type = k->peek(k, path, &st) ? 0 : st.st_mode & S_IFMT;
	if (type == S_IFCHR || type == S_IFBLK)
		return pass_add(pass, &(struct open_file){
					      .type = type,
					      .number = st.st_rdev,
				      });
	return pass->index->has_others
		       ? pass_visit_target(pass, pid, name, path)
		       : 0;
}

static int pass_add_process(struct pass *pass, const char *pid)
{
	struct open_index *index = pass->index;
	char(*grown)[16];

	/* By powers of two. */
	if (!(index->process_count & (index->process_count - 1))) {
		grown = reallocarray(
			index->pids,
			index->process_count ? 2UL * index->process_count : 1,
			sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		index->pids = grown;
	}
	snprintf(index->pids[index->process_count++], sizeof(*index->pids),
		 "%s", pid);
	return 0;
}

/* A mapping keeps a node in use after its descriptor is closed. */
static int pass_visit_process(void *opaque, const char *name)
{
	struct pass *pass = opaque;
	const struct kernel *k = pass->ctx->kernel;
	char path[SYSFS_PATH];
	int err;

	if (name[strspn(name, "0123456789")] ||
	    sysfs_path(path, "%s/%s/fd", pass->ctx->proc, name))
		return 0;
	err = pass_add_process(pass, name);
	if (err)
		return err;
	pass->dir = "fd";
	err = k->list(k, path, pass_visit_file, pass);
	if (err == -EACCES || err == -EPERM)
		pass->index->limit = "requires root";
	pass->dir = "map_files";
	if (!err && !sysfs_path(path, "%s/%s/map_files", pass->ctx->proc, name))
		err = k->list(k, path, pass_visit_file, pass);
	return err == -ENOMEM ? err : 0;
}

/* procfs shows only the processes of a PID namespace. The first one has a
 * number that is part of the kernel's interface. */
static bool pass_is_contained(struct lend_ctx *ctx)
{
	char path[SYSFS_PATH], name[SYSFS_NAME];

	return !sysfs_path(path, "%s/self/ns/pid", ctx->proc) &&
	       sysfs_link(ctx, path, name, sizeof(name)) > 0 &&
	       strcmp(name, "pid:[4026531836]") != 0;
}

static int open_file_compare(const void *a, const void *b)
{
	const struct open_file *left = a, *right = b;

	/* Those without a type come last. */
	if (left->type != right->type)
		return left->type < right->type ? 1 : -1;
	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	return (left->order > right->order) - (left->order < right->order);
}

static void open_index_free(void *data)
{
	struct open_index *index = data;

	for (unsigned int i = 0; i < index->count; i++) {
		free(index->files[i].target);
		free(index->files[i].device);
	}
	free(index->files);
	free(index->pids);
	free(index);
}

static int open_index_fill(struct lend_ctx *ctx, struct open_index *index)
{
	struct pass pass = {.ctx = ctx, .index = index};
	int err;

	index->limit = ctx->is_confined ? "unknown in a sandbox" : NULL;
	if (ctx->is_confined)
		return 0;
	if (pass_is_contained(ctx))
		index->limit = "requires the host's PID namespace";
	err = ctx->kernel->list(ctx->kernel, ctx->proc, pass_visit_process,
				&pass);
	if (index->count)
		qsort(index->files, index->count, sizeof(index->files[0]),
		      open_file_compare);
	while (index->nodes < index->count && index->files[index->nodes].type)
		index->nodes++;
	return err == -ENOMEM ? err : 0;
}

struct open_index *open_index_get(struct lend_ctx *ctx, bool has_others)
{
	struct open_index *index = survey_find(ctx, SURVEY_FILES);

	if (index && (index->has_others || !has_others))
		return index;
	index = calloc(1, sizeof(*index));
	if (!index)
		return NULL;
	/* Later devices may be known by their paths alone. */
	index->has_others = has_others || survey_current(ctx);
	if (!open_index_fill(ctx, index))
		return index;
	open_index_free(index);
	return NULL;
}

void open_index_put(struct lend_ctx *ctx, struct open_index *index)
{
	survey_keep(ctx, SURVEY_FILES, index, open_index_free);
}

/* Whether a file is before all with a type and a number, or, with @after, not
 * after them. */
static bool open_file_precedes(const struct open_file *file, mode_t type,
			       dev_t number, bool after)
{
	if (file->type != type)
		return file->type > type;
	return after ? file->number <= number : file->number < number;
}

static unsigned int open_index_bound(const struct open_index *index,
				     mode_t type, dev_t number, bool after)
{
	unsigned int first = 0, last = index->nodes;

	while (first < last) {
		unsigned int middle = first + (last - first) / 2;

		if (open_file_precedes(&index->files[middle], type, number,
				       after))
			first = middle + 1;
		else
			last = middle;
	}
	return first;
}

unsigned int open_index_find(const struct open_index *index, mode_t type,
			     dev_t number, unsigned int *end)
{
	*end = open_index_bound(index, type, number, true);
	return open_index_bound(index, type, number, false);
}
