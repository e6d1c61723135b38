/* SPDX-License-Identifier: MIT */
/* Classifies a node's properties: copied as they are, generated, or holding
 * phandles. */
#ifndef LIB_PLATFORM_REFERENCE_H
#define LIB_PLATFORM_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

struct host_node;
struct dt_property;

enum reference {
	REFERENCE_NONE,   /* holds no phandle */
	REFERENCE_MADE,   /* generated from what the device has */
	REFERENCE_HOST,   /* holds addresses of the host */
	REFERENCE_LIST,   /* a list of phandles, each with its arguments */
	REFERENCE_OPAQUE, /* holds phandles in an unknown form */
	REFERENCE_LIKELY, /* unknown; a cell of it is a phandle of the host */
};

/* The longest "#...-cells". */
#define REFERENCE_CELLS 64

/* Number of cells, from the property's start, that may be phandles: all of an
 * unknown property's. */
uint32_t reference_candidates(const struct dt_property *property);

/*
 * Classifies a property of the device's own node or of one of its children. For
 * a list, @cells receives the property of a target that has the number of
 * arguments, "" if there are none.
 */
enum reference reference_find(const struct host_node *host,
			      const struct dt_property *property, bool is_child,
			      char cells[REFERENCE_CELLS]);

/* The first cell of a property that is a phandle of the host. Returns the node,
 * NULL if no cell is one. */
const struct dt_node *reference_first(const struct host_node *host,
				      const struct dt_property *property,
				      uint32_t *phandle);

#endif
