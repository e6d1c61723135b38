// SPDX-License-Identifier: MIT
// Prints the facts of lend show as text.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/facts.h"
#include "cli/show.h"
#include "cli/size.h"

static void print_size(int64_t bytes)
{
	printf("%s", size_text((uint64_t)bytes).text);
}

static void print_member(const struct json_object *facts, const char *label,
			 const char *key)
{
	const char *text = json_text(facts, key);

	if (text[0])
		printf("  %-14s%s\n", label, text);
}

static void print_group(const struct json_object *facts)
{
	const struct json_object *members = json_get(facts, "members");

	if (!json_get(facts, "group")) {
		printf("  %-14s(none)\n", "IOMMU group");
		return;
	}
	printf("  %-14s%s\n", "IOMMU group", json_text(facts, "group"));
	for (size_t i = 0; i < json_length(members); i++) {
		const struct json_object *m = json_at(members, i);
		const char *driver = json_text(m, "driver");

		printf("  %-14s%s  %s  %s\n", "", json_text(m, "device"),
		       driver[0] ? driver : "(no driver)",
		       json_text(m, "verdict"));
	}
}

static void print_regions(const struct json_object *facts)
{
	const struct json_object *regions = json_get(facts, "regions");

	for (size_t i = 0; i < json_length(regions); i++) {
		const struct json_object *r = json_at(regions, i);

		printf("  %-14s", json_text(r, "name"));
		print_size(json_number(r, "size"));
		printf("%s%s, %s%s%s\n", json_get(r, "address") ? " at " : "",
		       json_hex(r, "address", ", not assigned").text,
		       json_text(r, "kind"),
		       json_is(r, "64bit") ? ", 64-bit" : "",
		       json_is(r, "prefetchable") ? ", prefetchable" : "");
	}
}

static void print_capabilities(const struct json_object *facts)
{
	const struct json_object *list = json_get(facts, "capabilities");

	if (strcmp(json_text(facts, "bus"), "pci"))
		return;
	if (!list) {
		printf("  %-14s%s\n", "capabilities",
		       "only root can read them");
		return;
	}
	for (size_t i = 0; i < json_length(list); i++) {
		const struct json_object *c = json_at(list, i);
		const char *label = i ? "" : "capabilities";
		const char *name = json_text(c, "name");

		printf("  %-14s%03x %s\n", label,
		       (unsigned int)json_number(c, "offset"),
		       name[0] ? name : "unknown");
	}
}

static void print_quirks(const struct json_object *facts)
{
	const struct json_object *list = json_get(facts, "quirks");

	for (size_t i = 0; i < json_length(list); i++) {
		const struct json_object *q = json_at(list, i);
		const char *when = json_text(q, "when");

		printf("  %-14s%s%s%s: %s\n", i ? "" : "quirks",
		       json_text(q, "name"), when[0] ? ", with " : "", when,
		       json_text(q, "why"));
	}
}

static void show_print_types(const struct json_object *facts)
{
	const struct json_object *types = json_get(facts, "mdev_types");

	for (size_t i = 0; i < json_length(types); i++) {
		const struct json_object *t = json_at(types, i);
		const char *available = json_text(t, "available");

		printf("  %-14s%s  %s  %s available\n", i ? "" : "mdev types",
		       json_text(t, "type"), json_text(t, "name"),
		       available[0] ? available : "unknown number");
	}
}

static void print_flags(const struct json_object *o)
{
	const struct json_object *flags = json_get(o, "flags");

	for (size_t i = 0; i < json_length(flags); i++)
		printf(" %s", json_object_get_string(json_at(flags, i)));
}

static void show_print_name(const struct json_object *o, const char *kind)
{
	const char *name = json_text(o, "name");

	if (name[0])
		printf("    %-12s", name);
	else
		printf("    %s %-5s", kind, json_text(o, "index"));
}

