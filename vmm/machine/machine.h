/* SPDX-License-Identifier: MIT */
/* The machine of `lend run`: configured, built, run, restarted, torn down. */
#ifndef VMM_MACHINE_MACHINE_H
#define VMM_MACHINE_MACHINE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch-state.h"
#include "vmm/base/bus.h"
#include "vmm/base/watch.h"
#include "vmm/boot/file.h"
#include "vmm/console/console.h"
#include "vmm/console/serial.h"
#include "vmm/irq/irq.h"
#include "vmm/kvm/vcpu.h"
#include "vmm/kvm/vm.h"
#include "vmm/machine/dma.h"
#include "vmm/machine/recall.h"
#include "vmm/memory/layout.h"
#include "vmm/memory/memory.h"
#include "vmm/memory/space.h"
#include "vmm/pci/host.h"

struct lend_ctx;
struct lend_device;
struct lend_iommu;
struct lend_iommu_options;
struct machine;
struct machine_device;
struct topology;

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
	uint32_t phandle;    /* the next one that is free: take it by ++ */
};

/*
 * A device of the machine. Its calls come from one thread while no vCPU runs:
 *
 *   open (see machine_device_config)     opens the device in machine->iommu
 *   create (likewise)                    adds its regions to machine_need();
 *                                        the VM is there, and no RAM yet
 *   reset      before the devices start again: reset all of the machine's that
 *              have these ops, which is called for the first of them; optional
 *   start      RAM is there; busses are new: plug the device in
 *   awaits_dma RAM may be mapped for DMA later: nothing reaches the device, nor
 *              it anything, before dma_await() returned
 *   stop       the busses are about to go: detach irqfds, drop slots and
 *              ranges, unplug, and quiesce the device (interrupts and bus
 *              master off)
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
	bool started; /* the machine's own note */
};

/* What to create: a constructor and its configuration. */
struct machine_device_config {
	/* For several at once, from any thread: changes nothing of the machine
	 * but its address space. Returns 0, or a recorded error; it may be
	 * called again then. */
	int (*open)(struct machine *machine, const void *config,
		    struct lend_device **lent);
	/* From one thread, in the order of devices. */
	int (*create)(struct machine *machine, const void *config,
		      struct lend_device *lent, struct machine_device **device);
	/* For machine_plan(): adds to machine->need what create() would, and
	 * opens nothing. NULL where that is nothing. */
	int (*measure)(struct machine *machine, const void *config);
	const void *config; /* borrowed; alive as long as the machine */
};

struct machine_config {
	const char *kernel;   /* bzImage; required */
	const char *initrd;   /* or NULL */
	const char *append;   /* or NULL */
	uint64_t ram;         /* bytes, in whole pages; 0: 128 MiB */
	unsigned int cpus;    /* 0: 1 */
	const char *cpu;      /* "host[,+feature][,-feature]..."; or NULL */
	const char *mem_path; /* directory, or NULL */
	bool mem_prealloc;
	bool no_reboot;
	unsigned int unplug_timeout; /* seconds, up to RECALL_SECONDS_MAX */
	const struct lend_iommu_options *iommu; /* or NULL: any */
	const struct topology *topology;        /* or NULL: no root ports */
	const struct machine_device_config *devices;
	size_t device_count;
};

/* Why a run ended without error. */
enum machine_end {
	MACHINE_END_POWEROFF, /* the guest switched off */
	MACHINE_END_RESET,    /* the guest reset, and -no-reboot was given */
	MACHINE_END_QUIT,     /* the user typed Ctrl-a x */
	MACHINE_END_SIGNAL,   /* SIGINT, SIGTERM, SIGHUP or SIGQUIT arrived */
};

struct machine {
	struct lend_ctx *ctx;                /* borrowed */
	const struct machine_config *config; /* borrowed */
	unsigned int cpus;
	uint64_t ram;

