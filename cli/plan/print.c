// SPDX-License-Identifier: MIT
// A plan as text.

#include <inttypes.h>
#include <stdio.h>

#include "cli/findings.h"
#include "cli/json.h"
#include "cli/plan/platform.h"
#include "cli/plan/print.h"
#include "cli/size.h"

static const char *size_at(const struct json_object *o, const char *key,
			   struct size_text *text)
{
	*text = size_text((uint64_t)json_number(o, key));
	return text->text;
}

static void print_ranges(const struct json_object *ranges)
{
	struct size_text size;

	for (size_t i = 0; i < json_length(ranges); i++) {
		const struct json_object *r = json_at(ranges, i);

		printf("  %14s - %-14s %10s  %s\n",
		       json_hex(r, "first", "").text,
		       json_hex(r, "last", "").text, size_at(r, "size", &size),
		       json_text(r, "what"));
	}
}

static void plan_print_interrupts(const struct json_object *device)
{
	if (!json_get(device, "vectors")) {
		printf("    interrupts unknown\n");
		return;
	}
	printf("    %" PRId64 " vectors%s\n", json_number(device, "vectors"),
	       json_is(device, "intx") ? ", INTx" : "");
}

/* Prints the root ports, if there are any. */
static void print_ports(const struct json_object *ports)
{
	if (json_length(ports))
		puts("Root ports:");
	for (size_t i = 0; i < json_length(ports); i++) {
		const struct json_object *port = json_at(ports, i);

		printf("  addr=%-4s  slot %" PRId64 "%s%s\n",
		       json_text(port, "addr"), json_number(port, "slot"),
		       json_get(port, "id") ? ", id=" : "",
		       json_text(port, "id"));
	}
}

static void print_place(const struct json_object *device)
{
	printf("  %s, addr=%s", json_text(device, "device"),
	       json_text(device, "addr"));
	if (json_get(device, "root_port"))
		printf(" below the root port at addr=%s",
		       json_text(device, "root_port"));
	putchar('\n');
}

static void plan_print_device(const struct json_object *device, bool placed)
{
	const struct json_object *bars = json_get(device, "bars");
	struct size_text size;

	print_place(device);
	if (!bars)
		printf("    BARs unknown\n");
	for (size_t i = 0; i < json_length(bars); i++) {
		const struct json_object *bar = json_at(bars, i);
		printf("    %-6s %10s  %-6s  %s\n", json_text(bar, "name"),
		       size_at(bar, "size", &size), json_text(bar, "window"),
		       json_hex(bar, "at", placed ? "not placed" : "").text);
	}
	plan_print_interrupts(device);
	if (json_number(device, "opregion"))
		printf("    OpRegion: at least %s of RAM\n",
		       size_at(device, "opregion", &size));
}

static void print_need(const char *what, const struct json_object *need)
{
	printf("  %-14s%" PRId64, what, json_number(need, "need"));
	if (json_get(need, "limit"))
		printf(" of %" PRId64, json_number(need, "limit"));
	putchar('\n');
}

static void print_pinned(const struct json_object *pinned)
{
	struct size_text size;

	printf("  %-14s%s; RLIMIT_MEMLOCK is ", "pinned",
	       size_at(pinned, "need", &size));
	printf("%s%s\n",
	       json_get(pinned, "limit") ? size_at(pinned, "limit", &size)
					 : "unlimited",
	       json_is(pinned, "exempt") ? ", which does not apply to this user"
					 : "");
}

void plan_print(const struct json_object *document)
{
	const struct json_object *map = json_get(document, "memory_map");
	const struct json_object *devices = json_get(document, "devices");
	const struct json_object *dma = json_get(document, "dma");
	const struct json_object *peers = json_get(dma, "peer_to_peer");
	const struct json_object *interrupts = json_get(document, "interrupts");

	puts("The guest's addresses:");
	print_ranges(map);
	if (!map)
		puts("  unknown");
	print_ports(json_get(document, "root_ports"));
	if (json_length(devices))
		puts("Devices, with likely addresses of BARs (the guest's "
		     "kernel decides):");
	for (size_t i = 0; i < json_length(devices); i++)
		plan_print_device(json_at(devices, i), map);
	plan_print_platforms(json_get(document, "platform_devices"));
	puts("Mapped for DMA:");
	print_ranges(json_get(dma, "ranges"));
	if (!json_length(json_get(dma, "ranges")))
		puts("  nothing");
	for (size_t i = 0; i < json_length(peers); i++)
		printf("  BARs of %s, at the guest's addresses\n",
		       json_object_get_string(json_at(peers, i)));
	puts("Required at most:");
	print_pinned(json_get(document, "pinned"));
	print_need("routes", json_get(interrupts, "routes"));
	print_need("descriptors", json_get(interrupts, "descriptors"));
	print_need("memory slots", json_get(document, "slots"));
	puts("Verdicts:");
	findings_print(document, false);
	if (json_is(document, "fits"))
		puts("This would fit. Nothing was started.");
	else
		printf("This would not fit: %" PRId64 " of %zu checks failed. "
		       "Nothing was started.\n",
		       json_number(document, "failed"),
		       json_length(json_get(document, "findings")));
	findings_print_remedy(document);
}
