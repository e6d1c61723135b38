/* SPDX-License-Identifier: MIT */
/*
 * The place of a PCI function in the guest, with root ports numbered by the
 * machine.
 */
#ifndef VMM_PCI_PLACE_H
#define VMM_PCI_PLACE_H

/*
 * The guest assigns bus numbers itself, so this is not the address that it
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

/* @devfn is slot and function in one byte, as in a PCI address. */
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
