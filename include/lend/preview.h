/* SPDX-License-Identifier: MIT */
/* A PCI function as a guest would see it, by what sysfs shows of it. */
#ifndef LEND_PREVIEW_H
#define LEND_PREVIEW_H

#include <lend/address.h>
#include <lend/pci.h>
#include <lend/quirk.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_pci_preview - a PCI function that is not open
 *
 * Opaque. It is read once, from the attributes config, resource, vendor and
 * device, and does not change afterwards. Threads may share it.
 *
 * Since: 0.1
 */
struct lend_pci_preview;

/**
 * lend_pci_preview_new() - read how lend_pci_new() would present a function
 * @address: PCI device, bound to any driver or none
 * @preview: set to the preview, for lend_pci_preview_free(); unchanged after a
 *           failure
 *
 * Opens no VFIO node and does not reset the device. The checks are those of
 * lend_pci_new() with default options, except for those that the open device
 * must answer.
 *
 * Returns: 0, or
 * -ENODATA, LEND_ERROR_SYSTEM: sysfs does not show its configuration space or
 * its resources;
 * -ETIMEDOUT, LEND_ERROR_DEVICE: a reset of the device is in progress, or does
 * not end, and nobody can read its configuration space meanwhile; try again;
 * -EBADMSG, LEND_ERROR_DEVICE: the function cannot be presented to a guest; the
 * record has the reason; no function opens such a device for a guest;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory.
 *
 * Since: 0.1
 */
int lend_pci_preview_new(const struct lend_address *address,
			 struct lend_pci_preview **preview);

/**
 * lend_pci_preview_free() - free a preview
 * @preview: preview, or NULL
 *
 * Since: 0.1
 */
void lend_pci_preview_free(struct lend_pci_preview *preview);

/**
 * lend_pci_preview_bar() - get a BAR of a preview
 * @preview: preview
 * @bar:     0 to 5, or LEND_PCI_BAR_ROM
 *
 * Returns: the BAR, which lives as long as @preview; its size is 0 if there is
 * none.
 *
 * Since: 0.1
 */
const struct lend_pci_bar *
lend_pci_preview_bar(const struct lend_pci_preview *preview, unsigned int bar);

/**
 * lend_pci_preview_pin() - get the interrupt pin of a preview
 * @preview: preview
 *
 * Returns: 1 to 4 for INTA to INTD, 0 if the guest gets no INTx.
 *
 * Since: 0.1
 */
unsigned int lend_pci_preview_pin(const struct lend_pci_preview *preview);

/**
 * lend_pci_preview_vectors() - get the number of message interrupts
 * @preview: preview
 *
 * Returns: the vectors of MSI or MSI-X, whichever shows more; 0 if the guest
 * sees neither; or
 * -ENODATA: unknown, since only root can read the capabilities; makes no
 * record.
 *
 * Since: 0.1
 */
int lend_pci_preview_vectors(const struct lend_pci_preview *preview);

/**
 * lend_pci_preview_quirk() - get a quirk that may apply to a preview
 * @preview: preview
 * @number:  number of the quirk, from 0
 *
 * Unlike lend_pci_quirk(), this knows a virtual function, to which quirks of
 * its physical function do not apply.
 *
 * Returns: the quirk, or NULL if there are no more.
 *
 * Since: 0.1
 */
const struct lend_pci_quirk *
lend_pci_preview_quirk(const struct lend_pci_preview *preview,
		       unsigned int number);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
