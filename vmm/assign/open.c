// SPDX-License-Identifier: MIT
// Opens a lent device in a machine's address space, and registers it with KVM.
#include <lend/device.h>
#include <lend/kvm.h>

#include "vmm/assign/open.h"
#include "vmm/machine/internal.h"

int assign_open(struct machine *machine, const struct assign_open *how,
		struct lend_device **device)
{
	const struct lend_device_options options = {
		.size = sizeof(options),
		.vf_token = how->token,
		.kvm_file = lend_kvm_file,
		.opaque = machine->kvm,
	};

	if (how->fd >= 0)
		return lend_device_open_fd(machine->iommu, how->fd, how->name,
					   &options, device);
	return lend_device_open(machine->iommu, how->address, &options, device);
}
