/* SPDX-License-Identifier: MIT */
/* The namespaces of other processes. */
#ifndef LIB_CHECK_SPACES_H
#define LIB_CHECK_SPACES_H

#include <lend/context.h>

/* Calls each for every namespace of a type ("mnt", "net") that a process is in
 * and this one is not: with one process of it, and its name, "net:[40265…]".
 * Those of other users' processes are visible to root alone. */
void spaces_visit(struct lend_ctx *ctx, const char *type,
		  void (*each)(void *opaque, const char *pid,
			       const char *space),
		  void *opaque);

#endif
