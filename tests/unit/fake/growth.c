// SPDX-License-Identifier: MIT
// Counts the basic blocks of code that was compiled for that.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/fake/growth.h"

void __sanitizer_cov_trace_pc(void);

static uint64_t blocks;

void __sanitizer_cov_trace_pc(void)
{
	blocks++;
}

void growth_begin(void)
{
	blocks = 0;
}

uint64_t growth_end(struct growth *growth, bool is_few)
{
	uint64_t now = blocks;

	assert_in_range(now, 1, UINT64_MAX);
	if (is_few && growth->few < now)
		growth->few = now;
	if (growth->many < now)
		growth->many = now;
	return now;
}

void growth_expect(const struct growth *growth, unsigned int times)
{
	assert_in_range(growth->many, 1, times * growth->few);
}
