/* SPDX-License-Identifier: MIT */
/* Reads the place of a function or root port from its -device string. */
#ifndef CLI_RUN_PLACE_H
#define CLI_RUN_PLACE_H

#include "vmm/pci/topology.h"

struct lend_ctx;
struct lend_spec;

/*
 * Sets all of @wish but its name from @spec, which was parsed from @text;
 * borrows strings from both.
 */
void run_place_read(struct topology_wish *wish, const struct lend_spec *spec,
		    const char *text);

/* Whether the string requests a root port. */
bool run_place_is_port(const struct lend_spec *spec);

/* The same for a root port, with its name. */
void run_place_read_port(struct topology_wish *wish,
			 const struct lend_spec *spec, const char *text);

#endif
