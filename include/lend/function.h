/* SPDX-License-Identifier: MIT */
/* PCI functions that are software: configuration space, and interrupts. */
#ifndef LEND_FUNCTION_H
#define LEND_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/context.h>
#include <lend/server.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/*
 * What a device behind struct lend_server needs to be a PCI function, and what
 * is the same for all of them. Registers and DMA are the device's own.
 */

/**
 * struct lend_function - a PCI function that is software
 *
 * Opaque. Not reference-counted: lend_function_free() frees it. All functions
 * but that one may be called by any thread at any time.
 *
 * Since: 0.1
 */
struct lend_function;

/** The BAR has I/O ports, instead of memory. Since: 0.1 */
#define LEND_FUNCTION_BAR_IO (1u << 0)
/** The BAR has 64 address bits, and takes the next BAR too. Since: 0.1 */
#define LEND_FUNCTION_BAR_64 (1u << 1)
/** The BAR's memory is prefetchable. Since: 0.1 */
#define LEND_FUNCTION_BAR_PREFETCH (1u << 2)

/** BARs of a function. Never changes. Since: 0.1 */
#define LEND_FUNCTION_BARS 6
/** Regions of lend_function_fill(). Never changes. Since: 0.1 */
#define LEND_FUNCTION_REGIONS 9
/** Interrupt indices of lend_function_fill(). Never changes. Since: 0.1 */
#define LEND_FUNCTION_IRQS 5

/**
 * struct lend_function_bar - a BAR of a function that is software
 * @size:     bytes, a power of two: at least 4 for ports, 16 for memory; 0 if
 *            there is no such BAR
 * @flags:    LEND_FUNCTION_BAR_*
 * @reserved: 0
 *
 * Never grows: struct lend_function_options has an array of it.
 *
 * Since: 0.1
 */
struct lend_function_bar {
	uint64_t size;
	uint32_t flags;
	uint32_t reserved;
};

/**
 * struct lend_function_options - what a function is
 * @size:       sizeof(struct lend_function_options)
 * @bars:       its BARs
 * @vendor:     vendor ID
 * @device:     device ID
 * @subvendor:  subsystem vendor ID
 * @subsystem:  subsystem ID
 * @class_code: base class, subclass and programming interface, 24 bits
 * @msi:        messages of MSI: 0 for no MSI, or a power of two up to 32
 * @msix:       vectors of MSI-X, at most 2048; 0 for no MSI-X
 * @revision:   revision ID
 * @msix_bar:   BAR of the MSI-X table and of the pending bits
 * @intx:       the function has an INTx pin, INTA
 * @reserved:   0
 * @msix_table: where the table begins in that BAR, a multiple of 8
 * @msix_pba:   where the pending bits begin in it, a multiple of 8
 *
 * Since: 0.1
 */
struct lend_function_options {
	size_t size;
	struct lend_function_bar bars[LEND_FUNCTION_BARS];
	uint16_t vendor;
	uint16_t device;
	uint16_t subvendor;
	uint16_t subsystem;
	uint32_t class_code;
	uint16_t msi;
	uint16_t msix;
	uint8_t revision;
	uint8_t msix_bar;
	bool intx;
	uint8_t reserved[5];
	uint32_t msix_table;
	uint32_t msix_pba;
};

/**
 * lend_function_new() - make a function
 * @ctx:      context
 * @options:  what it is
 * @function: receives the function; lend_function_free() frees it
 *
 * Its configuration space has the header; the capability of PCI Express, as an
 * endpoint with function level reset; power management; and MSI and MSI-X, if
 * they were asked for.
 *
 * The table of MSI-X is the client's, which keeps it, as it does for a device
 * of VFIO: what the function's own BAR has there is never asked for. The
 * pending bits are the function's: lend_function_pending().
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: an option is out of range; the record says
 * which;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory.
 *
 * Since: 0.1. Source: PCI Local Bus 3.0, 6.1 and 6.8; PCI Express 3.0, 7.8; PCI
 * Bus Power Management 1.2, 3.2.
 */
int lend_function_new(struct lend_ctx *ctx,
		      const struct lend_function_options *options,
		      struct lend_function **function);

/**
 * lend_function_free() - free a function
 * @function: function, or NULL
 *
 * After lend_server_free() of its server. Closes the client's descriptors.
 *
 * Since: 0.1
 */
void lend_function_free(struct lend_function *function);

/**
 * lend_function_fill() - describe a function to a server
 * @function: function
 * @regions:  receives the regions, for struct lend_server_options: BARs, which
 *            clients read and write by message, and configuration space
 * @irqs:     receives the interrupts
 *
 * The caller may change entries, such as to let clients map a part of a BAR.
 * Cannot fail.
 *
 * Since: 0.1
 */
void lend_function_fill(
	const struct lend_function *function,
	struct lend_server_region regions[LEND_FUNCTION_REGIONS],
	struct lend_server_irq irqs[LEND_FUNCTION_IRQS]);

/**
 * lend_function_config_read() - read configuration space
 * @function: function
 * @offset:   offset in it; what is beyond 4096 reads as ones
 * @data:     receives the bytes
 * @size:     bytes
 *
 * Cannot fail.
 *
 * Since: 0.1
 */
void lend_function_config_read(struct lend_function *function, uint64_t offset,
			       void *data, size_t size);

/**
 * lend_function_config_write() - write configuration space
 * @function: function
 * @offset:   offset in it
 * @data:     the bytes; those that are read-only are ignored
 * @size:     bytes
 *
 * Returns: true if the client requested a function level reset: reset the
 * device, with lend_function_reset(). Cannot fail.
 *
 * Since: 0.1
 */
