// SPDX-License-Identifier: MIT
// Adds the devices that depend on a device's driver, and their uses.

#include "lib/address/dependents.h"
#include "lib/address/holders.h"
#include "lib/base/context.h"
#include "lib/check/dependent.h"

static void dependent_add_line(void *opaque, const char *text)
{
	uses_add(opaque, "%s", text);
}

/* The uses of what is below the device have been found with its own. */
static void dependent_add_theirs(struct uses *uses, const struct dependent *d,
				 void (*own_uses)(struct uses *uses))
{
	struct uses theirs = *uses;

	if (d->kind == DEPENDENT_VF) {
		theirs.name = d->name;
		theirs.path = d->path;
		own_uses(&theirs);
		uses->count = theirs.count;
	}
	if (d->kind != DEPENDENT_CONSUMER && uses->count)
		holders_add_device_evidence(uses->ctx, d->path);
}

void dependent_add_uses(struct uses *uses, void (*own_uses)(struct uses *uses))
{
	const struct dependents *found = uses->dependents;

	if (!dependents_count_others(found))
		return;
	dependents_name(found, dependent_add_line, uses);
	for (unsigned int i = 0; i < found->count; i++)
		dependent_add_theirs(uses, &found->entries[i], own_uses);
	dependents_add_remedies(uses->ctx, uses->name, found);
}
