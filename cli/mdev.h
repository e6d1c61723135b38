/* SPDX-License-Identifier: MIT */
/* Types of mediated devices as JSON objects. */
#ifndef CLI_MDEV_H
#define CLI_MDEV_H

#include <lend/mdev.h>

/* For lend_mdev_types(): adds a type to the array @opaque. */
int mdev_add_type(void *opaque, const struct lend_mdev_type *type);

#endif
