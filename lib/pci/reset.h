/* SPDX-License-Identifier: MIT */
/* Resets of a function, and what comes before them. */
#ifndef LIB_PCI_RESET_H
#define LIB_PCI_RESET_H

#include <stdbool.h>
#include <stdint.h>

struct lend_pci;
struct reset_set;

/* Works out by which ways the function can be reset. */
void reset_probe(struct lend_pci *pci, const uint8_t *image);

/* As lend_pci_stop(), with the lock held. */
void reset_stop_locked(struct lend_pci *pci);

/* Stops the device: no bus mastering, no decoding. */
void reset_quiet(struct lend_pci *pci);

/* What a guest asks for by configuration space: the function alone. */
void reset_own_locked(struct lend_pci *pci);

/* Whether it has a reset of its own that is more than a change of its power
 * state, which leaves much of many devices as it was. */
bool reset_is_full(const struct lend_pci *pci);

/*
 * Resets a function that was stopped, by the best way that works: the device's
 * own; a hot reset, where it reaches none that is open and not in @set; a
 * change of its power state, which is its own reset as well. @is_full is what
 * reset_is_full() says.
 */
int reset_device(struct lend_pci *pci, const struct reset_set *set,
		 bool is_full);

#endif
