/* SPDX-License-Identifier: MIT */
/* Unpacks a compressed kernel, by libraries that are loaded for it. */
#ifndef VMM_ARM64_UNPACK_H
#define VMM_ARM64_UNPACK_H

struct boot;

#define UNPACK_MAX (UINT64_C(256) << 20) /* bytes, packed or not */

/*
 * If the kernel's file is compressed, replace its descriptor by that of an
 * unnamed file with the kernel. Once. Returns 0 or a recorded error.
 */
int unpack_kernel(struct boot *boot);

#endif
