/* SPDX-License-Identifier: MIT */
/* PCI host bridge: the root bus, root ports and the busses below them. */
#ifndef VMM_PCI_HOST_H
#define VMM_PCI_HOST_H

#include <pthread.h>
#include <stdint.h>

#include "vmm/memory/range.h"
#include "vmm/pci/function.h"
#include "vmm/pci/place.h"
#include "vmm/pci/root-port.h"

struct bus;
struct lend_ctx;

#define PCI_HOST_FUNCTIONS 256 /* of the root bus: 32 slots of 8 */
#define PCI_PORT_FUNCTIONS 8   /* below a root port: one slot */
#define PCI_HOST_PORTS     248 /* on the root bus, slot 0 aside */
#define PCI_HOST_BUS_SIZE  UINT64_C(0x100000) /* of ECAM, for each bus */

/* A root port to be made: always on the root bus. */
struct pci_port_config {
	const char *name; /* borrowed; for messages */
	struct pci_place place;
	unsigned int slot; /* number on the physical slot, to 8191 */
	unsigned int link; /* the port's number in its link, to 255 */
};

struct pci_port {
	struct pci_host *host; /* borrowed */
	uint8_t slot;          /* of the root bus, where the port is */
	struct root_port regs; /* belongs to whoever holds the port's lock */
	uint8_t secondary;     /* this and the next: under host->route_lock */
	uint8_t subordinate;
	struct pci_function *functions[PCI_PORT_FUNCTIONS];
};

struct pci_host {
	struct lend_ctx *ctx;                               /* borrowed */
	struct pci_function *functions[PCI_HOST_FUNCTIONS]; /* by devfn */
	struct pci_port *ports;
	unsigned int port_count;
	pthread_mutex_t route_lock;
	_Atomic uint8_t routes[256]; /* port with that bus, from 1; 0: none */
};

/*
 * Put an emulated host bridge at 00.0, the @count root ports, and config
 * access by ECAM, for as many busses as @ecam has room for. Ports are as after
 * a reset, without bus numbers.
 *
 * A bus that is not the root one answers by the number that the guest gave a
 * root port as its secondary one, unless the subordinate one is lower. Where
 * two have the same, the first in order of configuration does. Bus 0 is the
 * root bus whatever a port says.
 *
 * Returns 0 or a recorded error; pci_host_destroy() is due either way.
 */
int pci_host_init(struct pci_host *host, struct lend_ctx *ctx, struct bus *mmio,
		  struct range ecam, const struct pci_port_config *ports,
		  unsigned int count);
void pci_host_destroy(struct pci_host *host);

/*
 * Plug a function in at @place, before the guest runs. Returns 0, or a
 * recorded error: the place is taken (names the holder) or not there. The
 * header type's multi-function bit is set here for slots that hold several.
 */
int pci_host_add(struct pci_host *host, const char *name,
		 struct pci_place place, const struct pci_function_ops *ops,
		 void *opaque);
void pci_host_remove(struct pci_host *host, struct pci_place place);

/*
 * A config access of the guest's to function @devfn of the bus that it calls
 * @bus. What nobody answers, or is not as struct pci_function_ops says, reads
 * all ones.
 */
uint32_t pci_host_read(struct pci_host *host, unsigned int bus,
		       unsigned int devfn, unsigned int offset,
		       unsigned int size);
void pci_host_write(struct pci_host *host, unsigned int bus, unsigned int devfn,
		    unsigned int offset, unsigned int size, uint32_t value);

/*
 * What the function at @place calls itself in messages: bus number, slot and
 * function, as the guest has numbered the bus by now.
 */
uint32_t pci_host_requester(struct pci_host *host, struct pci_place place);

/*
 * The GSI of INTx @pin (1 = INTA to 4 = INTD, as in config offset 0x3d) of the
 * function at @place: what is below a root port has the pins of its port's
 * slot, as a guest finds when it turns pins at each bridge.
 */
unsigned int pci_host_gsi(const struct pci_host *host, struct pci_place place,
			  unsigned int pin);

#endif
