// SPDX-License-Identifier: MIT
// Regions: valid and hostile answers of the kernel, access and mapping.

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"

#define RWM                                                                    \
	(VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE |            \
	 VFIO_REGION_INFO_FLAG_MMAP)

static void regions_as_they_are(void **state)
{
	struct fixture *f = *state;
	const struct lend_region *r = lend_device_region(f->device, 0);

	assert_int_equal(lend_device_region_count(f->device), 9);
	assert_int_equal(r->size, 0x10000);
	assert_int_equal(r->flags, LEND_REGION_READ | LEND_REGION_WRITE |
					   LEND_REGION_MMAP);
	assert_int_equal(r->area_count, 2);
	assert_int_equal(r->areas[0].size, 0x2000);
	assert_int_equal(r->areas[1].offset, 0x3000);
	assert_false(r->msix_mappable);
	r = lend_device_region(f->device, 2);
	assert_int_equal(r->area_count, 1);
	assert_int_equal(r->areas[0].offset, 0);
	assert_int_equal(r->areas[0].size, 0x400000);
	r = lend_device_region(f->device, LEND_PCI_REGION_CONFIG);
	assert_int_equal(r->size, 4096);
	assert_int_equal(r->area_count, 0);
	assert_int_equal(lend_device_region(f->device, 1)->size, 0);
	assert_int_equal(lend_device_region(f->device, 8)->size, 0);
	assert_int_equal(lend_device_region(f->device, 9)->size, 0);
	assert_int_equal(lend_device_region(f->device, 0xffffffff)->size, 0);
}

static void the_table_may_be_mapped(void **state)
{
	struct fixture *f = *state;

	f->nvme->regions[0].msix_mappable = true;
	f->nvme->regions[2].msix_mappable = true;
	assert_int_equal(fixture_open(f), 0);
	assert_true(lend_device_region(f->device, 0)->msix_mappable);
	assert_int_equal(lend_device_region(f->device, 0)->area_count, 2);
	assert_true(lend_device_region(f->device, 2)->msix_mappable);
	assert_int_equal(lend_device_region(f->device, 2)->area_count, 1);
}

static void areas_are_sorted_and_empty_ones_left_out(void **state)
{
	struct fixture *f = *state;
	const struct lend_region *r;

	f->nvme->regions[0].area_count = 0;
	fake_area_add(f->nvme, 0, 0x8000, 0x1000);
	fake_area_add(f->nvme, 0, 0x4000, 0);
	fake_area_add(f->nvme, 0, 0x1000, 0x1000);
	assert_int_equal(fixture_open(f), 0);
	r = lend_device_region(f->device, 0);
	assert_int_equal(r->area_count, 2);
	assert_int_equal(r->areas[0].offset, 0x1000);
	assert_int_equal(r->areas[1].offset, 0x8000);
}

/* Nothing of a region with such a list may be mapped; the device works. */
static void areas_that_make_no_sense(void **state)
{
	static const uint64_t bad[][4] = {
		{0x1000, 0x2000, 0x2000, 0x1000}, /* overlap */
		{0x1000, 0x1000, 0x1000, 0x1000}, /* twice */
		{0, 0x1000, 0x8000, 0x9000},      /* beyond the end */
		{0, 0x1000, 0x20000, 0x1000},
		{0, 0x1000, 0xfffffffffffff000, 0x2000}, /* wraps */
		{0, 0x1000, 0x2000, 0xfffffffffffff000},
		{0, 0x1000, 0x2800, 0x1000}, /* not of pages */
		{0, 0x1000, 0x2000, 0x1800},
	};
	struct fixture *f = *state;
	void *vaddr;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f->warning[0] = '\0';
		f->nvme->regions[0].area_count = 0;
		fake_area_add(f->nvme, 0, bad[i][0], bad[i][1]);
		fake_area_add(f->nvme, 0, bad[i][2], bad[i][3]);
		assert_int_equal(fixture_open(f), 0);
		assert_int_equal(lend_device_region(f->device, 0)->area_count,
				 0);
		assert_non_null(strstr(f->warning, "region 0"));
		assert_int_equal(
			lend_region_map(f->device, 0, 0, 0x1000, &vaddr),
			-EINVAL);
		fixture_close(f);
	}
}

