// SPDX-License-Identifier: MIT
// Decodes a device's interrupts as the kernel does: through nexus nodes, by the
// bindings of their controllers.

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "lib/platform/host.h"
#include "lib/platform/tree.h"

/* Each lookup starts at the first interrupt, so their number is limited. */
#define IRQS_MAX 256

/* The kernel's own limit on the cells of a specifier. */
#define CELLS_MAX 16

/* Levels of the interrupt tree. A loop ends there. */
#define LEVELS_MAX 128

/* An interrupt at a level of the interrupt tree: the unit address that a nexus
 * compares, then the specifier. */
struct irq_level {
	const struct dt_node *node;
	uint32_t address; /* cells */
	uint32_t specifier;
	uint32_t cells[2 * CELLS_MAX];
};

/* Where a binding has the trigger, by the index of its cell. */
#define TRIGGER_LAST (CELLS_MAX + 0u)
#define TRIGGER_NOT  (CELLS_MAX + 1u) /* it has none, or other numbers */

/*
 * Bindings that differ from the common form, in which the last of two or three
 * cells is the trigger. Source: Documentation/devicetree/bindings and
 * drivers/irqchip of Linux 6.12.
 */
static const struct {
	const char *compatible;
	uint32_t trigger;
} irq_bindings[] = {
	/* A fourth cell selects the processors of a PPI. */
	{"arm,gic-v3", 2},
	/* With the number of a die. */
	{"apple,aic2", TRIGGER_LAST},
	{"qcom,spmi-pmic-arb", TRIGGER_LAST},
	/* A priority follows. */
	{"atmel,at91rm9200-aic", 1},
	{"atmel,sama5d2-aic", 1},
	{"atmel,sama5d3-aic", 1},
	{"atmel,sama5d4-aic", 1},
	{"microchip,sam9x60-aic", 1},
	/* A bank, and a number in it. */
	{"brcm,bcm2835-armctrl-ic", TRIGGER_NOT},
	{"brcm,bcm2836-armctrl-ic", TRIGGER_NOT},
	{"samsung,exynos4210-combiner", TRIGGER_NOT},
	/* An event, a channel and a host interrupt. */
	{"ti,pruss-intc", TRIGGER_NOT},
	{"ti,icssg-intc", TRIGGER_NOT},
	/* Their triggers have numbers of their own. */
	{"chrp,open-pic", TRIGGER_NOT},
	{"fsl,mpic", TRIGGER_NOT},
	{"intel,ce4100-ioapic", TRIGGER_NOT},
};

/* Controllers all of whose interrupts have the trigger that a property of their
 * own has. */
static const struct {
	const char *compatible;
	const char *property;
} common_triggers[] = {
	{"ti,sci-intr", "ti,intr-trigger-type"},
};

/* Controllers whose "interrupt-map" the kernel leaves to their drivers: see
 * of_irq_imap_abusers in drivers/of/irq.c. */
static const char *const private_maps[] = {
	"CBEA,platform-spider-pic", "sti,platform-spider-pic",
	"realtek,rtl-intc",         "fsl,ls1021a-extirq",
	"fsl,ls1043a-extirq",       "fsl,ls1088a-extirq",
	"renesas,rza1-irqc",
};

/* A node's parent, NULL if unknown: of nodes found by phandle only the nodes
 * themselves are read. */
static const struct dt_node *node_above(const struct host_node *host,
					const struct dt_node *node)
{
	if (node == host->node)
		return host->parents;
	for (const struct dt_node *p = host->parents; p; p = p->next)
		if (p == node)
			return p->next;
	return NULL;
}

/* The next node above that takes interrupts, as of_irq_find_parent(). */
static const struct dt_node *irq_above(const struct host_node *host,
				       const struct dt_node *node)
{
	for (unsigned int i = 0; node && i < LEVELS_MAX; i++) {
		uint32_t phandle = dt_number(node, "interrupt-parent", 0);

		node = phandle ? host_target(host, phandle)
			       : node_above(host, node);
		if (node && dt_get(node, "#interrupt-cells"))
			return node;
	}
	return NULL;
}

static uint32_t irq_cells(const struct dt_node *controller)
{
	uint32_t cells =
		controller ? dt_number(controller, "#interrupt-cells", 0) : 0;

	return cells <= CELLS_MAX ? cells : 0;
}

/* An interrupt's specifier in the device's node. */
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
	controller = irq_above(host, host->node);
	each = irq_cells(controller);
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

		each = irq_cells(controller);
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

/* The cells of a nexus's unit addresses, inherited, and 2 by default. */
static uint32_t nexus_address(const struct host_node *host,
			      const struct dt_node *nexus)
{
	for (; nexus; nexus = node_above(host, nexus))
		if (dt_get(nexus, "#address-cells"))
			return dt_number(nexus, "#address-cells", UINT32_MAX);
	return 2;
}

/* The interrupt as the device's node has it, with its unit address. */
static bool irq_begin(const struct host_node *host, unsigned int index,
		      struct irq_level *level)
{
	const struct dt_property *reg = dt_get(host->node, "reg");
	struct specifier found;
	uint32_t *cell = level->cells;

