/* SPDX-License-Identifier: MIT */
/* The PCI Express capability, adapted to the guest's topology. */
#ifndef LIB_PCI_EXPRESS_H
#define LIB_PCI_EXPRESS_H

#include "lib/pci/config.h"

/*
 * Adapts the capability of @length bytes at @at, after its policy was applied,
 * to a function on the root bus or below a root port, as @source says.
 */
void express_settle(struct config *config, const struct config_source *source,
		    unsigned int at, unsigned int length);

#endif
