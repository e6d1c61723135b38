// SPDX-License-Identifier: MIT
// Opens a lent device in a machine's address space, and registers it with KVM.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <lend/device.h>
#include <lend/error.h>
#include <lend/kvm.h>

#include "vmm/assign/open.h"
#include "vmm/assign/socket.h"
#include "vmm/machine/internal.h"

static int assign_open_copy(struct machine *machine,
			    const struct assign_open *how,
			    const struct lend_device_options *options,
			    struct lend_device **device)
{
	int fd = fcntl(how->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int err;

	if (fd < 0)
		return lend_error_set(machine->ctx, LEND_ERROR_SYSTEM, errno,
				      how->name, "copy descriptor %d: %s",
				      how->fd, strerror(errno));
	err = lend_device_open_fd(machine->iommu, fd, how->name, options,
				  device);
	if (err)
		close(fd);
	return err;
}

int assign_open(struct machine *machine, const struct assign_open *how,
		struct lend_device **device)
{
	const struct lend_device_options options = {
		.size = sizeof(options),
		.vf_token = how->token,
		.kvm_file = lend_kvm_file,
		.opaque = machine->kvm,
	};

	if (how->socket)
		return assign_open_socket(machine->ctx, how, device);
	if (how->fd >= 0 && how->keeps_fd)
		return assign_open_copy(machine, how, &options, device);
	if (how->fd >= 0)
		return lend_device_open_fd(machine->iommu, how->fd, how->name,
					   &options, device);
	return lend_device_open(machine->iommu, how->address, &options, device);
}
