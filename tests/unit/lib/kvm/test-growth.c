// SPDX-License-Identifier: MIT
// How the work of claims and memory slots grows with their number. The compiler
// reports each basic block of that code, and these are counted: they grow with
// the logarithm.

#include <errno.h>

#include "table.h"
#include "tests/unit/fake/growth.h"

#define PAGE UINT64_C(0x1000)
#define MANY 16384u /* claims */
#define FEW  128u

/* Memory slots, of which the scripted KVM has FAKE_SLOTS. */
#define FEW_SLOTS 16u

/* A tree of MANY is twice as deep as one of FEW; a list is 128 times as long.
 */
#define GROWTH 4u

/* Permutations of the numbers below a power of two. */
static unsigned int growth_up(unsigned int i)
{
	return i;
}

static unsigned int growth_down(unsigned int i)
{
	return MANY - 1 - i;
}

static unsigned int growth_across(unsigned int i)
{
	return i * 40503 % MANY;
}

static unsigned int (*const orders[])(unsigned int i) = {growth_up, growth_down,
							 growth_across};

static void growth_claim(const struct table *t, unsigned int page,
			 struct growth *growth, unsigned int i)
{
	growth_begin();
	assert_int_equal(
		lend_kvm_claim(t->kvm, 2 * page * PAGE, PAGE, "it", NULL), 0);
	growth_end(growth, i < FEW);
}

static void a_claim_among_many_is_little_work(void **state)
{
	const struct table *t = *state;

	for (unsigned int o = 0; o < sizeof(orders) / sizeof(*orders); o++) {
		struct growth claim = {0}, release = {0};

		for (unsigned int i = 0; i < MANY; i++)
			growth_claim(t, orders[o](i), &claim, i);
		growth_expect(&claim, GROWTH);
		growth_begin();
		assert_int_equal(
			lend_kvm_claim(t->kvm, PAGE * MANY, 1, "other", NULL),
			-EEXIST);
		growth_end(&claim, false);
		growth_expect(&claim, GROWTH);
		for (unsigned int i = MANY; i > 0; i--) {
			growth_begin();
			lend_kvm_release(t->kvm, 2 * orders[o](i - 1) * PAGE);
			growth_end(&release, i - 1 < FEW);
		}
		growth_expect(&release, GROWTH);
	}
}

/* Between any two claims a page is free, and before the last one more. */
static void a_place_among_many_is_little_work(void **state)
{
	const struct table *t = *state;
	struct growth claim = {0};
	uint64_t base;

	for (unsigned int i = 0; i < MANY; i++)
		growth_claim(t, growth_across(i), &claim, i);
	lend_kvm_release(t->kvm, 2 * (MANY - 2) * PAGE);
	growth_begin();
	assert_int_equal(
		lend_kvm_place(t->kvm, 0, UINT64_MAX, 2 * PAGE, "it", &base),
		0);
	assert_int_equal(base, 2 * (MANY - 2) * PAGE);
	growth_end(&claim, false);
	growth_begin();
	assert_int_equal(lend_kvm_place(t->kvm, 0, 2 * MANY * PAGE, 2 * PAGE,
					"it", &base),
			 -ENOSPC);
	growth_end(&claim, false);
	growth_expect(&claim, GROWTH);
}

static int growth_slot(void *opaque)
{
	int *next = opaque;

	return growth_across((unsigned int)(*next)++) % FAKE_SLOTS;
}

/* Slots of pages that nobody shares, beside claims. */
static void growth_slots(struct table *t, struct growth *map,
			 struct growth *unmap)
{
	const struct lend_kvm *kvm = t->kvm;
	int numbers[FAKE_SLOTS];

	for (unsigned int i = 0; i < FAKE_SLOTS; i++) {
		growth_begin();
		numbers[i] =
			lend_kvm_map(t->kvm, i * PAGE, PAGE,
				     (void *)0x7f0000000000, LEND_KVM_LONE);
		assert_in_range(numbers[i], 0, FAKE_SLOTS - 1);
		growth_end(map, i < FEW_SLOTS);
	}
	assert_int_equal(kvm->space.slot_count, FAKE_SLOTS);
	for (unsigned int i = FAKE_SLOTS; i > 0; i--) {
		growth_begin();
		lend_kvm_unmap(t->kvm, numbers[i - 1]);
		growth_end(unmap, i - 1 < FEW_SLOTS);
	}
	assert_int_equal(fake_kvm_slots(&t->vm), 0);
}

static void a_slot_among_many_is_little_work(void **state)
{
	int next = 0;
	const struct lend_kvm_options options = {
		.size = sizeof(options),
		.slot = growth_slot,
		.opaque = &next,
	};
	struct table *t = *state;

	for (unsigned int i = 0; i < 2; i++) {
		struct growth map = {0}, unmap = {0};

		lend_kvm_free(t->kvm);
		assert_int_equal(lend_kvm_new(t->ctx, TABLE_VM,
					      i ? &options : NULL, &t->kvm),
				 0);
		growth_slots(t, &map, &unmap);
		growth_slots(t, &map, &unmap);
		growth_expect(&map, GROWTH);
		growth_expect(&unmap, GROWTH);
	}
}

/* A claim looks at the slots in its own pages alone. */
static void a_claim_among_slots_is_little_work(void **state)
{
	struct growth claim = {0};
	struct table *t = *state;

	for (unsigned int i = 0; i < FAKE_SLOTS; i++)
		assert_in_range(lend_kvm_map(t->kvm, 2 * i * PAGE, PAGE,
					     (void *)0x7f0000000000,
					     LEND_KVM_LONE),
				0, FAKE_SLOTS - 1);
	for (unsigned int i = 0; i < FAKE_SLOTS; i++) {
		growth_begin();
		assert_int_equal(lend_kvm_claim(t->kvm, 2 * i * PAGE + 16, 16,
						"it", NULL),
				 0);
		growth_end(&claim, i < FEW_SLOTS);
		assert_int_equal(fake_kvm_slots(&t->vm), FAKE_SLOTS - 1 - i);
	}
	growth_expect(&claim, GROWTH);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, table_setup, table_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_claim_among_many_is_little_work),
		TEST(a_place_among_many_is_little_work),
		TEST(a_slot_among_many_is_little_work),
		TEST(a_claim_among_slots_is_little_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
