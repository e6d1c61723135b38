/* SPDX-License-Identifier: MIT */
/* Which properties of a node are copied as they are, which are made anew, and
 * which hold phandles. */
#ifndef LIB_PLATFORM_REFERENCE_H
#define LIB_PLATFORM_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

struct host_node;
struct dt_property;

enum reference {
	REFERENCE_NONE,   /* holds no phandle */
	REFERENCE_MADE,   /* is made anew from what the device has */
	REFERENCE_HOST,   /* holds addresses of the host */
	REFERENCE_LIST,   /* a list of phandles, each with its arguments */
	REFERENCE_OPAQUE, /* holds phandles, in a form that is not known */
};

/* The longest "#...-cells". */
#define REFERENCE_CELLS 64

/* Cells of a property, from its start, that may be phandles. */
uint32_t reference_candidates(const struct dt_property *property);

/*
 * What a property is, of the device's own node or of one of its children. For a
 * list, cells receives the property by which a target tells how many arguments
 * it takes, "" where there are none.
 */
enum reference reference_find(const struct host_node *host,
			      const struct dt_property *property, bool is_child,
			      char cells[REFERENCE_CELLS]);

#endif
