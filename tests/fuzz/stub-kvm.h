/* SPDX-License-Identifier: MIT */
/* A stub KVM for fuzz targets: it refuses what KVM refuses, fails where the
 * input wants it, and aborts on misuse. */
#ifndef TESTS_FUZZ_STUB_KVM_H
#define TESTS_FUZZ_STUB_KVM_H

#include <pthread.h>
#include <stdbool.h>

#include "stub.h"

/* No descriptors: every ioctl of them comes here. */
#define STUB_VM       1100
#define STUB_VFIO_DEV 1101

#define STUB_SLOTS  512
#define STUB_IRQFDS 512

struct stub_kvm {
	struct stub *stub;
	pthread_mutex_t lock; /* protects all below */
	struct {
		uint64_t base, size; /* size 0: none */
	} slots[STUB_SLOTS];
	struct {
		int fd; /* -1: none */
		uint32_t gsi;
	} irqfds[STUB_IRQFDS];
};

void stub_kvm_open(struct stub_kvm *kvm, struct stub *stub);

/* Returns the result, or -errno. */
int stub_kvm_ioctl(struct stub_kvm *kvm, unsigned long request, void *argument);

/* Aborts if a slot or an irqfd is left over; ends what stub_kvm_open() began.
 */
void stub_kvm_close(struct stub_kvm *kvm);

#endif
