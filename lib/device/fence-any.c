// SPDX-License-Identifier: MIT
// Fences of processors for which there is no file: the compiler's strongest.

#include <stdatomic.h>

#include <lend/dma.h>

#include "lib/device/fence.h"

void fence_after_read(void)
{
	atomic_thread_fence(memory_order_seq_cst);
}

void fence_before_write(void)
{
	atomic_thread_fence(memory_order_seq_cst);
}

void lend_dma_fence(void)
{
	atomic_thread_fence(memory_order_seq_cst);
}
