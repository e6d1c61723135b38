// SPDX-License-Identifier: MIT
// Answers for a whole board's device tree from memory, and for all else as the
// kernel below.

#include <limits.h>
#include <libfdt.h>

#include "board.h"
#include "boards-kernel.h"

#define ENTRIES_MAX 200000
#define NAMES_MAX   (32 << 20)
#define FIRST_FILE  (1 << 20)

static struct boards_kernel *kernel_of(const struct kernel *k)
{
	return (struct boards_kernel *)(uintptr_t)k;
}

/* The path within the tree, NULL for one outside it. */
static const char *path_within(const struct boards_kernel *k, const char *path)
{
	size_t length = strlen(k->root);

	return strncmp(path, k->root, length) ? NULL : path + length;
}

static const struct boards_entry *entry_of(struct boards_kernel *k,
					   const char *path)
{
	ENTRY key = {.key = (char *)(uintptr_t)path}, *found;

	return hsearch_r(key, FIND, &found, &k->index) ? found->data : NULL;
}

static int boards_open(const struct kernel *kernel, const char *path, int flags)
{
	struct boards_kernel *k = kernel_of(kernel);
	const char *within = path_within(k, path), *name;
	const struct boards_entry *found;
	int size;

	if (!within)
		return k->below->open(k->below, path, flags);
	found = entry_of(k, within);
	if (!found)
		return -ENOENT;
	for (int i = 0; i < BOARDS_FILES; i++) {
		if (k->files[i].data)
			continue;
		k->files[i].data = fdt_getprop_by_offset(k->fdt, found->offset,
							 &name, &size);
		if (!k->files[i].data)
			return -EISDIR;
		k->files[i].size = (size_t)size;
		k->files[i].at = 0;
		return FIRST_FILE + i;
	}
	return -EMFILE;
}

static int boards_close(const struct kernel *kernel, int fd)
{
	struct boards_kernel *k = kernel_of(kernel);

	if (fd < FIRST_FILE)
		return k->below->close(k->below, fd);
	k->files[fd - FIRST_FILE].data = NULL;
	return 0;
}

static ssize_t boards_read(const struct kernel *kernel, int fd, void *data,
			   size_t size)
{
	struct boards_kernel *k = kernel_of(kernel);
	size_t left;

	if (fd < FIRST_FILE)
		return k->below->read(k->below, fd, data, size);
	left = k->files[fd - FIRST_FILE].size - k->files[fd - FIRST_FILE].at;
	if (size > left)
		size = left;
	memcpy(data,
	       k->files[fd - FIRST_FILE].data + k->files[fd - FIRST_FILE].at,
	       size);
	k->files[fd - FIRST_FILE].at += size;
	return (ssize_t)size;
}

static ssize_t boards_readlink(const struct kernel *kernel, const char *path,
			       char *buffer, size_t size)
{
	const struct kernel *below = kernel_of(kernel)->below;

	return below->readlink(below, path, buffer, size);
}

static int boards_realpath(const struct kernel *kernel, const char *path,
			   char *buffer, size_t size)
{
	struct boards_kernel *k = kernel_of(kernel);
	size_t length = strlen(path);
	int used = -1;

	if (path_within(k, path))
		used = snprintf(buffer, size, "%s", path);
	else if (length > 8 && !strcmp(path + length - 8, "/of_node"))
		used = snprintf(buffer, size, "%s%s", k->root, k->device);
	else
		return k->below->realpath(k->below, path, buffer, size);
	return used < (int)size ? 0 : -ENAMETOOLONG;
}

