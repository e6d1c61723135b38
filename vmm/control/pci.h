/* SPDX-License-Identifier: MIT */
/* What query-pci returns: the guest's PCI functions, as it has set them up. */
#ifndef VMM_CONTROL_PCI_H
#define VMM_CONTROL_PCI_H

#include "vmm/control/writer.h"
#include "vmm/pci/place.h"

struct lend_device;
struct pci_host;

/* What the machine knows of a function. */
struct control_function {
	const char *id;                 /* or NULL */
	const struct lend_device *lent; /* or NULL: it is the machine's own */
};

struct control_pci {
	struct pci_host *host;
	struct control_function (*find)(void *opaque, struct pci_place place);
	void *opaque;
};

/* Write the entries of the array, one for each bus that is a root. */
void control_list_pci(const struct control_pci *pci, struct writer *out);

#endif
