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

/* Reads an attribute into text without its last newline, ended by NUL. Returns
 * the length, -EFBIG if it has more than size - 1 bytes, -EBADMSG if it
 * contains a NUL, or another -errno. No record is made. */
int sysfs_read(struct lend_ctx *ctx, const char *path, char *text, size_t size);

/* Reads the start of a binary attribute, at most size bytes. Returns how many
 * were read, or -errno. No record is made. */
int sysfs_read_bytes(struct lend_ctx *ctx, const char *path, void *data,
		     size_t size);

/* As sysfs_read(), of an attribute that the kernel guards with a device's lock:
 * another process may sleep with that until the device is released. So it is
 * read by apart_run(), for @seconds at most, then -ETIMEDOUT; @kept is the
 * descriptor that it keeps, or -1. */
int sysfs_read_apart(struct lend_ctx *ctx, const char *path, char *text,
		     size_t size, int kept, unsigned int seconds);

/* As sysfs_read_bytes(), of an attribute that the kernel reads from the device:
 * it waits while a reset is in progress, or for ever. Also by apart_run(). */
int sysfs_read_bytes_apart(struct lend_ctx *ctx, const char *path, void *data,
			   size_t size, unsigned int seconds);

/* Writes an attribute with one write(), also by apart_run(): any write may
 * sleep until a device is released. Returns 0 or -errno, no record. */
int sysfs_write_apart(struct lend_ctx *ctx, const char *path, const char *text,
		      int kept, unsigned int seconds);

/* Reads the last component of a symbolic link's target. Returns its length,
 * -ENAMETOOLONG, -EBADMSG if the target has none, or another -errno. */
int sysfs_link(struct lend_ctx *ctx, const char *path, char *name, size_t size);

/* Resolves a symbolic link in a canonical directory by joining the texts,
 * without a lookup: links in sysfs point to directories only. Returns 0,
 * -ENAMETOOLONG, or another -errno. No record is made. */
int sysfs_target(struct lend_ctx *ctx, const char *link,
		 char target[SYSFS_PATH]);

/* Whether a path exists; false too if it cannot be looked up. */
bool sysfs_exists(struct lend_ctx *ctx, const char *path);

/* Returns the part of path after root and a '/', or NULL if path is not below
 * root. */
const char *sysfs_below(const char *path, const char *root);

/* Lists the names in a directory, for sysfs_names_free(). Returns 0, -E2BIG
 * above a limit that no directory of sysfs comes near, or another -errno. */
int sysfs_list(struct lend_ctx *ctx, const char *path,
	       struct sysfs_names *names);

/* As sysfs_list(), but directories only, not links to them. */
int sysfs_list_dirs(struct lend_ctx *ctx, const char *path,
		    struct sysfs_names *names);

/* As sysfs_list(), with the directories apart from what is none. */
int sysfs_list_kinds(struct lend_ctx *ctx, const char *path,
		     struct sysfs_names *dirs, struct sysfs_names *others);

/* Whether @name is in the list. */
bool sysfs_names_hold(const struct sysfs_names *names, const char *name);

/* Reads the name in a directory that has at most one entry. Returns 0, -ENOENT
 * if it is empty, or another -errno. */
int sysfs_first(struct lend_ctx *ctx, const char *path, char name[SYSFS_NAME]);

void sysfs_names_free(struct sysfs_names *names);

#endif
