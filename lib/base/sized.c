// SPDX-License-Identifier: MIT
// Structures that callers fill in: which sizes are accepted, and what is read.

#include <errno.h>
#include <string.h>

#include <lend/lend.h>

#include "lib/base/sized.h"

/* The kernel's bound for structures that grow: no release comes near it. */
#define SIZE_LIMIT 4096

#define offsetofend(type, member)                                              \
	(offsetof(type, member) + sizeof(((type *)0)->member))

/* A new member changes .known, and never .first: programs that were built
 * before it pass structures without it. Reserved bytes are not known yet. */
const struct sized sized_bind_options = {
	.name = "lend_bind_options",
	.first = offsetofend(struct lend_bind_options, reserved),
	.known = offsetofend(struct lend_bind_options, unrecorded),
};

const struct sized sized_check_options = {
	.name = "lend_check_options",
	.first = offsetofend(struct lend_check_options, opaque),
	.known = offsetofend(struct lend_check_options, opaque),
};

const struct sized sized_ctx_options = {
	.name = "lend_ctx_options",
	.first = offsetofend(struct lend_ctx_options, log_opaque),
	.known = offsetofend(struct lend_ctx_options, kernel),
};

const struct sized sized_device_options = {
	.name = "lend_device_options",
	.first = offsetofend(struct lend_device_options, opaque),
	.known = offsetofend(struct lend_device_options, opaque),
};

const struct sized sized_export_options = {
	.name = "lend_export_options",
	.first = offsetofend(struct lend_export_options, reserved),
	.known = offsetofend(struct lend_export_options, map),
};

const struct sized sized_function_options = {
	.name = "lend_function_options",
	.first = offsetofend(struct lend_function_options, msix_pba),
	.known = offsetofend(struct lend_function_options, msix_pba),
};

const struct sized sized_iommu_options = {
	.name = "lend_iommu_options",
	.first = offsetofend(struct lend_iommu_options, iommufd),
	.known = offsetofend(struct lend_iommu_options, iommufd),
};

const struct sized sized_kvm_options = {
	.name = "lend_kvm_options",
	.first = offsetofend(struct lend_kvm_options, reserved),
	.known = offsetofend(struct lend_kvm_options, route_count),
};

const struct sized sized_kvm_pci_options = {
	.name = "lend_kvm_pci_options",
	.first = offsetofend(struct lend_kvm_pci_options, opaque),
	.known = offsetofend(struct lend_kvm_pci_options, opaque),
};

const struct sized sized_pci_ops = {
	.name = "lend_pci_ops",
	.first = offsetofend(struct lend_pci_ops, msi_release),
	.known = offsetofend(struct lend_pci_ops, msi_expect),
};

const struct sized sized_pci_options = {
	.name = "lend_pci_options",
	.first = offsetofend(struct lend_pci_options, reserved),
	.known = offsetofend(struct lend_pci_options, no_opregion),
};

const struct sized sized_platform_options = {
	.name = "lend_platform_options",
	.first = offsetofend(struct lend_platform_options, reserved),
	.known = offsetofend(struct lend_platform_options, keep_addresses),
};

const struct sized sized_platform_place = {
	.name = "lend_platform_place",
	.first = offsetofend(struct lend_platform_place, spis),
	.known = offsetofend(struct lend_platform_place, spis),
};

const struct sized sized_server_ops = {
	.name = "lend_server_ops",
	.first = offsetofend(struct lend_server_ops, left),
	.known = offsetofend(struct lend_server_ops, left),
};

const struct sized sized_server_options = {
	.name = "lend_server_options",
	.first = offsetofend(struct lend_server_options, reserved),
	.known = offsetofend(struct lend_server_options, can_reset),
};

static int sized_refuse(struct lend_ctx *ctx, const char *device,
			const struct sized *type, size_t size,
			const char *compared)
{
	if (!ctx)
		return -EINVAL;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, device,
		       "size of struct %s is %s than this library accepts",
		       type->name, compared);
	lend_error_evidence(ctx, "size is %zu; expected %zu to %d", size,
			    type->first, SIZE_LIMIT);
	return lend_error_remedy(ctx, "set size to sizeof(struct %s)",
				 type->name);
}

static int sized_refuse_member(struct lend_ctx *ctx, const char *device,
			       const struct sized *type, size_t at, size_t size)
{
	if (!ctx)
		return -E2BIG;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, E2BIG, device,
		       "struct %s has a member set that this library does not "
		       "know",
		       type->name);
	lend_error_evidence(ctx,
			    "byte %zu of %zu is not 0; this library knows the "
			    "first %zu",
			    at, size, type->known);
	return lend_error_remedy(ctx,
				 "use a newer liblend, or leave the member 0");
}

int sized_copy(struct lend_ctx *ctx, const char *device,
	       const struct sized *type, void *known, const void *given)
{
	const unsigned char *bytes = given;
	size_t size;

	if (!given)
		return 0;
	memcpy(&size, given, sizeof(size));
	if (size < type->first)
		return sized_refuse(ctx, device, type, size, "smaller");
	if (size > SIZE_LIMIT)
		return sized_refuse(ctx, device, type, size, "larger");
	for (size_t at = type->known; at < size; at++)
		if (bytes[at])
			return sized_refuse_member(ctx, device, type, at, size);
	memcpy(known, given, size < type->known ? size : type->known);
	return 0;
}
