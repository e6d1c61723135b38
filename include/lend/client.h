/* SPDX-License-Identifier: MIT */
/* Clients of vfio-user: devices that a server offers through a Unix socket. */
#ifndef LEND_CLIENT_H
#define LEND_CLIENT_H

#include <stdbool.h>

#include <lend/device.h>
#include <lend/iommu.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * lend_device_open_socket() - open a device that a server offers
 * @iommu:   address space without a device, whose back end is LEND_BACKEND_USER
 *           or not decided yet; the device stays alone in it
 * @fd:      Unix stream socket, connected to a server of vfio-user. After
 *           success the library owns and closes it; after a failure the caller
 *           does, and should, as the server may have seen part of the open
 * @name:    name of the device for messages and lend_device_name(), copied;
 *           NULL for "socket N"
 * @options: options, or NULL for the defaults. A VF token is ignored, and
 *           @kvm_file is not called: KVM needs no descriptor of such a device
 * @device:  receives the device, with one reference; lend_device_unref() drops
 *           it
 *
 * Agrees on version 0.0 of the protocol, and reads the device's regions and
 * interrupts. Nothing but @fd is opened. The device is used as any other:
 *
 * - lend_iommu_map_file() passes memory to the server by its descriptor: a
 *   memfd, or another file of tmpfs or hugetlbfs, that is mapped MAP_SHARED.
 *   A server that is lost keeps what it has mapped until it ends. Seal such a
 *   file with F_SEAL_SHRINK, or the server can shorten it. Memory of
 *   lend_iommu_map() is reached by messages, which lend_device_serve() and
 *   other calls on the device answer.
 * - A region is mappable if the server sent a file for it: VFIO's of a device,
 * as lend serve -map does, or a memory file that has the region and
 *   F_SEAL_SHRINK. All other accesses are messages. A write to a BAR
 *   of a PCI function does not wait for the server: its failure is not
 *   reported, but whatever follows comes after it.
 * - A PCI function has LEND_PCI_IRQ_ERR. Its eventfd is signalled when the
 *   server reports an error, and once when the connection ends.
 * - lend_device_fd() is the socket. It is readable when lend_device_serve() has
 *   work.
 *
 * The server is not trusted. Each number, size and file that it sends is
 * checked. A server that violates the protocol, closes the connection, or does
 * not reply within five seconds is lost: so is the device, for good. Its
 * regions then read as all ones, writes are ignored, interrupts and memory can
 * be taken away as before, and other calls fail with -ENODEV. To pin memory, a
 * server has 32 seconds more for each GiB.
 *
 * A function that lend_pci_new() has made of a lost device reads as all ones
 * too, with all of its configuration space, and places no BAR any more. Those
 * that are placed stay until lend_pci_stop() withdraws them.
 *
 * Calls on one device may come from any thread. They are sent one after the
 * other, so that one may wait for the reply to another.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @fd is negative, @options->size is not the
 * structure's size, or @iommu has another back end;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know;
 * -EBUSY, LEND_ERROR_ATTACHED: @iommu has a device; create another one;
 * -ENODEV, LEND_ERROR_DEVICE: the server is lost; the record says why;
 * -EINVAL, LEND_ERROR_ARGUMENT: the server's limits are invalid;
 * -ENOTSUP, LEND_ERROR_DEVICE: it speaks another version, or requires mappings
 * of less than a page;
 * -EBADMSG, LEND_ERROR_DEVICE: its description of the device is invalid;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno, LEND_ERROR_SYSTEM: the server refused a request with it.
 *
 * Since: 0.1. Source: docs/interop/vfio-user.rst of QEMU.
 */
int lend_device_open_socket(struct lend_iommu *iommu, int fd, const char *name,
			    const struct lend_device_options *options,
			    struct lend_device **device);

/**
 * lend_device_serve() - handle what a device's server has sent unasked
 * @device: device
 *
 * Answers the server's requests to read and write memory, from what is mapped
 * in the device's address space, and notices that the connection has ended.
 * Call it when lend_device_fd() is readable. It does not wait for the server,
 * and answers a limited number of requests. While another thread waits for a
 * reply of the server, it does nothing, as that thread answers them.
 *
 * Returns: 0, also for a device that is not behind a socket, or the -errno with
 * which the server was lost, as -ECONNRESET, -ETIMEDOUT or -EBADMSG; then stop
 * waiting for the descriptor. Makes no record: see lend_device_fault().
 *
 * Since: 0.1
 */
int lend_device_serve(struct lend_device *device);

/**
 * lend_device_is_lost() - check whether a device has lost its server
 * @device: device
 *
 * Returns: true if the connection to its server has ended; false also for a
 * device that is not behind a socket. Cannot fail.
 *
 * Since: 0.1
 */
bool lend_device_is_lost(const struct lend_device *device);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
