// SPDX-License-Identifier: MIT
// The MSI-X table is never mappable, wherever a device places it.

#include "fixture.h"

#define CONFIG(f) ((f)->nvme->regions[LEND_PCI_REGION_CONFIG].bytes)

/* A list of one capability at 0xb0: MSI-X, @count vectors, table @table. */
static void add_msix(struct fixture *f, unsigned int count, uint32_t table)
{
	uint8_t *config = CONFIG(f);
	uint16_t flags = (uint16_t)(count - 1);

	config[0x06] |= 0x10;
	config[0x34] = 0xb0;
	config[0xb0] = 0x11;
	config[0xb1] = 0;
	memcpy(config + 0xb2, &flags, sizeof(flags));
	memcpy(config + 0xb4, &table, sizeof(table));
}

static void expect_areas(struct fixture *f, unsigned int index,
			 const uint64_t (*areas)[2], unsigned int count)
{
	const struct lend_region *r = lend_device_region(f->device, index);

	assert_int_equal(r->area_count, count);
	for (unsigned int i = 0; i < count; i++) {
		assert_int_equal(r->areas[i].offset, areas[i][0]);
		assert_int_equal(r->areas[i].size, areas[i][1]);
	}
}

static void its_pages_are_cut_out(void **state)
{
	static const struct {
		unsigned int count;
		uint32_t table; /* offset and BAR */
		unsigned int areas;
		uint64_t left[2][2];
	} cases[] = {
		{64, 0x0002, 1, {{0x1000, 0x3ff000}}},
		{64, 0x2002, 2, {{0, 0x2000}, {0x3000, 0x3fd000}}},
		{64, 0x2f02, 2, {{0, 0x2000}, {0x4000, 0x3fc000}}},
		{2048, 0x2002, 2, {{0, 0x2000}, {0xa000, 0x3f6000}}},
		{1, 0x3ff002, 1, {{0, 0x3ff000}}},
		{64, 0x3fff82, 1, {{0, 0x3ff000}}},
		{64, 0x400002, 1, {{0, 0x400000}}},
		{2048, 0xfffffffa, 1, {{0, 0x400000}}},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		add_msix(f, cases[i].count, cases[i].table);
		f->nvme->regions[2].msix_mappable = i & 1;
		assert_int_equal(fixture_open(f), 0);
		expect_areas(f, 2, cases[i].left, cases[i].areas);
		f->device = lend_device_unref(f->device);
		f->iommu = lend_iommu_unref(f->iommu);
	}
}

static void areas_of_the_kernels_own_are_cut_too(void **state)
{
	static const uint64_t left[2][2] = {{0, 0x1000}, {0x4000, 0xc000}};
	struct fixture *f = *state;

	/* The kernel leaves out 0x2000; the table begins before and ends
	 * behind that. */
	add_msix(f, 384, 0x1c00);
	assert_int_equal(fixture_open(f), 0);
	expect_areas(f, 0, left, 2);
}

static void nonsense_cuts_nothing(void **state)
{
	static const uint64_t whole[1][2] = {{0, 0x400000}};
	static const struct {
		unsigned int at;
		uint8_t byte;
	} wrong[] = {
		{0x06, 0},    /* no list */
		{0x34, 0},    /* an empty one */
		{0x34, 0x3c}, /* in the header */
		{0x34, 0xf8}, /* no room for what it should be */
		{0xb0, 0x05}, /* another capability */
		{0xb4, 0x06}, /* a BAR that there is not */
		{0xb4, 0x01}, /* one without registers */
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memset(CONFIG(f) + 0x40, 0, 0xc0);
		add_msix(f, 64, 0x2002);
		CONFIG(f)[0xf8] = 0x11;
		CONFIG(f)[wrong[i].at] = wrong[i].byte;
		assert_int_equal(fixture_open(f), 0);
		expect_areas(f, 2, whole, 1);
		f->device = lend_device_unref(f->device);
		f->iommu = lend_iommu_unref(f->iommu);
	}
}

static void a_list_may_go_round(void **state)
{
	static const uint64_t whole[1][2] = {{0, 0x400000}};
	struct fixture *f = *state;

	add_msix(f, 64, 0x2002);
	CONFIG(f)[0xb0] = 0x09;
	CONFIG(f)[0xb1] = 0xb0;
	assert_int_equal(fixture_open(f), 0);
	expect_areas(f, 2, whole, 1);
}

static void configuration_space_must_be_readable(void **state)
{
	struct fixture *f = *state;

	f->nvme->regions[LEND_PCI_REGION_CONFIG].short_access = true;
	assert_error(f, fixture_open(f), -EIO, LEND_ERROR_SYSTEM);
	assert_reported(f, "configuration space", "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(its_pages_are_cut_out),
		TEST(areas_of_the_kernels_own_are_cut_too),
		TEST(nonsense_cuts_nothing),
		TEST(a_list_may_go_round),
		TEST(configuration_space_must_be_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
