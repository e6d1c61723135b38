/* SPDX-License-Identifier: MIT */
/* Structures that callers fill in, and that later releases may lengthen. */
#ifndef SIZED_H
#define SIZED_H

#include <stddef.h>

struct lend_ctx;

/* A structure whose first member is `size_t size`. */
struct sized {
	const char *name; /* without "struct" */
	size_t first;     /* bytes in release 0.1 */
	size_t known;     /* bytes of the members that this library reads */
};

extern const struct sized sized_bind_options;
extern const struct sized sized_check_options;
extern const struct sized sized_ctx_options;
extern const struct sized sized_device_options;
extern const struct sized sized_export_options;
extern const struct sized sized_function_options;
extern const struct sized sized_iommu_options;
extern const struct sized sized_kvm_options;
extern const struct sized sized_kvm_pci_options;
extern const struct sized sized_pci_ops;
extern const struct sized sized_pci_options;
extern const struct sized sized_platform_options;
extern const struct sized sized_platform_place;
extern const struct sized sized_server_ops;
extern const struct sized sized_server_options;

/*
 * Copies what a caller filled in over the defaults in @known, which has room
 * for @type->known bytes. Members that the caller's release lacked keep their
 * defaults, and so do all where @given is NULL. Reads @given->size bytes of
 * @given and no more. @device is for the record, or NULL; without a context
 * there is no record.
 *
 * Returns 0, or
 * -EINVAL: smaller than in release 0.1, or larger than any structure is, as one
 * whose size was not set;
 * -E2BIG: a member that this library does not know is set.
 */
int sized_copy(struct lend_ctx *ctx, const char *device,
	       const struct sized *type, void *known, const void *given);

#endif
