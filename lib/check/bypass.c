// SPDX-License-Identifier: MIT
// Whether the DMA of a virtio device goes through the IOMMU, by the features
// that its driver read.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/attribute.h>

#include "lib/address/address.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/check/bypass.h"
#include "lib/iommu/bypass.h"

static unsigned int bypass_read_id(const struct lend_address *address,
				   const char *name)
{
	char text[16];

	lend_attribute_read(address, name, text, sizeof(text));
	return (unsigned int)strtoul(text, NULL, 16);
}

/* Reads the features, a digit for each bit. Returns false if no virtio device
 * is registered for it, as after binding it to VFIO. */
static bool bypass_read_features(const struct lend_address *address,
				 char name[SYSFS_NAME], char features[80])
{
	char path[SYSFS_PATH];
	struct sysfs_names names;
	bool found = false;

	if (sysfs_list_dirs(address->ctx, address->path, &names))
		return false;
	for (unsigned int i = 0; i < names.count && !found; i++)
		if (!strncmp(names.names[i], "virtio", strlen("virtio")) &&
		    !sysfs_path(path, "%s/%s/features", address->path,
				names.names[i]) &&
		    sysfs_read(address->ctx, path, features, 80) >
			    BYPASS_FEATURE) {
			found = true;
			snprintf(name, SYSFS_NAME, "%s", names.names[i]);
		}
	sysfs_names_free(&names);
	return found;
}

void check_bypass(struct check *check, const struct lend_address *address)
{
	char name[SYSFS_NAME], features[80], evidence[320];
	bool known = bypass_read_features(address, name, features);

	if (!known && (address->bus != LEND_BUS_PCI ||
		       !bypass_is_virtio(bypass_read_id(address, "vendor"),
					 bypass_read_id(address, "device"))))
		return;
	if (!bypass_is_possible(check->ctx))
		return;
	if (!known) {
		report_warning(check, "bypass", address->name, "",
			       "whether its DMA goes through the IOMMU is "
			       "known only when it is opened: it is a virtio "
			       "device");
	} else if (features[BYPASS_FEATURE] == '1') {
		report_ok(check, "bypass", address->name,
			  "its DMA goes through the IOMMU");
	} else {
		snprintf(evidence, sizeof(evidence), "%s/features: bit %d is 0",
			 name, BYPASS_FEATURE);
		bypass_explain(check->ctx, address->name, evidence);
		report_failure(check, "bypass");
	}
}
