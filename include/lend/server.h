/* SPDX-License-Identifier: MIT */
/* Servers of vfio-user: devices offered to virtual machine monitors through a
 * Unix socket. */
#ifndef LEND_SERVER_H
#define LEND_SERVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/context.h>
#include <lend/device.h>
#include <lend/irq.h>
#include <lend/region.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_server - a device that is offered through a socket
 *
 * Opaque. Not reference-counted: lend_server_free() frees it. One thread at a
 * time may use it. It serves one client at a time; the device is clean again
 * when the next one is accepted.
 *
 * Since: 0.1
 */
struct lend_server;

/**
 * struct lend_server_region - a region that a server offers
 * @size:       bytes; 0 if the device does not have the region
 * @offset:     where the region begins in @fd, a multiple of the page size
 * @areas:      parts that can be mapped, as in struct lend_region; NULL, with
 *              @area_count 0, for the whole region
 * @area_count: entries of @areas
 * @flags:      LEND_REGION_READ, LEND_REGION_WRITE; LEND_REGION_MMAP if clients
 *              get @fd
 * @fd:         what clients map, borrowed for the server's life; -1 if there is
 *              nothing
 * @reserved:   0
 *
 * Never grows: struct lend_server_options has an array of it.
 *
 * Since: 0.1. Source: struct vfio_region_info in linux/vfio.h.
 */
struct lend_server_region {
	uint64_t size;
	uint64_t offset;
	const struct lend_area *areas;
	unsigned int area_count;
	uint32_t flags;
	int fd;
	uint32_t reserved;
};

/**
 * struct lend_server_irq - an interrupt index that a server offers
 * @count: number of interrupts; 0 if the device does not have the index
 * @flags: LEND_IRQ_*
 *
 * Never grows: struct lend_server_options has an array of it.
 *
 * Since: 0.1. Source: struct vfio_irq_info in linux/vfio.h.
 */
struct lend_server_irq {
	unsigned int count;
	uint32_t flags;
};

/**
 * struct lend_server_dma - memory of the client that the device may access
 * @iova:   first address that the device uses
 * @size:   bytes
 * @vaddr:  where the memory is mapped in this process; NULL if the client sent
 *          no descriptor of it
 * @offset: bytes from the start of @fd
 * @fd:     the file that has the memory, open during the call alone; -1 if the
 *          client sent none, and for dma_unmap()
 * @flags:  LEND_DMA_READ, LEND_DMA_WRITE or both
 *
 * The file is one of tmpfs or hugetlbfs, such as a memfd, and had all of the
 * memory when it was mapped. A client can shorten it: a program that reads or
 * writes @vaddr must expect SIGBUS.
 *
 * Made by the library alone; may grow at its end.
 *
 * Since: 0.1
 */
struct lend_server_dma {
	uint64_t iova;
	uint64_t size;
	void *vaddr;
	uint64_t offset;
	int fd;
	unsigned int flags;
};

/**
 * enum lend_server_irq_action - what a client does to one interrupt
 * @LEND_SERVER_IRQ_MASK:    masks it
 * @LEND_SERVER_IRQ_UNMASK:  unmasks it
 * @LEND_SERVER_IRQ_TRIGGER: has it fire
 *
 * Since: 0.1. Source: VFIO_DEVICE_SET_IRQS in linux/vfio.h.
 */
enum lend_server_irq_action {
	LEND_SERVER_IRQ_MASK = 0,
	LEND_SERVER_IRQ_UNMASK = 1,
	LEND_SERVER_IRQ_TRIGGER = 2,
};

/**
 * struct lend_server_ops - what a device does for its client
 * @size: sizeof(struct lend_server_ops)
 * @region_read: read from a region: the range is within it, and it has
 *  LEND_REGION_READ.
 * @region_write: write to a region, which has LEND_REGION_WRITE.
 * @irq_set: signal interrupts through the client's eventfds, or not where @fds
 *  has -1. The descriptors are closed when this returns. They may be no
 *  eventfds.
 * @irq_unmask_fd: let the client's descriptor @fd unmask an interrupt; -1 ends
 *  that. Closed when this returns.
 * @irq_act: mask, unmask or trigger an interrupt.
 * @irq_disable: disable all interrupts of an index.
 * @dma_map: let the device access memory, which overlaps no other.
 * @dma_unmap: undo dma_map(). The memory is unmapped in this process when this
 *  has returned 0: the device must not access it any more. After a failure it
 *  stays mapped, and the client's request fails.
 * @reset: reset the device, or, if it cannot be reset, have it stop all DMA.
 *  Called on the client's request if the device can be reset; and when the
 *  client has left, after irq_disable() and before dma_unmap().
 * @left: the client has left, and everything of it was undone.
 *
 * All are mandatory. They return 0 or -errno, which the client gets as the
 * error of its request. They are called by lend_server_handle(),
 * lend_server_disconnect() and lend_server_free(), and must not call the
 * server.
 *
 * Since: 0.1
 */
struct lend_server_ops {
	size_t size;

	int (*region_read)(void *opaque, unsigned int index, uint64_t offset,
			   void *data, size_t size);
	int (*region_write)(void *opaque, unsigned int index, uint64_t offset,
			    const void *data, size_t size);

