/* SPDX-License-Identifier: MIT */
/* The parts of the machine, for its own files, devices and architectures. */
#ifndef VMM_MACHINE_INTERNAL_H
#define VMM_MACHINE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch-state.h"
#include "vmm/base/bus.h"
#include "vmm/base/watch.h"
#include "vmm/boot/file.h"
#include "vmm/console/console.h"
#include "vmm/console/serial.h"
#include "vmm/control/control.h"
#include "vmm/irq/irq.h"
#include "vmm/kvm/vcpu.h"
#include "vmm/kvm/vm.h"
#include "vmm/machine/device.h"
#include "vmm/machine/dma.h"
#include "vmm/machine/machine.h"
#include "vmm/machine/notify.h"
#include "vmm/machine/plug.h"
#include "vmm/machine/recall.h"
#include "vmm/machine/shutdown.h"
#include "vmm/machine/signals.h"
#include "vmm/machine/unplug.h"
#include "vmm/memory/layout.h"
#include "vmm/memory/memory.h"
#include "vmm/pci/host.h"
#include "vmm/pci/hotplug.h"

struct assign_pci_gate;
struct lend_iommu;
struct lend_kvm;
struct topology;

struct machine {
	struct lend_ctx *ctx;                /* borrowed */
	const struct machine_config *config; /* borrowed */
	unsigned int cpus;
	uint64_t ram;

	/* Last through guest resets. */
	struct lend_iommu *iommu;   /* of all devices but those with their own;
				     * NULL without */
	struct lend_iommu **spaces; /* theirs, from the start on */
	size_t space_count;
	struct layout_need need;   /* grows while devices are created */
	struct layout_need *below; /* the same, for each root port */
	unsigned int port_count;
	bool p2p; /* BARs are mapped for other devices' DMA */
	struct layout layout;
	struct memory memory;
	struct dma dma;
	unsigned long vectors;     /* of all devices; grows likewise */
	struct lend_device **lent; /* as many as are configured; or NULL */
	struct machine_device **devices;
	size_t device_count;
	size_t device_room; /* of both lists */
	/* For a change of the devices while vCPUs run, and to find them then
	 * from another thread than the main loop's. */
	pthread_rwlock_t devices_lock;
	struct assign_pci_gate *gates; /* of vmm/assign, for those that leave */
	bool used;                     /* devices were started before */

	struct vm vm;         /* a lent device's driver may hold on to it */
	struct lend_kvm *kvm; /* its tables that devices share */
	struct vcpu_host vcpu_host;
	struct vcpu *vcpus; /* from the first start on */
	struct arch arch;
	struct boot boot; /* open files of the guest's kernel and initrd */
	struct console console;
	struct sandbox sandbox;
	struct watch watch; /* devices' descriptors, in the main loop */
	struct recall recall;
	struct unplug unplug; /* of root ports; or no slots */
	const struct plug_watcher *plug_watcher; /* or NULL */
	struct plug_watcher plug_events;         /* the control socket's */
	struct shutdown shutdown;
	struct control control;
	struct notify notify;
	bool is_reset_by_host; /* the pending MACHINE_EVENT_RESET */
	bool is_quitting;      /* the client sent quit */
	bool recall_is_shown;  /* the client and the service manager know */
	int wake_fd;           /* eventfd: wakes the main loop */
	struct signals signals;
	struct vcpu_kick kick;
	int signal;          /* that ended the run, with MACHINE_END_SIGNAL */
	_Atomic int event;   /* enum machine_event; the first one stays */
	_Atomic int failure; /* < 0 with MACHINE_EVENT_FAIL */
	_Atomic(struct lend_error *) failure_record; /* its copy, or NULL */
	bool has_lost;            /* a device without its server has stayed */
	_Atomic int plug_failure; /* < 0: RAM was not mapped for what came */
	_Atomic(struct lend_error *) plug_record; /* its copy, or NULL */

