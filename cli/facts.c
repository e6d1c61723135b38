// SPDX-License-Identifier: MIT
// Collects the facts about a device that lend list shows.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/facts.h"
#include "cli/verdict.h"

static const char *const bus_names[] = {
	[LEND_BUS_PCI] = "pci",
	[LEND_BUS_PLATFORM] = "platform",
	[LEND_BUS_MDEV] = "mdev",
	[LEND_BUS_OTHER] = "other",
};

/* A hexadecimal number from sysfs, "0x8086"; 0 if it is invalid. */
static unsigned int read_hex(const struct lend_address *address,
			     const char *name)
{
	char text[32];

	lend_attribute_read(address, name, text, sizeof(text));
	return (unsigned int)strtoul(text, NULL, 16);
}

static void add_hex(struct json_object *facts, const char *key,
		    unsigned int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%04x", number);
	json_add_text(facts, key, text);
}

static void facts_add_pci(struct json_object *facts, struct names *names,
			  const struct lend_address *address)
{
	unsigned int class = read_hex(address, "class") >> 8;
	unsigned int vendor = read_hex(address, "vendor");
	unsigned int device = read_hex(address, "device");
	char text[NAMES_TEXT];

	add_hex(facts, "class", class);
	names_class(names, class, text);
	json_add_text(facts, "class_name", text);
	add_hex(facts, "vendor_id", vendor);
	add_hex(facts, "device_id", device);
	names_device(names, vendor, device, text);
	json_add_text(facts, "name", text);
}

/* The name of other kinds of devices. */
static void add_other(struct json_object *facts,
		      const struct lend_address *address)
{
	char text[256];
	/* A list of strings, the most specific first. */
	int length = lend_attribute_bytes(address, "of_node/compatible", text,
					  sizeof(text) - 1);

	text[length > 0 ? length : 0] = '\0';
	if (length < 0)
		lend_attribute_read(address, "modalias", text, sizeof(text));
	if (lend_address_bus(address) == LEND_BUS_MDEV)
		lend_attribute_read(address, "mdev_type/name", text,
				    sizeof(text));
	json_add_text(facts, "name", text);
}

/* Ends a list at its first entry. */
static int is_entry(void *opaque, const char *entry)
{
	(void)opaque;
	(void)entry;
	return 1;
}

static void add_abilities(struct json_object *facts,
			  const struct lend_address *address)
{
	struct json_object *sriov;
	char text[256];
	unsigned int total, count;

	json_add_bool(facts, "reset",
		      lend_attribute_read(address, "reset_method", text,
					  sizeof(text)) > 0);
	lend_attribute_link(address, "physfn", text, sizeof(text));
	json_add_text(facts, "physical_function", text);
	json_add(facts, "sriov", NULL);
	if (lend_attribute_read(address, "sriov_totalvfs", text, sizeof(text)) >
		    0 &&
	    !lend_sriov_get(address, &count, &total)) {
		sriov = json_object_new_object();
		json_add_number(sriov, "count", count);
		json_add_number(sriov, "total", total);
		json_add(facts, "sriov", sriov);
	}
	json_add_bool(facts, "mdev_parent",
		      lend_attribute_list(address, "mdev_supported_types",
					  is_entry, NULL) == 1);
}

struct json_object *facts_of(struct lend_ctx *ctx, struct names *names,
			     struct lend_address *address)
{
	struct json_object *facts = json_object_new_object();
	enum lend_bus bus = lend_address_bus(address);
	struct verdict verdict = verdict_of(ctx, address);
	char driver[256];
	int group;

	json_add_text(facts, "device", lend_address_name(address));
	json_add_text(facts, "bus", bus_names[bus]);
	json_add_text(facts, "path", lend_address_path(address));
	if (bus == LEND_BUS_PCI)
		facts_add_pci(facts, names, address);
	else
		add_other(facts, address);
	lend_address_driver(address, driver, sizeof(driver));
	json_add_text(facts, "driver", driver);
	group = lend_address_group(address);
	json_add(facts, "group", group < 0 ? NULL : json_object_new_int(group));
	json_add_text(facts, "verdict", verdict.word);
	json_add_text(facts, "verdict_text", verdict.text);
	add_abilities(facts, address);
	return facts;
}

void facts_print_title(const struct json_object *facts)
{
	const char *class = json_text(facts, "class_name");
	const char *name = json_text(facts, "name");

	printf("%s", json_text(facts, "device"));
	if (!strcmp(json_text(facts, "bus"), "pci")) {
		printf(" %s [%s]:%s%s [%s:%s]", class[0] ? class : "Class",
		       json_text(facts, "class"), name[0] ? " " : "", name,
		       json_text(facts, "vendor_id"),
		       json_text(facts, "device_id"));
	} else {
		printf(" %s device%s%s", json_text(facts, "bus"),
		       name[0] ? ": " : "", name);
	}
}

void facts_print_abilities(const struct json_object *facts,
			   const char *separator)
{
	const struct json_object *sriov = json_get(facts, "sriov");
	const char *physfn = json_text(facts, "physical_function");

	if (sriov)
		printf("%sSR-IOV %d of %d", separator,
		       (int)json_number(sriov, "count"),
		       (int)json_number(sriov, "total"));
	if (physfn[0])
		printf("%svirtual function of %s", separator, physfn);
	if (json_is(facts, "mdev_parent"))
		printf("%ssupports mediated devices", separator);
}
