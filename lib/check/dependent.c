// SPDX-License-Identifier: MIT
// Collects the devices that depend on a device's driver, and their uses.

#include "lib/address/dependents.h"
#include "lib/address/holders.h"
#include "lib/base/context.h"
#include "lib/check/dependent.h"

struct dependent_uses {
	struct uses *uses;
	void (*own_uses)(struct uses *uses);
};

static void dependent_add_line(void *opaque, const char *text)
{
	uses_add(opaque, "%s", text);
}

/* The uses of what is below the device have been found with its own. */
static int dependent_visit(void *opaque, const struct dependent *d)
{
	const struct dependent_uses *visit = opaque;
	struct uses *uses = visit->uses;
	struct uses theirs = *uses;

	if (d->kind == DEPENDENT_VF) {
		theirs.name = d->name;
		theirs.path = d->path;
		visit->own_uses(&theirs);
		uses->count = theirs.count;
	}
	if (d->kind != DEPENDENT_CONSUMER && uses->count)
		holders_add_device_evidence(uses->ctx, d->path);
	return 0;
}

void dependent_add_uses(struct uses *uses, void (*own_uses)(struct uses *uses))
{
	struct dependent_uses visit = {uses, own_uses};

	if (!dependents_name(uses->ctx, uses->path, dependent_add_line, uses))
		return;
	dependents_list(uses->ctx, uses->path, dependent_visit, &visit);
	dependents_add_remedies(uses->ctx, uses->name, uses->path);
}
