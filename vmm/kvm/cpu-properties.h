/* SPDX-License-Identifier: MIT */
/* QEMU's properties of -cpu that are no features of a processor. */
#ifndef VMM_KVM_CPU_PROPERTIES_H
#define VMM_KVM_CPU_PROPERTIES_H

#include <stddef.h>

struct lend_ctx;

/*
 * Checks the property whose name is the first @length bytes of @name, with -
 * instead of _, and whose value is @value. Returns 0 if it asks for what
 * happens anyway; -ENOENT, nothing recorded, if QEMU has no such property; or
 * -EINVAL with the reason.
 */
int cpu_property_check(struct lend_ctx *ctx, const char *name, size_t length,
		       const char *value);

#endif
