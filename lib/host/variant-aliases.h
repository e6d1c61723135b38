/* SPDX-License-Identifier: MIT */
/* The kernel's lists of which VFIO driver fits which PCI device. */
#ifndef LIB_HOST_VARIANT_ALIASES_H
#define LIB_HOST_VARIANT_ALIASES_H

#include <lend/context.h>

/* What an alias of a VFIO driver for PCI devices begins with. */
#define VARIANT_PREFIX "vfio_pci:"

/* Returns the aliases of the running kernel, one a line as "PATTERN MODULE",
 * the pattern for fnmatch() and without the prefix; "" if it has no lists; NULL
 * if there is not enough memory. The text belongs to the context and does not
 * change. No record is made. */
const char *variant_aliases(struct lend_ctx *ctx);

#endif
