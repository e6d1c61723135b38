/* SPDX-License-Identifier: MIT */
/* Where the control sockets of runs are that are found by name. */
#ifndef CLI_RUNTIME_H
#define CLI_RUNTIME_H

#include <stdbool.h>

#define RUNTIME_MAX      108 /* bytes of a socket's path, with its NUL */
#define RUNTIME_NAME_MAX 64  /* the same of a run's name */

struct lend_ctx;

/* A directory: that of root's runs, or that of this user's. */
struct runtime_path {
	char text[RUNTIME_MAX];
};

/* That of runs which this process starts. Returns 0, or a recorded error. */
int runtime_directory(struct lend_ctx *ctx, struct runtime_path *directory);

/* All where runs are looked for. Returns their number, up to 2. */
unsigned int runtime_directories(struct runtime_path directories[2]);

/* The path of the socket of the run @name; false: it has no such name. */
bool runtime_join(const struct runtime_path *directory, const char *name,
		  struct runtime_path *socket);

/* The path of the socket of the run @name. Returns 0, or a recorded error. */
int runtime_socket(struct lend_ctx *ctx, const struct runtime_path *directory,
		   const char *name, struct runtime_path *socket);

/* Make @directory, and those above it. Returns 0, or a recorded error. */
int runtime_make(struct lend_ctx *ctx, const struct runtime_path *directory);

#endif