	int (*irq_set)(void *opaque, unsigned int index, unsigned int start,
		       unsigned int count, const int *fds);
	int (*irq_unmask_fd)(void *opaque, unsigned int index,
			     unsigned int start, int fd);
	int (*irq_act)(void *opaque, unsigned int index, unsigned int start,
		       enum lend_server_irq_action action);
	int (*irq_disable)(void *opaque, unsigned int index);

	int (*dma_map)(void *opaque, const struct lend_server_dma *dma);
	int (*dma_unmap)(void *opaque, const struct lend_server_dma *dma);

	int (*reset)(void *opaque);
	void (*left)(void *opaque);
};

/**
 * struct lend_server_options - a device, and the socket that it is offered at
 * @size:         sizeof(struct lend_server_options)
 * @name:         name of the device for messages; copied
 * @regions:      its regions by their indices; copied
 * @irqs:         its interrupts by their indices; copied
 * @region_count: entries of @regions, at most 100
 * @irq_count:    entries of @irqs, at most 50
 * @fd:           a Unix stream socket that listens, with O_NONBLOCK set. After
 *                success the library owns and closes it; after a failure the
 *                caller does
 * @type:         LEND_DEVICE_PCI or LEND_DEVICE_PLATFORM
 * @patience:     milliseconds that a client may take for a message, once it has
 *                begun, and to receive a reply; 0 for 5000
 * @can_reset:    the device can be reset
 * @reserved:     0
 *
 * Since: 0.1
 */
struct lend_server_options {
	size_t size;
	const char *name;
	const struct lend_server_region *regions;
	const struct lend_server_irq *irqs;
	unsigned int region_count;
	unsigned int irq_count;
	int fd;
	enum lend_device_type type;
	unsigned int patience;
	bool can_reset;
	uint8_t reserved[3];
};

/**
 * lend_server_new() - offer a device through a socket
 * @ctx:     context
 * @options: the device and its socket
 * @ops:     operations of the device; copied
 * @opaque:  first argument of the operations
 * @server:  receives the server; lend_server_free() frees it
 *
 * Makes no system call. The protocol is vfio-user 0.0, as QEMU 10.1 and later,
 * cloud-hypervisor and `lend run` speak it; messages for migration are refused.
 * libvfio-user is another library for servers: it has migration too, and calls
 * a device back for each register.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: an option is out of range, an operation is
 * NULL, or the size of either structure is not set; the record says which;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options or @ops has a member set that this
 * library does not know;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory.
 *
 * Since: 0.1. Source: docs/interop/vfio-user.rst of QEMU.
 */
int lend_server_new(struct lend_ctx *ctx,
		    const struct lend_server_options *options,
		    const struct lend_server_ops *ops, void *opaque,
		    struct lend_server **server);

/**
 * lend_server_free() - stop offering a device
 * @server: server, or NULL
 *
 * Disconnects the client, as lend_server_disconnect(), and closes the socket.
 *
 * Since: 0.1
 */
void lend_server_free(struct lend_server *server);

/** Descriptors of lend_server_poll(). Never changes. Since: 0.1 */
#define LEND_SERVER_POLL 2

/**
 * lend_server_poll() - get what a server waits for
 * @server:  server
 * @fds:     receives up to LEND_SERVER_POLL descriptors and events
 * @timeout: receives the milliseconds until lend_server_handle() must be called
 *           anyway; -1 if no deadline is near
 *
 * For poll(2), among a program's own descriptors. Pass the entries with their
 * results to lend_server_handle() when one is ready or the time is over, and
 * ask again before the next poll.
 *
 * Returns: the number of entries of @fds. Cannot fail.
 *
 * Since: 0.1
 */
unsigned int lend_server_poll(const struct lend_server *server,
			      struct pollfd fds[LEND_SERVER_POLL],
			      int *timeout);

/**
 * lend_server_handle() - serve the client, as far as it is waiting
 * @server: server
 * @fds:    what lend_server_poll() stored, with the results of poll(2)
 *
 * Never waits for the client, and answers a limited number of messages. A
 * client that violates the protocol, takes too long or leaves is disconnected;
 * a second one is refused while there is one. The reason is logged as a
 * warning; so is the first request of each client that was refused.
 *
 * Returns: 0, or
 * -EIO, LEND_ERROR_DMA: memory of a client that has left could not be unmapped;
 * free the server and close the device, which unmaps everything;
 * or another -errno of accept(), LEND_ERROR_SYSTEM: no client can connect any
 * more; free the server.
 *
 * Since: 0.1
 */
int lend_server_handle(struct lend_server *server,
		       const struct pollfd fds[LEND_SERVER_POLL]);

/**
 * lend_server_has_client() - check whether a client is connected
 * @server: server
 *
 * Returns: true if there is one. Cannot fail.
 *
 * Since: 0.1
 */
bool lend_server_has_client(const struct lend_server *server);

/**
 * lend_server_disconnect() - disconnect the client
 * @server: server
 *
 * Disables its interrupts, resets the device and unmaps its memory. Does
 * nothing without a client.
 *
 * Since: 0.1
 */
void lend_server_disconnect(struct lend_server *server);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
