// SPDX-License-Identifier: MIT
// Reads the place of a function or root port from its -device string.

#include <stdlib.h>
#include <string.h>

#include <lend/lend.h>

#include "cli/run/place.h"

/* lend_spec_parse() has checked the values. */
static int run_place_read_number(const struct lend_spec *spec,
				 const char *property, int fallback)
{
	const char *text = lend_spec_get(spec, property);

	return text ? (int)strtoul(text, NULL, 0) : fallback;
}

void run_place_read(struct topology_wish *wish, const struct lend_spec *spec,
		    const char *text)
{
	const char *addr = lend_spec_get(spec, "addr");
	char *end;

	*wish = (struct topology_wish){
		.text = text,
		.id = lend_spec_get(spec, "id"),
		.bus = lend_spec_get(spec, "bus"),
		.slot = -1,
	};
	if (!addr)
		return;
	wish->slot = (int)strtoul(addr, &end, 16);
	if (*end == '.')
		wish->function = (int)strtoul(end + 1, NULL, 16);
}

bool run_place_is_port(const struct lend_spec *spec)
{
	return !strcmp(lend_spec_driver(spec), "pcie-root-port");
}

void run_place_read_port(struct topology_wish *wish,
			 const struct lend_spec *spec, const char *text)
{
	run_place_read(wish, spec, text);
	wish->name = wish->id ? wish->id : "pcie-root-port";
	wish->is_port = true;
	wish->chassis = run_place_read_number(spec, "chassis", 0);
	wish->number = run_place_read_number(spec, "slot", -1);
	wish->link = run_place_read_number(spec, "port", -1);
	wish->pluggable = lend_spec_get_bool(spec, "hotplug", true);
}
