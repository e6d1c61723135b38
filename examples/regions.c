// SPDX-License-Identifier: MIT
// Lists the regions and the interrupts of a device.

#include <inttypes.h>
#include <stdio.h>

#include "common.h"

static const char *type_name(enum lend_device_type type)
{
	switch (type) {
	case LEND_DEVICE_PCI:
		return "PCI";
	case LEND_DEVICE_PLATFORM:
		return "platform";
	default:
		return "other";
	}
}

static void regions_print_region(const struct lend_region *region,
				 unsigned int index)
{
	if (!region->size)
		return;
	printf("region %u: %" PRIu64 " bytes%s%s%s\n", index, region->size,
	       region->flags & LEND_REGION_READ ? ", read" : "",
	       region->flags & LEND_REGION_WRITE ? ", write" : "",
	       region->flags & LEND_REGION_MMAP ? ", mmap" : "");
	for (unsigned int i = 0; i < region->area_count; i++)
		printf("  area at 0x%" PRIx64 ": %" PRIu64 " bytes\n",
		       region->areas[i].offset, region->areas[i].size);
}

static void regions_print_irq(const struct lend_irq *irq, unsigned int index)
{
	if (!irq->count)
		return;
	printf("irq %u: %u%s%s%s%s\n", index, irq->count,
	       irq->flags & LEND_IRQ_EVENTFD ? ", eventfd" : "",
	       irq->flags & LEND_IRQ_MASKABLE ? ", maskable" : "",
	       irq->flags & LEND_IRQ_AUTOMASKED ? ", automasked" : "",
	       irq->flags & LEND_IRQ_NORESIZE ? ", noresize" : "");
}

static void regions_print_device(const struct lend_device *device)
{
	printf("%s: %s device, %s\n", lend_device_name(device),
	       type_name(lend_device_type(device)),
	       lend_device_can_reset(device) ? "has a reset" : "has no reset");
	for (unsigned int i = 0; i < lend_device_region_count(device); i++)
		regions_print_region(lend_device_region(device, i), i);
	for (unsigned int i = 0; i < lend_device_irq_count(device); i++)
		regions_print_irq(lend_device_irq(device, i), i);
}

int main(int argc, char **argv)
{
	struct session session;
	int err;

	if (argc != 2) {
		fprintf(stderr, "usage: regions DEVICE\n");
		return 2;
	}
	err = session_open(&session, argv[1]);
	if (!err)
		regions_print_device(session.device);
	session_close(&session);
	return err ? 1 : 0;
}
