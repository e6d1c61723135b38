// SPDX-License-Identifier: MIT
// PCI functions, presented by programs of other releases.

#include "guarded.h"
#include "tests/unit/lib/pci/function.h"

static int present_withdraw(struct function *f, int err)
{
	if (!err)
		lend_pci_free(f->pci);
	f->pci = NULL;
	return err;
}

static int call_with_options(void *opaque, const void *given)
{
	struct function *f = opaque;

	return present_withdraw(f, lend_pci_new(f->device, given, &fake_vm_ops,
						&f->vm, &f->pci));
}

static int call_with_ops(void *opaque, const void *given)
{
	struct function *f = opaque;

	return present_withdraw(
		f, lend_pci_new(f->device, NULL, given, f, &f->pci));
}

static int present_setup(void **state)
{
	struct function *f;

	if (pci_function_setup_open(state))
		return -1;
	f = *state;
	lend_pci_free(f->pci);
	f->pci = NULL;
	return 0;
}

static void options_of_other_releases(void **state)
{
	struct function *f = *state;
	const struct lend_pci_options multifunction = {.multifunction = true};
	const struct sized_reader reader = {
		.name = "lend_pci_options",
		.first = offsetofend(struct lend_pci_options, reserved),
		.known = offsetofend(struct lend_pci_options, no_opregion),
		.call = call_with_options,
		.opaque = f,
		.error = lend_ctx_error(f->ctx),
	};

	sized_check(&reader, &multifunction);
}

static void operations_of_other_releases(void **state)
{
	struct function *f = *state;
	const struct sized_reader reader = {
		.name = "lend_pci_ops",
		.first = offsetofend(struct lend_pci_ops, msi_release),
		.known = offsetofend(struct lend_pci_ops, msi_expect),
		.call = call_with_ops,
		.opaque = f,
		.error = lend_ctx_error(f->ctx),
	};

	sized_check(&reader, &fake_vm_ops);
}

static void operations_are_needed(void **state)
{
	struct function *f = *state;

	assert_int_equal(call_with_ops(f, NULL), -EINVAL);
	assert_string_equal(lend_ctx_error(f->ctx)->what,
			    "struct lend_pci_ops lacks an operation");
}

#define PRESENT(t)                                                             \
	cmocka_unit_test_setup_teardown(t, present_setup, pci_function_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PRESENT(options_of_other_releases),
		PRESENT(operations_of_other_releases),
		PRESENT(operations_are_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
