// SPDX-License-Identifier: MIT
// Decodes addresses and coherence from the cells of the host's tree.

#include <stddef.h>

#include "lib/platform/host.h"
#include "lib/platform/tree.h"

static const struct dt_node *find_child(const struct dt_node *node,
					uint32_t phandle)
{
	const struct dt_node *found = NULL;

	if (dt_phandle(node) == phandle)
		return node;
	for (const struct dt_node *c = node->children; c && !found; c = c->next)
		found = find_child(c, phandle);
	return found;
}

const struct dt_node *host_target(const struct host_node *host,
				  uint32_t phandle)
{
	const struct dt_node *found;

	if (!phandle || phandle == UINT32_MAX)
		return NULL;
	found = find_child(host->node, phandle);
	for (const struct dt_node *t = host->targets; t && !found; t = t->next)
		if (dt_phandle(t) == phandle)
			found = t;
	return found;
}

/* The number of cells that a bus uses for an address or a size. It is
 * inherited, and 1 by default, as in the kernel. */
static uint32_t cells_of(const struct dt_node *bus, const char *name)
{
	for (; bus; bus = bus->next)
		if (dt_cells(dt_get(bus, name)) == 1)
			return dt_number(bus, name, 1);
	return 1;
}

static uint64_t cells_read(const struct dt_property *p, uint32_t at,
			   uint32_t cells)
{
	uint64_t value = 0;

	while (cells--)
		value = value << 32 | dt_cell(p, at++);
	return value;
}

/* Cells of an entry of "reg", 0 if addresses are larger than 64 bits. */
static uint32_t reg_cells(const struct host_node *host)
{
	uint32_t address = cells_of(host->parents, "#address-cells");
	uint32_t size = cells_of(host->parents, "#size-cells");

	return address > 2 || size > 2 ? 0 : address + size;
}

unsigned int host_region_count(const struct host_node *host)
{
	const struct dt_property *reg = dt_get(host->node, "reg");
	uint32_t each = reg_cells(host);
	uint32_t cells = dt_cells(reg);

	return each && cells % each == 0 ? cells / each : 0;
}

/* Translates an address to the bus above, by the entry of ranges that holds
 * it. */
static bool map_range(const struct dt_node *bus, uint64_t *address)
{
	const struct dt_property *ranges = dt_get(bus, "ranges");
	uint32_t na = cells_of(bus, "#address-cells");
	uint32_t ns = cells_of(bus, "#size-cells");
	uint32_t pna = cells_of(bus->next, "#address-cells");
	uint32_t each = na + pna + ns;

	if (!ranges)
		return false;
	if (!ranges->size)
		return true;
	if (na > 2 || pna > 2 || ns > 2 || !each)
		return false;
	for (uint32_t i = 0; i + each <= dt_cells(ranges); i += each) {
		uint64_t from = cells_read(ranges, i, na);
		uint64_t to = cells_read(ranges, i + na, pna);
		uint64_t size = cells_read(ranges, i + na + pna, ns);

		if (*address < from || *address - from >= size)
			continue;
		*address = to + (*address - from);
		return true;
	}
	return false;
}

bool host_region(const struct host_node *host, unsigned int index,
		 uint64_t *address, uint64_t *size)
{
	const struct dt_property *reg = dt_get(host->node, "reg");
	uint32_t na = cells_of(host->parents, "#address-cells");
	uint32_t ns = cells_of(host->parents, "#size-cells");

	*address = *size = 0;
	if (index >= host_region_count(host))
		return false;
	*address = cells_read(reg, index * (na + ns), na);
	*size = cells_read(reg, index * (na + ns) + na, ns);
	/* The root's addresses are the processors'. */
	for (const struct dt_node *bus = host->parents; bus && bus->next;
	     bus = bus->next)
		if (!map_range(bus, address))
			return false;
	return true;
}

bool host_is_coherent(const struct host_node *host)
{
	if (dt_get(host->node, "dma-coherent"))
		return true;
	if (dt_get(host->node, "dma-noncoherent"))
		return false;
	for (const struct dt_node *p = host->parents; p; p = p->next) {
		if (dt_get(p, "dma-coherent"))
			return true;
		if (dt_get(p, "dma-noncoherent"))
			return false;
	}
	return false;
}
