// SPDX-License-Identifier: MIT
// Whether the host's use of a device forbids to bind it.

#include <lend/host.h>

#include "lib/address/address.h"
#include "lib/base/context.h"
#include "lib/check/chipset.h"
#include "lib/check/idle.h"
#include "lib/host/bind-use.h"

static int bind_count_member(void *opaque, const struct lend_member *member)
{
	unsigned int *count = opaque;

	(void)member;
	++*count;
	return 0;
}

int bind_check_chipset(const struct lend_address *address)
{
	int group = lend_address_group(address), err;
	unsigned int count = 0;

	if (group >= 0)
		lend_group_list(address->ctx, (unsigned int)group,
				bind_count_member, &count);
	if (count > 1)
		return 0;
	err = chipset_refuse(address);
	return err ? lend_error_remedy(address->ctx,
				       "override with lend bind --force")
		   : 0;
}

int bind_check_use(const struct lend_address *address,
		   const struct dependents *found)
{
	int err = idle_check_with(address, found);

	if (err && lend_ctx_error(address->ctx)->code == LEND_ERROR_IN_USE)
		lend_error_remedy(address->ctx,
				  "or override with lend bind --force");
	return err;
}
