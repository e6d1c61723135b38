/* SPDX-License-Identifier: MIT */
/* Where a -device string of `lend run` wants its function, or its root port. */
#ifndef CLI_RUN_PLACE_H
#define CLI_RUN_PLACE_H

#include "vmm/pci/topology.h"

struct lend_ctx;
struct lend_spec;

/*
 * Fill in all of @wish but its name with what @spec tells, which @text spells;
 * strings are borrowed from both.
 */
void run_place_read(struct topology_wish *wish, const struct lend_spec *spec,
		    const char *text);

/* Whether the string asks for a root port. */
bool run_place_is_port(const struct lend_spec *spec);

/* The same with the name of a port. Warns of what has no meaning here. */
void run_place_read_port(struct topology_wish *wish, struct lend_ctx *ctx,
			 const struct lend_spec *spec, const char *text);

#endif
