/* SPDX-License-Identifier: MIT */
/* Stops and resets a function. */
#ifndef LIB_PCI_RESET_H
#define LIB_PCI_RESET_H

#include <stdbool.h>
#include <stdint.h>

struct lend_pci;
struct reset_set;

/* Determines the reset methods of the function from its capabilities. */
void reset_probe(struct lend_pci *pci, const uint8_t *image);

/* As lend_pci_stop(), with the lock held. */
void reset_stop_locked(struct lend_pci *pci);

/* Disables bus mastering and decoding in the device. */
void reset_quiet(struct lend_pci *pci);

/* A reset requested by the guest through configuration space: this function
 * alone. */
void reset_own_locked(struct lend_pci *pci);

/* Whether the function's own reset is more than a change of the power state,
 * after which many devices keep much of their state. */
bool reset_is_full(const struct lend_pci *pci);

/* The function's own reset, which affects no other. Returns 0, or a recorded
 * error. */
int reset_fully(struct lend_pci *pci);

/*
 * Resets a function that was stopped by the best method that works: the
 * device's own reset; a hot reset, if it affects no open device outside @set; a
 * change of the power state, as the device's own reset. @is_full is the result
 * of reset_is_full().
 */
int reset_device(struct lend_pci *pci, const struct reset_set *set,
		 bool is_full);

#endif
