// SPDX-License-Identifier: MIT
// A guest reset writes only the MSRs that differ and are writable.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/kvm/vm.h"
#include "vmm/x86/msrs.h"

#define KVM  100 /* not real descriptors: ioctl() is replaced below */
#define NEW  101
#define USED 102

#define TSC     0x10
#define EFER    0xc0000080u
#define LACKING 0x4b564d05u /* no vCPU has it */
#define FROZEN  0x3au       /* not writable */
#define LATE    0x8bu
#define MTRR    0x2ffu

static struct cell {
	uint32_t index;
	uint64_t new, used;
	unsigned int writes;
} cells[8];

static const uint32_t listed[] = {TSC, FROZEN, LACKING, EFER, LATE};
static int list_error;

static struct cell *msr_find(uint32_t index)
{
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		if (cells[i].index == index)
			return &cells[i];
	return NULL;
}

static bool msr_move(int fd, bool set, struct kvm_msr_entry *entry)
{
	struct cell *cell = msr_find(entry->index);

	if (!cell || (set && entry->index == FROZEN))
		return false;
	if (set) {
		assert_int_equal(fd, USED);
		cell->used = entry->data;
		cell->writes++;
	} else {
		entry->data = fd == NEW ? cell->new : cell->used;
	}
	return true;
}

int ioctl(int fd, unsigned long request, ...)
{
	struct kvm_msr_list *list;
	struct kvm_msrs *msrs;
	unsigned int done = 0;
	va_list args;
	void *argument;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	if (request == KVM_GET_MSR_INDEX_LIST) {
		list = argument;
		assert_int_equal(fd, KVM);
		assert_in_range(list->nmsrs, 5, UINT32_MAX);
		errno = list_error;
		memcpy(list->indices, listed, sizeof(listed));
		list->nmsrs = 5;
		return list_error ? -1 : 0;
	}
	msrs = argument;
	while (done < msrs->nmsrs &&
	       msr_move(fd, request == KVM_SET_MSRS, &msrs->entries[done]))
		done++;
	return (int)done;
}

static void only_what_differs_is_written(void **state)
{
	const struct vm vm = {.ctx = *state, .kvm_fd = KVM};

	memcpy(cells,
	       (struct cell[]){
		       {TSC, 777, 99, 0},
		       {EFER, 0, 0xd01, 0},
		       {FROZEN, 0, 5, 0},
		       {LATE, 7, 7, 0},
		       {MTRR, 0xc06, 0, 0},
	       },
	       5 * sizeof(cells[0]));
	assert_int_equal(msrs_copy(&vm, NEW, USED), 0);
	assert_int_equal(msr_find(EFER)->used, 0);
	assert_int_equal(msr_find(EFER)->writes, 1);
	assert_int_equal(msr_find(MTRR)->used, 0xc06);
	assert_int_equal(msr_find(LATE)->writes, 0);
	assert_int_equal(msr_find(FROZEN)->used, 5);
	/* The counters of all vCPUs must agree after a reset. */
	assert_int_equal(msr_find(TSC)->used, 0);
	assert_int_equal(msr_find(TSC)->writes, 1);
}

static void a_missing_msr_list_is_an_error(void **state)
{
	const struct vm vm = {.ctx = *state, .kvm_fd = KVM};

	list_error = E2BIG;
	assert_int_equal(msrs_copy(&vm, NEW, USED), -E2BIG);
	assert_true(context_says(*state, "KVM_GET_MSR_INDEX_LIST"));
	list_error = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_what_differs_is_written,
						context_setup,
						context_teardown),
		cmocka_unit_test_setup_teardown(a_missing_msr_list_is_an_error,
						context_setup,
						context_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
