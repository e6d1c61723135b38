/* SPDX-License-Identifier: MIT */
/*
 * KVM's VFIO pseudo-device, which registers the machine's VFIO files with KVM.
 */
#ifndef VMM_KVM_VFIO_H
#define VMM_KVM_VFIO_H

#include <stdbool.h>

struct lend_ctx;

/*
 * KVM requires the files for two purposes: it honours the guest's WBINVD if
 * there is non-coherent DMA, and mediated devices access the guest through it.
 * The machine runs without them too, so failures are only warnings.
 *
 * One for each machine, shared by its lent devices; zero-initialise.
 */
struct kvm_vfio {
	struct lend_ctx *ctx; /* borrowed */
	int vm_fd;            /* borrowed */
	int fd;               /* the pseudo-device, while there are users */
	unsigned int users;   /* files added and not yet removed */
};

/*
 * struct lend_device_options.kvm_file; @opaque is a struct kvm_vfio with @ctx
 * and @vm_fd set. Removing the last file closes the pseudo-device, which would
 * otherwise keep the VM alive.
 */
void kvm_vfio_file(void *opaque, int file, bool add);

#endif