static void less_than_a_page(void **state)
{
	struct fixture *f = *state;
	void *vaddr;

	fake_region_set(f->nvme, 1, 0x180, RWM);
	fake_region_set(f->nvme, 3, 0x2180, RWM);
	fake_area_add(f->nvme, 3, 0x1000, 0x1180);
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(lend_device_region(f->device, 1)->areas[0].size,
			 0x180);
	assert_int_equal(lend_device_region(f->device, 3)->areas[0].size,
			 0x1180);
	assert_int_equal(lend_region_map(f->device, 1, 0, 0x180, &vaddr), 0);
	f->nvme->regions[1].bytes[0x17f] = 0x5a;
	assert_int_equal(((uint8_t *)vaddr)[0x17f], 0x5a);
	assert_int_equal(lend_region_map(f->device, 1, 0, 0x1000, &vaddr),
			 -EINVAL);
}

static void sizes_that_wrap(void **state)
{
	struct fixture *f = *state;

	f->nvme->regions[1].size = 0xffffffffffffffff;
	assert_error(f, fixture_open(f), -EBADMSG, LEND_ERROR_DEVICE);
	assert_reported(f, "region 1", "", "");
	f->iommu = lend_iommu_unref(f->iommu);
	f->nvme->regions[1].size = 0x1000;
	f->nvme->regions[1].file_offset = 0x7ffffffffffff800;
	assert_error(f, fixture_open(f), -EBADMSG, LEND_ERROR_DEVICE);
	f->nvme->regions[1].size = 0;
}

/* A reply to GET_REGION_INFO with a sparse mmap capability. */
struct answer {
	struct vfio_region_info info;
	struct {
		struct vfio_info_cap_header header;
		uint32_t nr_areas;
		uint32_t reserved;
	} sparse; /* vfio_region_info_cap_sparse_mmap */
	struct vfio_region_sparse_mmap_area areas[2];
};

static void region_truth(struct fixture *f, struct answer *a)
{
	memset(a, 0, sizeof(*a));
	a->info.argsz = sizeof(*a);
	a->info.flags = RWM | VFIO_REGION_INFO_FLAG_CAPS;
	a->info.size = 0x10000;
	a->info.cap_offset = offsetof(struct answer, sparse);
	a->sparse.header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
	a->sparse.nr_areas = 2;
	a->areas[0].size = 0x1000;
	a->areas[1].offset = 0x2000;
	a->areas[1].size = 0x1000;
	f->nvme->regions[0].reply.bytes = a;
	f->nvme->regions[0].reply.size = sizeof(*a);
}

static void assert_region_refused(struct fixture *f)
{
	assert_error(f, fixture_open(f), -EBADMSG, LEND_ERROR_DEVICE);
	assert_reported(f, "region 0", "", "");
	f->iommu = lend_iommu_unref(f->iommu);
	assert_idle(f);
}

static void hostile_region_chains_are_refused(void **state)
{
	struct fixture *f = *state;
	struct answer a;

	region_truth(f, &a);
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(lend_device_region(f->device, 0)->area_count, 2);
	fixture_close(f);
	region_truth(f, &a);
	a.sparse.header.id = 77;
	a.sparse.header.next = a.info.cap_offset;
	assert_region_refused(f);
	region_truth(f, &a);
	a.info.cap_offset = 8;
	assert_region_refused(f);
	region_truth(f, &a);
	a.info.cap_offset = sizeof(a) - 7;
	assert_region_refused(f);
	region_truth(f, &a);
	a.info.cap_offset = sizeof(a) - 8; /* a head, and no more */
	a.areas[1].size = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
	assert_region_refused(f);
	region_truth(f, &a);
	a.info.cap_offset = sizeof(a);
	assert_region_refused(f);
	region_truth(f, &a);
	a.sparse.header.id = VFIO_REGION_INFO_CAP_MSIX_MAPPABLE;
	a.sparse.header.next = 0xfffffff0;
	assert_region_refused(f);
	region_truth(f, &a);
	a.sparse.nr_areas = 3;
	assert_region_refused(f);
	region_truth(f, &a);
	a.sparse.nr_areas = 0x10000001;
	assert_region_refused(f);
	region_truth(f, &a);
	a.info.argsz = 0xffffffff;
	assert_region_refused(f);
	region_truth(f, &a);
	f->nvme->regions[0].reply.grows = true;
	fake_log_clear(f->fake);
	assert_region_refused(f);
	assert_in_range(
		fake_count(f->fake, FAKE_IOCTL, VFIO_DEVICE_GET_REGION_INFO), 2,
		8);
}

