/* SPDX-License-Identifier: MIT */
/* The calls of the machine for tests. */
#ifndef FAKE_DRIVERS_H
#define FAKE_DRIVERS_H

#include <limits.h>

#include "fake-sysfs.h"

void fake_drivers_init(struct fake_sysfs *fake);

/* How many descriptors are open. */
unsigned int fake_drivers_open_count(const struct fake_sysfs *fake);

/* Builds a path, which must fit. */
void fake_join(char path[PATH_MAX], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
