// SPDX-License-Identifier: MIT
// Reads what the kernel counts about lent devices.

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/stat-read.h"
#include "cli/verdict.h"

static FILE *stat_open(const struct cli *cli, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", cli->proc ? cli->proc : "/proc",
		 name);
	return fopen(path, "re");
}

/* Skips the interrupt's number, and adds up the counts of all processors, each
 * between blanks. */
static uint64_t stat_add_counts(const char *line)
{
	const char *at = strchr(line, ':');
	uint64_t sum = 0;

	for (at = at ? at + 1 : ""; *at; at += strcspn(at, " ")) {
		char *end;
		uint64_t count;

		at += strspn(at, " ");
		if (!isdigit((unsigned char)*at))
			break;
		count = strtoull(at, &end, 10);
		/* "1048576-edge" is the chip's. */
		if (*end != ' ')
			break;
		sum += count;
	}
	return sum;
}

/* "vfio-msix[3](0000:02:00.0)", "vfio-intx(…)"; false: another name. */
static bool stat_parse_action(const char *at, const char *device, char kind[8],
			      unsigned int *vector)
{
	size_t length = strlen(device);
	int taken = 0;

	*vector = 0;
	if (sscanf(at, "vfio-%7[a-z]%n", kind, &taken) != 1)
		return false;
	at += taken;
	if (*at == '[') {
		taken = 0;
		if (sscanf(at, "[%5u]%n", vector, &taken) != 1 || !taken)
			return false;
		at += taken;
	}
	return *at == '(' && !strncmp(at + 1, device, length) &&
	       at[1 + length] == ')';
}

/* The kernel's names of the vectors have the device. A line may be shared. */
static struct json_object *stat_read_interrupts(const struct cli *cli,
						const char *device)
{
	struct json_object *list = json_object_new_array();
	FILE *file = stat_open(cli, "interrupts");
	char *line = NULL, kind[8];
	unsigned int vector;
	size_t size = 0;

	while (file && getline(&line, &size, file) >= 0)
		for (const char *at = line; (at = strstr(at, "vfio-")); at++) {
			struct json_object *entry;

			if (!stat_parse_action(at, device, kind, &vector))
				continue;
			entry = json_object_new_object();
			json_add_text(entry, "kind", kind);
			json_add_number(entry, "vector", vector);
			json_add_number(entry, "count",
					(int64_t)stat_add_counts(line));
			json_object_array_add(list, entry);
		}
	free(line);
	if (file)
		fclose(file);
	return list;
}

int64_t stat_interrupts(const struct json_object *device)
{
	const struct json_object *list = json_get(device, "interrupts");
	int64_t sum = 0;

	for (size_t i = 0; i < json_length(list); i++)
		sum += json_number(json_at(list, i), "count");
	return sum;
}

/* The last line of the counters, "TOTAL_ERR_COR 3". */
static void stat_add_errors(struct json_object *errors, const char *key,
			    const struct lend_address *address,
			    const char *attribute, const char *total)
{
	char text[4096];
	const char *at;

	json_add(errors, key, NULL);
	if (lend_attribute_read(address, attribute, text, sizeof(text)) <= 0)
		return;
	at = strstr(text, total);
	if (at)
		json_add_number(
			errors, key,
			(int64_t)strtoull(at + strlen(total), NULL, 10));
}

static struct json_object *stat_read_errors(const struct lend_address *address)
{
	struct json_object *errors = json_object_new_object();

	stat_add_errors(errors, "correctable", address, "aer_dev_correctable",
			"TOTAL_ERR_COR ");
	stat_add_errors(errors, "nonfatal", address, "aer_dev_nonfatal",
			"TOTAL_ERR_NONFATAL ");
	stat_add_errors(errors, "fatal", address, "aer_dev_fatal",
			"TOTAL_ERR_FATAL ");
	return errors;
}

/* "8.0 GT/s PCIe", and lanes. */
static void stat_add_link(struct json_object *link, const char *key,
			  const struct lend_address *address,
			  const char *attribute)
{
	char text[64], *end;
	double number;

	json_add(link, key, NULL);
	if (lend_attribute_read(address, attribute, text, sizeof(text)) <= 0)
		return;
	number = strtod(text, &end);
	if (end == text || !(number > 0 && number < 1e6))
		return;
	json_add(link, key,
		 strchr(text, '.') ? json_object_new_double(number)
				   : json_object_new_int64((int64_t)number));
}

static struct json_object *stat_read_link(const struct lend_address *address)
{
	static const char *const members[][2] = {
		{"speed", "current_link_speed"},
		{"max_speed", "max_link_speed"},
		{"width", "current_link_width"},
		{"max_width", "max_link_width"},
	};
	struct json_object *link = json_object_new_object();

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		stat_add_link(link, members[i][0], address, members[i][1]);
	return link;
}

/* What the process has pinned, for all of its devices; negative if unknown. */
static int64_t stat_read_pinned(const struct cli *cli, const char *holder)
{
	const char *at = NULL;
	char name[64], *line = NULL;
	int64_t pinned = -1;
	size_t size = 0;
	FILE *file;

	/* A process may have such a text in its name, which comes first. */
	for (const char *next = holder; (next = strstr(next, "(pid ")); next++)
		at = next;
	if (!at)
		return -1;
	snprintf(name, sizeof(name), "%lu/status",
		 strtoul(at + strlen("(pid "), NULL, 10));
	file = stat_open(cli, name);
	while (file && getline(&line, &size, file) >= 0)
		if (!strncmp(line, "VmPin:", 6))
			pinned = strtoll(line + 6, NULL, 10) * 1024;
	free(line);
	if (file)
		fclose(file);
	return pinned;
}

static struct json_object *stat_read_one(const struct cli *cli,
					 struct lend_address *address)
{
	struct json_object *device = json_object_new_object();
	struct verdict verdict = verdict_of(cli->ctx, address);
	bool is_held = !strcmp(verdict.word, "lent");
	int64_t pinned = is_held ? stat_read_pinned(cli, verdict.detail) : -1;
	char text[256];

	json_add_text(device, "device", lend_address_name(address));
	lend_address_driver(address, text, sizeof(text));
	json_add_text(device, "driver", text);
	json_add_bool(device, "held", is_held);
	json_add_text(device, "holder", is_held ? verdict.detail : NULL);
	lend_attribute_read(address, "power_state", text, sizeof(text));
	json_add_text(device, "power_state", text);
	json_add(device, "link", stat_read_link(address));
	json_add(device, "errors", stat_read_errors(address));
	json_add(device, "interrupts",
		 stat_read_interrupts(cli, lend_address_name(address)));
	json_add(device, "pinned",
		 pinned < 0 ? NULL : json_object_new_int64(pinned));
	return device;
}

struct json_object *stat_read(const struct cli *cli,
			      const struct devices *devices)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < devices->count; i++)
		json_object_array_add(
			list, stat_read_one(cli, devices->addresses[i]));
	return list;
}
