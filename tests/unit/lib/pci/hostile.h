/* SPDX-License-Identifier: MIT */
/* A hostile guest of a lent function: its strict virtual machine, and a model
 * of what it must read. */
#ifndef TESTS_UNIT_LIB_PCI_HOSTILE_H
#define TESTS_UNIT_LIB_PCI_HOSTILE_H

#include "function.h"

#define VECTORS 8 /* of image_full() */

/* A machine with RAM, an interrupt controller and 40 address bits, and the
 * model of what the guest reads. */
struct hostile {
	struct function *f;
	uint64_t random;
	bool placed[LEND_PCI_BARS];
	uint64_t base[LEND_PCI_BARS];
	bool mapped[LEND_PCI_WINDOWS];
	uint64_t window[LEND_PCI_WINDOWS], window_size[LEND_PCI_WINDOWS];
	bool intx, connected[2048], known[2048];
	unsigned int placements, connections;
	bool dropped; /* what was refused has to be tried again */
	bool lies;    /* the device does not read as it did */
	bool is_full; /* it is that of image_full() */

	unsigned int pm; /* as the view says */
	uint8_t now[LEND_PCI_CONFIG_SIZE], first[LEND_PCI_CONFIG_SIZE];
	uint8_t writable[LEND_PCI_CONFIG_SIZE];
	uint8_t table[VECTORS * 16];
};

/* Fails at what liblend must not ask for; refuses a BAR where something is. Its
 * opaque is a struct hostile. */
extern const struct lend_pci_ops hostile_ops;

/* Whether nobody but BAR @bar itself would be at a place. */
bool hostile_is_free(const struct hostile *h, unsigned int bar, uint64_t base);

#endif
