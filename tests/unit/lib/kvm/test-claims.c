// SPDX-License-Identifier: MIT
// Guest addresses have one owner at a time, and what is mapped there has a
// memory slot.

#include <errno.h>
#include <string.h>

#include "table.h"

#define PAGE 0x1000

static void *const memory = (void *)0x7f0000000000;

static int claims_test_try(void **state, uint64_t base, uint64_t size,
			   const char **other)
{
	const struct table *t = *state;

	return lend_kvm_claim(t->kvm, base, size, "it", other);
}

static void overlaps_name_the_owner(void **state)
{
	const struct table *t = *state;
	const char *other = NULL;

	assert_int_equal(lend_kvm_claim(t->kvm, 0, 0xc0000000, "RAM", NULL), 0);
	assert_int_equal(claims_test_try(state, 0xbffff000, 0x1000, &other),
			 -EEXIST);
	assert_string_equal(other, "RAM");
	assert_int_equal(claims_test_try(state, 0xbffff000, 0x10000, NULL),
			 -EEXIST);
	assert_int_equal(claims_test_try(state, 0xc0000000, 0x1000, NULL), 0);
	assert_int_equal(claims_test_try(state, 0xc0000fff, 1, &other),
			 -EEXIST);
	assert_string_equal(other, "it");
}

static void claims_end_at_the_top(void **state)
{
	assert_int_equal(claims_test_try(state, 0x1000, 0, NULL), -EINVAL);
	assert_int_equal(claims_test_try(state, UINT64_MAX, 2, NULL), -EINVAL);
	assert_int_equal(
		claims_test_try(state, UINT64_MAX - 0xfff, 0x1000, NULL), 0);
	assert_int_equal(claims_test_try(state, UINT64_MAX, 1, NULL), -EEXIST);
}

static void a_released_claim_is_free(void **state)
{
	const struct table *t = *state;

	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(
			claims_test_try(state, i * 0x1000, 0x1000, NULL), 0);
	for (unsigned int i = 0; i < 100; i += 2)
		lend_kvm_release(t->kvm, i * 0x1000);
	lend_kvm_release(t->kvm, 0x1800); /* no claim starts there */
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(
			claims_test_try(state, i * 0x1000, 0x1000, NULL),
			i % 2 ? -EEXIST : 0);
}

static int claims_test_place(void **state, uint64_t size, uint64_t *base)
{
	const struct table *t = *state;

	return lend_kvm_place(t->kvm, 0x11000, 0x2f000, size, "it", base);
}

static void placing_is_aligned_and_lowest(void **state)
{
	const struct table *t = *state;
	uint64_t base;

	assert_int_equal(claims_test_try(state, 0x20000, 0x1000, NULL), 0);
	assert_int_equal(claims_test_place(state, 0x10000, &base), 0);
	assert_int_equal(base, 0x30000);
	assert_int_equal(claims_test_place(state, 0x3000, &base), 0);
	assert_int_equal(base, 0x14000);
	assert_int_equal(claims_test_place(state, 0x1000, &base), 0);
	assert_int_equal(base, 0x11000);
	assert_int_equal(claims_test_place(state, 0x10000, &base), -ENOSPC);
	assert_int_equal(claims_test_place(state, 0, &base), -EINVAL);
	assert_int_equal(claims_test_place(state, UINT64_MAX, &base), -EINVAL);
	assert_int_equal(lend_kvm_place(t->kvm, 0, 0, 1, "it", &base), -ENOSPC);
}

/* An address past the last one is 0, which is no room either. */
static void placing_ends_at_the_top(void **state)
{
	const struct table *t = *state;
	uint64_t base;

	assert_int_equal(claims_test_try(state, 0x1000, -0x1000ULL, NULL), 0);
	assert_int_equal(
		lend_kvm_place(t->kvm, 0, UINT64_MAX, 0x1000, "it", &base), 0);
	assert_int_equal(base, 0);
	assert_int_equal(
		lend_kvm_place(t->kvm, 0, UINT64_MAX, 0x1000, "it", &base),
		-ENOSPC);
	lend_kvm_release(t->kvm, 0x1000);
	assert_int_equal(
		lend_kvm_place(t->kvm, -0x1000ULL, 0x1000, 0x1000, "it", &base),
		0);
	assert_true(base == -0x1000ULL);
	assert_int_equal(
		lend_kvm_place(t->kvm, -0x1000ULL, 0x1001, 1, "it", &base),
		-ENOSPC);
}

