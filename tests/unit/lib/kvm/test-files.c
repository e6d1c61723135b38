// SPDX-License-Identifier: MIT
// KVM's VFIO device, and the files that are registered with it.

#include <errno.h>

#include "table.h"

static void the_vfio_device_is_open_while_there_are_files(void **state)
{
	struct table *t = *state;

	lend_kvm_file(t->kvm, 7, true);
	lend_kvm_file(t->kvm, 8, true);
	assert_int_equal(t->opened, 1);
	assert_int_equal(t->vm.files, 2);
	lend_kvm_file(t->kvm, 7, false);
	assert_int_equal(t->closed, 0);
	lend_kvm_file(t->kvm, 8, false);
	assert_int_equal(t->closed, 1);
	lend_kvm_file(t->kvm, 8, false);
	assert_int_equal(t->vm.files, 0);
	t->fail = KVM_CREATE_DEVICE;
	t->err = ENODEV;
	lend_kvm_file(t->kvm, 7, true);
	lend_kvm_file(t->kvm, 7, false);
	assert_int_equal(t->warnings, 1);
	t->fail = KVM_SET_DEVICE_ATTR;
	lend_kvm_file(t->kvm, 7, true);
	assert_int_equal(t->warnings, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_vfio_device_is_open_while_there_are_files,
			table_setup, table_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
