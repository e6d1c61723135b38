// SPDX-License-Identifier: MIT
// What all devices of a plan reach, by the reserved ranges of their groups.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <lend/address.h>
#include <lend/context.h>
#include <lend/iommu.h>

#include "cli/plan/limits.h"
#include "cli/plan/machine-plan.h"
#include "tests/unit/fake/fake-drivers.h"
#include "tests/unit/fake/fake-sysfs.h"

#define DEVICES 2

#define MSI "0x00000000fee00000 0x00000000feefffff msi\n"
#define AMD "0x000000fd00000000 0x000000ffffffffff reserved\n"

struct usable_test {
	struct fake_sysfs *fake;
	struct lend_ctx *ctx;
	struct assign_pci_config configs[DEVICES];
	struct plan_device devices[DEVICES];
	struct machine_plan plan;
};

static int usable_setup(void **state)
{
	static const char *const names[] = {"0000:00:05.0", "0000:00:06.0"};
	static struct usable_test t;

	t = (struct usable_test){.fake = fake_sysfs_new()};
	t.ctx = fake_sysfs_ctx(t.fake, NULL, NULL);
	fake_add_driver(t.fake, "vfio-pci");
	for (unsigned int i = 0; i < DEVICES; i++) {
		struct lend_address *address;

		fake_add_pci(t.fake, names[i], "vfio-pci", 4 + i);
		if (lend_address_find(t.ctx, names[i], &address))
			return -1;
		t.configs[i].address = address;
		t.devices[i].config = &t.configs[i];
	}
	t.plan.ctx = t.ctx;
	t.plan.devices = t.devices;
	t.plan.count = DEVICES;
	*state = &t;
	return 0;
}

static int usable_teardown(void **state)
{
	struct usable_test *t = *state;

	for (unsigned int i = 0; i < DEVICES; i++)
		lend_address_unref(
			(struct lend_address *)(uintptr_t)t->configs[i]
				.address);
	lend_ctx_unref(t->ctx);
	fake_sysfs_free(t->fake);
	return 0;
}

static void usable_reserve(struct usable_test *t, const char *first,
			   const char *second)
{
	fake_file(t->fake, "sys/kernel/iommu_groups/4/reserved_regions", first);
	fake_file(t->fake, "sys/kernel/iommu_groups/5/reserved_regions",
		  second);
}

static void usable_is(struct usable_test *t,
		      const struct lend_iova_range *wanted, unsigned int count)
{
	struct lend_iova_range usable[PLAN_RANGES];

	assert_int_equal(plan_usable(&t->plan, usable), count);
	for (unsigned int i = 0; i < count; i++) {
		assert_int_equal(usable[i].first, wanted[i].first);
		assert_int_equal(usable[i].last, wanted[i].last);
	}
}

static void what_no_group_reserves_is_usable(void **state)
{
	static const struct lend_iova_range wanted[] = {
		{0, 0xfedfffff},
		{0xfef00000, UINT64_C(0xfcffffffff)},
		{UINT64_C(0x10000000000), UINT64_MAX},
	};

	usable_reserve(*state, MSI, MSI AMD);
	usable_is(*state, wanted, 3);
	usable_reserve(*state, MSI AMD, MSI);
	usable_is(*state, wanted, 3);
	usable_reserve(*state, AMD, MSI);
	usable_is(*state, wanted, 3);
}

static void a_group_that_reserves_all_leaves_an_address(void **state)
{
	static const struct lend_iova_range none = {UINT64_MAX, UINT64_MAX};

	usable_reserve(*state, "0x0 0xffffffffffffffff reserved\n", MSI);
	usable_is(*state, &none, 1);
}

static void nothing_is_known_without_sysfs_or_an_iommu(void **state)
{
	struct usable_test *t = *state;

	usable_is(t, NULL, 0);
	usable_reserve(t, MSI, MSI);
	t->plan.unguarded = true;
	usable_is(t, NULL, 0);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, usable_setup, usable_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_no_group_reserves_is_usable),
		TEST(a_group_that_reserves_all_leaves_an_address),
		TEST(nothing_is_known_without_sysfs_or_an_iommu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
