// SPDX-License-Identifier: MIT
// Opens devices behind a socket, and handles what their servers send unasked.

#include <lend/client.h>

#include "lib/device/device.h"
#include "lib/device/open.h"
#include "lib/remote/remote.h"

int lend_device_open_socket(struct lend_iommu *iommu, int fd, const char *name,
			    const struct lend_device_options *options,
			    struct lend_device **device)
{
	struct request request = {.fd = fd, .is_socket = true};

	return device_open_passed(iommu, &request, "socket", name, options,
				  device);
}

int lend_device_serve(struct lend_device *device)
{
	struct remote *remote = device->attachment.remote;

	return remote ? remote_serve(remote) : 0;
}

bool lend_device_is_lost(const struct lend_device *device)
{
	const struct remote *remote = device->attachment.remote;

	return remote && remote_loss(remote);
}
