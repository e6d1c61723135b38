// SPDX-License-Identifier: MIT
// Prints what lent devices do as OpenMetrics, version 1.0.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/stat-metrics.h"

/* A label's value: a quote, a backslash or a line's end would end it. */
static void metrics_print_label(const char *name, const char *value)
{
	printf("%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n') {
			fputs("\\n", stdout);
			continue;
		}
		if (*value == '"' || *value == '\\')
			putchar('\\');
		putchar(*value);
	}
	putchar('"');
}

static void metrics_begin(const char *name, const char *type, const char *unit,
			  const char *help)
{
	printf("# TYPE %s %s\n", name, type);
	if (unit)
		printf("# UNIT %s %s\n", name, unit);
	printf("# HELP %s %s\n", name, help);
}

/* "NAME{device="…"", for a value or another label. */
static void metrics_name(const char *name, const struct json_object *device)
{
	printf("%s{", name);
	metrics_print_label("device", json_text(device, "device"));
}

static void metrics_held(const struct json_object *device)
{
	metrics_name("lend_held", device);
	printf("} %d\n", json_is(device, "held"));
}

static void metrics_interrupts(const struct json_object *device)
{
	const struct json_object *list = json_get(device, "interrupts");

	for (size_t i = 0; i < json_length(list); i++) {
		const struct json_object *entry = json_at(list, i);

		metrics_name("lend_interrupts_total", device);
		putchar(',');
		metrics_print_label("kind", json_text(entry, "kind"));
		printf(",vector=\"%" PRId64 "\"} %" PRId64 "\n",
		       json_number(entry, "vector"),
		       json_number(entry, "count"));
	}
}

static void metrics_errors(const struct json_object *device)
{
	static const char *const kinds[] = {"correctable", "nonfatal", "fatal"};
	const struct json_object *errors = json_get(device, "errors");

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!json_get(errors, kinds[i]))
			continue;
		metrics_name("lend_errors_total", device);
		printf(",severity=\"%s\"} %" PRId64 "\n", kinds[i],
		       json_number(errors, kinds[i]));
	}
}

static void metrics_link(const struct json_object *device, const char *name,
			 const char *key)
{
	const struct json_object *link = json_get(device, "link");

	if (!json_get(link, key))
		return;
	metrics_name(name, device);
	printf("} %g\n", json_object_get_double(json_get(link, key)));
}

static void metrics_speed(const struct json_object *device)
{
	metrics_link(device, "lend_link_gigatransfers", "speed");
}

static void metrics_max_speed(const struct json_object *device)
{
	metrics_link(device, "lend_link_max_gigatransfers", "max_speed");
}

static void metrics_width(const struct json_object *device)
{
	metrics_link(device, "lend_link_lanes", "width");
}

static void metrics_max_width(const struct json_object *device)
{
	metrics_link(device, "lend_link_max_lanes", "max_width");
}

static void metrics_power(const struct json_object *device)
{
	const char *state = json_text(device, "power_state");

	if (!state[0])
		return;
	metrics_name("lend_power", device);
	putchar(',');
	metrics_print_label("state", state);
	puts("} 1");
}

static void metrics_pinned(const struct json_object *device)
{
	if (!json_get(device, "pinned"))
		return;
	metrics_name("lend_pinned_bytes", device);
	printf("} %" PRId64 "\n", json_number(device, "pinned"));
}

static const struct {
	const char *name, *type, *unit, *help;
	void (*print)(const struct json_object *device);
} families[] = {
	{"lend_held", "gauge", NULL, "Whether a process has the device open.",
	 metrics_held},
	{"lend_interrupts", "counter", NULL,
	 "Interrupts that the kernel received; posted ones bypass it.",
	 metrics_interrupts},
	{"lend_errors", "counter", NULL, "Errors by Advanced Error Reporting.",
	 metrics_errors},
	{"lend_link_gigatransfers", "gauge", "gigatransfers",
	 "Speed of the link, in GT/s.", metrics_speed},
	{"lend_link_max_gigatransfers", "gauge", "gigatransfers",
	 "The highest speed of the device, in GT/s.", metrics_max_speed},
	{"lend_link_lanes", "gauge", "lanes", "Lanes of the link.",
	 metrics_width},
	{"lend_link_max_lanes", "gauge", "lanes", "Lanes of the device.",
	 metrics_max_width},
	{"lend_power", "gauge", NULL, "The power state, a label.",
	 metrics_power},
	{"lend_pinned_bytes", "gauge", "bytes",
	 "Memory that the holder has pinned, for all of its devices.",
	 metrics_pinned},
};

void stat_metrics_print(const struct json_object *devices)
{
	for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++) {
		metrics_begin(families[f].name, families[f].type,
			      families[f].unit, families[f].help);
		for (size_t i = 0; i < json_length(devices); i++)
			families[f].print(json_at(devices, i));
	}
	puts("# EOF");
}
