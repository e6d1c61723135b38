/* SPDX-License-Identifier: MIT */
/* Devices that a server of vfio-user offers at a path: each in an address space
 * of its own. */
#ifndef VMM_ASSIGN_SOCKET_H
#define VMM_ASSIGN_SOCKET_H

struct assign_open;
struct lend_ctx;
struct lend_device;

/* Connect, and open the device. Returns 0, or a recorded error. */
int assign_open_socket(struct lend_ctx *ctx, const struct assign_open *how,
		       struct lend_device **device);

#endif
