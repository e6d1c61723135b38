/* SPDX-License-Identifier: MIT */
/* Reads the seccomp filters of a stopped thread, and asks them. */
#ifndef TESTS_LAB_HIJACK_JUDGE_H
#define TESTS_LAB_HIJACK_JUDGE_H

#include <stdbool.h>

#include "tests/unit/vmm/sandbox/verdict.h"

/* The number of the thread's filters. */
unsigned int judge_count_filters(pid_t id);

/* Compares the verdicts on each call with the tables, and prints the first that
 * differs. Returns whether none does. */
bool judge_thread(pid_t id, pid_t process, enum sandbox_thread kind);

#endif
