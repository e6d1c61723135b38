/* SPDX-License-Identifier: MIT */
/* The system calls of the machine for tests. */
#ifndef TESTS_UNIT_FAKE_FAKE_DRIVERS_H
#define TESTS_UNIT_FAKE_FAKE_DRIVERS_H

#include <stdlib.h>

#include "fake-sysfs.h"
#include "lib/base/sysfs.h"

void fake_drivers_init(struct fake_sysfs *fake);

/* How many descriptors are open. */
unsigned int fake_drivers_open_count(const struct fake_sysfs *fake);

/* Builds a path, which must fit. */
#define fake_join(path, ...)                                                   \
	do {                                                                   \
		if (sysfs_path(path, __VA_ARGS__))                             \
			abort();                                               \
	} while (0)

#endif
