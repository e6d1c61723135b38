/* SPDX-License-Identifier: MIT */
/* Interrupts of an open device to wait for, for user-space drivers. */
#ifndef LEND_VECTORS_H
#define LEND_VECTORS_H

#include <lend/device.h>
#include <lend/irq.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_vectors - vectors of an interrupt index, each with an eventfd
 *
 * Opaque. Not reference-counted: lend_vectors_free() frees it. It holds a
 * reference to its device. Several threads may use it at once.
 *
 * Since: 0.1
 */
struct lend_vectors;

/** For lend_vectors_new(): the first of MSI-X, MSI and INTx that has enough
 * vectors. Since: 0.1 */
#define LEND_VECTORS_ANY (~0u)

/**
 * lend_vectors_new() - enable vectors of an interrupt index
 * @device:  device
 * @index:   interrupt index, or for a PCI device LEND_VECTORS_ANY
 * @count:   number of vectors from 0, at least 1
 * @vectors: receives the vectors; lend_vectors_free() frees them
 *
 * Takes a descriptor for each vector. A PCI device has one of INTx, MSI and
 * MSI-X enabled at a time. MSI and MSI-X are writes of the device to memory:
 * none comes before lend_device_bus_master() has enabled those.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: the device, or the index, does not have that
 * many vectors;
 * -ENOSPC, LEND_ERROR_LIMIT: the host has fewer vectors left; the record has
 * their number;
 * -EMFILE or -ENFILE, LEND_ERROR_SYSTEM: no descriptor is left; raise
 * RLIMIT_NOFILE;
 * or as lend_irq_set().
 *
 * Since: 0.1
 */
int lend_vectors_new(struct lend_device *device, unsigned int index,
		     unsigned int count, struct lend_vectors **vectors);

/**
 * lend_vectors_free() - disable vectors
 * @vectors: vectors, or NULL
 *
 * Disables the interrupt index, and closes the eventfds. Cannot fail.
 *
 * Since: 0.1
 */
void lend_vectors_free(struct lend_vectors *vectors);

/**
 * lend_vectors_index() - get the interrupt index of vectors
 * @vectors: vectors
 *
 * Returns: the index that was given or, after LEND_VECTORS_ANY, found. Cannot
 * fail.
 *
 * Since: 0.1
 */
unsigned int lend_vectors_index(const struct lend_vectors *vectors);

/**
 * lend_vectors_fd() - get the eventfd of a vector
 * @vectors: vectors
 * @vector:  vector, from 0
 *
 * For a program's own poll(). lend_vectors_wait() without a delay resets the
 * eventfd. Do not close it.
 *
 * Returns: the descriptor, borrowed, or
 * -EINVAL: there is no such vector. Makes no record.
 *
 * Since: 0.1
 */
int lend_vectors_fd(const struct lend_vectors *vectors, unsigned int vector);

/**
 * lend_vectors_wait() - wait for an interrupt
 * @vectors:      vectors
 * @vector:       vector, from 0
 * @milliseconds: longest time to wait; 0 to return at once, -1 for no limit
 *
 * Interrupts that came before the call are not lost: it returns at once. The
 * function may return early, as when another thread waits too.
 *
 * An interrupt of an index with LEND_IRQ_AUTOMASKED, as INTx, is masked when it
 * comes: call lend_vectors_unmask() after the device was made to withdraw it.
 *
 * Returns: the number of interrupts since the last call, at most INT_MAX; 0 if
 * none came; or
 * -EINVAL: there is no such vector;
 * -EINTR: a signal handler ran;
 * or another -errno of poll() or read(). Makes no record.
 *
 * Since: 0.1
 */
int lend_vectors_wait(struct lend_vectors *vectors, unsigned int vector,
		      int milliseconds);

/**
 * lend_vectors_unmask() - let an interrupt come again
 * @vectors: vectors
 * @vector:  vector, from 0
 *
 * Does nothing for an index without LEND_IRQ_AUTOMASKED, so that a driver can
 * call it after each interrupt, whatever the index.
 *
 * Returns: 0, or as lend_irq_unmask().
 *
 * Since: 0.1
 */
int lend_vectors_unmask(struct lend_vectors *vectors, unsigned int vector);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