static void print_vfio_region(const struct json_object *r)
{
	const struct json_object *areas = json_get(r, "areas");

	show_print_name(r, "region");
	print_size(json_number(r, "size"));
	putchar(',');
	print_flags(r);
	for (size_t i = 0; i < json_length(areas); i++) {
		const struct json_object *a = json_at(areas, i);

		printf(" %" PRIx64 "+%" PRIx64,
		       (uint64_t)json_number(a, "offset"),
		       (uint64_t)json_number(a, "size"));
	}
	putchar('\n');
}

static void print_vfio(const struct json_object *facts)
{
	const struct json_object *vfio = json_get(facts, "vfio");
	const struct json_object *err = json_get(vfio, "error");
	const struct json_object *regions = json_get(vfio, "regions");
	const struct json_object *irqs = json_get(vfio, "irqs");

	if (!vfio)
		return;
	print_member(vfio, "node", "node");
	if (err) {
		printf("  %-14s%s\n", "VFIO", json_text(err, "what"));
		return;
	}
	printf("  %-14s%s\n", "VFIO",
	       json_is(vfio, "reset") ? "reset supported"
				      : "reset unsupported");
	printf("  %-14s%s: %s\n", "back end", json_text(vfio, "backend"),
	       json_text(vfio, "backend_reason"));
	for (size_t i = 0; i < json_length(regions); i++)
		print_vfio_region(json_at(regions, i));
	for (size_t i = 0; i < json_length(irqs); i++) {
		const struct json_object *irq = json_at(irqs, i);

		show_print_name(irq, "irq");
		printf("%s,", json_text(irq, "count"));
		print_flags(irq);
		putchar('\n');
	}
}

static void print_subsystem(const struct json_object *facts)
{
	const char *name = json_text(facts, "subsystem_name");

	if (json_get(facts, "subsystem_vendor_id"))
		printf("  %-14s%s%s[%s:%s]\n", "subsystem", name,
		       name[0] ? " " : "",
		       json_text(facts, "subsystem_vendor_id"),
		       json_text(facts, "subsystem_device_id"));
}

/* Each name with its class: "eth0 (net)". */
static void print_names(const struct json_object *facts)
{
	const struct json_object *names = json_get(facts, "names");

	for (size_t i = 0; i < json_length(names); i++)
		printf("%s%s (%s)", i ? ", " : "  names         ",
		       json_text(json_at(names, i), "name"),
		       json_text(json_at(names, i), "class"));
	if (json_length(names))
		putchar('\n');
}

static void show_print_link(const struct json_object *facts)
{
	double speed = json_object_get_double(json_get(facts, "link_speed"));

	if (speed > 0)
		printf("  %-14s%g GT/s\n", "link speed", speed);
	print_member(facts, "link width", "link_width");
}

static void show_print_resets(const struct json_object *facts)
{
	char methods[256];

	json_join(json_get(facts, "reset_methods"), " ", methods,
		  sizeof(methods));
	if (methods[0])
		printf("  %-14s%s\n", "reset methods", methods);
}

void show_print(const struct json_object *facts)
{
	const char *driver = json_text(facts, "driver");
	char description[512];

	facts_describe(facts, description, sizeof(description));
	printf("%s %s\n", json_text(facts, "device"), description);
	print_subsystem(facts);
	print_member(facts, "path", "path");
	print_names(facts);
	printf("  %-14s%s\n", "driver", driver[0] ? driver : "(none)");
	print_member(facts, "VFIO driver", "vfio_driver");
	print_member(facts, "lending", "verdict_text");
	print_group(facts);
	print_member(facts, "NUMA node", "numa_node");
	print_member(facts, "power", "power_state");
	show_print_link(facts);
	print_member(facts, "label", "label");
	show_print_resets(facts);
	print_member(facts, "vGPU type", "nvidia_vgpu_type");
	print_regions(facts);
	print_capabilities(facts);
	print_quirks(facts);
	show_print_types(facts);
	print_vfio(facts);
}
