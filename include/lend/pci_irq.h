/* SPDX-License-Identifier: MIT */
/* The interrupts of a PCI function that a guest sees: which kind it uses, its
 * pin, and the descriptors that they take. */
#ifndef LEND_PCI_IRQ_H
#define LEND_PCI_IRQ_H

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct lend_pci;

/**
 * lend_pci_irq_index() - get the kind of interrupt that a function uses
 * @pci: function
 *
 * For operations: msi_connect() is for MSI and MSI-X alike. Elsewhere the
 * result may be stale, as the guest can change it at any time.
 *
 * Returns: LEND_PCI_IRQ_INTX, LEND_PCI_IRQ_MSI or LEND_PCI_IRQ_MSIX, or
 * -ENOENT: the guest has enabled none; makes no record.
 *
 * Since: 0.1
 */
int lend_pci_irq_index(const struct lend_pci *pci);

/**
 * lend_pci_pin() - get the interrupt pin of a function
 * @pci: function
 *
 * Returns: 1 to 4 for INTA# to INTD#; 0 if it has none. Cannot fail.
 *
 * Since: 0.1
 */
unsigned int lend_pci_pin(const struct lend_pci *pci);

/**
 * lend_pci_descriptors() - get the most descriptors that interrupts take
 * @pci: function
 *
 * An eventfd for each vector that the guest has unmasked, or two for INTx: a
 * function uses one kind of interrupt at a time. The device itself has further
 * ones, see lend(3). Add them up for all functions, and raise RLIMIT_NOFILE
 * before the guest runs: without a descriptor, a vector raises no interrupt.
 *
 * Returns: the number, at most 2048; it does not change. Cannot fail.
 *
 * Since: 0.1
 */
unsigned int lend_pci_descriptors(const struct lend_pci *pci);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
