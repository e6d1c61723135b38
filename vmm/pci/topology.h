/* SPDX-License-Identifier: MIT */
/*
 * Assigns PCI functions of the guest to bus, slot and function, and adds the
 * root ports that this requires.
 */
#ifndef VMM_PCI_TOPOLOGY_H
#define VMM_PCI_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#include "vmm/pci/host.h"

struct lend_ctx;

#define TOPOLOGY_ROOT "pcie.0" /* the root bus, as QEMU names it */

/* The requested place of one function. Strings are borrowed. */
struct topology_wish {
	const char *name; /* for messages */
	const char *text; /* the -device string, for messages */
	const char *id;   /* of a port, for bus= of others; or NULL */
	const char *bus;  /* TOPOLOGY_ROOT, a port's ID, or NULL: any */
	int slot;         /* 0 to 31, or -1: any; then function is 0 */
	int function;     /* 0 to 7 */
	bool is_port;     /* a root port */
	bool pluggable;   /* whose device comes and goes */
	bool is_spare;    /* up to 8 such ports share a slot */
	int chassis; /* of a port; the pair of this and the next is unique */
	int number;  /* of the physical slot, or -1: the port's number */
	int link;    /* port number of the link, or -1: the port's number */

	/* Set by topology_plan(). */
	unsigned int port; /* number of this port, or of the port above; or 0 */
	struct pci_place place; /* the assigned place */
	bool is_placed;
};

struct topology {
	struct pci_port_config *ports; /* sorted by number */
	unsigned int count;
};

/*
 * Find a place for each wish, and create the root ports requested and those
 * required. Wishes with a slot come first, then the others in order: a port, or
 * a device that names the root bus, takes a free root bus slot; a device that
 * names a port goes into the slot below that port; a device that names no bus
 * goes to the root bus while slots are free. If there are too few, the last
 * free slots are filled with 8 root ports each, and the last devices go below
 * those. Spare ports share slots too.
 *
 * Pure: reads the wishes only. Returns 0, or a recorded error that names the
 * wish that cannot be met and a fix; topology_free() must be called either way.
 */
int topology_plan(struct topology *topology, struct lend_ctx *ctx,
		  struct topology_wish *wishes, size_t count);
void topology_free(struct topology *topology);

/* @topology, or one without ports for NULL. */
const struct topology *topology_or_none(const struct topology *topology);

/* The number of ports whose device comes and goes. */
unsigned int topology_count_pluggable(const struct topology *topology);

/* The number of the port that has this name, from 1; 0: none has it. */
unsigned int topology_find_port(const struct topology *topology,
				const char *name);

/* Whether the device below @port (from 1; 0: none) comes and goes. */
bool topology_is_pluggable(const struct topology *topology, unsigned int port);

#endif
