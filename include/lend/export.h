/* SPDX-License-Identifier: MIT */
/* Open devices offered to virtual machine monitors through a Unix socket. */
#ifndef LEND_EXPORT_H
#define LEND_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/device.h>
#include <lend/server.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_export - an open device that is offered through a socket
 *
 * Opaque. Not reference-counted: lend_export_free() frees it. One thread at a
 * time may use it, and the struct lend_server in it.
 *
 * Since: 0.1
 */
struct lend_export;

/**
 * struct lend_export_options - options of an exported device
 * @size:     sizeof(struct lend_export_options)
 * @fd:       a Unix stream socket that listens, with O_NONBLOCK set. After
 *            success the library owns and closes it; after a failure the caller
 *            does
 * @patience: as in struct lend_server_options
 * @map:      give clients the device's descriptor, so that they map the BARs;
 *            false has each access to a BAR pass through the socket
 * @reserved: 0
 *
 * The descriptor that @map gives away lets a client do all that VFIO lets this
 * process do with the device: reset it, set its interrupts, write its
 * configuration space past the policy. It does not let it change DMA mappings,
 * and reaches no other device.
 *
 * Since: 0.1
 */
struct lend_export_options {
	size_t size;
	int fd;
	unsigned int patience;
	bool map;
	uint8_t reserved[7];
};

/**
 * lend_export_new() - offer an open device through a socket
 * @device:   device, alone in its address space; the export takes a reference
 * @options:  the socket, and what clients get
 * @exported: receives the export; lend_export_free() frees it
 *
 * The client's memory is mapped into the device's address space by the
 * descriptors that the client sends, and counts against the RLIMIT_MEMLOCK of
 * this process. Its eventfds go to the kernel, which signals them without this
 * process. Memory without a descriptor that the device only reads, as of
 * firmware, is accepted and left unmapped; other memory without one is refused.
 *
 * A client sees the configuration space of a PCI device as a guest does
 * (lend_pci_new()): what the policy does not list cannot be written.
 *
 * When a client leaves, interrupts are disabled, bus mastering is disabled, the
 * device is reset, if it can be, and the client's memory is unmapped, in that
 * order. A device without a reset keeps its registers for the next client.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: the size of @options is not set, or @fd is not
 * a descriptor;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know;
 * -EINVAL, LEND_ERROR_WRONG_TYPE: neither a PCI device nor a platform device;
 * -EBADMSG, LEND_ERROR_DEVICE: as lend_pci_new();
 * -ENOTSUP, LEND_ERROR_NO_IOMMU: the device's back end is
 * LEND_BACKEND_NOIOMMU, or as lend_pci_new();
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno, LEND_ERROR_SYSTEM or LEND_ERROR_DEVICE: the eventfd of
 * lend_export_request_fd() cannot be made or set.
 *
 * Since: 0.1
 */
int lend_export_new(struct lend_device *device,
		    const struct lend_export_options *options,
		    struct lend_export **exported);

/**
 * lend_export_free() - stop offering a device
 * @exported: export, or NULL
 *
 * As lend_server_free(), and drops the reference to the device.
 *
 * Since: 0.1
 */
void lend_export_free(struct lend_export *exported);

/**
 * lend_export_server() - get the server of an exported device
 * @exported: export
 *
 * Returns: the server, borrowed, for lend_server_poll(), lend_server_handle()
 * and lend_server_disconnect(); not for lend_server_free(). Cannot fail.
 *
 * Since: 0.1
 */
struct lend_server *lend_export_server(const struct lend_export *exported);

/**
 * lend_export_request_fd() - get the eventfd of the host's request
 * @exported: export
 *
 * It is signalled when the host wants to unbind or remove the device, as
 * LEND_PCI_IRQ_REQ describes. Call lend_export_free() and close the device
 * then: the host's request waits for it. Clients are not offered that
 * interrupt.
 *
 * Returns: an eventfd for poll(2), borrowed; -1 if the device does not have the
 * interrupt. Cannot fail.
 *
 * Since: 0.1
 */
int lend_export_request_fd(const struct lend_export *exported);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
