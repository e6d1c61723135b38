// SPDX-License-Identifier: MIT
// Opens a lent device in a machine's address space, and adds it to KVM's VFIO
// device.
#include <lend/device.h>

#include "vmm/assign/open.h"
#include "vmm/kvm/vfio.h"
#include "vmm/machine/internal.h"

int assign_open(struct machine *machine, const struct assign_open *how,
		struct lend_device **device)
{
	const struct lend_device_options options = {
		.size = sizeof(options),
		.vf_token = how->token,
		.kvm_file = kvm_vfio_file,
		.opaque = how->kvm_vfio,
	};

	/* Done by the first device, which is opened alone. */
	if (!how->kvm_vfio->ctx) {
		how->kvm_vfio->ctx = machine->ctx;
		how->kvm_vfio->vm_fd = machine->vm.fd;
	}
	if (how->fd >= 0)
		return lend_device_open_fd(machine->iommu, how->fd, how->name,
					   &options, device);
	return lend_device_open(machine->iommu, how->address, &options, device);
}
