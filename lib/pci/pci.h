/* SPDX-License-Identifier: MIT */
/* Warnings about a function that a guest can provoke. */
#ifndef LIB_PCI_PCI_H
#define LIB_PCI_PCI_H

#include <stdbool.h>

struct lend_pci;

/* Logs a warning, unless *@warned is set, and sets it: guests can provoke most
 * failures at will. @err is -errno, or 0. */
void pci_warn_once(struct lend_pci *pci, bool *warned, int err, const char *fmt,
		   ...) __attribute__((format(printf, 4, 5)));

#endif
