/* SPDX-License-Identifier: MIT */
/* What a sweep must have reached: kinds of calls of which one has failed. */
#ifndef TESTS_UNIT_FAKE_FAILED_H
#define TESTS_UNIT_FAKE_FAILED_H

#include "fake/kernel.h"

/* Fails the test unless a call of each of these kinds has failed. */
void fake_assert_failed(const struct fake_kernel *fake,
			const struct fake_failure *kinds, size_t count);

#endif
