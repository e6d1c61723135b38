/* SPDX-License-Identifier: MIT */
/* Configuration space of an emulated PCI Express root port. */
#ifndef VMM_PCI_ROOT_PORT_H
#define VMM_PCI_ROOT_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/pci/slot.h"

struct pci_function_ops;

#define ROOT_PORT_CONFIG 0x108 /* bytes beyond it read 0 */
#define ROOT_PORT_EXP    0x48  /* the PCI Express capability */

/*
 * A type 1 header, power management, PCI Express and ACS. The host handles
 * errors, so that there is an interrupt for hot plug alone.
 *
 * Windows are plain registers: functions below the port answer at their own
 * BARs, inside the windows or not. A guest that programs its bridges correctly
 * sees no difference, and another one gains nothing, since BARs never overlap
 * each other, RAM or interrupt controllers. Bus numbers do matter: see host.h.
 */
struct root_port {
	uint8_t value[ROOT_PORT_CONFIG];
	uint8_t writable[ROOT_PORT_CONFIG];
	struct slot slot;
};

/*
 * Set the reset state. @number is that of the physical slot, at most 8191;
 * @link is the port number of the link, at most 255. A device below a port that
 * is @pluggable comes and goes while the guest runs.
 */
void root_port_init(struct root_port *port, unsigned int number,
		    unsigned int link, bool pluggable);

/*
 * A function is in the slot: the port takes over its link and its maximum
 * payload. Calls ops->config_read once for each register examined.
 */
void root_port_plug(struct root_port *port, const struct pci_function_ops *ops,
		    void *opaque);

/* Side effects of a write. */
enum {
	ROOT_PORT_BUSES = 1 << 0, /* secondary or subordinate number changed */
	ROOT_PORT_RESET = 1 << 1, /* the bus below must be reset */
	ROOT_PORT_SLOT = 1 << 2,  /* slot_take() and slot_line() are due */
};

/* Accesses obey the rules of struct pci_function_ops. */
uint32_t root_port_read(const struct root_port *port, unsigned int offset,
			unsigned int size);
unsigned int root_port_write(struct root_port *port, unsigned int offset,
			     unsigned int size, uint32_t value);

uint8_t root_port_secondary(const struct root_port *port);
uint8_t root_port_subordinate(const struct root_port *port);

#endif
