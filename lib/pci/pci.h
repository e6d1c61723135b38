/* SPDX-License-Identifier: MIT */
/* Warnings about a function that a guest can provoke. */
#ifndef LIB_PCI_PCI_H
#define LIB_PCI_PCI_H

#include <stdbool.h>

struct lend_pci;
struct lend_pci_options;

/* Build the view of pci->device, of which ctx and device are set. Returns 0, or
 * -errno as lend_pci_new(). */
int pci_build_view(struct lend_pci *pci,
		   const struct lend_pci_options *options);

/* Logs a warning, unless *@warned is set, and sets it: guests can provoke most
 * failures at will. @err is -errno, or 0. */
void pci_warn_once(struct lend_pci *pci, bool *warned, int err, const char *fmt,
		   ...) __attribute__((format(printf, 4, 5)));

#endif
