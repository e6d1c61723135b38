/* SPDX-License-Identifier: MIT */
/* Warnings about a function that a guest can provoke. */
#ifndef LIB_PCI_PCI_H
#define LIB_PCI_PCI_H

#include <stdbool.h>

struct lend_pci;

/* Warns, unless *@told says that this was told before: guests can provoke most
 * failures as often as they like. @err is -errno, or 0 for none. */
void pci_warn_once(struct lend_pci *pci, bool *told, int err, const char *fmt,
		   ...) __attribute__((format(printf, 4, 5)));

#endif
