// SPDX-License-Identifier: MIT
// Ways into PCI config space: ECAM, and the ports CF8 and CFC.
#ifndef VMM_PCI_CONFIG_H
#define VMM_PCI_CONFIG_H

#include "range.h"

struct bus;
struct pci_host;

/* Put them on both busses. Returns 0, or as bus_add(). */
int pci_config_init(struct pci_host *host, struct bus *mmio, struct bus *pio,
		    struct range ecam);

#endif
