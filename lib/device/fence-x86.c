// SPDX-License-Identifier: MIT
// Fences of x86, whose processors do not reorder accesses to uncached registers
// with others: only the compiler must not either.

#include <stdatomic.h>

#include <lend/dma.h>

#include "lib/device/fence.h"

void fence_after_read(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

void fence_before_write(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

void lend_dma_fence(void)
{
	atomic_thread_fence(memory_order_seq_cst);
}
