// SPDX-License-Identifier: MIT
// Decodes addresses, interrupts and coherence from the cells of the host's
// tree.

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "lib/platform/host.h"
#include "lib/platform/tree.h"

/* Each lookup starts at the first interrupt, so their number is limited. */
#define IRQS_MAX 256

static const struct dt_node *find_child(const struct dt_node *node,
					uint32_t phandle)
{
	const struct dt_node *found = NULL;

	if (dt_number(node, "phandle", 0) == phandle)
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
		if (dt_number(t, "phandle", 0) == phandle)
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

/* The interrupt controller of the device's "interrupts". */
static const struct dt_node *irq_parent(const struct host_node *host)
{
	uint32_t phandle = dt_number(host->node, "interrupt-parent", 0);

	for (const struct dt_node *p = host->parents; p && !phandle;
	     p = p->next) {
		if (dt_get(p, "#interrupt-cells"))
			return p;
		phandle = dt_number(p, "interrupt-parent", 0);
	}
	return host_target(host, phandle);
}

/* An interrupt: its controller, and where its cells begin. */
struct specifier {
	const struct dt_node *controller;
	const struct dt_property *property;
	uint32_t at;
	uint32_t cells;
};

static int find_plain(const struct host_node *host, unsigned int index,
		      struct specifier *found)
{
	const struct dt_property *p = dt_get(host->node, "interrupts");
	const struct dt_node *controller;
	uint32_t each;

	if (!p)
		return -ENOENT;
	controller = irq_parent(host);
	each = controller ? dt_number(controller, "#interrupt-cells", 0) : 0;
	if (!each || dt_cells(p) % each)
		return -EBADMSG;
	if (index >= dt_cells(p) / each)
		return -ENOENT;
	*found = (struct specifier){controller, p, index * each, each};
	return 0;
}

static int find_extended(const struct host_node *host,
			 const struct dt_property *p, unsigned int index,
			 struct specifier *found)
{
	uint32_t at = 0, each;

	for (; at < dt_cells(p); at += 1 + each, index--) {
		const struct dt_node *controller =
			host_target(host, dt_cell(p, at));

		each = controller ? dt_number(controller, "#interrupt-cells", 0)
				  : 0;
		if (!each || each > dt_cells(p) - at - 1)
			return -EBADMSG;
		if (!index) {
			*found =
				(struct specifier){controller, p, at + 1, each};
			return 0;
		}
	}
	return -ENOENT;
}

static int find_irq(const struct host_node *host, unsigned int index,
		    struct specifier *found)
{
	const struct dt_property *p = dt_get(host->node, "interrupts-extended");

	return p ? find_extended(host, p, index, found)
		 : find_plain(host, index, found);
}

int host_irq_count(const struct host_node *host)
{
	struct specifier found;
	int count = 0, err;

	while (!(err = find_irq(host, (unsigned int)count, &found)))
		if (++count > IRQS_MAX)
			return -EBADMSG;
	return err == -ENOENT ? count : err;
}

/* The Generic Interrupt Controllers' three cells end in flags; so do the two
 * of most others: 1 and 2 are edges, 4 and 8 levels. */
enum host_trigger host_irq_trigger(const struct host_node *host,
				   unsigned int index)
{
	struct specifier found;

	if (find_irq(host, index, &found) ||
	    (found.cells != 2 && found.cells != 3) ||
	    dt_get(found.controller, "interrupt-map"))
		return HOST_TRIGGER_UNKNOWN;
	switch (dt_cell(found.property, found.at + found.cells - 1) & 0xf) {
	case 1:
	case 2:
	case 3:
		return HOST_TRIGGER_EDGE;
	case 4:
	case 8:
		return HOST_TRIGGER_LEVEL;
	default:
		return HOST_TRIGGER_UNKNOWN;
	}
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
