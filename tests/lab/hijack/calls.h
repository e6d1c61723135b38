/* SPDX-License-Identifier: MIT */
/* System calls that a hijacked thread would like to make. */
#ifndef TESTS_LAB_HIJACK_CALLS_H
#define TESTS_LAB_HIJACK_CALLS_H

#include "registers.h"

struct hijack_call {
	const char *name;
	long number;
	unsigned long arguments[REGISTERS_ARGUMENTS];
};

void hijack_print_calls(void);

/* NULL if there is none. */
const struct hijack_call *hijack_find_call(const char *name);

/* The thread, which is about to make a system call, makes this one instead.
 * Returns whether it will. */
bool hijack_inject(pid_t thread, const struct hijack_call *call);

#endif
