/* SPDX-License-Identifier: MIT */
/* Quirks: what single PCI devices need beyond what all functions share. */
#ifndef LEND_QUIRK_H
#define LEND_QUIRK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct lend_pci;

/**
 * struct lend_pci_quirk - a quirk of some devices
 * @name:   name, as in log messages
 * @why:    reason, a clause without a full stop
 * @source: where the fact is from
 * @when:   property of a `-device` string that the quirk requires, or NULL
 *
 * All strings are constant. Made by the library alone; may grow at its end.
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
 * lend_pci_quirk() - get a quirk of a model of device
 * @vendor:     vendor ID of the device
 * @device:     device ID
 * @class_code: class code of 24 bits: class, subclass and programming interface
 * @number:     number of the quirk, from 0
 *
 * Some quirks depend on the device's BARs and capabilities as well:
 * lend_pci_new() logs those that it uses, as LEND_LOG_INFO.
 *
 * Returns: the quirk, constant; NULL if there are no more. Cannot fail.
 *
 * Since: 0.1
 */
const struct lend_pci_quirk *lend_pci_quirk(uint16_t vendor, uint16_t device,
					    uint32_t class_code,
					    unsigned int number);

/**
 * lend_pci_opregion_size() - get the size of the graphics OpRegion
 * @pci: function
 *
 * The driver of Intel's integrated graphics learns about the displays from a
 * table in memory, the OpRegion, of which VFIO offers a copy. Without one in
 * the guest's memory the function works, but the guest may find no display.
 *
 * Returns: bytes; 0 if the function has no OpRegion, or the options leave it
 * out. Cannot fail.
 *
 * Since: 0.1. Source: VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION in linux/vfio.h;
 * Intel's ACPI IGD OpRegion Specification.
 */
uint64_t lend_pci_opregion_size(const struct lend_pci *pci);

/**
 * lend_pci_opregion_place() - put the graphics OpRegion into guest memory
 * @pci:    function
 * @memory: lend_pci_opregion_size() bytes of guest memory, which are filled in;
 *          the caller owns them, and reports them to the guest as reserved
 * @base:   their guest-physical address, a multiple of the page size, not 0;
 *          they must end below 4 GiB
 *
 * The function's register ASLS reads @base from then on, also after resets.
 * Call it again before a guest is started anew, to undo what the last one wrote
 * to @memory.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: the function has no OpRegion, or @base is out
 * of range;
 * or another -errno, LEND_ERROR_SYSTEM: the OpRegion cannot be read.
 *
 * Since: 0.1
 */
int lend_pci_opregion_place(struct lend_pci *pci, void *memory, uint64_t base);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
