/* SPDX-License-Identifier: MIT */
/* Device-tree bindings: what a device's node in a guest must have. */
#ifndef LIB_PLATFORM_BINDING_H
#define LIB_PLATFORM_BINDING_H

#include <stdbool.h>
#include <stdint.h>

struct dt_node;

struct binding_property {
	const char *name;
	bool required;
	uint32_t size;     /* bytes, 0 for any */
	const char *lists; /* required strings, separated by ' '; or NULL */
};

struct binding {
	const char
		*compatible; /* NULL: generic, whatever the host's node has */
	const char *why;     /* reason for the entry */
	unsigned int min_regions, max_regions; /* 0, 0: any */
	unsigned int min_irqs, max_irqs;
	const struct binding_property *properties;
	unsigned int count;
};

/* The binding of a host's node: that of the first "compatible" with one, else
 * the generic one. */
const struct binding *binding_find(const struct dt_node *node);

/* The "compatible" that a front end requires, NULL if it takes any. */
const char *binding_of_front_end(const char *front_end);

#endif
