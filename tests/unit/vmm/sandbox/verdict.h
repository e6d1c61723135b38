/* SPDX-License-Identifier: MIT */
/* What seccomp filters decide, and what the tables say that they should; for
 * the unit test and for the program that asks a running machine. */
#ifndef TESTS_UNIT_VMM_SANDBOX_VERDICT_H
#define TESTS_UNIT_VMM_SANDBOX_VERDICT_H

#include <sys/types.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "vmm/sandbox/filter.h"
#include "vmm/sandbox/table.h"

/* No filter returns it: an instruction is unknown, or the end was reached. */
#define VERDICT_NONE 0xffffffff

#define VERDICT_FILTERS 4

struct verdict_filter {
	const struct sock_filter *code;
	unsigned int length;
};

/* What the kernel asks at each system call of a thread. */
struct verdict_thread {
	enum sandbox_thread kind;
	pid_t process;
	unsigned int filter_count;
	struct verdict_filter filters[VERDICT_FILTERS];
};

struct verdict_case {
	struct seccomp_data data;
	uint32_t expected, actual;
};

/* The verdict of one filter, or VERDICT_NONE. */
uint32_t verdict_of_filter(const struct verdict_filter *filter,
			   const struct seccomp_data *data);

/* The same of one that sandbox_filter_build() has made. */
uint32_t verdict_of_built(const struct sandbox_filter *filter,
			  const struct seccomp_data *data);

/*
 * Compare filters and tables for each system call and each ioctl. A filter
 * compares words with constants: each constant, and a value beside it, is tried
 * as each argument. Returns the number of cases, or -1 with the first that
 * differs in *@wrong.
 */
long verdict_sweep(const struct verdict_thread *thread,
		   struct verdict_case *wrong);

#endif
