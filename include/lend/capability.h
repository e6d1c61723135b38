/* SPDX-License-Identifier: MIT */
/* The capability lists of a PCI configuration space. */
#ifndef LEND_CAPABILITY_H
#define LEND_CAPABILITY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_pci_capability - a capability in configuration space
 * @offset: bytes from the start of configuration space
 * @id:     PCI_CAP_ID_*, or PCI_EXT_CAP_ID_* in the extended list, of
 *          linux/pci_regs.h
 *
 * Never grows: programs have arrays of it.
 *
 * Since: 0.1
 */
struct lend_pci_capability {
	uint16_t offset;
	uint16_t id;
};

/**
 * enum lend_pci_list - the capability lists of a function
 * @LEND_PCI_LIST_STANDARD: within the first 256 bytes, where each function may
 *	have one
 * @LEND_PCI_LIST_EXTENDED: after them, where PCI Express functions have one
 *
 * Since: 0.1
 */
enum lend_pci_list {
	LEND_PCI_LIST_STANDARD = 0,
	LEND_PCI_LIST_EXTENDED = 1,
};

/** The most capabilities that a list of each kind can have. Never change.
 * Since: 0.1 */
#define LEND_PCI_LIST_STANDARD_MAX 48
#define LEND_PCI_LIST_EXTENDED_MAX 960

/**
 * lend_pci_capabilities() - list the capabilities of a PCI function
 * @config: its configuration space, from lend_region_read() of
 *          LEND_PCI_REGION_CONFIG or from the attribute "config"
 * @size:   bytes of @config, from 0 to 4096; what is beyond is not read
 * @list:   which list
 * @found:  receives the capabilities, in the order of the list
 * @room:   entries of @found, at least 1; LEND_PCI_LIST_STANDARD_MAX or
 *          LEND_PCI_LIST_EXTENDED_MAX is always enough
 * @fault:  receives what is wrong with the list, as words that follow "the
 *          list", borrowed and constant; NULL if nothing is wrong. Or NULL
 *
 * The list ends where it points out of @config or into the header, where it
 * returns to a capability that was listed before, and at registers that read
 * all ones; *@fault says so. Null capabilities of the extended list, of ID 0,
 * are listed too. Safe for any @config.
 *
 * Returns: the number of capabilities in @found.
 *
 * Since: 0.1. Source: PCI Local Bus 3.0 section 6.7, PCI Express Base 5.0
 * section 7.6.3.
 */
unsigned int lend_pci_capabilities(const uint8_t *config, size_t size,
				   enum lend_pci_list list,
				   struct lend_pci_capability *found,
				   unsigned int room, const char **fault);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