	if (find_irq(host, index, &found))
		return false;
	level->node = found.controller;
	level->address = nexus_address(host, found.controller);
	level->specifier = found.cells;
	if (level->address > CELLS_MAX)
		return false;
	for (uint32_t i = 0; i < level->address; i++)
		*cell++ = i < dt_cells(reg) ? dt_cell(reg, i) : 0;
	for (uint32_t i = 0; i < found.cells; i++)
		*cell++ = dt_cell(found.property, found.at + i);
	return true;
}

static bool nexus_matches(const struct irq_level *level,
			  const struct dt_property *map, uint32_t at,
			  const struct dt_property *mask)
{
	for (uint32_t i = 0; i < level->address + level->specifier; i++)
		if ((level->cells[i] ^ dt_cell(map, at + i)) &
		    (mask ? dt_cell(mask, i) : UINT32_MAX))
			return false;
	return true;
}

static bool node_is_available(const struct dt_node *node)
{
	const char *status = dt_string(dt_get(node, "status"), 0);

	return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

/* Follows the entry of a nexus's map for the interrupt: a child's unit address
 * and specifier, the parent, and its unit address and specifier. */
static bool nexus_map(const struct host_node *host,
		      const struct dt_property *map, struct irq_level *level)
{
	const struct dt_property *mask =
		dt_get(level->node, "interrupt-map-mask");
	const uint32_t has = level->address + level->specifier;
	uint32_t address, cells;

	if (mask && dt_cells(mask) < has)
		return false;
	for (uint32_t at = 0; at + has + 1 < dt_cells(map);
	     at += has + 1 + address + cells) {
		const struct dt_node *parent =
			host_target(host, dt_cell(map, at + has));

		cells = irq_cells(parent);
		address = parent ? dt_number(parent, "#address-cells", 0) : 0;
		if (!cells || address > CELLS_MAX ||
		    address + cells > dt_cells(map) - at - has - 1)
			return false;
		if (!nexus_matches(level, map, at, mask) ||
		    !node_is_available(parent))
			continue;
		level->node = parent;
		level->address = address;
		level->specifier = cells;
		for (uint32_t i = 0; i < address + cells; i++)
			level->cells[i] = dt_cell(map, at + has + 1 + i);
		return true;
	}
	return false;
}

static bool has_private_map(const struct dt_node *controller)
{
	for (unsigned int i = 0;
	     i < sizeof(private_maps) / sizeof(private_maps[0]); i++)
		if (dt_is_compatible(controller, private_maps[i]))
			return true;
	return false;
}

/* Goes up to the interrupt's controller, as of_irq_parse_raw(). */
static bool irq_follow(const struct host_node *host, struct irq_level *level)
{
	for (unsigned int i = 0; level->node && i < LEVELS_MAX; i++) {
		const struct dt_node *node = level->node;
		const struct dt_property *map = dt_get(node, "interrupt-map");

		if (dt_get(node, "interrupt-controller") &&
		    (!map || has_private_map(node)))
			return true;
		if (!map)
			level->node = irq_above(host, node);
		else if (!nexus_map(host, map, level))
			return false;
	}
	return false;
}

/* The cell of a specifier that has the trigger, TRIGGER_NOT if none has. */
static uint32_t find_trigger_cell(const struct irq_level *level)
{
	uint32_t at = level->specifier == 2 || level->specifier == 3
			      ? TRIGGER_LAST
			      : TRIGGER_NOT;

	for (unsigned int i = 0;
	     i < sizeof(irq_bindings) / sizeof(irq_bindings[0]); i++)
		if (dt_is_compatible(level->node, irq_bindings[i].compatible))
			at = irq_bindings[i].trigger;
	if (at == TRIGGER_LAST)
		return level->specifier - 1;
	return at < level->specifier ? at : TRIGGER_NOT;
}

/* The trigger as the bindings number it, 0 if there is none. */
static uint32_t find_trigger(const struct irq_level *level)
{
	uint32_t cell = find_trigger_cell(level);
	uint32_t common = 0;

	for (unsigned int i = 0;
	     i < sizeof(common_triggers) / sizeof(common_triggers[0]); i++)
		if (dt_is_compatible(level->node,
				     common_triggers[i].compatible))
			common = dt_number(level->node,
					   common_triggers[i].property, 0);
	if (common || cell == TRIGGER_NOT)
		return common;
	return level->cells[level->address + cell] & 0xf;
}

enum host_trigger host_irq_trigger(const struct host_node *host,
				   unsigned int index)
{
	struct irq_level level;

	if (!irq_begin(host, index, &level) || !irq_follow(host, &level))
		return HOST_TRIGGER_UNKNOWN;
	switch (find_trigger(&level)) {
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

const struct dt_node *host_irq_controller(const struct host_node *host,
					  unsigned int index, uint32_t *cells)
{
	struct irq_level level;

	if (!irq_begin(host, index, &level))
		return NULL;
	irq_follow(host, &level);
	*cells = level.specifier;
	return level.node;
}
