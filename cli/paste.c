// SPDX-License-Identifier: MIT
// Prints what another program takes to get devices and their groups.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"
#include "cli/no-memory.h"
#include "cli/nodes.h"
#include "cli/paste-forms.h"
#include "cli/paste.h"

const struct paste_form *paste_find(struct cli *cli, const char *program)
{
	char names[256] = "";

	for (unsigned int i = 0; i < paste_form_count; i++) {
		const char *name = paste_forms[i].program;
		size_t used = strlen(names);

		if (!strcmp(name, program))
			return &paste_forms[i];
		snprintf(names + used, sizeof(names) - used, "%s%s",
			 used ? ", " : "", name);
	}
	lend_error_set(cli->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "show: unknown program '%s' for --as", program);
	lend_error_remedy(cli->ctx, "use one of: %s", names);
	return NULL;
}

/* Members of a group: those that lend bind --group binds, and bound ones. */
struct paste_group {
	struct lend_ctx *ctx;
	struct devices *devices;
	const struct lend_address *of;
};

static int paste_add_member(void *opaque, const struct lend_member *member)
{
	const struct paste_group *group = opaque;
	struct lend_address *address;
	char path[4096];
	int err = 0;

	if (member->verdict != LEND_MEMBER_BLOCKS &&
	    member->verdict != LEND_MEMBER_VFIO)
		return 0;
	snprintf(path, sizeof(path), "%s/iommu_group/devices/%s",
		 lend_address_path(group->of), member->device);
	if (lend_address_find_path(group->ctx, path, &address))
		return 0;
	/* One that another makes, or is made by, cannot be in the same guest.
	 */
	if (!lend_address_depends(address, group->of) &&
	    !lend_address_depends(group->of, address))
		err = devices_add(group->ctx, group->devices, address);
	lend_address_unref(address);
	return err;
}

static int paste_expand(struct cli *cli, const struct devices *named,
			struct devices *all)
{
	int err = 0;

	for (unsigned int i = 0; i < named->count && !err; i++)
		err = devices_add(cli->ctx, all, named->addresses[i]);
	for (unsigned int i = 0; i < named->count && !err; i++) {
		struct paste_group group = {cli->ctx, all, named->addresses[i]};
		int number = lend_address_group(group.of);

		if (number >= 0)
			err = lend_group_list(cli->ctx, (unsigned int)number,
					      paste_add_member, &group);
	}
	return err;
}

/* The text is for a shell or an XML file: no name needs a quote there. */
static int paste_check(struct cli *cli, const struct paste_form *form,
		       const struct lend_address *address)
{
	static const char safe[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ:.-_@";
	const char *name = lend_address_name(address);
	enum lend_bus bus = lend_address_bus(address);

	if (name[strspn(name, safe)])
		return lend_error_set(cli->ctx, LEND_ERROR_DEVICE, EINVAL, name,
				      "its name has characters that a shell "
				      "or an XML file would change");
	if (bus == LEND_BUS_OTHER ||
	    (bus == LEND_BUS_PLATFORM && !form->has_platform))
		return lend_error_set(cli->ctx, LEND_ERROR_WRONG_TYPE, EINVAL,
				      name, "%s does not support its bus",
				      form->program);
	return 0;
}

static int paste_fill(struct cli *cli, const struct paste_form *form,
		      struct lend_address *address, struct paste_device *device)
{
	int err = paste_check(cli, form, address);
	struct nodes nodes;

	if (err)
		return err;
	snprintf(device->name, sizeof(device->name), "%s",
		 lend_address_name(address));
	device->bus = lend_address_bus(address);
	nodes_of(address, &nodes);
	device->group = nodes.group;
	strcpy(device->node, nodes.device);
	return nodes.group < 0 ? nodes.group : 0;
}

static int paste_write(struct cli *cli, const struct paste_form *form,
		       const struct paste_device *devices, unsigned int count)
{
	struct json_object *document;
	char *text = NULL;
	size_t size;
	FILE *file;

	if (!cli->json) {
		form->write(stdout, devices, count);
		return 0;
	}
	file = open_memstream(&text, &size);
	if (!file)
		return cli_no_memory(cli->ctx);
	form->write(file, devices, count);
	fclose(file);
	document = json_new_document();
	json_add_text(document, "as", form->program);
	json_add_lines(document, "lines", text);
	json_print(document);
	free(text);
	return 0;
}

int paste_print(struct cli *cli, const struct paste_form *form,
		const struct devices *devices)
{
	struct devices all = {0};
	struct paste_device *filled = NULL;
	int err = paste_expand(cli, devices, &all);

	if (!err) {
		filled = calloc(all.count, sizeof(*filled));
		err = filled ? 0 : cli_no_memory(cli->ctx);
	}
	for (unsigned int i = 0; i < all.count && !err; i++)
		err = paste_fill(cli, form, all.addresses[i], &filled[i]);
	if (!err)
		err = paste_write(cli, form, filled, all.count);
	free(filled);
	devices_free(&all);
	return err;
}
