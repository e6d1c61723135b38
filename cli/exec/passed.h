/* SPDX-License-Identifier: MIT */
/* The descriptors that a command gets: an iommufd, and device nodes. */
#ifndef CLI_EXEC_PASSED_H
#define CLI_EXEC_PASSED_H

#include "cli/devices.h"

struct exec_passed {
	int *fds; /* iommufd's, then those of the devices; or -1 */
	unsigned int count;
	bool is_listed; /* they are descriptors from 3 on, in this order */
};

/*
 * Opens iommufd, and the nodes of devices that are bound and unused. They close
 * when a program is executed. If @is_listed, refuses where the caller has
 * descriptors in their places. Returns 0, or -errno with a record; then too
 * exec_passed_close() must follow.
 */
int exec_passed_open(struct exec_passed *passed, struct cli *cli,
		     const struct devices *devices, bool is_listed);

/* Keeps them open for the program that is executed next, and in their places;
 * sets the variables of sd_listen_fds(3) if they are listed. Returns 0, or
 * -errno with a record. */
int exec_passed_keep(struct exec_passed *passed, struct lend_ctx *ctx);

void exec_passed_close(struct exec_passed *passed);

#endif