static void no_areas_is_nothing_to_map(void **state)
{
	struct fixture *f = *state;
	struct answer a;

	region_truth(f, &a);
	a.sparse.nr_areas = 0;
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(lend_device_region(f->device, 0)->area_count, 0);
}

static void reads_and_writes(void **state)
{
	struct fixture *f = *state;
	uint32_t value = 0;

	assert_int_equal(lend_region_read(f->device, LEND_PCI_REGION_CONFIG, 0,
					  &value, 4),
			 0);
	assert_int_equal(value, 0x00101b36);
	value = 0xa5a5a5a5;
	assert_int_equal(lend_region_write(f->device, 2, 0x3ffffc, &value, 4),
			 0);
	assert_memory_equal(f->nvme->regions[2].bytes + 0x3ffffc, &value, 4);
	value = 0;
	assert_int_equal(lend_region_read(f->device, 2, 0x3ffffc, &value, 4),
			 0);
	assert_int_equal(value, 0xa5a5a5a5);
}

static void accesses_out_of_a_region(void **state)
{
	static const uint64_t bad[][3] = {
		{2, 0x400000, 1},
		{2, 0x3ffffd, 4},
		{2, 0xfffffffffffffffe, 4},
		{2, 1, 0xffffffffffffffff},
		{1, 0, 1},
		{9, 0, 1},
		{0xffffffff, 0, 1},
		{7, 4096, 4},
	};
	struct fixture *f = *state;
	char data[4];

	lend_error_set(f->ctx, LEND_ERROR_GUEST, EPIPE, NULL, "before");
	fake_log_clear(f->fake);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unsigned int index = (unsigned int)bad[i][0];

		assert_int_equal(lend_region_read(f->device, index, bad[i][1],
						  data, bad[i][2]),
				 -EINVAL);
		assert_int_equal(lend_region_write(f->device, index, bad[i][1],
						   data, bad[i][2]),
				 -EINVAL);
	}
	assert_int_equal(lend_region_read(f->device, 2, 0x400000, data, 0), 0);
	/* Nothing of a region that is not there is looked at. */
	assert_int_equal(lend_region_read(f->device, 1u << 24, 0, data, 0), 0);
	assert_int_equal(lend_region_write(f->device, 1u << 24, 0, data, 0), 0);
	assert_int_equal(lend_region_read(f->device, 1u << 24, 0, data, 1),
			 -EINVAL);
	assert_int_equal(f->fake->calls, 0);
	f->nvme->regions[2].short_access = true;
	assert_int_equal(lend_region_read(f->device, 2, 0, data, 4), -EIO);
	assert_int_equal(lend_region_write(f->device, 2, 0, data, 4), -EIO);
	f->fake->fail_at = f->fake->calls + 1;
	f->fake->fail_error = ENXIO;
	assert_int_equal(lend_region_read(f->device, 2, 0, data, 4), -ENXIO);
	/* A guest must not be able to overwrite the record. */
	assert_int_equal(lend_ctx_error(f->ctx)->code, LEND_ERROR_GUEST);
}

