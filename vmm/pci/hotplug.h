/* SPDX-License-Identifier: MIT */
/* Hot plug below the root ports of a host bridge, while vCPUs run. */
#ifndef VMM_PCI_HOTPLUG_H
#define VMM_PCI_HOTPLUG_H

#include <stdbool.h>

#include "vmm/pci/host.h"
#include "vmm/pci/slot.h"

struct irq;

/*
 * Ports are numbered from 1, as in struct pci_place. Guests reach the registers
 * from any vCPU's thread; what follows is called in the main loop.
 */

/* The machine, which acts on what a guest does to a slot; all borrowed. */
struct hotplug_owner {
	struct irq *irq;
	/* hotplug_turn() is due. From any thread, with the port's lock held:
	 * takes no lock of the bridge, and does not wait. */
	void (*due)(void *opaque);
	void *opaque;
};

/* Before the guest runs. Without an owner, ports raise no interrupt. */
void hotplug_begin(struct pci_host *host, const struct hotplug_owner *owner);

/* With the vCPUs stopped, before pci_host_destroy(): lower the lines. */
void hotplug_end(struct pci_host *host);

/*
 * A device comes in: hotplug_hold(), then pci_host_add() for each of its
 * functions, function 0 last, where the guest begins, then hotplug_fill(). Or
 * all functions were removed, or did not all come: hotplug_empty().
 */
void hotplug_hold(struct pci_host *host, unsigned int port);
void hotplug_fill(struct pci_host *host, unsigned int port);
void hotplug_empty(struct pci_host *host, unsigned int port);

/* Press the attention button. */
void hotplug_press(struct pci_host *host, unsigned int port);

/* What the guest shows of itself; of any number, nothing of one that is not a
 * port. */
struct slot_view hotplug_look(struct pci_host *host, unsigned int port);

/*
 * Send the messages that are due to what the guest wrote. Calls @news for each
 * port with other news, SLOT_*, with no lock held.
 */
void hotplug_turn(struct pci_host *host,
		  void (*news)(void *opaque, unsigned int port,
			       unsigned int what),
		  void *opaque);

#endif
