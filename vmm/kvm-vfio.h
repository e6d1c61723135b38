// SPDX-License-Identifier: MIT
// KVM's pseudo-device that is told which VFIO files the machine uses.
#ifndef VMM_KVM_VFIO_H
#define VMM_KVM_VFIO_H

struct lend_ctx;

/*
 * Why KVM wants to know: DMA that bypasses caches makes it honour the guest's
 * WBINVD, and mediated devices get at the guest through it. The machine runs
 * without as well, so that failures are but warnings.
 *
 * One for each machine, shared by its lent devices; zero-initialise.
 */
struct kvm_vfio {
	int fd;         /* the pseudo-device, while there are users; or -1 */
	unsigned users; /* files added and not removed */
};

/*
 * Tell the VM of `file`, as lend_device_kvm_fd() gives it. Devices of one
 * group add the same one. The last to be removed closes the pseudo-device,
 * which would keep the VM alive.
 */
void kvm_vfio_add(struct kvm_vfio *vfio, struct lend_ctx *ctx, int vm_fd,
		  int file);
void kvm_vfio_remove(struct kvm_vfio *vfio, int file);

#endif
