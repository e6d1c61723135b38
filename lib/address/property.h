/* SPDX-License-Identifier: MIT */
/* The front ends of `-device`, and the properties of each. */
#ifndef LIB_ADDRESS_PROPERTY_H
#define LIB_ADDRESS_PROPERTY_H

#include <lend/address.h>

enum {
	PROPERTY_SWITCH = 1u << 0, /* on or off; the value is optional */
	PROPERTY_DEVICE = 1u << 1, /* names the host device */
	PROPERTY_LIST = 1u << 2,   /* may be repeated; joined by ':' */
};

struct property {
	const char *name;
	/* Returns NULL if the value is valid, else what is expected. */
	const char *(*check)(const char *value);
	unsigned int flags;
};

struct front_end {
	const char *name;
	enum lend_bus bus;   /* whose addresses host= takes */
	const char *example; /* how to name a device; NULL: it names none */
	const struct property *properties;
	unsigned int count;
};

/* Returns NULL if there is none of that name; *nearest is then the nearest
 * name, or NULL. */
const struct front_end *front_end_find(const char *name, const char **nearest);

/* As front_end_find(), for a front end's properties. */
const struct property *property_find(const struct front_end *front_end,
				     const char *name, const char **nearest);

#endif
