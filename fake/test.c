// SPDX-License-Identifier: MIT
// A scripted host as tests of other programs have it: the host, its faults, and
// what is left of a program.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake/public.h"

_Static_assert((int)FAKE_OPEN == LEND_TEST_CALL_OPEN &&
		       (int)FAKE_IOCTL == LEND_TEST_CALL_IOCTL &&
		       (int)FAKE_EVENTFD == LEND_TEST_CALL_EVENTFD &&
		       (int)FAKE_PATH == LEND_TEST_CALL_PATH &&
		       (int)FAKE_SEALS == LEND_TEST_CALL_SEALS &&
		       (int)FAKE_SHUTDOWN == LEND_TEST_CALL_SHUTDOWN,
	       "the kinds of calls have public numbers");

struct lend_test *lend_test_new(void)
{
	struct fake_kernel *fake = fake_kernel_new();

	tree_must(fake, "calloc");
	return (struct lend_test *)fake;
}

void lend_test_free(struct lend_test *test)
{
	fake_kernel_free(test_kernel(test));
}

int lend_test_options(struct lend_test *test, struct lend_ctx_options *options)
{
	return fake_options(test_kernel(test), options);
}

void lend_test_add_iommufd(struct lend_test *test)
{
	fake_iommufd_add(test_kernel(test));
}

int lend_test_vm(struct lend_test *test)
{
	struct fake_kernel *fake = test_kernel(test);
	int fd;

	test_lock(fake);
	fd = fake_vm_open(fake);
	test_unlock(fake);
	return fd;
}

void lend_test_fail(struct lend_test *test, enum lend_test_call call,
		    unsigned long request, unsigned int nth, int err)
{
	struct fake_kernel *fake = test_kernel(test);

	test_lock(fake);
	fake->fault = (struct fake_fault){
		.op = (enum fake_op)call,
		.request = request,
		.nth = nth,
		.err = err,
	};
	test_unlock(fake);
}

bool lend_test_has_failed(struct lend_test *test)
{
	struct fake_kernel *fake = test_kernel(test);
	bool has_hit;

	test_lock(fake);
	has_hit = fake->fault.has_hit;
	test_unlock(fake);
	return has_hit;
}

unsigned int lend_test_calls(struct lend_test *test, enum lend_test_call call,
			     unsigned long request)
{
	struct fake_kernel *fake = test_kernel(test);
	unsigned int count;

	test_lock(fake);
	count = fake_count(fake, (enum fake_op)call, request);
	test_unlock(fake);
	return count;
}

static uint64_t test_count_pinned(const struct fake_space *space)
{
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < space->mapping_count; i++)
		bytes += space->mappings[i].size;
	return bytes;
}

static uint64_t test_count_all_pinned(const struct fake_kernel *fake)
{
	uint64_t bytes = 0;

	for (int i = 0; i < FAKE_CONTAINERS; i++)
		bytes += test_count_pinned(&fake->containers[i].space);
	for (int i = 0; i < FAKE_IOMMUFDS; i++)
		for (int n = 0; n < 2; n++)
			bytes += test_count_pinned(
				&fake->iommufds[i].ioas[n].space);
	return bytes;
}

static uint64_t test_count_vectors(const struct fake_device *device)
{
	uint64_t count = 0;

	for (int i = 0; i < FAKE_IRQS; i++)
		for (int n = 0; n < FAKE_VECTORS; n++)
			count += device->irqs[i].trigger[n] >= 0;
	return count;
}

static uint64_t test_count_of(const struct fake_kernel *fake,
			      enum lend_test_state state)
{
	uint64_t count = 0;

	switch (state) {
	case LEND_TEST_DESCRIPTORS:
		for (int i = 0; i < FAKE_FDS; i++)
			count +=
				fake->fds[i].fd && fake->fds[i].kind != FAKE_VM;
		return count;
	case LEND_TEST_MAPPINGS:
		for (int i = 0; i < FAKE_VMAS; i++)
			count += fake->vmas[i].vaddr != NULL;
		return count;
	case LEND_TEST_PINNED:
		return test_count_all_pinned(fake);
	case LEND_TEST_VECTORS:
		for (unsigned int i = 0; i < fake->device_count; i++)
			count += test_count_vectors(&fake->devices[i]);
		return count;
	case LEND_TEST_SLOTS:
		return fake_kvm_slots(&fake->vm);
	case LEND_TEST_IRQFDS:
		return fake_kvm_irqfds(&fake->vm);
	case LEND_TEST_FILES:
		return fake->vm.files;
	}
	return 0;
}

uint64_t lend_test_count(struct lend_test *test, enum lend_test_state state)
{
	struct fake_kernel *fake = test_kernel(test);
	uint64_t count;

	test_lock(fake);
	count = test_count_of(fake, state);
	test_unlock(fake);
	return count;
}

bool lend_test_is_idle(struct lend_test *test, char *why, size_t size)
{
	struct fake_kernel *fake = test_kernel(test);
	char text[256] = "";
	bool is_idle;

	test_lock(fake);
	is_idle = fake_is_idle(fake, text, sizeof(text));
	if (is_idle && fake->vm.files) {
		snprintf(text, sizeof(text), "%u files are registered with KVM",
			 fake->vm.files);
		is_idle = false;
	}
	test_unlock(fake);
	if (why)
		snprintf(why, size, "%s", text);
	return is_idle;
}
