/* SPDX-License-Identifier: MIT */
/* PCI config space access through I/O ports CF8 and CFC. */
#ifndef VMM_X86_PCI_PORTS_H
#define VMM_X86_PCI_PORTS_H

#include <stdint.h>

struct bus;
struct bus_ops;
struct pci_host;

#define PCI_PORTS_ADDRESS 0xcf8

struct pci_ports {
	struct pci_host *host;    /* borrowed */
	_Atomic uint32_t address; /* last value written to CF8 */
	/* Byte accesses to the reset control register at port cf9; or NULL. */
	const struct bus_ops *reset_ops;
	void *reset_opaque;
};

/* Register the ports on the bus. Returns 0 or the error of bus_add(). */
int pci_ports_init(struct pci_ports *ports, struct pci_host *host,
		   struct bus *pio);

#endif
