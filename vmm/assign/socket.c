// SPDX-License-Identifier: MIT
// Connects to a server of vfio-user, and opens its device in an address space
// of its own.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <lend/client.h>
#include <lend/error.h>

#include "vmm/assign/open.h"
#include "vmm/assign/socket.h"

static int assign_socket_refuse(struct lend_ctx *ctx,
				const struct assign_open *how, int err)
{
	lend_error_set(ctx, LEND_ERROR_SYSTEM, err, how->name,
		       "cannot connect to %s: %s", how->socket, strerror(err));
	switch (err) {
	case ENOENT:
	case ECONNREFUSED:
		return lend_error_remedy(ctx,
					 "start the server of the device "
					 "first, as lend serve -socket %s",
					 how->socket);
	case EACCES:
		return lend_error_remedy(ctx,
					 "give this user write access to the "
					 "socket");
	case EAGAIN:
		return lend_error_remedy(ctx, "the server accepts nobody: "
					      "check that it runs");
	}
	return -err;
}

/* Waits for nobody: a server that does not accept has a queue that is full. */
static int assign_connect(struct lend_ctx *ctx, const struct assign_open *how)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, err;

	if (strlen(how->socket) >= sizeof(address.sun_path)) {
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, ENAMETOOLONG,
			       how->name, "the path of the socket is too long");
		return lend_error_evidence(ctx, "it may have %zu bytes",
					   sizeof(address.sun_path) - 1);
	}
	memcpy(address.sun_path, how->socket, strlen(how->socket));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return assign_socket_refuse(ctx, how, errno);
	if (!connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return fd;
	err = errno;
	close(fd);
	return assign_socket_refuse(ctx, how, err);
}

int assign_open_socket(struct lend_ctx *ctx, const struct assign_open *how,
		       struct lend_device **device)
{
	struct lend_iommu *iommu = NULL;
	int fd = assign_connect(ctx, how);
	int err = fd < 0 ? fd : lend_iommu_new(ctx, NULL, &iommu);

	if (!err)
		err = lend_device_open_socket(iommu, fd, how->name, NULL,
					      device);
	if (err && fd >= 0)
		close(fd);
	/* The device has its own reference. */
	lend_iommu_unref(iommu);
	return err;
}