	/* Made anew at every start. */
	bool up;
	struct irq irq;
	struct bus mmio;
	struct bus pio;
	struct pci_host pci;
	struct hotplug_owner hotplug;
	_Atomic bool bar_refused; /* a BAR overlapped another range */
	_Atomic bool room_made;   /* and a range was released since */
	struct serial serial;
};

/*
 * machine_open_devices() opens the address space and creates all devices; the
 * first error in their order is recorded.
 * machine_close_devices() undoes all or any part of it.
 */
int machine_open_devices(struct machine *machine);
void machine_close_devices(struct machine *machine);

/*
 * Main loop: a device comes in while vCPUs run, and is not started yet. Returns
 * 0 or a recorded error, with nothing left over.
 */
int machine_add_device(struct machine *machine,
		       const struct machine_device_config *config,
		       struct machine_device **device);

/*
 * Main loop: the devices below root port @port leave while vCPUs run. The guest
 * sees an empty slot before they are closed. Before dma_await() lets vCPUs
 * through, this waits too.
 */
void machine_remove_devices(struct machine *machine, unsigned int port);

/* Whether devices may be plugged by the client of the control socket. */
bool machine_may_plug(const struct machine *machine);

/*
 * Slots whose devices can leave: made once; with new buses, before the devices
 * start; and their part of a turn of the main loop.
 */
int machine_open_plug(struct machine *machine);
void machine_start_plug(struct machine *machine);
void machine_turn_plug(struct machine *machine);

/* RAM is mapped: a guest can be asked for a device. From any thread; @opaque is
 * the machine. */
void machine_on_mapped(void *opaque);

/* RAM could not be mapped for devices that were plugged: they leave, in the
 * main loop. From any thread; @opaque is the machine. */
void machine_on_plug_fail(void *opaque, int err);

/* Main loop: the host requests @device, below root port @port (0: none), back:
 * it is unplugged, or the run ends. */
void machine_recall(struct machine *machine, unsigned int port,
		    const char *device);

/* Main loop: @device below root port @port (0: none) has failed, as the record
 * says: it leaves at once, where the configuration wants that and the guest can
 * bear it, or the run ends. */
void machine_lose(struct machine *machine, unsigned int port,
		  const char *device);

/* Main loop: the server of @device is lost, as the record says: the device
 * leaves as soon as the guest can bear it, and does not answer until then. */
void machine_lose_server(struct machine *machine,
			 const struct machine_device *device);

/* Whether a device is in the machine's address space. */
bool machine_has_lent(const struct machine *machine);

/* A range of guest addresses of the machine itself. */
struct machine_range {
	struct range range;
	const char *owner; /* a constant */
};

/* Claims ranges, except empty ones. Returns 0 or -errno; records nothing. */
int machine_claim_ranges(struct machine *machine,
			 const struct machine_range *ranges, size_t count);

/*
 * machine_claim() claims the guest's addresses of RAM and of the machine
 * itself. machine_start() builds what a reset makes anew, and resets what
 * outlasts it; machine_stop() stops the vCPUs and takes down what is made anew,
 * and may be called at any time. machine_drop_vm() takes down what KVM has of a
 * stopped machine.
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

/* Whether the devices reach all of the guest's addresses that they may be
 * given. Returns 0, or a recorded error. */
int machine_check_reach(struct machine *machine);
/* The control socket, before anything else is open; 0 or a recorded error. */
int machine_open_control(struct machine *machine);

/* Press the guest's power button, from the main loop. */
void machine_press_power(struct machine *machine);

/* Report that the run ends, as @end of machine_run(). */
void machine_report_end(struct machine *machine, int end);

/* Report a device that the host requests back, once. */
void machine_report_recall(struct machine *machine);

/* Have RAM mapped for DMA, now or while the guest starts. Returns 0, or a
 * recorded error. */
int machine_prepare_dma(struct machine *machine);

/* Makes the record of machine_fail() the calling thread's. Returns its error.
 */
int machine_failure(struct machine *machine);

/* machine_fail() as a callback; @opaque is the machine. */
void machine_on_fail(void *opaque, int err);

#endif
