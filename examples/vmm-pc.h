/* SPDX-License-Identifier: MIT */
/* The PC around the lent devices of the example VMM: RAM, a kernel in it, one
 * processor, a serial port. */
#ifndef EXAMPLES_VMM_H
#define EXAMPLES_VMM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PC_RAM 0x20000000u /* 512 MiB from address 0 */

struct kvm_run;

struct pc {
	int kvm_fd, vm_fd, vcpu_fd;
	int wake_fd; /* eventfd: @stop is set, or input can be given */
	struct kvm_run *run;
	size_t run_size;
	uint8_t *ram;
	atomic_bool stop;

	pthread_mutex_t serial; /* guards what follows */
	uint8_t registers[8];
	int received; /* a byte that the guest has not read, or -1 */
	bool sent;    /* the transmitter became empty */
};

/* The virtual machine, with RAM and interrupt controllers; and, at the end,
 * with the kernel loaded, its processor. Return 0, or -1 with a message. */
int pc_open(struct pc *pc);
int pc_load(struct pc *pc, const char *kernel, const char *initrd,
	    const char *append);
void pc_close(struct pc *pc);

/* An access to a port of the PC's own. Returns whether it has the port. */
bool pc_access(struct pc *pc, unsigned int port, uint8_t *data, bool is_write);

/* Set @stop, and report it by @wake_fd. */
void pc_stop(struct pc *pc);

/* Whether the guest has read the last byte of input; and give it the next. */
bool pc_is_ready(struct pc *pc);
void pc_receive(struct pc *pc, uint8_t byte);

/* Print the meaning of errno. Returns -1. */
int pc_fail(const char *what);

#endif
