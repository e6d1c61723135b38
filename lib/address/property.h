/* SPDX-License-Identifier: MIT */
/* Front ends that `-device` knows, and the properties each takes. */
#ifndef LIB_ADDRESS_PROPERTY_H
#define LIB_ADDRESS_PROPERTY_H

#include <lend/address.h>

enum {
	PROPERTY_SWITCH = 1u << 0, /* on or off, may stand without a value */
	PROPERTY_DEVICE = 1u << 1, /* names the host device */
	PROPERTY_LIST = 1u << 2,   /* given again, it adds, after a ':' */
};

struct property {
	const char *name;
	/* NULL where the value is good, else what it should be like. */
	const char *(*check)(const char *value);
	unsigned int flags;
};

struct front_end {
	const char *name;
	enum lend_bus bus;   /* whose addresses host= takes */
	const char *example; /* of what names a device; NULL: none is named */
	const struct property *properties;
	unsigned int count;
};

/* NULL where there is none of that name; *nearest is then the nearest name, or
 * NULL. */
const struct front_end *front_end_find(const char *name, const char **nearest);

/* As front_end_find(), for a front end's properties. */
const struct property *property_find(const struct front_end *front_end,
				     const char *name, const char **nearest);

#endif
