/* SPDX-License-Identifier: MIT */
/* The mounts of this mount namespace and of those that processes are in. */
#ifndef LIB_CHECK_MOUNTS_H
#define LIB_CHECK_MOUNTS_H

#include <lend/context.h>

struct mount {
	char number[32];  /* of the device, "8:2" */
	char root[64];    /* the part of the file system that is mounted */
	char where[256];  /* the mount point */
	char type[64];    /* of the file system */
	char source[256]; /* what the mounter named */
	const char *pid;  /* a process in its namespace; NULL: this one */
};

/* Calls each for every mount, those of this namespace first. Other namespaces
 * are visible to root alone. */
void mounts_visit(struct lend_ctx *ctx,
		  void (*each)(void *opaque, const struct mount *mount),
		  void *opaque);

/* Writes "on /srv" or "on /srv in the mount namespace of nginx (pid 31)". */
void mounts_describe(struct lend_ctx *ctx, const struct mount *mount,
		     char *text, size_t size);

#endif
