/* SPDX-License-Identifier: MIT */
/* Where a PCI function of the guest is, as the machine counts root ports. */
#ifndef VMM_PCI_PLACE_H
#define VMM_PCI_PLACE_H

/*
 * The guest numbers its buses as it likes, so this is not the address that it
 * sees.
 */
struct pci_place {
	unsigned int port;     /* root port above it, from 1; 0: root bus */
	unsigned int slot;     /* 0 to 31; below a root port 0 */
	unsigned int function; /* 0 to 7 */
};

static inline struct pci_place pci_place(unsigned int port, unsigned int slot,
					 unsigned int function)
{
	return (struct pci_place){port, slot, function};
}

/* @devfn is slot and function in a byte, as PCI has them in an address. */
static inline struct pci_place pci_place_at(unsigned int port,
					    unsigned int devfn)
{
	return (struct pci_place){port, devfn >> 3, devfn & 7};
}

static inline unsigned int pci_place_devfn(struct pci_place place)
{
	return place.slot << 3 | place.function;
}

#endif