bool lend_function_config_write(struct lend_function *function, uint64_t offset,
				const void *data, size_t size);

/**
 * lend_function_reset() - reset configuration space and interrupts
 * @function: function
 *
 * Registers have their first values; INTx is not asserted, and no vector is
 * pending. The client's eventfds stay. Cannot fail.
 *
 * Since: 0.1
 */
void lend_function_reset(struct lend_function *function);

/**
 * lend_function_bus_master() - check whether the function may do DMA
 * @function: function
 *
 * Returns: whether the bit Bus Master Enable of the command register is set.
 * Cannot fail.
 *
 * Since: 0.1
 */
bool lend_function_bus_master(const struct lend_function *function);

/**
 * lend_function_irq_set() - take a client's eventfds
 * @function: function
 * @index:    LEND_PCI_IRQ_INTX, LEND_PCI_IRQ_MSI, LEND_PCI_IRQ_MSIX; or
 *            LEND_PCI_IRQ_ERR, since clients want one, which never fires
 * @start:    the first interrupt
 * @count:    number of interrupts
 * @fds:      their eventfds, of which the function keeps duplicates; -1 for
 * none
 *
 * The operation irq_set of struct lend_server_ops. Enables the index. A vector
 * that was pending is signalled.
 *
 * Returns: 0, or
 * -EINVAL: no such interrupt, or a descriptor is no eventfd;
 * or another -errno of fcntl(2). Those that were taken before stay.
 *
 * Since: 0.1
 */
int lend_function_irq_set(struct lend_function *function, unsigned int index,
			  unsigned int start, unsigned int count,
			  const int *fds);

/**
 * lend_function_irq_unmask_fd() - take the eventfd that unmasks INTx
 * @function: function
 * @index:    LEND_PCI_IRQ_INTX
 * @start:    0
 * @fd:       eventfd, of which the function keeps a duplicate; -1 for none
 *
 * The operation irq_unmask_fd of struct lend_server_ops. The program polls
 * lend_function_unmask_fd().
 *
 * Returns: 0, or -EINVAL or another -errno as lend_function_irq_set().
 *
 * Since: 0.1
 */
int lend_function_irq_unmask_fd(struct lend_function *function,
				unsigned int index, unsigned int start, int fd);

/**
 * lend_function_irq_act() - mask, unmask or trigger an interrupt
 * @function: function
 * @index:    interrupt index
 * @start:    the interrupt
 * @action:   what to do; LEND_PCI_IRQ_INTX alone can be masked
 *
 * The operation irq_act of struct lend_server_ops.
 *
 * Returns: 0, or -EINVAL: no such interrupt, or it cannot be masked.
 *
 * Since: 0.1
 */
int lend_function_irq_act(struct lend_function *function, unsigned int index,
			  unsigned int start,
			  enum lend_server_irq_action action);

/**
 * lend_function_irq_disable() - disable an interrupt index
 * @function: function
 * @index:    interrupt index
 *
 * The operation irq_disable of struct lend_server_ops. Closes the client's
 * eventfds; no vector of the index is pending after that.
 *
 * Returns: 0, or -EINVAL: no such index.
 *
 * Since: 0.1
 */
int lend_function_irq_disable(struct lend_function *function,
			      unsigned int index);

/**
 * lend_function_unmask_fd() - get the eventfd that unmasks INTx
 * @function: function
 *
 * It changes with lend_function_irq_unmask_fd() and
 * lend_function_irq_disable(): ask before each poll(2), in the thread that
 * calls lend_server_handle().
 *
 * Returns: an eventfd, borrowed: call lend_function_unmask() when it is
 * readable; -1 if there is none. Cannot fail.
 *
 * Since: 0.1
 */
int lend_function_unmask_fd(const struct lend_function *function);

/**
 * lend_function_unmask() - unmask INTx, as the client's eventfd requests
 * @function: function
 *
 * Reads the eventfd. Cannot fail.
 *
 * Since: 0.1
 */
void lend_function_unmask(struct lend_function *function);

/**
 * lend_function_messages() - get the number of messages that are enabled
 * @function: function
 *
 * Returns: the vectors of MSI-X or the messages of MSI, whichever the client
 * has enabled; 0 if INTx is in use. Cannot fail.
 *
 * Since: 0.1
 */
unsigned int lend_function_messages(const struct lend_function *function);

/**
 * lend_function_signal() - send a message
 * @function: function
 * @vector:   vector of MSI-X, or message of MSI
 *
 * One that has no eventfd, as a masked one, becomes pending. Ignored if
 * @vector is not less than lend_function_messages(). Never waits.
 *
 * Since: 0.1
 */
void lend_function_signal(struct lend_function *function, unsigned int vector);

/**
 * lend_function_set_line() - assert or deassert INTx
 * @function:    function
 * @is_asserted: the level
 *
 * The client is signalled when the line is asserted, and again when it unmasks
 * it while it is still asserted. Ignored while messages are enabled; bit 3 of
 * the status register shows it. Never waits.
 *
 * Since: 0.1
 */
void lend_function_set_line(struct lend_function *function, bool is_asserted);

/**
 * lend_function_pending() - get pending bits of MSI-X
 * @function: function
 * @first:    the first vector, a multiple of 64
 *
 * Returns: 64 bits, as the device's BAR has them at @msix_pba + @first / 8.
 * Cannot fail.
 *
 * Since: 0.1
 */
uint64_t lend_function_pending(const struct lend_function *function,
			       unsigned int first);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
