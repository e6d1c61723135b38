// SPDX-License-Identifier: MIT
// Reads what VFIO reports about a device.

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/report.h"
#include "cli/show.h"

static const struct {
	uint32_t flag;
	const char *name;
} region_flags[] =
	{
		{LEND_REGION_READ, "read"},
		{LEND_REGION_WRITE, "write"},
		{LEND_REGION_MMAP, "mmap"},
},
  irq_flags[] = {
	  {LEND_IRQ_EVENTFD, "eventfd"},
	  {LEND_IRQ_MASKABLE, "maskable"},
	  {LEND_IRQ_AUTOMASKED, "automasked"},
	  {LEND_IRQ_NORESIZE, "noresize"},
};

static const char *const pci_regions[] = {
	"BAR 0", "BAR 1", "BAR 2",  "BAR 3", "BAR 4",
	"BAR 5", "ROM",   "config", "VGA",
};

static const char *const pci_irqs[] = {"INTx", "MSI", "MSI-X", "ERR", "REQ"};

#define NAME(names, is_pci, i)                                                 \
	((is_pci) && (i) < sizeof(names) / sizeof(names[0]) ? (names)[i] : NULL)

static void show_vfio_add_region(struct json_object *list, unsigned int index,
				 const char *name,
				 const struct lend_region *region)
{
	struct json_object *o, *flags, *areas;

	if (!region->size)
		return;
	o = json_object_new_object();
	flags = json_object_new_array();
	areas = json_object_new_array();
	json_add_number(o, "index", index);
	json_add_text(o, "name", name);
	json_add_number(o, "size", (int64_t)region->size);
	for (unsigned int i = 0;
	     i < sizeof(region_flags) / sizeof(region_flags[0]); i++)
		if (region->flags & region_flags[i].flag)
			json_object_array_add(
				flags,
				json_object_new_string(region_flags[i].name));
	json_add(o, "flags", flags);
	for (unsigned int i = 0; i < region->area_count; i++) {
		struct json_object *area = json_object_new_object();

		json_add_number(area, "offset",
				(int64_t)region->areas[i].offset);
		json_add_number(area, "size", (int64_t)region->areas[i].size);
		json_object_array_add(areas, area);
	}
	json_add(o, "areas", areas);
	json_object_array_add(list, o);
}

static void add_irq(struct json_object *list, unsigned int index,
		    const char *name, const struct lend_irq *irq)
{
	struct json_object *o, *flags;

	if (!irq->count)
		return;
	o = json_object_new_object();
	flags = json_object_new_array();
	json_add_number(o, "index", index);
	json_add_text(o, "name", name);
	json_add_number(o, "count", irq->count);
	for (unsigned int i = 0; i < sizeof(irq_flags) / sizeof(irq_flags[0]);
	     i++)
		if (irq->flags & irq_flags[i].flag)
			json_object_array_add(
				flags,
				json_object_new_string(irq_flags[i].name));
	json_add(o, "flags", flags);
	json_object_array_add(list, o);
}

/* Number of indices to query; an index that does not exist has no vectors. */
enum { IRQS_MAX = 64 };

static void show_vfio_add_device(struct json_object *vfio,
				 const struct lend_device *device)
{
	bool is_pci = lend_device_type(device) == LEND_DEVICE_PCI;
	struct json_object *regions = json_object_new_array();
	struct json_object *irqs = json_object_new_array();

	for (unsigned int i = 0; i < lend_device_region_count(device); i++)
		show_vfio_add_region(regions, i, NAME(pci_regions, is_pci, i),
				     lend_device_region(device, i));
	for (unsigned int i = 0; i < IRQS_MAX; i++)
		add_irq(irqs, i, NAME(pci_irqs, is_pci, i),
			lend_device_irq(device, i));
	json_add_bool(vfio, "reset", lend_device_can_reset(device));
	json_add(vfio, "regions", regions);
	json_add(vfio, "irqs", irqs);
}

static int keep_first(void *opaque, const char *entry)
{
	snprintf(opaque, NAME_MAX + 1, "%s", entry);
	return 1;
}

void show_add_vfio(struct json_object *facts, struct lend_ctx *ctx,
		   struct lend_address *address)
{
	struct json_object *vfio;
	struct lend_iommu *iommu = NULL;
	struct lend_device *device = NULL;
	const char *verdict = json_text(facts, "verdict");
	char cdev[NAME_MAX + 1];
	int err;

	json_add(facts, "vfio", NULL);
	/* Other devices are not accessible, or not bound to a VFIO driver. */
	if (strcmp(verdict, "ready") && strcmp(verdict, "no-permission") &&
	    strcmp(verdict, "blocked") && strcmp(verdict, "lent"))
		return;
	vfio = json_object_new_object();
	json_add_text(
		vfio, "node",
		lend_attribute_list(address, "vfio-dev", keep_first, cdev) == 1
			? cdev
			: NULL);
	err = lend_iommu_new(ctx, NULL, &iommu);
	if (!err)
		err = lend_device_open(iommu, address, NULL, &device);
	if (err) {
		json_add(vfio, "error", report_json_error(ctx));
	} else {
		show_vfio_add_device(vfio, device);
		json_add_text(vfio, "backend", lend_iommu_backend_name(iommu));
		json_add_text(vfio, "backend_reason", lend_iommu_reason(iommu));
	}
	lend_device_unref(device);
	lend_iommu_unref(iommu);
	json_add(facts, "vfio", vfio);
}
