/* SPDX-License-Identifier: MIT */
/* A lent PCI function in the machine: its structure, for the files that
 * implement it.
 */
#ifndef VMM_ASSIGN_PCI_OPS_H
#define VMM_ASSIGN_PCI_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include <lend/pci.h>

#include "vmm/assign/pci-intx.h"
#include "vmm/assign/pci.h"
#include "vmm/machine/internal.h"
#include "vmm/memory/range.h"

struct assign_pci;
struct assign_pci_gate;
struct lend_kvm_pci;

/* Where the guest has put a BAR. */
struct assign_pci_bar {
	struct assign_pci *owner;
	unsigned int index;
	struct range range; /* size 0: nowhere */
};

/* A message's path to the guest where KVM is not wired: the main loop. */
struct assign_pci_vector {
	struct watch_item relay;
	struct irq *irq; /* fixed while it is watched, like @message */
	struct irq_msi message;
};

#define ASSIGN_PCI_VECTOR_NONE ((struct assign_pci_vector){.relay = WATCH_NONE})

/* An event that the function reports to the machine. */
struct assign_pci_event {
	int fd; /* eventfd, ours; or -1 */
	struct watch_item item;
};

/*
 * All but the first nine fields, gate and intx are protected by the function's
 * lock, which liblend takes around each op; while no vCPU runs, they belong to
 * the machine.
 */
struct assign_pci {
	struct machine_device device; /* first */
	struct lend_device *lent;
	struct lend_kvm_pci *kvm;
	struct lend_pci *pci;
	struct machine
		*watched; /* its main loop receives the events; or NULL */
	struct assign_pci_event error;
	struct assign_pci_event request; /* requests to release it */
	struct watch_item server; /* what its server sends unasked, if any */
	bool keeps;               /* ignores requests */

	struct machine *machine; /* borrowed; NULL unless started */
	struct pci_place place;  /* on the guest's PCI buses */
	uint64_t opregion; /* offset of its OpRegion in the machine's tables */
	struct assign_pci_gate *gate; /* borrowed; or NULL */
	struct assign_pci_bar bars[LEND_PCI_BARS];
	struct assign_pci_intx intx;
	struct assign_pci_vector *vectors;
	unsigned int vector_count;
	unsigned int
		no_kvm_irqs; /* a bit for each index that is not wired to KVM */
	bool warned;         /* logged that a message is relayed */
};

/* Watch for errors and requests in the main loop, once; and stop watching. */
void assign_pci_arm(struct assign_pci *a, struct machine *machine);
void assign_pci_disarm(struct assign_pci *a);

/* For struct pci_function_ops; @opaque is the struct assign_pci. The write that
 * enables decoding or bus mastering waits for dma_await(). */
void assign_pci_config_write(void *opaque, unsigned int offset,
			     unsigned int size, uint32_t value);

/* For struct bus_ops; @opaque is the struct assign_pci_bar. */
uint64_t assign_pci_bar_read(void *opaque, uint64_t offset, unsigned int size);
void assign_pci_bar_write(void *opaque, uint64_t offset, unsigned int size,
			  uint64_t value);

/* struct lend_kvm_pci_options; @opaque is the struct assign_pci. */
int assign_pci_bar_trap(void *opaque, unsigned int bar, uint64_t base);
void assign_pci_bar_untrap(void *opaque, unsigned int bar);
int assign_pci_intx_gsi(void *opaque);

/* struct lend_pci_ops; @opaque is the struct assign_pci. They call those of
 * liblend, and relay what KVM cannot be wired for. */
int assign_pci_bar_place(void *opaque, unsigned int bar, uint64_t base);
void assign_pci_bar_drop(void *opaque, unsigned int bar);
int assign_pci_window_map(void *opaque, unsigned int window, uint64_t base,
			  uint64_t size, void *vaddr);
void assign_pci_window_unmap(void *opaque, unsigned int window);

/* Retry every refused BAR of the machine, if a range was released since. Called
 * with no function's lock held. */
void assign_pci_retry(struct machine *machine);

int assign_pci_intx_connect(void *opaque, int trigger, int resample);
void assign_pci_intx_disconnect(void *opaque, int trigger, int resample);
int assign_pci_msi_connect(void *opaque, unsigned int vector, int fd,
			   uint64_t address, uint32_t data);
void assign_pci_msi_expect(void *opaque,
			   const struct lend_pci_message *messages,
			   unsigned int count);
void assign_pci_msi_disconnect(void *opaque, unsigned int vector, int fd);
void assign_pci_msi_release(void *opaque, unsigned int vector);

#endif
