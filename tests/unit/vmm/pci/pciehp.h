/* SPDX-License-Identifier: MIT */
/* A guest's driver of hot-plug slots, as Linux's pciehp behaves. */
#ifndef TESTS_UNIT_VMM_PCI_PCIEHP_H
#define TESTS_UNIT_VMM_PCI_PCIEHP_H

#include <stdbool.h>
#include <stdint.h>

#define PCIEHP_MESSAGE_ADDRESS UINT64_C(0x1fee00000)
#define PCIEHP_MESSAGE_DATA    0x4041

enum pciehp_state {
	PCIEHP_OFF,
	PCIEHP_ON,
	PCIEHP_LEAVING, /* the button was pressed; five seconds are running */
};

struct pciehp {
	/* The port's registers. */
	uint32_t (*read)(void *opaque, unsigned int offset, unsigned int size);
	void (*write)(void *opaque, unsigned int offset, unsigned int size,
		      uint32_t value);
	void *opaque;
	bool no_messages; /* the guest uses INTA */
	bool probe_fails; /* no driver of the guest takes the device */
	unsigned int exp; /* offset of the capability */
	enum pciehp_state state;
	unsigned int found, left, lost; /* devices: by the button, or without */
	unsigned int calls;             /* of pciehp_interrupt(), with events */
};

/* The port is found at boot; with a device or without. */
void pciehp_probe(struct pciehp *driver);

/* Whether the driver takes a device to be there. */
bool pciehp_is_present(struct pciehp *driver);

/* The port's interrupt: all events are taken, and acted on. */
void pciehp_interrupt(struct pciehp *driver);

/* The five seconds are over. */
void pciehp_wait(struct pciehp *driver);

/* A capability's offset; fails the test where there is none. */
unsigned int pciehp_find(struct pciehp *driver, unsigned int id);

#endif