static void maps_what_is_there(void **state)
{
	struct fixture *f = *state;
	uint8_t *a, *b;

	assert_int_equal(
		lend_region_map(f->device, 0, 0x4000, 0x3000, (void **)&a), 0);
	assert_int_equal(
		lend_region_map(f->device, 2, 0, 0x400000, (void **)&b), 0);
	a[0x10] = 0x42;
	b[0x3fffff] = 0x43;
	assert_int_equal(f->nvme->regions[0].bytes[0x4010], 0x42);
	assert_int_equal(f->nvme->regions[2].bytes[0x3fffff], 0x43);
	lend_region_unmap(f->device, a, 0x3000);
	assert_int_equal(f->nvme->vmas, 1);
	/* What was not mapped so is left alone. */
	lend_region_unmap(f->device, b, 0x1000);
	lend_region_unmap(f->device, b + 0x1000, 0x400000);
	assert_int_equal(f->nvme->vmas, 1);
}

static void maps_within_areas_alone(void **state)
{
	static const uint64_t bad[][3] = {
		{0, 0x2000, 0x1000},
		{0, 0x1000, 0x2000},
		{0, 0, 0x10000},
		{0, 0x800, 0x1000},
		{0, 0, 0},
		{0, 0x10000, 0x1000},
		{0, 0x3000, 0xe000},
		{7, 0, 0x1000},
		{1, 0, 0x1000},
		{9, 0, 0x1000},
		{2, 0x1000, 0xfffffffffffff000},
		{2, 0xfffffffffffff000, 0x2000},
	};
	struct fixture *f = *state;
	void *vaddr;

	fake_log_clear(f->fake);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_error(f,
			     lend_region_map(f->device, (unsigned int)bad[i][0],
					     bad[i][1], bad[i][2], &vaddr),
			     -EINVAL, LEND_ERROR_ARGUMENT);
	assert_int_equal(f->fake->calls, 0);
}

static void large_pages_fit(void **state)
{
	static const struct {
		uint64_t offset, size, align;
	} cases[] = {
		{0, 4ull << 30, 1 << 30},
		{0x40000000, 0x40000000, 1 << 30},
		{0x1000, 0x40000000, 1 << 30},
		{0x200000, 0x200000, 1 << 21},
		{0x5000, 0x300000, 1 << 21},
		{0x5000, 0x1000, 1 << 12},
	};
	struct fixture *f = *state;
	void *vaddr;

	fake_region_set(f->nvme, 4, 8ull << 30, RWM);
	assert_int_equal(fixture_open(f), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(lend_region_map(f->device, 4, cases[i].offset,
						 cases[i].size, &vaddr),
				 0);
		assert_int_equal((uintptr_t)vaddr % cases[i].align,
				 cases[i].offset % cases[i].align);
		lend_region_unmap(f->device, vaddr, cases[i].size);
	}
}

static void maps_as_the_region_permits(void **state)
{
	struct fixture *f = *state;
	volatile uint8_t *vaddr;
	int status = 0;
	pid_t child;

	fake_region_set(f->nvme, 4, 0x1000, RWM & ~VFIO_REGION_INFO_FLAG_WRITE);
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(
		lend_region_map(f->device, 4, 0, 0x1000, (void **)&vaddr), 0);
	assert_int_equal(vaddr[0], 0);
	/* A child neither writes it nor has it at all. */
	child = fork();
	if (!child) {
		unsigned char resident;

		_exit(mincore((void *)(uintptr_t)vaddr, 0x1000, &resident) &&
		      errno == ENOMEM);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OPEN(regions_as_they_are),
		TEST(the_table_may_be_mapped),
		TEST(areas_are_sorted_and_empty_ones_left_out),
		TEST(areas_that_make_no_sense),
		TEST(less_than_a_page),
		TEST(sizes_that_wrap),
		TEST(hostile_region_chains_are_refused),
		TEST(no_areas_is_nothing_to_map),
		TEST_OPEN(reads_and_writes),
		TEST_OPEN(accesses_out_of_a_region),
		TEST_OPEN(maps_what_is_there),
		TEST_OPEN(maps_within_areas_alone),
		TEST(large_pages_fit),
		TEST(maps_as_the_region_permits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
