// SPDX-License-Identifier: MIT
// PCI host bridge: bus 0, its slots, and config space by ECAM and CF8/CFC.
#ifndef VMM_PCI_HOST_H
#define VMM_PCI_HOST_H

#include <pthread.h>
#include <stdint.h>

#include "range.h"

struct bus;
struct bus_ops;
struct lend_ctx;

#define PCI_HOST_ADDRESS_PORT 0xcf8
#define PCI_HOST_FUNCTIONS    256 /* one bus: 32 slots of 8 functions */
#define PCI_HOST_ECAM_SIZE    (PCI_HOST_FUNCTIONS * 4096)

/*
 * Config accesses as the function sees them: size 1, 2 or 4, aligned to its
 * size, offset + size <= 4096. Never two at a time for one function. Whatever
 * else a guest tries reads as all ones, is ignored when written, and does not
 * get here.
 */
struct pci_function_ops {
	uint32_t (*config_read)(void *opaque, unsigned offset, unsigned size);
	void (*config_write)(void *opaque, unsigned offset, uint32_t value,
			     unsigned size);
};

struct pci_function {
	pthread_mutex_t lock; /* held while an op runs */
	const struct pci_function_ops *ops;
	void *opaque;
	const char *name; /* borrowed; for messages */
};

struct pci_host {
	struct lend_ctx *ctx;                               /* borrowed */
	struct pci_function *functions[PCI_HOST_FUNCTIONS]; /* by devfn */
	_Atomic uint32_t address;                           /* CF8 latch */
	/* Byte accesses to the reset control register at port cf9; or NULL. */
	const struct bus_ops *reset_ops;
	void *reset_opaque;
};

/* Slot and function where a device wants to be; -1: the next free slot. */
struct pci_slot {
	int slot;     /* 1 to 31, or -1 */
	int function; /* 0 to 7 */
};

/*
 * Put an emulated host bridge at 00.0, and config access on both busses.
 * Returns 0 or a recorded error.
 */
int pci_host_init(struct pci_host *host, struct lend_ctx *ctx, struct bus *mmio,
		  struct bus *pio, struct range ecam);
void pci_host_destroy(struct pci_host *host);

/*
 * Plug a function in. Returns its devfn (slot << 3 | function), or a recorded
 * error: slot taken (names the holder), or none free. The header type's
 * multi-function bit is set here for slots that hold several.
 */
int pci_host_add(struct pci_host *host, const char *name, struct pci_slot at,
		 const struct pci_function_ops *ops, void *opaque);
void pci_host_remove(struct pci_host *host, int devfn);

/*
 * Every slot in use must have a function 0, or the guest finds none of it.
 * Returns 0 or a recorded error; called once all devices are plugged in.
 */
int pci_host_check(struct pci_host *host);

/* The GSI of INTx `pin` (1 = INTA to 4 = INTD, as in config offset 0x3d). */
unsigned pci_host_gsi(int devfn, unsigned pin);

#endif
