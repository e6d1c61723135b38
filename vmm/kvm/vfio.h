/* SPDX-License-Identifier: MIT */
/* KVM's pseudo-device that is told which VFIO files the machine uses. */
#ifndef VMM_KVM_VFIO_H
#define VMM_KVM_VFIO_H

#include <stdbool.h>

struct lend_ctx;

/*
 * Why KVM wants to know: DMA that bypasses caches makes it honour the guest's
 * WBINVD, and mediated devices get at the guest through it. The machine runs
 * without as well, so that failures are but warnings.
 *
 * One for each machine, shared by its lent devices; zero-initialise.
 */
struct kvm_vfio {
	struct lend_ctx *ctx; /* borrowed */
	int vm_fd;            /* borrowed */
	int fd;               /* the pseudo-device, while there are users */
	unsigned int users;   /* files added and not removed */
};

/*
 * struct lend_device_options.kvm_file; @opaque is a struct kvm_vfio with @ctx
 * and @vm_fd set. The last file to go closes the pseudo-device, which would
 * keep the VM alive.
 */
void kvm_vfio_file(void *opaque, int file, bool add);

#endif
