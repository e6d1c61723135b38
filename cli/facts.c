// SPDX-License-Identifier: MIT
// Collects the facts about devices that lend list shows.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/facts.h"
#include "cli/parts.h"
#include "cli/regions.h"
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

	snprintf(text, sizeof(text), "%04x", number & 0xffff);
	json_add_text(facts, key, text);
}

/* A bridge has none of its own, and other devices may have none. */
static void facts_add_subsystem(struct json_object *facts, struct names *names,
				const struct lend_address *address,
				unsigned int vendor, unsigned int device)
{
	const unsigned int ids[4] = {vendor, device,
				     read_hex(address, "subsystem_vendor"),
				     read_hex(address, "subsystem_device")};
	char text[NAMES_TEXT] = "";

	json_add(facts, "subsystem_vendor_id", NULL);
	json_add(facts, "subsystem_device_id", NULL);
	if (ids[2]) {
		add_hex(facts, "subsystem_vendor_id", ids[2]);
		add_hex(facts, "subsystem_device_id", ids[3]);
		names_subsystem(names, ids, text);
	}
	json_add_text(facts, "subsystem_name", text);
}

static void facts_add_revision(struct json_object *facts,
			       const struct lend_address *address)
{
	char text[32];

	json_add(facts, "revision", NULL);
	if (lend_attribute_read(address, "revision", text, sizeof(text)) > 0)
		json_add_number(facts, "revision",
				(int64_t)(strtoul(text, NULL, 16) & 0xff));
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
	facts_add_subsystem(facts, names, address, vendor, device);
	facts_add_revision(facts, address);
	regions_add(facts, address);
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

/* The VFIO driver that lend bind chooses; null: none. */
static void facts_add_vfio_driver(struct json_object *facts,
				  const struct lend_address *address)
{
	char driver[256];

	if (lend_bind_driver(address, NULL, driver, sizeof(driver)))
		driver[0] = '\0';
	json_add_text(facts, "vfio_driver", driver);
}

void facts_open(struct facts_source *source, struct lend_ctx *ctx)
{
	source->ctx = ctx;
	source->names = names_open();
	source->parts = parts_collect(ctx);
}

void facts_close(struct facts_source *source)
{
	json_object_put(source->parts);
	names_close(source->names);
}

struct json_object *facts_of(const struct facts_source *source,
			     struct lend_address *address)
{
	struct json_object *facts = json_object_new_object();
	enum lend_bus bus = lend_address_bus(address);
	struct verdict verdict = verdict_of(source->ctx, address);
	char driver[256];
	int group;

	json_add_text(facts, "device", lend_address_name(address));
	json_add_text(facts, "bus", bus_names[bus]);
	json_add_text(facts, "path", lend_address_path(address));
	if (bus == LEND_BUS_PCI)
		facts_add_pci(facts, source->names, address);
	else
		add_other(facts, address);
	lend_address_driver(address, driver, sizeof(driver));
	json_add_text(facts, "driver", driver);
	facts_add_vfio_driver(facts, address);
	parts_add(facts, source->parts, address);
	group = lend_address_group(address);
	json_add(facts, "group", group < 0 ? NULL : json_object_new_int(group));
	json_add_text(facts, "verdict", verdict.word);
	json_add_text(facts, "verdict_text", verdict.text);
	json_add_text(facts, "verdict_detail", verdict.detail);
	add_abilities(facts, address);
	return facts;
}

/* Appends to a text of @size bytes, as far as it fits. */
__attribute__((format(printf, 3, 4))) static void
facts_append(char *text, size_t size, const char *fmt, ...)
{
	size_t length = strlen(text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(text + length, size - length, fmt, args);
	va_end(args);
}

static void facts_describe_pci(const struct json_object *facts, char *text,
			       size_t size)
{
	const char *class = json_text(facts, "class_name");
	const char *name = json_text(facts, "name");
	int64_t revision = json_number(facts, "revision");

	facts_append(text, size, "%s [%s]:%s%s [%s:%s]",
		     class[0] ? class : "Class", json_text(facts, "class"),
		     name[0] ? " " : "", name, json_text(facts, "vendor_id"),
		     json_text(facts, "device_id"));
	if (revision > 0)
		facts_append(text, size, " (rev %02x)", (unsigned int)revision);
}

/* Any device of a bus can have these. */
static bool facts_is_common_driver(const char *driver)
{
	return !driver[0] || !strcmp(driver, "vfio-pci") ||
	       !strcmp(driver, "vfio-platform");
}

static void facts_describe_abilities(const struct json_object *facts,
				     char *text, size_t size)
{
	const struct json_object *sriov = json_get(facts, "sriov");
	const char *physfn = json_text(facts, "physical_function");
	const char *vfio = json_text(facts, "vfio_driver");

	if (!facts_is_common_driver(vfio))
		facts_append(text, size, "; VFIO driver %s", vfio);
	if (sriov)
		facts_append(text, size, "; SR-IOV %d of %d",
			     (int)json_number(sriov, "count"),
			     (int)json_number(sriov, "total"));
	if (physfn[0])
		facts_append(text, size, "; virtual function of %s", physfn);
	if (json_is(facts, "mdev_parent"))
		facts_append(text, size, "; supports mediated devices");
}

void facts_describe(const struct json_object *facts, char *text, size_t size)
{
	const char *bus = json_text(facts, "bus");
	const char *name = json_text(facts, "name");

	text[0] = '\0';
	if (!strcmp(bus, "pci"))
		facts_describe_pci(facts, text, size);
	else
		facts_append(text, size, "%s device%s%s", bus,
			     name[0] ? ": " : "", name);
	facts_describe_abilities(facts, text, size);
}