static void slots_require_whole_pages(void **state)
{
	struct table *t = *state;

	assert_int_equal(lend_kvm_map(t->kvm, 0x1001, PAGE, memory, 0),
			 -EINVAL);
	assert_int_equal(lend_kvm_map(t->kvm, 0x1000, 0x800, memory, 0),
			 -EINVAL);
	assert_int_equal(lend_kvm_map(t->kvm, 0x1000, 0, memory, 0), -EINVAL);
	assert_int_equal(
		lend_kvm_map(t->kvm, 0x1000, PAGE, (char *)memory + 1, 0),
		-EINVAL);
	assert_int_equal(lend_kvm_map(t->kvm, -0x1000ULL, 2 * PAGE, memory, 0),
			 -EINVAL);
	assert_int_equal(lend_kvm_map(t->kvm, 0x1000, PAGE, memory, 1u << 2),
			 -EINVAL);
	assert_int_equal(
		lend_kvm_map(t->kvm, 0x1000, 2 * PAGE, memory, LEND_KVM_LONE),
		-EINVAL);
	lend_kvm_unmap(t->kvm, -1);
	lend_kvm_unmap(t->kvm, 3);
	lend_kvm_unmap(t->kvm, INT32_MAX);
	table_expect(t, 0);
}

static void a_slot_is_used_again(void **state)
{
	struct table *t = *state;
	int ram = lend_kvm_map(t->kvm, 0, 4 * PAGE, memory, 0);
	int rom =
		lend_kvm_map(t->kvm, 0x10000, PAGE, memory, LEND_KVM_READ_ONLY);

	assert_int_equal(ram, 0);
	assert_int_equal(rom, 1);
	assert_int_equal(t->vm.slots[0].flags, 0);
	assert_int_equal(t->vm.slots[1].flags, KVM_MEM_READONLY);
	assert_int_equal(t->vm.slots[1].userspace_addr, (uintptr_t)memory);
	lend_kvm_unmap(t->kvm, ram);
	assert_int_equal(fake_kvm_slots(&t->vm), 1);
	lend_kvm_unmap(t->kvm, ram);
	table_expect(t, 3);
	assert_int_equal(lend_kvm_map(t->kvm, 0x10000, PAGE, memory, 0),
			 -EEXIST);
	assert_int_equal(lend_kvm_map(t->kvm, 0x20000, PAGE, memory, 0), 0);
}

/* Each has a claim in the page, of which the first has the page's address. */
static void claims_test_share(void **state, int slots[3])
{
	const struct table *t = *state;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(claims_test_try(state,
						 0x1000 + (uint64_t)i * 0x100,
						 0x100, NULL),
				 0);
		slots[i] = lend_kvm_map(t->kvm, 0x1000, PAGE, memory,
					LEND_KVM_LONE);
		assert_in_range(slots[i], 0, 2);
		assert_int_equal(fake_kvm_slots(&t->vm), !i);
	}
}

static void slots_of_a_page_wait_for_each_other(void **state)
{
	struct table *t = *state;
	int slots[3];

	claims_test_share(state, slots);
	lend_kvm_unmap(t->kvm, slots[1]);
	lend_kvm_release(t->kvm, 0x1100);
	assert_int_equal(fake_kvm_slots(&t->vm), 0);
	lend_kvm_unmap(t->kvm, slots[2]);
	lend_kvm_release(t->kvm, 0x1200);
	assert_int_equal(fake_kvm_slots(&t->vm), 1);
	assert_int_equal(claims_test_try(state, 0x1ff0, 0x100, NULL), 0);
	assert_int_equal(fake_kvm_slots(&t->vm), 0);
	lend_kvm_unmap(t->kvm, slots[0]);
	lend_kvm_release(t->kvm, 0x1ff0);
	lend_kvm_release(t->kvm, 0x1000);
	assert_int_equal(fake_kvm_slots(&t->vm), 0);

	claims_test_share(state, slots);
	lend_kvm_unmap(t->kvm, slots[1]);
	lend_kvm_unmap(t->kvm, slots[0]);
	for (unsigned int i = 0; i < 3; i++)
		lend_kvm_release(t->kvm, 0x1000 + i * 0x100);
	assert_int_equal(fake_kvm_slots(&t->vm), 1);
	lend_kvm_unmap(t->kvm, slots[2]);
	assert_int_equal(fake_kvm_slots(&t->vm), 0);
}

static int claims_test_map(const struct table *t, int i)
{
	return lend_kvm_map(t->kvm, 0x100000ULL + i * PAGE, PAGE, memory, 0);
}

