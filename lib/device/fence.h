/* SPDX-License-Identifier: MIT */
/* Fences between memory and the registers of devices. A processor's are a file:
 * fence-x86.c, fence-arm64.c, or fence-any.c for others. */
#ifndef LIB_DEVICE_FENCE_H
#define LIB_DEVICE_FENCE_H

/* Between a read of a register and later accesses to memory. */
void fence_after_read(void);

/* Between accesses to memory and a later write of a register. */
void fence_before_write(void);

#endif
