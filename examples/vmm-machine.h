/* SPDX-License-Identifier: MIT */
/* The machine around the lent devices of the example VMM: RAM, one processor
 * and a serial port; the rest differs by architecture. */
#ifndef EXAMPLES_VMM_MACHINE_H
#define EXAMPLES_VMM_MACHINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm-devices.h"

struct kvm_run;

struct machine {
	int kvm_fd, vm_fd, vcpu_fd;
	int controllers[2]; /* descriptors of interrupt controllers, or -1 */
	int wake_fd;        /* eventfd: @stop is set, or input can be given */
	struct kvm_run *run;
	size_t run_size;
	uint8_t *ram;
	atomic_bool stop;
	uint32_t config_address; /* the port 0xcf8 of a PC */

	pthread_mutex_t serial; /* guards what follows */
	uint8_t registers[8];
	int received; /* a byte that the guest has not read, or -1 */
	bool sent;    /* the transmitter became empty */
};

/* Guest-physical addresses, and numbers of interrupts. */
struct machine_layout {
	const char *kernel; /* what it is called */
	uint64_t ram, ram_size;
	uint64_t initrd;                 /* in RAM */
	uint64_t memory, memory_end;     /* for BARs in memory, */
	uint64_t ports, ports_end;       /* and in I/O space */
	uint64_t platform, platform_end; /* what else answers */
	int line;                        /* GSI of all devices' INTx */
	uint32_t serial_line;            /* for KVM_IRQ_LINE */
	bool has_requesters;             /* messages have requester IDs */
};

/*
 * What vmm-pc.c and vmm-arm64.c have. They return 0, or -1 with a message.
 *
 * machine_add_controllers() makes the interrupt controllers of the virtual
 * machine. machine_put_kernel() copies the kernel into RAM and returns its
 * entry point, or 0. machine_boot() adds the rest that it finds in RAM, and
 * sets up the processor. machine_exit() serves an exit to user space.
 */
extern const struct machine_layout layout;
int machine_add_controllers(struct machine *m);
uint64_t machine_put_kernel(struct machine *m, const uint8_t *file,
			    size_t size);
int machine_boot(struct machine *m, uint64_t entry, size_t initrd,
		 const char *append);
void machine_exit(struct machine *m, struct devices *devices);

/* Creates the processor. Returns 0, or -1 with a message. */
int machine_add_vcpu(struct machine *m);

/* Sets @stop, and reports it by @wake_fd. */
void machine_end_run(struct machine *m);

/* An access to a register of the serial port, a 16550. */
void serial_access(struct machine *m, unsigned int reg, uint8_t *data,
		   bool is_write);

/* Whether the guest has read the last byte of input; and give it the next. */
bool serial_is_ready(struct machine *m);
void serial_put_input(struct machine *m, uint8_t byte);

/* Print the meaning of errno. Returns -1. */
int fail_errno(const char *what);

#endif
