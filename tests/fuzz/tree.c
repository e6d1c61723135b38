// SPDX-License-Identifier: MIT
// A guest's node from any host device tree: properties, children and phandles
// of a device's node.

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#include <libfdt.h>

#include "lib/platform/binding.h"
#include "lib/platform/host.h"
#include "lib/platform/node.h"
#include "lib/platform/tree.h"
#include "stub.h"

#define TREE_SIZE (64u << 10)

/* Names that mean something, and some that mean nothing. */
static const char *const names[] = {
	"#address-cells",
	"#size-cells",
	"#interrupt-cells",
	"#clock-cells",
	"#gpio-cells",
	"#foo-cells",
	"phandle",
	"reg",
	"reg-names",
	"ranges",
	"dma-ranges",
	"interrupts",
	"interrupts-extended",
	"interrupt-parent",
	"interrupt-map",
	"compatible",
	"clocks",
	"clock-names",
	"clock-frequency",
	"clock-output-names",
	"regulator-name",
	"vin-supply",
	"vmmc-supply",
	"reset-gpios",
	"pinctrl-0",
	"memory-region",
	"size",
	"foos",
	"vendor,foos",
	"dma-coherent",
	"dma-noncoherent",
	"phy-mode",
	"amd,serdes-blwc",
	"mac-address",
	"syscon",
	"label",
	/* New names come last: seeds refer to them by number. */
	"interrupt-map-mask",
	"interrupt-controller",
	"#vendor,foo-cells",
	"vendor,thing",
	"vendor,fifo-depth",
	"snps,axi-config",
	"status",
};

static const char *const words[] = {
	"fixed-clock",
	"regulator-fixed",
	"simple-bus",
	"calxeda,hb-xgmac",
	"amd,xgbe-seattle-v1a",
	"dma_clk",
	"vendor,thing",
	"",
	"arm,gic-v3",
	"fsl,ls1088a-extirq",
	"disabled",
	"okay",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Small numbers, that are phandles and counts of cells, are likely. */
static void fill_cells(struct input *input, uint8_t *data, uint32_t count)
{
	while (count--) {
		uint8_t small = (uint8_t)input_take(input, 1);

		if (small < 0xe0)
			*(uint32_t *)(void *)data = htobe32(small & 0xf);
		else
			input_fill(input, data, 4);
		data += 4;
	}
}

static void tree_add_property(struct input *input, struct dt_node *node)
{
	const char *name = names[input_take(input, 1) % COUNT(names)];
	uint8_t shape = (uint8_t)input_take(input, 1);
	_Alignas(4) uint8_t data[256];
	const char *word;

	if (dt_get(node, name))
		return;
	switch (shape >> 6) {
	case 0:
	case 1:
		fill_cells(input, data, shape & 0x3f);
		dt_add(node, name, data, 4u * (shape & 0x3f));
		break;
	case 2:
		word = words[shape % COUNT(words)];
		dt_add(node, name, word, (uint32_t)strlen(word) + 1);
		break;
	default:
		input_fill(input, data, shape & 0x3f);
		dt_add(node, name, data, shape & 0x3f);
	}
}

static void fill_node(struct input *input, struct dt_node *node,
		      unsigned int depth)
{
	struct dt_node **link = &node->children;
	char name[16];

	for (unsigned int n = 0; n < 20 && input->left; n++) {
		uint8_t what = (uint8_t)input_take(input, 1);

		if (what < 0x20)
			return;
		if (what < 0xd0 || !depth) {
			tree_add_property(input, node);
			continue;
		}
		snprintf(name, sizeof(name), "child@%x", what & 7);
		*link = dt_node_new(name, NULL);
		if (!*link)
			return;
		fill_node(input, *link, depth - 1);
		link = &(*link)->next;
	}
}

static void fill_list(struct input *input, struct dt_node **link,
		      const char *path, unsigned int count)
{
	while (count--) {
		*link = dt_node_new("target@1", path);
		if (!*link)
			return;
		fill_node(input, *link, 0);
		link = &(*link)->next;
	}
}

/* No cell of an unknown property in the guest is a phandle of the host. */
static void tree_check_numbers(const struct host_node *host, const void *fdt,
			       int node)
{
	int size, child;
	const fdt32_t *cells = fdt_getprop(fdt, node, "vendor,thing", &size);

	for (int i = 0; cells && size % 4 == 0 && i < size / 4; i++)
		if (host_target(host, fdt32_ld(&cells[i])))
			stub_never("a phandle of the host");
	fdt_for_each_subnode(child, fdt, node)
		tree_check_numbers(host, fdt, child);
}

static void tree_use(struct stub *stub, struct input *input,
		     const struct host_node *host)
{
	static const char *const drops[] = {NULL, "clocks:child", "foos"};
	struct node_region regions[4] = {{0x10000000, 0x1000}};
	struct node_irq irqs[4] = {{0}};
	const struct node_build build = {
		.ctx = stub->ctx,
		.device = "device",
		.host = host,
		.binding = binding_find(host->node),
		.regions = regions,
		.region_count = (unsigned int)input_take(input, 1) & 3,
		.irqs = irqs,
		.irq_count = (unsigned int)input_take(input, 1) & 3,
		.drop = drops[input_take(input, 1) % COUNT(drops)],
	};
	static void *fdt;
	uint64_t address, size;
	char path[4096];
	int irqs_reported;
	uint32_t cells;

	for (unsigned int i = 0; i <= host_region_count(host) && i < 32; i++)
		host_region(host, i, &address, &size);
	irqs_reported = host_irq_count(host);
	for (int i = 0; i <= irqs_reported; i++) {
		host_irq_trigger(host, (unsigned int)i);
		host_irq_controller(host, (unsigned int)i, &cells);
	}
	if (!fdt)
		fdt = malloc(TREE_SIZE);
	if (fdt && !fdt_create_empty_tree(fdt, TREE_SIZE) &&
	    !fdt_setprop_u32(fdt, 0, "#size-cells", 2) &&
	    !fdt_setprop_u32(fdt, 0, "#address-cells", 2) &&
	    !node_write(&build, fdt, 0, path, sizeof(path))) {
		if (fdt_pack(fdt) || fdt_check_full(fdt, fdt_totalsize(fdt)) ||
		    fdt_path_offset(fdt, path) < 0)
			stub_never("a tree that is none");
		tree_check_numbers(host, fdt, fdt_path_offset(fdt, path));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	struct stub *stub = stub_get();
	struct host_node host = {.node = dt_node_new("thing@10", "/soc/thing")};
	uint8_t count = (uint8_t)input_take(&input, 1);

	if (host.node) {
		fill_list(&input, &host.targets,
			  count & 0x80 ? "/reserved-memory/target@1"
				       : "/target@1",
			  count & 3);
		fill_list(&input, &host.parents, "", 1 + (count >> 2 & 3));
		fill_node(&input, host.node, 3);
		tree_use(stub, &input, &host);
	}
	host_node_free(&host);
	return 0;
}
