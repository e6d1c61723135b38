// SPDX-License-Identifier: MIT
// The record of an allocation that failed in the machine.
#include <errno.h>

#include <lend/error.h>

#include "vmm/base/no-memory.h"

int vmm_no_memory(struct lend_ctx *ctx, const char *device)
{
	return lend_error_set(ctx, LEND_ERROR_MEMORY, ENOMEM, device,
			      "not enough memory");
}
