/* SPDX-License-Identifier: MIT */
/* Which PCI function of the guest goes where: bus, slot, function, and the root
 * ports that this takes.
 */
#ifndef VMM_PCI_TOPOLOGY_H
#define VMM_PCI_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#include "vmm/pci/host.h"

struct lend_ctx;

#define TOPOLOGY_ROOT "pcie.0" /* the root bus, as QEMU names it */

/* Where one function is wanted. Strings are borrowed. */
struct topology_wish {
	const char *name; /* what messages call it */
	const char *text; /* the -device string, for messages */
	const char *id;   /* what bus= of others names, of a port; or NULL */
	const char
		*bus; /* TOPOLOGY_ROOT, a port's ID, or NULL: where room is */
	int slot;     /* 0 to 31, or -1: any; then function is 0 */
	int function; /* 0 to 7 */
	bool is_port; /* a root port */
	int chassis;  /* of a port; the pair of this and the next is unique */
	int number; /* of the physical slot, or -1: as the ports are counted */
	int link;   /* the port's own number in its link, or -1: the same */

	/* Found by topology_plan(). */
	unsigned int
		port; /* number of the port it is, or that it is below; or 0 */
	struct pci_place place; /* where it goes */
	bool is_placed;
};

struct topology {
	struct pci_port_config *ports; /* in the order of their numbers */
	unsigned int count;
};

/*
 * Find a place for each wish, and make the root ports asked for, and those that
 * are needed. Wishes with a slot come first, then the others, in their order:
 * a port or a device for the root bus takes a free slot of it each; what names
 * a port goes into the slot below it; and what names no bus goes to the root
 * bus too while slots are free. Where they would not do, the last of the free
 * slots are filled with 8 root ports each, and the last of these devices go
 * below those.
 *
 * Pure: looks at the wishes alone. Returns 0, or a recorded error that names
 * whose wish cannot be met and what would help; topology_free() is due either
 * way.
 */
int topology_plan(struct topology *topology, struct lend_ctx *ctx,
		  struct topology_wish *wishes, size_t count);
void topology_free(struct topology *topology);

#endif
