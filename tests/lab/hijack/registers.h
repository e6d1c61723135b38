/* SPDX-License-Identifier: MIT */
/* The registers of a traced thread that is about to make a system call. */
#ifndef TESTS_LAB_HIJACK_REGISTERS_H
#define TESTS_LAB_HIJACK_REGISTERS_H

#include <stdbool.h>
#include <sys/types.h>

#define REGISTERS_ARGUMENTS 6

/* Let the thread make another system call. Returns whether it will. */
bool registers_set_call(pid_t thread, long number,
			const unsigned long arguments[REGISTERS_ARGUMENTS]);

/* The thread's stack pointer, or 0. */
unsigned long registers_stack(pid_t thread);

#endif
