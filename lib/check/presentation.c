// SPDX-License-Identifier: MIT
// Whether a PCI function can be presented to a guest, by the code that would
// present it.

#include <errno.h>

#include <lend/preview.h>

#include "lib/address/address.h"
#include "lib/base/context.h"
#include "lib/check/presentation.h"

void check_presentation(struct check *check, const struct lend_address *address)
{
	struct lend_pci_preview *preview = NULL;
	int err;

	if (address->bus != LEND_BUS_PCI)
		return;
	err = lend_pci_preview_new(address, &preview);
	lend_pci_preview_free(preview);
	if (err == -EBADMSG || err == -ETIMEDOUT)
		report_failure(check, "presentation");
	else if (err)
		report_warning(check, "presentation", address->name, "",
			       "sysfs does not show its configuration space or "
			       "its resources: whether a guest can have its "
			       "BARs is unknown");
	else
		report_ok(check, "presentation", address->name,
			  "a guest can have its BARs");
}
