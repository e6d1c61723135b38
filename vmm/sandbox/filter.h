/* SPDX-License-Identifier: MIT */
/* A seccomp filter, made of the tables for one kind of thread. */
#ifndef VMM_SANDBOX_FILTER_H
#define VMM_SANDBOX_FILTER_H

#include <stdint.h>
#include <sys/types.h>
#include <linux/filter.h>

#include "vmm/sandbox/table.h"

#define SANDBOX_FILTER_MAX 512

struct sandbox_filter {
	struct sock_filter code[SANDBOX_FILTER_MAX];
	unsigned int length;
	int err; /* < 0: it did not fit */
};

/*
 * Make the filter for threads of this kind of process @pid; whatever is not in
 * the tables gets @denied, a SECCOMP_RET value. Returns 0, or -E2BIG.
 */
int sandbox_filter_build(struct sandbox_filter *filter,
			 enum sandbox_thread thread, pid_t pid,
			 uint32_t denied);

#endif
