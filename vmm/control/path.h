/* SPDX-License-Identifier: MIT */
/* A listening socket with a path, which goes when the process ends. */
#ifndef VMM_CONTROL_PATH_H
#define VMM_CONTROL_PATH_H

#include <sys/types.h>

struct lend_ctx;
struct user_identity;

struct control_path {
	const char *option; /* begins messages */
	int directory;      /* -1: there is no path */
	const char *name;
	dev_t device; /* of the socket's inode */
	ino_t inode;
	int alive; /* pipe: its end is the process's */
	int gone;  /* pipe: its end is that of the process that unlinks */
};

/* @option is the one that names the path on the command line. */
void control_path_init(struct control_path *path, const char *option);

/*
 * Listen at @text, borrowed, with mode 0600; it belongs to @identity, where
 * that has one. A socket that nobody listens at any more is replaced. Must be
 * called before there are threads and guest RAM: a child process is forked.
 * Returns the socket, or a recorded error; control_path_close() is due.
 */
int control_path_listen(struct control_path *path, struct lend_ctx *ctx,
			const char *text, const struct user_identity *identity);

/* Have the path unlinked, and wait for that for at most a second. */
void control_path_close(struct control_path *path);

#endif
