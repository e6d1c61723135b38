// SPDX-License-Identifier: MIT
// What a sweep must have reached: kinds of calls of which one has failed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "failed.h"

void fake_assert_failed(const struct fake_kernel *fake,
			const struct fake_failure *kinds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!fake_has_failed(fake, kinds[i].op, kinds[i].request))
			fail_msg("no call of kind %d, request %#lx, has failed",
				 kinds[i].op, kinds[i].request);
}
