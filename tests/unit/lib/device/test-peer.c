// SPDX-License-Identifier: MIT
// Regions mapped for other devices: by address in a container, by dma-buf in an
// iommufd, and each refusal; the error record is unchanged.

#include "fixture.h"

#define IOVA 0xe0000000

static int peer_share(struct fixture *f, uint64_t offset, uint64_t size,
		      uint64_t iova)
{
	static void *vaddr;

	if (!f->device)
		return -ENODEV;
	lend_region_map(f->device, 2, 0, 0x400000, &vaddr);
	fake_log_clear(f->fake);
	return lend_region_map_dma(f->device, 2, offset, size,
				   (char *)vaddr + offset, iova);
}

static void one_call_maps_one_unmaps(void **state)
{
	struct fixture *f = *state;
	const struct fake_mapping *m = &f->space->mappings[0];

	assert_int_equal(peer_share(f, 0x1000, 0x3ff000, IOVA + 0x1000), 0);
	assert_int_equal(f->fake->calls, 1);
	assert_int_equal(f->space->mapping_count, 1);
	assert_int_equal(m->iova, IOVA + 0x1000);
	assert_int_equal(m->size, 0x3ff000);
	assert_int_equal(m->vaddr % 0x400000, 0x1000);
	assert_int_equal(lend_iommu_mapped(f->iommu), 0x3ff000);
	lend_region_unmap_dma(f->device, IOVA + 0x1000, 0x3ff000);
	assert_int_equal(f->fake->calls, 2);
	assert_int_equal(f->space->mapping_count, 0);
	assert_int_equal(lend_iommu_mapped(f->iommu), 0);
}

static void refusals_leave_the_record_alone(void **state)
{
	static const struct {
		uint64_t offset, size, iova;
		int err;
		unsigned int calls;
	} bad[] = {
		{0, 0, IOVA, -EINVAL, 0},
		{0x800, 0x1000, IOVA, -EINVAL, 0},
		{0, 0x401000, IOVA, -EINVAL, 0},
		{0, 0x1000, IOVA + 0x800, -EINVAL, 0},
		{0, 0x2000, -0x1000ULL, -EINVAL, 0},
		{0, 0x1000, 0x10000, -EEXIST, 0},
		{0, 0x1000, 0xfee00000, -ERANGE, 0},
		{0, 0x1000, 1ull << 47, -ERANGE, 0},
	};
	struct fixture *f = *state;

	assert_int_equal(lend_iommu_map(f->iommu, 0x10000, (void *)0x10000,
					0x1000, LEND_DMA_READ),
			 0);
	lend_error_set(f->ctx, LEND_ERROR_GUEST, 1, NULL, "another failure");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
			peer_share(f, bad[i].offset, bad[i].size, bad[i].iova),
			bad[i].err);
		assert_int_equal(fake_count(f->fake, FAKE_IOCTL, f->map),
				 bad[i].calls);
	}
	f->space->map_error = EBUSY;
	f->fake->containers[0].dma_avail = 0;
	assert_true(peer_share(f, 0, 0x1000, IOVA) < 0);
	assert_string_equal(lend_ctx_error(f->ctx)->what, "another failure");
}

static void what_stays_mapped_is_reported(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(peer_share(f, 0, 0x4000, IOVA), 0);
	f->space->short_unmap = true;
	lend_region_unmap_dma(f->device, IOVA, 0x4000);
	assert_non_null(strstr(f->warning, "other devices can still access"));
	f->space->short_unmap = false;
	lend_region_unmap_dma(f->device, IOVA, 0x2000);
	assert_non_null(strstr(f->warning, "0x2000 bytes"));
}

static void a_dma_buf_is_made_mapped_and_closed(void **state)
{
	struct fixture *f = *state;

	f->nvme->makes_dma_bufs = true;
	f->fake->iommufds[0].maps_files = true;
	assert_int_equal(peer_share(f, 0x3000, 0x2000, IOVA), 0);
	assert_int_equal(f->fake->calls, 3);
	assert_int_equal(fake_find(f->fake, 0, FAKE_IOCTL, VFIO_DEVICE_FEATURE),
			 0);
	assert_int_equal(fake_find(f->fake, 0, FAKE_IOCTL, UAPI_IOAS_MAP_FILE),
			 1);
	assert_int_equal(fake_find(f->fake, 0, FAKE_CLOSE, 0), 2);
	assert_int_equal(f->nvme->dma_buf[0], 2);
	assert_int_equal(f->nvme->dma_buf[1], 0x3000);
	assert_int_equal(f->nvme->dma_buf[2], 0x2000);
	/* The range begins the dma-buf, not the region. */
	assert_int_equal(f->space->mappings[0].vaddr, 0);
	assert_int_equal(f->space->mappings[0].size, 0x2000);
	lend_region_unmap_dma(f->device, IOVA, 0x2000);
	assert_int_equal(f->space->mapping_count, 0);
}

static void older_kernels_map_no_registers(void **state)
{
	struct fixture *f = *state;

	/* Before 6.13, from then on, and one that makes but maps none. */
	for (int i = 0; i < 3; i++) {
		f->fake->iommufds[0].maps_files = i > 0;
		f->nvme->makes_dma_bufs = i == 2;
		f->fake->iommufds[0].map_file_error = i == 2 ? EINVAL : 0;
		assert_int_equal(peer_share(f, 0, 0x1000, IOVA), -EFAULT);
		assert_int_equal(f->space->mapping_count, 0);
	}
}

#define TYPE1(t)                                                               \
	cmocka_unit_test_setup_teardown(t, fixture_setup_open, fixture_teardown)
#define IOMMUFD(t)                                                             \
	cmocka_unit_test_setup_teardown(t, fixture_setup_iommufd_open,         \
					fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TYPE1(one_call_maps_one_unmaps),
		TYPE1(refusals_leave_the_record_alone),
		TYPE1(what_stays_mapped_is_reported),
		IOMMUFD(a_dma_buf_is_made_mapped_and_closed),
		IOMMUFD(older_kernels_map_no_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
