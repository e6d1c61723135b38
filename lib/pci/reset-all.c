// SPDX-License-Identifier: MIT
// Resets all functions of a machine: a slot or bus that several share is reset
// once.

#include <errno.h>
#include <stdlib.h>

#include "lib/base/context.h"
#include "lib/device/reset.h"
#include "lib/pci/function.h"
#include "lib/pci/pci.h"
#include "lib/pci/reset.h"

typedef void reset_run(void *opaque, size_t count,
		       void (*work)(void *task, size_t i), void *task);

struct together {
	struct lend_pci *const *functions;
	struct lend_device **devices;
	bool *is_full; /* its own reset is a full one */
	bool *is_done;
	bool *reached; /* by a hot reset */
	unsigned int count;
	reset_run *run; /* or NULL */
	void *opaque;
};

static void together_reset_one(struct together *t, unsigned int i, int *result)
{
	struct lend_pci *pci = t->functions[i];
	const struct reset_set set = {t->devices, t->count, t->reached};
	int err = reset_device(pci, &set, t->is_full[i]);

	t->is_done[i] = true;
	if (err) {
		pci_warn_once(pci, &pci->reset_warned, 0, "not reset: %s",
			      lend_ctx_error(pci->ctx)->what);
		*result = err;
		return;
	}
	for (unsigned int j = 0; j < t->count; j++)
		t->is_done[j] |= t->reached[j];
}

/* Of several at once: a function whose own reset fails is left for later, as it
 * may require a hot reset, which affects others. */
static void together_reset_full(void *task, size_t i)
{
	struct together *t = task;

	if (!t->is_done[i] && t->is_full[i])
		t->is_done[i] = !reset_fully(t->functions[i]);
}

/* Hot resets come first, since they can reset other functions too. */
static int together_reset_each(struct together *t)
{
	int result = 0;

	for (unsigned int i = 0; i < t->count; i++)
		if (!t->is_done[i] && !t->is_full[i])
			together_reset_one(t, i, &result);
	if (t->run)
		t->run(t->opaque, t->count, together_reset_full, t);
	for (unsigned int i = 0; i < t->count; i++)
		if (!t->is_done[i])
			together_reset_one(t, i, &result);
	return result;
}

int lend_pci_reset_all(struct lend_pci *const *functions, unsigned int count)
{
	return lend_pci_reset_all_by(functions, count, NULL, NULL);
}

int lend_pci_reset_all_by(struct lend_pci *const *functions, unsigned int count,
			  reset_run *run, void *opaque)
{
	struct together t = {
		.functions = functions,
		.count = count,
		.run = run,
		.opaque = opaque,
	};
	bool *notes;
	int err;

	if (!count)
		return 0;
	for (unsigned int i = 0; i < count; i++)
		lend_pci_stop(functions[i]);
	t.devices = calloc(count, sizeof(struct lend_device *));
	notes = calloc(count, 3 * sizeof(bool));
	if (!t.devices || !notes) {
		err = error_no_memory(functions[0]->ctx, NULL);
		goto end;
	}
	t.is_full = notes;
	t.is_done = notes + count;
	t.reached = notes + 2 * (size_t)count;
	for (unsigned int i = 0; i < count; i++) {
		t.devices[i] = functions[i]->device;
		t.is_full[i] = reset_is_full(functions[i]);
	}
	err = together_reset_each(&t);
end:
	free(notes);
	free(t.devices);
	return err;
}