	/* Last through guest resets. */
	struct lend_iommu *iommu;  /* shared by all devices; NULL without */
	struct layout_need need;   /* grows while devices are created */
	struct layout_need *below; /* the same, for each root port */
	unsigned int port_count;
	bool p2p; /* a device's BARs are for others' DMA */
	struct layout layout;
	struct memory memory;
	struct dma dma;
	unsigned long vectors;     /* of all devices; grows likewise */
	struct lend_device **lent; /* as many as are configured; or NULL */
	struct machine_device **devices;
	size_t device_count;
	bool used; /* devices were started before */

	struct vm vm; /* a lent device's driver may hold on to it */
	struct space space;
	bool has_space; /* it is to be destroyed */
	struct vcpu_host vcpu_host;
	struct vcpu *vcpus; /* from the first start on */
	struct arch arch;
	struct boot boot; /* open files of the guest's kernel and initrd */
	struct console console;
	struct watch watch; /* devices' descriptors, in the main loop */
	struct recall recall;
	int wake_fd; /* eventfd: the main loop has to look */
	int signal_fd;
	bool signals_changed;
	sigset_t signals_before;
	int signal;          /* that ended the run, with MACHINE_END_SIGNAL */
	_Atomic int event;   /* enum machine_event; the first one stays */
	_Atomic int failure; /* < 0 with MACHINE_EVENT_FAIL */

	/* Made anew at every start. */
	bool up;
	struct irq irq;
	struct bus mmio;
	struct bus pio;
	struct pci_host pci;
	_Atomic bool bar_refused; /* something stood in a BAR's way */
	_Atomic bool room_made;   /* and something went since */
	struct serial serial;
};

/*
 * Build everything up to the first guest instruction. On failure the error is
 * recorded and *machine is NULL.
 */
int machine_create(struct machine **machine, struct lend_ctx *ctx,
		   const struct machine_config *config);

/*
 * Find out how the machine would be, and start nothing: opens the guest's files
 * and /dev/kvm, measures the devices, and fills in ram, cpus and layout. The
 * same failures as of machine_create(); machine_destroy() is due.
 */
int machine_plan(struct machine **machine, struct lend_ctx *ctx,
		 const struct machine_config *config);

/* Run to the end. Returns an enum machine_end, or a recorded error. */
int machine_run(struct machine *machine);

/* Stop and close everything; NULL is allowed. */
void machine_destroy(struct machine *machine);

/* Stop the run, from any thread; machine_run() then returns @err (< 0). */
void machine_fail(struct machine *machine, int err);

/* Ask the guest to shut down, as its power key does; from any thread. */
void machine_press_power(struct machine *machine);

/* Where a device adds its BARs that goes to @place. */
struct layout_need *machine_need(struct machine *machine,
				 struct pci_place place);

/*
 * Between files of the machine. machine_open_devices() opens the address space
 * and creates all devices; the first error in their order is recorded.
 * machine_close_devices() undoes all or any part of it.
 */
int machine_open_devices(struct machine *machine);
void machine_close_devices(struct machine *machine);

/*
 * Between files of the machine. machine_claim() claims of the guest's addresses
 * what is RAM and the machine's own. machine_start() builds what a reset makes
 * anew, and resets what outlasts it; machine_stop() stops the vCPUs and takes
 * down what is made anew, and may be called at any time. machine_drop_vm()
 * takes down what KVM has of a stopped machine.
 */
int machine_start(struct machine *machine);
int machine_claim(struct machine *machine);
void machine_stop(struct machine *machine);
void machine_drop_vm(struct machine *machine);

enum machine_event {
	MACHINE_EVENT_NONE,
	MACHINE_EVENT_OFF,
	MACHINE_EVENT_RESET,
	MACHINE_EVENT_FAIL,
};

/* Make the main loop look at everything once; from any thread. */
void machine_wake(struct machine *machine);

/* Stop the vCPUs and wake the main loop; from any thread. */
void machine_post(struct machine *machine, enum machine_event event);

#endif
