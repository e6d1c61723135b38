// SPDX-License-Identifier: MIT
// lend stat: what lent devices do: holders, interrupts, links, errors.

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/nodes.h"
#include "cli/options.h"
#include "cli/stat-metrics.h"
#include "cli/stat-read.h"
#include "cli/table.h"
#include "cli/values.h"

struct stat_flags {
	bool watch;
	bool metrics;
	unsigned int count; /* of tables with --watch; 0: until it is ended */
};

static int cmd_stat_set_count(struct cli *cli, void *opaque, const char *value)
{
	struct stat_flags *flags = opaque;
	int err =
		value_slots(cli->ctx, "--count", value, 1000000, &flags->count);

	if (!err && !flags->count)
		return cli_refuse(cli, "stat", "--count: 1 at least");
	return err;
}

static const struct cli_option options[] = {
	{.name = "w",
	 .help = "print interrupts a second, each second",
	 .flag = offsetof(struct stat_flags, watch)},
	{.name = "count",
	 .argument = "NUMBER",
	 .help = "with -w: end after NUMBER tables",
	 .set = cmd_stat_set_count},
	{.name = "openmetrics",
	 .help = "print metrics for Prometheus and others",
	 .flag = offsetof(struct stat_flags, metrics)},
};

static const struct cli_syntax syntax = {
	.operands = "[DEVICE]...",
	.about =
		"Prints what the kernel counts about devices that are bound to "
		"VFIO: who holds\n"
		"them, their interrupts, link, power state and errors. Without "
		"DEVICE, all of\n"
		"them.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

/* Finding all devices. */
struct stat_search {
	struct lend_ctx *ctx;
	struct devices *devices;
};

static int stat_find_bound(void *opaque, struct lend_address *address)
{
	const struct stat_search *search = opaque;

	return nodes_is_bound(address)
		       ? devices_add(search->ctx, search->devices, address)
		       : 0;
}

/* "8 GT/s x4", and the most that both ends can if that is more. */
static void stat_write_link(const struct json_object *link, char *text,
			    size_t size)
{
	double speed = json_object_get_double(json_get(link, "speed"));
	double most = json_object_get_double(json_get(link, "max_speed"));
	int64_t width = json_number(link, "width");
	int64_t lanes = json_number(link, "max_width");
	int length;

	text[0] = '\0';
	if (!(speed > 0) || width <= 0)
		return;
	length = snprintf(text, size, "%g GT/s x%" PRId64, speed, width);
	if (most > speed || lanes > width)
		snprintf(text + length, size - (size_t)length,
			 " of %g GT/s x%" PRId64, most, lanes);
}

/* "3 correctable", "1 fatal"; "" for none. */
static void stat_write_errors(const struct json_object *errors, char *text,
			      size_t size)
{
	static const char *const kinds[] = {"fatal", "nonfatal", "correctable"};
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int64_t count = json_number(errors, kinds[i]);

		if (count > 0 && length < size)
			length += (size_t)snprintf(text + length, size - length,
						   "%s%" PRId64 " %s",
						   length ? ", " : "", count,
						   kinds[i]);
	}
}

static void stat_write_pinned(const struct json_object *device, char *text,
			      size_t size)
{
	text[0] = '\0';
	if (json_get(device, "pinned"))
		snprintf(text, size, "%" PRId64 " MiB",
			 json_number(device, "pinned") >> 20);
}

static void stat_add_header(const struct cli *cli, struct json_object *rows,
			    bool is_rate)
{
	const char *const cells[] = {
		"DEVICE", "POWER",  is_rate ? "IRQ/s" : "INTERRUPTS",
		"LINK",   "ERRORS", "PINNED",
		"HOLDER"};
	struct json_object *row = json_object_new_array();

	if (!cli->terminal) {
		json_object_put(row);
		return;
	}
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		table_add_cell(row, cells[i]);
	json_object_array_add(rows, row);
}

