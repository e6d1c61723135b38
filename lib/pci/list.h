/* SPDX-License-Identifier: MIT */
/* The capability lists of a view. */
#ifndef LIB_PCI_LIST_H
#define LIB_PCI_LIST_H

#include "lib/pci/config.h"

/* Builds a list in the view, after the header. */
void capability_build_standard(struct config *config,
			       const struct config_source *source,
			       const struct bar bars[BAR_COUNT]);
void capability_build_extended(struct config *config,
			       const struct config_source *source,
			       const struct bar bars[BAR_COUNT]);

#endif
