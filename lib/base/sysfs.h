/* SPDX-License-Identifier: MIT */
/* Reading and writing sysfs (and procfs) through the seam to the kernel. */
#ifndef LIB_BASE_SYSFS_H
#define LIB_BASE_SYSFS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include <lend/context.h>

/* A name in a directory, and a whole path, each with its NUL. */
#define SYSFS_NAME (NAME_MAX + 1)
#define SYSFS_PATH PATH_MAX

/* Names of a directory, sorted. */
struct sysfs_names {
	char **names;
	unsigned int count;
};

/* Builds a path. Returns 0, or -ENAMETOOLONG. */
int sysfs_path(char path[SYSFS_PATH], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Reads an attribute into text without its last newline, ended by NUL.
 * Returns the length, -EFBIG where there is more than size - 1 bytes, -EBADMSG
 * where there is a NUL in it, or another -errno. No record is made. */
int sysfs_read(struct lend_ctx *ctx, const char *path, char *text, size_t size);

/* Reads the start of a binary attribute, size bytes or what there is. Returns
 * how many, or -errno. No record is made. */
int sysfs_read_bytes(struct lend_ctx *ctx, const char *path, void *data,
		     size_t size);

/* Writes an attribute with one write(). Returns 0 or -errno, no record. */
int sysfs_write(struct lend_ctx *ctx, const char *path, const char *text);

/* The last component of where a symbolic link points. Returns its length,
 * -ENAMETOOLONG, -EBADMSG where there is none, or another -errno. */
int sysfs_link(struct lend_ctx *ctx, const char *path, char *name, size_t size);

/* Where a symbolic link leads whose directory is spelled canonically: read and
 * joined, not looked up, as sysfs links to directories alone. Returns 0,
 * -ENAMETOOLONG, or another -errno. No record is made. */
int sysfs_target(struct lend_ctx *ctx, const char *link,
		 char target[SYSFS_PATH]);

/* Whether something is there; what cannot be looked at is not. */
bool sysfs_exists(struct lend_ctx *ctx, const char *path);

/* What follows root and a '/' in path, or NULL where path is not below root. */
const char *sysfs_below(const char *path, const char *root);

/* The names in a directory; released by sysfs_names_free(). Returns 0, -E2BIG
 * where there are more than anyone could mean, or another -errno. */
int sysfs_list(struct lend_ctx *ctx, const char *path,
	       struct sysfs_names *names);

/* As sysfs_list(), the directories alone, not links to them. */
int sysfs_list_dirs(struct lend_ctx *ctx, const char *path,
		    struct sysfs_names *names);

/* A name in a directory, of which there is at most one. Returns 0, -ENOENT
 * where there is none, or another -errno. */
int sysfs_first(struct lend_ctx *ctx, const char *path, char name[SYSFS_NAME]);

void sysfs_names_free(struct sysfs_names *names);

#endif
