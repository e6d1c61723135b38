/* SPDX-License-Identifier: MIT */
/* Configuration space of an emulated PCI Express root port. */
#ifndef VMM_PCI_ROOT_PORT_H
#define VMM_PCI_ROOT_PORT_H

#include <stdint.h>

struct pci_function_ops;

#define ROOT_PORT_CONFIG 0x108 /* what is beyond reads 0 */

/*
 * A type 1 header, power management, PCI Express and ACS. It has no interrupt:
 * nothing is plugged in while the guest runs, and errors go to the host.
 *
 * Windows are plain registers: what is below answers where its own BARs are,
 * inside them or not. A guest that runs its bridges properly cannot tell, and
 * one that does not gains nothing, since BARs keep off each other, RAM and
 * interrupt controllers anyway. Bus numbers do matter: see pci-host.h.
 */
struct root_port {
	uint8_t value[ROOT_PORT_CONFIG];
	uint8_t writable[ROOT_PORT_CONFIG];
};

/*
 * As after a reset. @slot is the number on the physical slot, to 8191, @link
 * the port's own, to 255.
 */
void root_port_init(struct root_port *port, unsigned int slot,
		    unsigned int link);

/*
 * A function is in the slot: its link, and its largest payload, are the port's
 * from now on. One call of ops->config_read for each register looked at.
 */
void root_port_plug(struct root_port *port, const struct pci_function_ops *ops,
		    void *opaque);

/* What a write did beyond the register. */
enum {
	ROOT_PORT_BUSSES = 1 << 0, /* secondary or subordinate number */
	ROOT_PORT_RESET = 1 << 1,  /* the bus below is to be reset */
};

/* Accesses are as those of struct pci_function_ops. */
uint32_t root_port_read(const struct root_port *port, unsigned int offset,
			unsigned int size);
unsigned int root_port_write(struct root_port *port, unsigned int offset,
			     unsigned int size, uint32_t value);

uint8_t root_port_secondary(const struct root_port *port);
uint8_t root_port_subordinate(const struct root_port *port);

#endif
