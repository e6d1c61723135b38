// SPDX-License-Identifier: MIT
// Whether a device may lose its driver in spite of the devices that depend on
// it, and the words for them.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/address/dependents.h"
#include "lib/address/holders.h"
#include "lib/base/context.h"

static int dependents_check_each(struct lend_ctx *ctx, const char *device,
				 const struct dependents *found)
{
	int err = 0;

	for (unsigned int i = 0; i < found->count && !err; i++) {
		const struct dependent *d = &found->entries[i];

		if (d->kind != DEPENDENT_CONSUMER)
			err = holders_check_device(ctx, d->name, d->path);
	}
	if (err == -EBUSY)
		lend_error_evidence(
			ctx, "it exists only through the driver of %s", device);
	return err;
}

int dependents_check_holders(struct lend_ctx *ctx, const char *device,
			     const char *path)
{
	struct dependents found;
	int err = dependents_collect(ctx, device, path, &found);

	if (!err)
		err = dependents_check_each(ctx, device, &found);
	dependents_free(&found);
	return err;
}

/* What each kind is called, and how its devices are removed: by a command with
 * the device that makes them, or with their own names. */
static const struct {
	const char *text;
	const char *maker_remedy;
	const char *own_remedy;
} dependent_kinds[] = {
	[DEPENDENT_VF] = {"virtual functions, which its driver makes",
			  "lend sriov %s 0", NULL},
	[DEPENDENT_FUNCTION] = {"PCI functions, which its driver makes", NULL,
				NULL},
	[DEPENDENT_MDEV] = {"mediated devices, which its driver makes", NULL,
			    "lend mdev remove%s"},
	[DEPENDENT_CONSUMER] = {"devices that lose their drivers with it", NULL,
				NULL},
};

enum { DEPENDENT_KINDS = sizeof(dependent_kinds) / sizeof(dependent_kinds[0]) };

unsigned int dependents_count_others(const struct dependents *found)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < found->count; i++)
		count += found->entries[i].kind != DEPENDENT_PART;
	return count;
}

/* Lists the names of one kind, each after a space. Returns how many there
 * are. */
static unsigned int dependents_get_names(const struct dependents *found,
					 enum dependent_kind kind,
					 char text[400])
{
	unsigned int count = 0;
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < found->count; i++) {
		const struct dependent *d = &found->entries[i];
		size_t left = 400 - used;

		if (d->kind != kind)
			continue;
		count++;
		if (strlen(d->name) + sizeof(" ...") + 1 <= left)
			used += (size_t)snprintf(text + used, left, " %s",
						 d->name);
	}
	return count;
}

void dependents_name(const struct dependents *found,
		     void (*line)(void *opaque, const char *text), void *opaque)
{
	char names[400], text[512];

	for (int kind = 0; kind < DEPENDENT_KINDS; kind++) {
		if (!dependents_get_names(found, kind, names))
			continue;
		snprintf(text, sizeof(text), "%s:%s",
			 dependent_kinds[kind].text, names);
		line(opaque, text);
	}
}

void dependents_add_remedies(struct lend_ctx *ctx, const char *device,
			     const struct dependents *found)
{
	char names[400];

	for (int kind = 0; kind < DEPENDENT_KINDS; kind++) {
		const char *maker = dependent_kinds[kind].maker_remedy;
		const char *own = dependent_kinds[kind].own_remedy;

		if ((!maker && !own) ||
		    !dependents_get_names(found, kind, names))
			continue;
		lend_error_remedy(ctx, maker ? maker : own,
				  maker ? device : names);
	}
}

static void dependents_add_evidence(void *opaque, const char *text)
{
	lend_error_evidence(opaque, "%s", text);
}

void dependents_add_maker_remedy(struct lend_ctx *ctx, const char *maker)
{
	lend_error_remedy(ctx, "lend bind %s, which is then lent as a whole",
			  maker);
	lend_error_remedy(ctx, "or separate their IOMMU groups: enable ACS in "
			       "the firmware setup, or use another slot");
}

int dependents_check(struct lend_ctx *ctx, const char *device,
		     const struct dependents *found, bool force)
{
	if (force || !dependents_count_others(found))
		return dependents_check_each(ctx, device, found);
	lend_error_set(ctx, LEND_ERROR_IN_USE, EBUSY, device,
		       "other devices depend on its driver");
	dependents_name(found, dependents_add_evidence, ctx);
	dependents_add_remedies(ctx, device, found);
	return -EBUSY;
}
