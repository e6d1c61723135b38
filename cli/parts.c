// SPDX-License-Identifier: MIT
// The names that drivers gave to what they made of a device.

#include <string.h>

#include <lend/host.h>

#include "cli/parts.h"

/* The parts are an object with the paths of devices as keys. */
static int parts_take(void *opaque, const char *device, const char *kind,
		      const char *name)
{
	struct json_object *list = json_get(opaque, device);
	struct json_object *part = json_object_new_object();

	if (!list) {
		list = json_object_new_array();
		json_add(opaque, device, list);
	}
	json_add_text(part, "name", name);
	json_add_text(part, "class", kind);
	json_object_array_add(list, part);
	return 0;
}

struct json_object *parts_collect(struct lend_ctx *ctx)
{
	struct json_object *parts = json_object_new_object();

	lend_host_names(ctx, parts_take, parts);
	return parts;
}

void parts_add(struct json_object *facts, const struct json_object *parts,
	       const struct lend_address *address)
{
	struct json_object *list = json_get(parts, lend_address_path(address));

	json_add(facts, "names",
		 list ? json_object_get(list) : json_object_new_array());
}

static bool parts_has(const struct json_object *list, const char *kind)
{
	for (size_t i = 0; i < json_length(list); i++)
		if (!strcmp(json_text(json_at(list, i), "class"), kind))
			return true;
	return false;
}

void parts_write(const struct json_object *facts, char *text, size_t size)
{
	const struct json_object *list = json_get(facts, "names");
	struct json_object *chosen = json_object_new_array();
	bool has_better = parts_has(list, "net") || parts_has(list, "block");

	for (size_t i = 0; i < json_length(list); i++) {
		const struct json_object *part = json_at(list, i);
		const char *kind = json_text(part, "class");

		if (has_better &&
		    (!strcmp(kind, "nvme") || !strcmp(kind, "virtio")))
			continue;
		json_object_array_add(chosen,
				      json_object_get(json_get(part, "name")));
	}
	json_join(chosen, ",", text, size);
	json_object_put(chosen);
}
