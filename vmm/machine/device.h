/* SPDX-License-Identifier: MIT */
/* A device of the machine: what it implements, and how it is created. */
#ifndef VMM_MACHINE_DEVICE_H
#define VMM_MACHINE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/pci/place.h"

struct layout_need;
struct lend_device;
struct lend_iommu;
struct machine;
struct machine_device;

/*
 * The guest's device tree while it is made, on machines that have one. The
 * device's node goes under @bus, whose addresses and sizes take two cells
 * each, are the guest's own, and whose interrupts are <0 SPI flags>: SPI is the
 * GSI of irq_line_take().
 */
struct machine_tree {
	void *fdt; /* for libfdt to write into; it has room */
	const char *bus;
	uint32_t interrupts; /* phandle of the interrupt controller */
	uint32_t phandle;    /* the next free one: take it by ++ */
};

/*
 * A device of the machine. Its calls come from one thread, while no vCPU runs,
 * except that a device below a port that can be plugged is stopped while they
 * run:
 *
 *   open (see machine_device_config)     opens the device in machine->iommu
 *   create (likewise)                    adds its regions to machine_need();
 *                                        the VM is there, and no RAM yet
 *   reset      before the devices start again: reset all of the machine's that
 *              have these ops, which is called for the first of them; optional
 *   start      RAM is there; buses are new: plug the device in
 *   awaits_dma RAM may be mapped for DMA later: nothing reaches the device, nor
 *              it anything, before dma_await() returned
 *   stop       the buses are about to go, or the device alone, while vCPUs
 *              run: detach irqfds, drop slots and ranges, unplug, and quiesce
 *              the device (interrupts and bus master off); nothing of it is
 *              used afterwards
 *   destroy    after stop: free the structure; the device is closed after
 *
 *   describe   or NULL: after all have started, with the guest's device tree:
 *              add what the guest needs to find the device; not on x86
 *
 *   retry      or NULL: from any vCPU's thread while the machine runs: place
 *              BARs that were refused, something made room
 *
 * A guest reset is stop, reset, then start on the same VM with the same
 * RAM. destroy may follow create at once, when another device failed.
 */
struct machine_device_ops {
	void (*reset)(struct machine *machine);
	int (*start)(struct machine_device *device, struct machine *machine);
	int (*describe)(struct machine_device *device, struct machine *machine,
			struct machine_tree *tree);
	void (*stop)(struct machine_device *device, struct machine *machine);
	void (*destroy)(struct machine_device *device);
	void (*retry)(struct machine_device *device);
	bool awaits_dma;
};

/* Embedded, as first member, in the owner's structure. */
struct machine_device {
	const struct machine_device_ops *ops;
	bool started;      /* set by the machine */
	unsigned int port; /* the root port above it, from 1; 0: none */
	const char *name;  /* in messages; borrowed, or NULL */
	const char *id;    /* of the user; borrowed, or NULL */
	const struct pci_place *place; /* of a PCI function; NULL: none */
	struct lend_iommu *space;      /* its own; NULL: it is the machine's */
};

/* What to create: a constructor and its configuration. */
struct machine_device_config {
	/* Called for several devices at once, from any thread: changes nothing
	 * of the machine but its address space. Returns 0, or a recorded error,
	 * after which it may be called again. */
	int (*open)(struct machine *machine, const void *config,
		    struct lend_device **lent);
	/* Called from one thread, in the order of devices. */
	int (*create)(struct machine *machine, const void *config,
		      struct lend_device *lent, struct machine_device **device);
	/* For machine_plan(): adds the need that create() would add, and opens
	 * nothing. NULL: no need. */
	int (*measure)(struct machine *machine, const void *config);
	const void *config; /* borrowed; alive as long as the machine */
	bool shares_ram;    /* another process serves it, and maps RAM */
};

/* Stop the run, from any thread; machine_run() then returns @err (< 0). */
void machine_fail(struct machine *machine, int err);

/* The need to which a device at @place adds its BARs. */
struct layout_need *machine_need(struct machine *machine,
				 struct pci_place place);

/*
 * Iterate over the machine's devices with @ops: returns the first one at index
 * *at or after, and sets *at behind it; NULL after the last. *at begins at 0.
 */
struct machine_device *machine_device_next(const struct machine *machine,
					   const struct machine_device_ops *ops,
					   size_t *at);

#endif
