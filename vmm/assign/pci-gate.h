/* SPDX-License-Identifier: MIT */
/* Keeps vCPUs out of the trapped BARs of a PCI function that leaves a running
 * machine. */
#ifndef VMM_ASSIGN_PCI_GATE_H
#define VMM_ASSIGN_PCI_GATE_H

#include <pthread.h>

#include <lend/pci.h>

#include "vmm/base/bus.h"
#include "vmm/pci/place.h"

struct assign_pci;
struct machine;

/*
 * Of a place below a port that can be plugged. A vCPU may have found a BAR just
 * before it was dropped, so that the gate outlasts the functions of its place:
 * it is freed with the machine. Functions elsewhere stay as long as vCPUs run,
 * and have none.
 */
struct assign_pci_gate {
	struct assign_pci_gate *next;
	struct pci_place place;
	pthread_rwlock_t lock;       /* held while an access is carried out */
	struct assign_pci *function; /* or NULL: accesses reach nothing */
	struct assign_pci_gate_bar {
		struct assign_pci_gate *gate;
		unsigned int index;
	} bars[LEND_PCI_BARS];
};

/* The gate of @place; NULL where no function leaves. Returns 0, or a recorded
 * error. */
int assign_pci_gate_find(struct machine *machine, struct pci_place place,
			 struct assign_pci_gate **gate);

/* With the vCPUs stopped. */
void assign_pci_gate_free_all(struct machine *machine);

/* Let accesses reach @function; NULL: none, and none is being carried out when
 * it returns. @gate may be NULL. */
void assign_pci_gate_set(struct assign_pci_gate *gate,
			 struct assign_pci *function);

/* Handlers of a BAR; opaque is the gate's. */
extern const struct bus_ops assign_pci_gate_ops;

#endif
