/* SPDX-License-Identifier: MIT */
/* A device that was found in sysfs. */
#ifndef LIB_ADDRESS_ADDRESS_H
#define LIB_ADDRESS_ADDRESS_H

#include <lend/address.h>

struct lend_address {
	_Atomic unsigned int refs;
	struct lend_ctx *ctx;
	char *path;
	const char *name; /* last part of path */
	enum lend_bus bus;
	int group; /* or the -errno of the lookup */
};

/* The context a device was found in, borrowed. */
struct lend_ctx *address_ctx(const struct lend_address *address);

/* As lend_address_find_path(), but returns 1 without a record if the path does
 * not exist or cannot be looked up. */
int address_find_if_there(struct lend_ctx *ctx, const char *path,
			  struct lend_address **address);

/* The name of a bus's directory in /sys/bus; NULL for LEND_BUS_OTHER. */
const char *address_bus_name(enum lend_bus bus);

/* How long lend_attribute_bytes() waits for a device: longer than most resets
 * take, and short enough for a list of devices. */
enum { ATTRIBUTE_SECONDS = 10 };

#endif
