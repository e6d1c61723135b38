// SPDX-License-Identifier: MIT
// Why the kernel refuses a group or a device, by what can be seen of it, never
// by the errno alone.

#include <errno.h>

#include "lib/base/context.h"
#include "lib/iommu/direct.h"
#include "lib/iommu/isolation.h"
#include "lib/iommu/refusal.h"

int refusal_explain(struct lend_ctx *ctx, const struct refusal *refusal)
{
	bool waived = isolation_is_waived(ctx, refusal->module);
	enum isolation isolation;
	char witness[256];
	int err = 0;

	isolation = isolation_find(ctx, refusal->device, witness);
	if (refusal->group >= 0)
		err = direct_check(ctx, (unsigned int)refusal->group,
				   refusal->device);
	if (err)
		return err;
	if (refusal->err == -EPERM && !waived &&
	    (isolation == ISOLATION_NO || isolation == ISOLATION_NO_MSI))
		return isolation_explain(ctx, refusal->device, refusal->module,
					 witness);
	err = error_system(ctx, -refusal->err, refusal->device, "%s",
			   refusal->call);
	if (refusal->group >= 0)
		lend_error_evidence(ctx, "its group requires no 1:1 mapping");
	if (waived)
		lend_error_evidence(ctx, "%s allows unsafe interrupts",
				    refusal->module);
	else if (witness[0])
		lend_error_evidence(ctx, "%s", witness);
	else
		lend_error_evidence(ctx, "whether interrupts are remapped is "
					 "unknown");
	lend_error_remedy(ctx, "the kernel log may show the reason: dmesg | "
			       "grep -i -e iommu -e vfio");
	return err;
}
