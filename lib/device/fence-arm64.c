// SPDX-License-Identifier: MIT
// Fences of arm64: C's are for the inner shareable domain, which need not
// contain devices.

#include <lend/dma.h>

#include "lib/device/fence.h"

void fence_after_read(void)
{
	__asm__ volatile("dmb oshld" ::: "memory");
}

void fence_before_write(void)
{
	__asm__ volatile("dmb osh" ::: "memory");
}

void lend_dma_fence(void)
{
	__asm__ volatile("dmb osh" ::: "memory");
}