/* @before is an earlier reading of the same devices, or NULL. */
static void stat_print(const struct cli *cli, const struct json_object *now,
		       const struct json_object *before, double seconds)
{
	struct json_object *rows = json_object_new_array();

	stat_add_header(cli, rows, before);
	for (size_t i = 0; i < json_length(now); i++) {
		const struct json_object *device = json_at(now, i);
		struct json_object *row = json_object_new_array();
		int64_t count = stat_interrupts(device);
		char link[64], errors[96], pinned[32], interrupts[32];

		if (before)
			count -= stat_interrupts(json_at(before, i));
		/* A device that was opened anew counts from 0. */
		if (before)
			count = count > 0 ? (int64_t)((double)count / seconds +
						      0.5)
					  : 0;
		snprintf(interrupts, sizeof(interrupts), "%" PRId64, count);
		stat_write_link(json_get(device, "link"), link, sizeof(link));
		stat_write_errors(json_get(device, "errors"), errors,
				  sizeof(errors));
		stat_write_pinned(device, pinned, sizeof(pinned));
		table_add_cell(row, json_text(device, "device"));
		table_add_cell(row, json_text(device, "power_state"));
		table_add_cell(row, interrupts);
		table_add_cell(row, link);
		table_add_cell(row, errors);
		table_add_cell(row, pinned);
		table_add_cell(row, json_text(device, "holder"));
		json_object_array_add(rows, row);
	}
	table_print(rows);
	json_object_put(rows);
}

/* Until the count is reached, standard output has no reader, or a signal. */
static void stat_watch(const struct cli *cli, const struct devices *devices,
		       unsigned int count)
{
	struct json_object *before = stat_read(cli, devices);

	for (unsigned int i = 0; (!count || i < count) && !ferror(stdout);
	     i++) {
		double seconds = stat_wait(1);
		struct json_object *now = stat_read(cli, devices);

		stat_print(cli, now, before, seconds > 0 ? seconds : 1);
		fflush(stdout);
		json_object_put(before);
		before = now;
	}
	json_object_put(before);
}

static void cmd_stat_print(struct cli *cli, const struct stat_flags *flags,
			   const struct devices *devices)
{
	struct json_object *document, *list;

	if (flags->watch) {
		stat_watch(cli, devices, flags->count);
		return;
	}
	list = stat_read(cli, devices);
	if (flags->metrics) {
		stat_metrics_print(list);
	} else if (cli->json) {
		document = json_new_document();
		json_add(document, "devices", json_object_get(list));
		json_print(document);
	} else {
		stat_print(cli, list, NULL, 0);
	}
	json_object_put(list);
}

static int stat_check(struct cli *cli, const struct devices *devices)
{
	for (unsigned int i = 0; i < devices->count; i++) {
		const char *name = lend_address_name(devices->addresses[i]);

		if (nodes_is_bound(devices->addresses[i]))
			continue;
		lend_error_set(cli->ctx, LEND_ERROR_HOST_DRIVER, EINVAL, name,
			       "it is not bound to VFIO");
		return lend_error_remedy(cli->ctx, "lend bind %s", name);
	}
	return 0;
}

int cmd_stat(struct cli *cli, int argc, char **argv)
{
	struct stat_flags flags = {0};
	struct devices devices = {0};
	struct stat_search search = {cli->ctx, &devices};
	int count = cli_parse(cli, &syntax, &flags, argc, argv);
	int err;

	if (count < 0)
		return count;
	if (flags.watch + flags.metrics + cli->json > 1)
		return cli_refuse(cli, "stat",
				  "-w, --json and --openmetrics exclude each "
				  "other");
	if (flags.count && !flags.watch)
		return cli_refuse(cli, "stat", "--count goes with -w");
	err = count ? devices_find(cli->ctx, argv + 1, (unsigned int)count,
				   &devices)
		    : devices_each(cli->ctx, stat_find_bound, &search);
	if (!err)
		err = stat_check(cli, &devices);
	if (!err)
		cmd_stat_print(cli, &flags, &devices);
	devices_free(&devices);
	return err;
}
