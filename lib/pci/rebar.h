/* SPDX-License-Identifier: MIT */
/* Resizable BARs, which show only their current size. */
#ifndef LIB_PCI_REBAR_H
#define LIB_PCI_REBAR_H

#include "lib/pci/config.h"

/*
 * Makes the Resizable BAR capability of @length bytes at @at show each BAR's
 * size as the only one. Returns NULL, or why it must be hidden.
 */
const char *rebar_settle(struct config *config, const uint8_t *image,
			 const struct bar bars[BAR_COUNT], unsigned int at,
			 unsigned int length);

#endif
