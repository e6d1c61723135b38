/* SPDX-License-Identifier: MIT */
/* The host of a fuzzed machine: stub KVM and VFIO, and the machine on them. */
#ifndef TESTS_FUZZ_MACHINE_HOST_H
#define TESTS_FUZZ_MACHINE_HOST_H

#include <stdatomic.h>
#include <stdlib.h>

#include "stub-function.h"
#include "stub-kvm.h"
#include "vmm/machine/internal.h"

#define MACHINE_ECAM      UINT64_C(0xe0000000)
#define MACHINE_ROOT_SLOT 3
#define MACHINE_PORT_SLOT 4
#define MACHINE_BELOW     "below" /* the ID of the device below the port */

#define MACHINE_TRIGGERS 64

/* Threads cost more than all else: one input of four has them. */
#define VCPUS_MASK 0x81
#define VCPUS_TWO  0x01

struct machine_host {
	struct stub *stub;
	struct stub_kvm kvm;
	struct stub_function functions[STUB_DEVICES];
	struct machine machine;
	int err;             /* the machine did not start */
	bool has_threads;    /* and two vCPUs */
	atomic_uint running; /* vCPUs */
	atomic_uint console_room;

	/* Eventfds that the devices signal, or -1. */
	pthread_mutex_t lock;
	int triggers[MACHINE_TRIGGERS];
};

/* The machine with its two functions, from the input; started. @how has a bit
 * for each property of it. */
struct machine_host *machine_host_open(struct input *input, uint8_t how);

/* Aborts if anything is left over. */
void machine_host_close(struct machine_host *host);

/* A guest reset. Returns 0 or a recorded error. */
int machine_host_restart(struct machine_host *host);

/* A device signals an interrupt, if that one is enabled. */
void machine_host_fire(struct machine_host *host, unsigned int index);

#endif
