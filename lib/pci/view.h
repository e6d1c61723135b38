/* SPDX-License-Identifier: MIT */
/* Builds the view of a function from its configuration space and the sizes of
 * its regions. */
#ifndef LIB_PCI_VIEW_H
#define LIB_PCI_VIEW_H

#include "lib/pci/config.h"

struct lend_pci;

/* Fits quirks to the function, its BARs to @sizes and the view to both. Changes
 * @source->image and @sizes by quirks and options. Returns 0, or -EBADMSG with
 * a record in @pci->ctx that names @name. */
int view_build(struct lend_pci *pci, const char *name,
	       const struct config_source *source, uint8_t image[CONFIG_SIZE],
	       uint64_t sizes[BAR_COUNT],
	       const struct lend_pci_options *options);

/* Records that the function cannot be presented: @fault. Returns -EBADMSG. */
int view_explain(struct lend_ctx *ctx, const char *name, const char *fault);

#endif
