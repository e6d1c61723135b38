/* SPDX-License-Identifier: MIT */
/* Reads the PCI IDs that a -device string sets. */
#ifndef CLI_RUN_IDS_H
#define CLI_RUN_IDS_H

struct lend_ctx;
struct lend_pci_ids;
struct lend_spec;

/* Reads x-pci-*-id= and x-pci-class-code=. Returns 0, or -EINVAL with a record.
 */
int run_ids_read(struct lend_pci_ids *ids, struct lend_ctx *ctx,
		 const struct lend_spec *spec);

#endif
