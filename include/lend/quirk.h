/* SPDX-License-Identifier: MIT */
/* What single PCI devices need beyond what all functions have in common. */
#ifndef LEND_QUIRK_H
#define LEND_QUIRK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct lend_pci;

/**
 * struct lend_pci_quirk - what is done for single devices
 * @name:   as the log has it
 * @why:    the reason, a clause without a full stop
 * @source: where the fact is from
 * @when:   the property of a -device string without which it is not done, or
 *          NULL
 *
 * All are constant. Made by the library alone, may grow at its end.
 *
 * Since: 0.1
 */
struct lend_pci_quirk {
	const char *name;
	const char *why;
	const char *source;
	const char *when;
};

/**
 * lend_pci_quirk() - a quirk of a kind of device
 * @vendor:     the device's own numbers
 * @device:     of that vendor
 * @class_code: 24 bits: class, subclass and programming interface
 * @number:     0 for the first
 *
 * Some depend on what the device's BARs and capabilities are as well:
 * lend_pci_new() tells on the log, LEND_LOG_INFO, of those that were taken.
 *
 * Returns: the quirk, or NULL where there are no more.
 *
 * Since: 0.1
 */
const struct lend_pci_quirk *lend_pci_quirk(uint16_t vendor, uint16_t device,
					    uint32_t class_code,
					    unsigned int number);

/**
 * lend_pci_opregion_size() - size of the graphics' OpRegion
 * @pci: function
 *
 * The driver of Intel's integrated graphics learns of its displays from a table
 * in memory, of whose copy VFIO has a region. Without one in the guest's memory
 * the function works, but the guest may find no display.
 *
 * Returns: bytes, or 0 where the function has none, or the options leave it
 * out.
 *
 * Since: 0.1. Source: VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION in linux/vfio.h;
 * Intel's ACPI IGD OpRegion Specification.
 */
uint64_t lend_pci_opregion_size(const struct lend_pci *pci);

/**
 * lend_pci_opregion_place() - put the graphics' OpRegion into guest memory
 * @pci:    function
 * @memory: lend_pci_opregion_size() bytes of the guest's memory, which the
 *          guest must be told is reserved; they are the caller's, and filled in
 * @base:   where the guest has them: at a page, and all below 4 GiB
 *
 * From then on the function's register ASLS says @base, through resets. Call it
 * again, before the guest runs, to undo what the last guest wrote there.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: there is no OpRegion, or @base is not as above;
 * or another -errno of reading it, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1
 */
int lend_pci_opregion_place(struct lend_pci *pci, void *memory, uint64_t base);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
