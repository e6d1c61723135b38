// SPDX-License-Identifier: MIT
// Reads a PCI device's BARs from sysfs.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <lend/attribute.h>

#include "cli/resources.h"

/* Flags in "resource", from linux/ioport.h, which is not exported. */
#define RESOURCE_IO       0x00000100u
#define RESOURCE_MEMORY   0x00000200u
#define RESOURCE_PREFETCH 0x00002000u
#define RESOURCE_64       0x00100000u
#define RESOURCE_UNSET    0x20000000u

static void resources_read_line(struct resource *resource, const char *line)
{
	uint64_t first, last, flags;

	if (sscanf(line, "%" SCNx64 " %" SCNx64 " %" SCNx64, &first, &last,
		   &flags) != 3 ||
	    !(flags & (RESOURCE_IO | RESOURCE_MEMORY)) || last < first)
		return;
	/* A BAR without an address is unused by the kernel, but has a size. */
	resource->base = first;
	resource->is_assigned = first && !(flags & RESOURCE_UNSET);
	resource->size = last - first + 1;
	resource->io = flags & RESOURCE_IO;
	resource->prefetchable = flags & RESOURCE_PREFETCH;
	resource->is_64bit = flags & RESOURCE_64;
}

int resources_read(const struct lend_address *address,
		   struct resource resources[RESOURCES])
{
	char text[4096], *rest = text, *line;
	int err;

	memset(resources, 0, RESOURCES * sizeof(*resources));
	err = lend_attribute_read(address, "resource", text, sizeof(text));
	if (err < 0)
		return err;
	for (unsigned int i = 0; i < RESOURCES && (line = strsep(&rest, "\n"));
	     i++)
		resources_read_line(&resources[i], line);
	return 0;
}
