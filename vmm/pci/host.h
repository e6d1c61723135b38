/* SPDX-License-Identifier: MIT */
/* PCI host bridge: the root bus, root ports and the buses below them. */
#ifndef VMM_PCI_HOST_H
#define VMM_PCI_HOST_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "vmm/memory/range.h"
#include "vmm/pci/function.h"
#include "vmm/pci/place.h"
#include "vmm/pci/root-port.h"

struct bus;
struct hotplug_owner;
struct lend_ctx;

#define PCI_HOST_FUNCTIONS 256 /* on the root bus: 32 slots of 8 */
#define PCI_PORT_FUNCTIONS 8   /* below a root port: one slot */
#define PCI_HOST_PORTS     248 /* on the root bus, without slot 0 */
#define PCI_HOST_BUS_SIZE  UINT64_C(0x100000) /* of ECAM, for each bus */

/* A root port to create, always on the root bus. */
struct pci_port_config {
	const char *name; /* borrowed; for messages */
	struct pci_place place;
	unsigned int slot; /* number on the physical slot, to 8191 */
	unsigned int link; /* the port's number in its link, to 255 */
	bool pluggable;    /* its device comes and goes while the guest runs */
};

typedef struct pci_function *_Atomic pci_function_at;

struct pci_port {
	struct pci_host *host;         /* borrowed */
	struct pci_place place;        /* of the port itself */
	struct pci_function *function; /* of the port itself */
	struct root_port regs;         /* protected by the port's lock */
	uint8_t secondary;             /* these three: under host->route_lock */
	uint8_t subordinate;
	bool line; /* the level of its INTA; see hotplug.h */
	pci_function_at functions[PCI_PORT_FUNCTIONS];
};

struct pci_host {
	struct lend_ctx *ctx;                          /* borrowed */
	pci_function_at functions[PCI_HOST_FUNCTIONS]; /* by devfn */
	struct pci_port *ports;
	unsigned int port_count;
	pthread_mutex_t route_lock;
	_Atomic uint8_t routes[256]; /* port with that bus, from 1; 0: none */

	/* Of hotplug.h; the first is called with the port's lock held. */
	void (*slot_changed)(struct pci_port *port); /* or NULL */
	const struct hotplug_owner *owner;           /* or NULL */
	_Atomic bool has_news;
};

/*
 * Create an emulated host bridge at 00.0, the @count root ports, and config
 * access by ECAM for as many buses as fit @ecam. Ports start in their reset
 * state, without bus numbers.
 *
 * A bus below a root port answers to the secondary bus number that the guest
 * assigned to the port, unless the subordinate number is lower. If two ports
 * have the same number, the first in configuration order answers. Bus 0 is
 * always the root bus.
 *
 * Returns 0 or a recorded error; pci_host_destroy() must be called either way.
 */
int pci_host_init(struct pci_host *host, struct lend_ctx *ctx, struct bus *mmio,
		  struct range ecam, const struct pci_port_config *ports,
		  unsigned int count);
void pci_host_destroy(struct pci_host *host);

/*
 * Plug a function in at @place: before the guest runs, or below a port that is
 * pluggable. Returns 0, or a recorded error: the place is in use (the record
 * names the owner) or does not exist. Sets the header type's multi-function bit
 * for slots with several functions.
 *
 * When pci_host_remove() returns, no op runs, nor will one. One thread at a
 * time calls these two; vCPUs may be running.
 */
int pci_host_add(struct pci_host *host, const char *name,
		 struct pci_place place, const struct pci_function_ops *ops,
		 void *opaque);
void pci_host_remove(struct pci_host *host, struct pci_place place);

/*
 * A guest's config access to function @devfn of the bus that the guest numbered
 * @bus. Accesses that no function answers, or that struct pci_function_ops does
 * not allow, read all ones.
 */
uint32_t pci_host_read(struct pci_host *host, unsigned int bus,
		       unsigned int devfn, unsigned int offset,
		       unsigned int size);
void pci_host_write(struct pci_host *host, unsigned int bus, unsigned int devfn,
		    unsigned int offset, unsigned int size, uint32_t value);

/*
 * The requester ID of the function at @place: bus number, slot and function,
 * with the guest's current bus number.
 */
uint32_t pci_host_requester(struct pci_host *host, struct pci_place place);

/*
 * The GSI of INTx @pin (1 = INTA to 4 = INTD, as in config offset 0x3d) of the
 * function at @place: a function below a root port uses the pins of the port's
 * slot, as the guest computes by swizzling INTx pins at each bridge.
 */
unsigned int pci_host_gsi(const struct pci_host *host, struct pci_place place,
			  unsigned int pin);

#endif