/* KVM is asked once, when the least that it can have is in use. */
static void slots_are_as_many_as_kvms(void **state)
{
	struct table *t = *state;
	int i;

	for (i = 0; i < KVM_SLOTS_LEAST; i++)
		assert_int_equal(claims_test_map(t, i), i);
	table_expect(t, KVM_SLOTS_LEAST);
	for (; i < FAKE_SLOTS; i++)
		assert_int_equal(claims_test_map(t, i), i);
	table_expect(t, FAKE_SLOTS - KVM_SLOTS_LEAST + 1);
	assert_int_equal(t->warnings, 0);
	for (int j = 0; j < 3; j++)
		assert_int_equal(claims_test_map(t, i), -ENOSPC);
	table_expect(t, 0);
	assert_int_equal(t->warnings, 1);
	assert_non_null(strstr(t->warning, "all 1024 memory slots of KVM"));
	lend_kvm_unmap(t->kvm, 700);
	assert_int_equal(claims_test_map(t, i), 700);
}

/* A KVM that does not report a number has the least. */
static void slots_end_at_the_least(void **state)
{
	struct table *t = *state;
	int i;

	t->fail = KVM_CHECK_EXTENSION;
	t->err = EINVAL;
	for (i = 0; i < KVM_SLOTS_LEAST; i++)
		assert_int_equal(claims_test_map(t, i), i);
	assert_int_equal(claims_test_map(t, i), -ENOSPC);
	assert_int_equal(t->warnings, 1);
	assert_non_null(strstr(t->warning, "all 509 memory slots of KVM"));
}

static void a_refused_slot_is_reported_once(void **state)
{
	struct table *t = *state;

	t->fail = KVM_SET_USER_MEMORY_REGION;
	t->err = ENOMEM;
	for (int i = 0; i < 3; i++)
		assert_int_equal(claims_test_map(t, i), -ENOMEM);
	assert_int_equal(t->warnings, 1);
	assert_non_null(strstr(t->warning, strerror(ENOMEM)));
}

static int count_up_slot(void *opaque)
{
	int *next = opaque;

	return (*next)++;
}

static void slot_numbers_are_the_machines(void **state)
{
	int next = 700;
	const struct lend_kvm_options options = {
		.size = sizeof(options),
		.slot = count_up_slot,
		.opaque = &next,
	};
	struct table *t = *state;

	lend_kvm_free(t->kvm);
	t->kvm = NULL;
	assert_int_equal(lend_kvm_new(t->ctx, TABLE_VM, &options, &t->kvm), 0);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(lend_kvm_map(t->kvm, 0, PAGE, memory, 0), 700);
		assert_int_equal(lend_kvm_map(t->kvm, PAGE, PAGE, memory, 0),
				 701);
		lend_kvm_unmap(t->kvm, 701);
		lend_kvm_unmap(t->kvm, 700);
	}
	assert_int_equal(next, 702);
	lend_kvm_map(t->kvm, 0, PAGE, memory, 0);
	lend_kvm_map(t->kvm, PAGE, PAGE, memory, 0);
	next = 700; /* which would take the memory of another */
	assert_int_equal(lend_kvm_map(t->kvm, 0x5000, PAGE, memory, 0),
			 -EINVAL);
	next = -ENOSPC;
	assert_int_equal(lend_kvm_map(t->kvm, 0x5000, PAGE, memory, 0),
			 -ENOSPC);
	assert_int_equal(fake_kvm_slots(&t->vm), 2);
}

static void a_plan_has_addresses_alone(void **state)
{
	struct table *t = *state;

	lend_kvm_free(t->kvm);
	assert_int_equal(lend_kvm_new(t->ctx, -1, NULL, &t->kvm), 0);
	assert_int_equal(claims_test_try(state, 0x1000, 0x1000, NULL), 0);
	assert_int_equal(lend_kvm_map(t->kvm, 0x1000, PAGE, memory, 0), -EBADF);
	assert_int_equal(lend_kvm_irqfd_add(t->kvm, 4, 7, -1), -EBADF);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, table_setup, table_teardown)
	const struct CMUnitTest tests[] = {
		TEST(overlaps_name_the_owner),
		TEST(claims_end_at_the_top),
		TEST(a_released_claim_is_free),
		TEST(placing_is_aligned_and_lowest),
		TEST(placing_ends_at_the_top),
		TEST(slots_require_whole_pages),
		TEST(a_slot_is_used_again),
		TEST(slots_of_a_page_wait_for_each_other),
		TEST(slots_are_as_many_as_kvms),
		TEST(slots_end_at_the_least),
		TEST(a_refused_slot_is_reported_once),
		TEST(slot_numbers_are_the_machines),
		TEST(a_plan_has_addresses_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
