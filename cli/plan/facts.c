// SPDX-License-Identifier: MIT
// A plan as JSON: guest addresses, devices, DMA mappings.

#include <stdio.h>

#include "cli/json.h"
#include "cli/plan/facts.h"
#include "cli/plan/machine-plan.h"
#include "cli/run/devices.h"
#include "vmm/memory/layout.h"

static void add_range(struct json_object *list, const char *what,
		      struct range range)
{
	struct json_object *o;

	if (!range.size)
		return;
	o = json_object_new_object();
	json_add_text(o, "what", what);
	json_add_address(o, "first", range.base);
	json_add_address(o, "last", range.base + (range.size - 1));
	json_add_number(o, "size", (int64_t)range.size);
	json_object_array_add(list, o);
}

/* Adds the RAM below the windows, as the guest sees it. */
static void add_ram(struct json_object *map, const struct layout *layout)
{
	uint64_t end = layout_free_end(layout);
	struct range ranges[LAYOUT_RAM_MAX];
	unsigned int count = layout_ram(layout, ranges);

	for (unsigned int i = 0; i < count && ranges[i].base < end; i++) {
		struct range ram = ranges[i];

		if (ram.size > end - ram.base)
			ram.size = end - ram.base;
		add_range(map, "RAM", ram);
		if (ram.base + ram.size == layout->vga.base)
			add_range(map, "VGA memory", layout->vga);
	}
	add_range(map, "RAM with OpRegions", layout->tables);
}

struct json_object *plan_map(const struct layout *layout)
{
	struct json_object *map = json_object_new_array();

	add_ram(map, layout);
	add_range(map, "platform devices", layout->platform);
	add_range(map, "32-bit BARs", layout->mem32);
	add_range(map, "PCI configuration space", layout->ecam);
	add_range(map, "RAM", layout->ram_high);
	add_range(map, "RAM", layout->ram_more);
	add_range(map, "64-bit BARs", layout->mem64);
	return map;
}

/* RAM, one range for each mapping, and BARs for peer-to-peer DMA if
 * requested. */
struct json_object *plan_dma(const struct machine_plan *plan,
			     const struct layout *layout)
{
	struct json_object *ranges = json_object_new_array();
	struct json_object *peers = json_object_new_array();
	struct json_object *dma = json_object_new_object();

	for (size_t i = 0; i < plan->count; i++)
		if (plan->devices[i].config->p2p && !plan->unguarded)
			json_object_array_add(
				peers,
				json_new_text(plan->devices[i].config->name));
	if (plan_lent(plan) && !plan->unguarded) {
		add_range(ranges, "RAM", layout->ram_low);
		add_range(ranges, "RAM", layout->ram_high);
		add_range(ranges, "RAM", layout->ram_more);
	}
	json_add(dma, "ranges", ranges);
	json_add(dma, "peer_to_peer", peers);
	return dma;
}

static struct json_object *bar_of(const struct plan_device *device,
				  unsigned int i)
{
	const struct lend_pci_bar *bar = &device->bars[i];
	struct json_object *o = json_object_new_object();
	char name[16] = "ROM";

	if (i < LEND_PCI_BAR_ROM)
		snprintf(name, sizeof(name), "BAR %u", i);
	json_add_text(o, "name", name);
	json_add_number(o, "size", (int64_t)bar->size);
	json_add_text(o, "window",
		      bar->io         ? "ports"
		      : bar->is_64bit ? "64-bit"
				      : "32-bit");
	if (device->at[i])
		json_add_address(o, "at", device->at[i]);
	else
		json_add(o, "at", NULL);
	return o;
}

/* The format of addr= in a -device string. */
static void add_addr(struct json_object *o, const char *key,
		     struct pci_place place)
{
	char text[8];

	snprintf(text, sizeof(text), "%x.%x", place.slot, place.function);
	json_add_text(o, key, text);
}

static void add_place(struct json_object *o, const struct topology *topology,
		      struct pci_place place)
{
	unsigned int port = place.port;

	add_addr(o, "addr", place);
	if (port)
		add_addr(o, "root_port", topology->ports[port - 1].place);
	else
		json_add(o, "root_port", NULL);
}

static struct json_object *device_of(const struct machine_plan *plan,
				     const struct plan_device *device)
{
	struct json_object *o = json_object_new_object();
	struct json_object *bars = json_object_new_array();

	json_add_text(o, "device", device->config->name);
	add_place(o, plan->topology, device->config->place);
	for (unsigned int i = 0; i < ASSIGN_PCI_BARS; i++)
		if (device->bars[i].size)
			json_object_array_add(bars, bar_of(device, i));
	json_add(o, "bars", device->has_bars ? bars : NULL);
	if (!device->has_bars)
		json_object_put(bars);
	json_add(o, "vectors",
		 device->has_interrupts ? json_object_new_int64(device->vectors)
					: NULL);
	json_add(o, "intx",
		 device->has_interrupts ? json_object_new_boolean(device->intx)
					: NULL);
	json_add_number(o, "opregion", (int64_t)device->opregion);
	return o;
}

void plan_add_devices(const struct machine_plan *plan,
		      struct json_object *document)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < plan->count; i++)
		json_object_array_add(list, device_of(plan, &plan->devices[i]));
	json_add(document, "devices", list);
}

static const char *id_of(const struct run_devices *devices, unsigned int port)
{
	for (size_t i = 0; i < devices->asked; i++)
		if (devices->wishes[i].is_port &&
		    devices->wishes[i].port == port)
			return devices->wishes[i].id;
	return NULL;
}

void plan_add_ports(const struct run_devices *devices,
		    struct json_object *document)
{
	const struct topology *topology = &devices->topology;
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < topology->count; i++) {
		const char *id = id_of(devices, i + 1);
		struct json_object *o = json_object_new_object();

		json_add(o, "id", id ? json_object_new_string(id) : NULL);
		add_addr(o, "addr", topology->ports[i].place);
		json_add_number(o, "slot", topology->ports[i].slot);
		json_object_array_add(list, o);
	}
	json_add(document, "root_ports", list);
}