static int boards_list_kinds(const struct kernel *kernel, const char *path,
			     int (*entry)(void *opaque, const char *name,
					  bool is_dir),
			     void *opaque)
{
	struct boards_kernel *k = kernel_of(kernel);
	const char *within = path_within(k, path), *name;
	const struct boards_entry *found;
	int err = 0, at, size;

	if (!within)
		return k->below->list_kinds(k->below, path, entry, opaque);
	found = entry_of(k, within);
	if (!found)
		return -ENOENT;
	for (const char *d = found->dirs; *d && !err; d += strlen(d) + 1)
		err = entry(opaque, d, true);
	for (at = fdt_first_property_offset(k->fdt, found->offset);
	     at >= 0 && !err; at = fdt_next_property_offset(k->fdt, at)) {
		fdt_getprop_by_offset(k->fdt, at, &name, &size);
		err = entry(opaque, name, false);
	}
	return err;
}

/* A list of a board's nodes is by kinds. */
static int boards_list(const struct kernel *kernel, const char *path,
		       int (*entry)(void *opaque, const char *name),
		       void *opaque)
{
	const struct kernel *below = kernel_of(kernel)->below;

	return below->list(below, path, entry, opaque);
}

static int boards_stat(const struct kernel *kernel, const char *path,
		       struct stat *st)
{
	const struct kernel *below = kernel_of(kernel)->below;

	return below->stat(below, path, st);
}

static int boards_access(const struct kernel *kernel, const char *path,
			 int mode)
{
	const struct kernel *below = kernel_of(kernel)->below;

	return below->access(below, path, mode);
}

void boards_kernel_init(struct boards_kernel *k, const struct kernel *below,
			const char *root)
{
	*k = (struct boards_kernel){
		.kernel = {.open = boards_open,
			   .close = boards_close,
			   .read = boards_read,
			   .readlink = boards_readlink,
			   .realpath = boards_realpath,
			   .list = boards_list,
			   .list_kinds = boards_list_kinds,
			   .stat = boards_stat,
			   .access = boards_access},
		.below = below,
		.root = root,
	};
}

/* Adds an entry, with its path as the key behind the names used so far. */
static char *index_add(struct boards_kernel *k, char *names, const char *path,
		       const char *name, int offset)
{
	struct boards_entry *added = &k->entries[k->count++];
	ENTRY entry = {.key = names, .data = added}, *found;

	names += sprintf(names, "%s%s%s", path, *name ? "/" : "", name) + 1;
	added->offset = offset;
	added->dirs = "";
	if (k->count == ENTRIES_MAX || names - k->names > NAMES_MAX / 2 ||
	    !hsearch_r(entry, ENTER, &found, &k->index))
		fail_msg("the tree is too large");
	return names;
}

static char *index_node(struct boards_kernel *k, char *names, const char *path,
			int node)
{
	struct boards_entry *own = &k->entries[k->count];
	char below[PATH_MAX];
	const char *name;
	int at, size;

	names = index_add(k, names, path, "", node);
	fdt_for_each_property_offset(at, k->fdt, node)
	{
		fdt_getprop_by_offset(k->fdt, at, &name, &size);
		names = index_add(k, names, path, name, at);
	}
	own->dirs = names;
	fdt_for_each_subnode(at, k->fdt, node) names =
		stpcpy(names, fdt_get_name(k->fdt, at, NULL)) + 1;
	*names++ = '\0';
	fdt_for_each_subnode(at, k->fdt, node)
	{
		snprintf(below, sizeof(below), "%s/%s", path,
			 fdt_get_name(k->fdt, at, NULL));
		names = index_node(k, names, below, at);
	}
	return names;
}

void boards_kernel_load(struct boards_kernel *k, const void *fdt)
{
	k->fdt = fdt;
	k->names = malloc(NAMES_MAX);
	k->entries = calloc(ENTRIES_MAX, sizeof(*k->entries));
	k->count = 0;
	assert_non_null(k->names);
	assert_non_null(k->entries);
	assert_true(hcreate_r(ENTRIES_MAX, &k->index));
	index_node(k, k->names, "", 0);
}

void boards_kernel_unload(struct boards_kernel *k)
{
	hdestroy_r(&k->index);
	memset(&k->index, 0, sizeof(k->index));
	free(k->entries);
	free(k->names);
	k->names = NULL;
	k->fdt = NULL;
}
