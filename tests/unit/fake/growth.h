/* SPDX-License-Identifier: MIT */
/* Counts the basic blocks of code that was compiled for that, with
 * -fsanitize-coverage=trace-pc, to see how its work grows. */
#ifndef TESTS_UNIT_FAKE_GROWTH_H
#define TESTS_UNIT_FAKE_GROWTH_H

#include <stdbool.h>
#include <stdint.h>

/* The most blocks of one operation, among few entries and among any. */
struct growth {
	uint64_t few, many;
};

/* Counts from here on, in this thread's program. */
void growth_begin(void);

/* Ends an operation. Returns its blocks, more than 0. */
uint64_t growth_end(struct growth *growth, bool is_few);

/* Fails if an operation among many was @times as much work as among few. */
void growth_expect(const struct growth *growth, unsigned int times);

#endif
