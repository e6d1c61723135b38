// SPDX-License-Identifier: MIT
// Mapping in I/O address spaces: the ledger, and every error that
// lend_iommu_map() documents.

#include <stdlib.h>
#include <sys/resource.h>

#include "tests/unit/lib/device/fixture.h"

#define MEMORY ((void *)0x7f0000000000)
#define RW     (LEND_DMA_READ | LEND_DMA_WRITE)
#define GIB    (1ull << 30)

static int iommu_test_map(struct fixture *f, uint64_t iova, uint64_t size)
{
	return lend_iommu_map(f->iommu, iova, MEMORY, size, RW);
}

static void one_ioctl_a_map(void **state)
{
	const struct vfio_iommu_type1_dma_map expected = {
		.argsz = 32,
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)MEMORY,
		.iova = GIB,
		.size = 2 * GIB,
	};
	const struct uapi_ioas_map expected_ioas = {
		.size = 40,
		.flags = UAPI_IOAS_MAP_FIXED_IOVA | UAPI_IOAS_MAP_READABLE |
			 UAPI_IOAS_MAP_WRITEABLE,
		.id = 40,
		.vaddr = (uintptr_t)MEMORY,
		.length = 2 * GIB,
		.iova = GIB,
	};
	struct fixture *f = *state;
	int at;

	fake_log_clear(f->fake);
	assert_int_equal(iommu_test_map(f, GIB, 2 * GIB), 0);
	assert_int_equal(
		lend_iommu_map(f->iommu, 0, MEMORY, 0x1000, LEND_DMA_READ), 0);
	assert_int_equal(f->fake->calls, 2);
	at = fake_find(f->fake, 0, FAKE_IOCTL, f->map);
	if (f->is_iommufd)
		assert_memory_equal(f->fake->log[at].data, &expected_ioas, 40);
	else
		assert_memory_equal(f->fake->log[at].data, &expected, 32);
	assert_int_equal(f->space->mappings[1].flags,
			 f->is_iommufd ? UAPI_IOAS_MAP_FIXED_IOVA |
						 UAPI_IOAS_MAP_READABLE
				       : VFIO_DMA_MAP_FLAG_READ);
	assert_int_equal(lend_iommu_mapped(f->iommu), 2 * GIB + 0x1000);
}

static void bad_arguments(void **state)
{
	static const struct {
		uint64_t iova, vaddr, size;
		unsigned int flags;
	} bad[] = {
		{0, 0x1000, 0, RW},
		{0x800, 0x1000, 0x1000, RW},
		{0, 0x1800, 0x1000, RW},
		{0, 0x1000, 0x1800, RW},
		{0xfffffffffffff000, 0x1000, 0x2000, RW},
		{0, 0xfffffffffffff000, 0x2000, RW},
		{0x2000, 0x1000, 0xfffffffffffff000, RW},
		{0, 0x1000, 0x1000, 0},
		{0, 0x1000, 0x1000, RW | 4},
	};
	struct fixture *f = *state;

	fake_log_clear(f->fake);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_error(f,
			     lend_iommu_map(f->iommu, bad[i].iova,
					    (void *)bad[i].vaddr, bad[i].size,
					    bad[i].flags),
			     -EINVAL, LEND_ERROR_ARGUMENT);
	assert_int_equal(f->fake->calls, 0);
}

static void wants_a_device(void **state)
{
	const struct lend_iova_range *ranges;
	struct fixture *f = *state;
	unsigned int count;

	f->device = lend_device_unref(f->device);
	assert_error(f, iommu_test_map(f, 0, 0x1000), -ENOTCONN,
		     LEND_ERROR_ARGUMENT);
	assert_error(f, lend_iommu_ranges(f->iommu, &ranges, &count), -ENOTCONN,
		     LEND_ERROR_ARGUMENT);
}

static void overlap_is_named(void **state)
{
	static const uint64_t bad[][2] = {
		{0x10000, 0x4000}, {0xf000, 0x2000},  {0x13000, 0x2000},
		{0x11000, 0x1000}, {0x8000, 0x10000}, {0x0, 0xfed00000},
	};
	struct fixture *f = *state;

	assert_int_equal(iommu_test_map(f, 0x10000, 0x4000), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_error(f, iommu_test_map(f, bad[i][0], bad[i][1]),
			     -EEXIST, LEND_ERROR_DMA);
		assert_reported(f, "overlaps",
				"IOVA 0x10000, 0x4000 bytes, memory at 0x7f",
				"");
	}
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, f->map), 1);
	assert_int_equal(iommu_test_map(f, 0xf000, 0x1000), 0);
	assert_int_equal(iommu_test_map(f, 0x14000, 0x1000), 0);
}

static void reserved_ranges_are_refused(void **state)
{
	const struct lend_iova_range *ranges;
	struct fixture *f = *state;
	unsigned int count;

	assert_int_equal(lend_iommu_ranges(f->iommu, &ranges, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(ranges[0].last, 0xfedfffff);
	assert_int_equal(ranges[1].first, 0xfef00000);
	/* RAM over the MSI window, and beyond the IOMMU's reach. */
	assert_error(f, iommu_test_map(f, 0, 4 * GIB), -ERANGE, LEND_ERROR_DMA);
	assert_reported(f, "reserved", "usable: 0xfef00000 to 0x7fffffffffff",
			"");
	assert_error(f, iommu_test_map(f, 0xfee00000, 0x1000), -ERANGE,
		     LEND_ERROR_DMA);
	assert_error(f, iommu_test_map(f, 1ull << 47, 0x1000), -ERANGE,
		     LEND_ERROR_DMA);
	assert_error(f, iommu_test_map(f, (1ull << 47) - 0x1000, 0x2000),
		     -ERANGE, LEND_ERROR_DMA);
	assert_int_equal(iommu_test_map(f, (1ull << 47) - 0x1000, 0x1000), 0);
	assert_int_equal(iommu_test_map(f, 0xfef00000, 0x1000), 0);
	assert_int_equal(iommu_test_map(f, 0, 0xfee00000), 0);
}

static void page_sizes_are_the_iommus(void **state)
{
	struct fixture *f = *state;
	uint64_t sizes = 7;

	f->space->pgsizes = 0x40211000;
	assert_int_equal(lend_iommu_new(f->ctx, &f->options, &f->iommu), 0);
	assert_error(f, lend_iommu_page_sizes(f->iommu, &sizes), -ENOTCONN,
		     LEND_ERROR_ARGUMENT);
	assert_int_equal(sizes, 7);
	f->iommu = lend_iommu_unref(f->iommu);
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(lend_iommu_page_sizes(f->iommu, &sizes), 0);
	assert_int_equal(sizes, f->is_iommufd ? 0x1000 : 0x40211000);
}

static void set_limit(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_MEMLOCK, &limit);
	limit.rlim_cur = bytes;
	if (limit.rlim_max < bytes)
		limit.rlim_max = bytes;
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
}

static void memlock_too_low(void **state)
{
	struct fixture *f = *state;

	set_limit(1 << 20);
	assert_int_equal(iommu_test_map(f, 0, 0x80000), 0);
	f->space->map_error = ENOMEM;
	/* One page too many. */
	assert_error(f, iommu_test_map(f, GIB, 0x81000), -ENOMEM,
		     LEND_ERROR_MEMLOCK);
	assert_reported(
		f, "RLIMIT_MEMLOCK is 1 MiB, and 2 MiB are needed",
		"1052672 bytes are needed, 524288 of them pinned already; "
		"the limit is 1048576 bytes",
		"ulimit -l 2048\nsystemd: LimitMEMLOCK=2M");
	/* What else this process has locked counts. */
	fake_kernel_file(
		f->fake, "proc/self/status",
		"Name:\tx\nVmLck:\t    1000 kB\nCapEff:\t00000000000000ff\n");
	assert_error(f, iommu_test_map(f, GIB, 0x10000), -ENOMEM,
		     LEND_ERROR_MEMLOCK);
	assert_reported(f, "", "1089536 bytes are needed", "");
	assert_int_equal(lend_iommu_mapped(f->iommu), 0x80000);
}

/* A shell cannot exceed it. Nor can this process: it is the last test. */
static void memlock_beyond_the_hard_limit(void **state)
{
	const struct rlimit hard = {1 << 20, 1 << 20};
	struct fixture *f = *state;

	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &hard), 0);
	f->space->map_error = ENOMEM;
	assert_error(f, iommu_test_map(f, GIB, 0x101000), -ENOMEM,
		     LEND_ERROR_MEMLOCK);
	assert_reported(f, "RLIMIT_MEMLOCK is 1 MiB",
			"the hard limit is 1048576 bytes",
			"shell: sudo prlimit --pid $$ --memlock=2097152\n"
			"systemd: LimitMEMLOCK=2M");
}

static void memory_too_short(void **state)
{
	struct fixture *f = *state;

	set_limit(1 << 20);
	f->space->map_error = ENOMEM;
	fake_kernel_file(f->fake, "proc/meminfo",
			 "MemTotal: 9 kB\nMemAvailable:    2048 kB\n");
	/* Within the limit, the limit is not at fault. */
	assert_error(f, iommu_test_map(f, 0, 0x100000), -ENOMEM,
		     LEND_ERROR_MEMORY);
	assert_reported(f, "1 MiB", "2 MiB are available", "");
	/* Nor for who may lock without limit. */
	fake_kernel_file(f->fake, "proc/self/status",
			 "CapEff:\t0000000000004000\n");
	assert_error(f, iommu_test_map(f, 0, GIB), -ENOMEM, LEND_ERROR_MEMORY);
	fake_kernel_file(f->fake, "proc/self/uid_map", "0 0 4294967295\n");
	assert_error(f, iommu_test_map(f, 0, GIB), -ENOMEM, LEND_ERROR_MEMORY);
	/* A capability that holds in a container only does not count. */
	fake_kernel_file(f->fake, "proc/self/uid_map", "0 100000 65536\n");
	assert_error(f, iommu_test_map(f, 0, GIB), -ENOMEM, LEND_ERROR_MEMLOCK);
}

static void mappings_used_up(void **state)
{
	struct fixture *f = *state;

	f->space->map_error = ENOSPC;
	assert_error(f, iommu_test_map(f, 0, 0x1000), -ENOSPC,
		     LEND_ERROR_LIMIT);
	assert_reported(f, "as many DMA mappings", "0 mappings exist",
			"larger blocks");
	if (!f->is_iommufd)
		assert_reported(f, "", "65535 more were allowed",
				"dma_entry_limit");
}

static int iommu_test_map_file(struct fixture *f, uint64_t iova)
{
	return lend_iommu_map_file(f->iommu, iova, MEMORY, 0x4000, RW, 9,
				   0x2000);
}

static void a_file_is_mapped_where_the_kernel_can(void **state)
{
	const struct uapi_ioas_map_file expected = {
		.size = 40,
		.flags = UAPI_IOAS_MAP_FIXED_IOVA | UAPI_IOAS_MAP_READABLE |
			 UAPI_IOAS_MAP_WRITEABLE,
		.id = 40,
		.fd = 9,
		.start = 0x2000,
		.length = 0x4000,
		.iova = 0x10000,
	};
	struct fixture *f = *state;
	int at;

	f->fake->iommufds[0].maps_files = true;
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(iommu_test_map_file(f, 0x10000), 0);
	at = fake_find(f->fake, 0, FAKE_IOCTL, UAPI_IOAS_MAP_FILE);
	assert_memory_equal(f->fake->log[at].data, &expected, 40);
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, UAPI_IOAS_MAP), 0);
	assert_int_equal(lend_iommu_unmap(f->iommu, 0x10000, 0x4000), 0);
	/* A file that is no memfd is taken as memory. */
	f->fake->iommufds[0].map_file_error = EINVAL;
	assert_int_equal(iommu_test_map_file(f, 0x10000), 0);
	assert_int_equal(f->space->mappings[0].vaddr, (uintptr_t)MEMORY);
	/* Other failures are failures. */
	f->fake->iommufds[0].map_file_error = ENOMEM;
	assert_int_equal(iommu_test_map_file(f, 0x20000), -ENOMEM);
	f->fake->iommufds[0].map_file_error = 0;
	assert_error(f,
		     lend_iommu_map_file(f->iommu, 0x20000, MEMORY, 0x1000, RW,
					 9, 0x800),
		     -EINVAL, LEND_ERROR_ARGUMENT);
	assert_error(f,
		     lend_iommu_map_file(f->iommu, 0x20000, MEMORY, 0x2000, RW,
					 9, UINT64_MAX - 0xfff),
		     -EINVAL, LEND_ERROR_ARGUMENT);
}

static void a_file_is_mapped_as_memory_where_it_cannot(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(iommu_test_map_file(f, 0x10000), 0);
	assert_int_equal(iommu_test_map_file(f, 0x20000), 0);
	assert_int_equal(f->space->mappings[0].vaddr, (uintptr_t)MEMORY);
	/* Asked once. */
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL, UAPI_IOAS_MAP_FILE),
			 f->is_iommufd);
}

static void registers_are_no_memory_to_iommufd(void **state)
{
	struct fixture *f = *state;

	f->space->map_error = EFAULT;
	assert_error(f, iommu_test_map(f, 0x5000, 0x2000), -EFAULT,
		     LEND_ERROR_DMA);
	assert_reported(f, "", "not device registers", "");
}

static void other_errors_name_address_and_bytes(void **state)
{
	struct fixture *f = *state;

	f->space->map_error = EFAULT;
	assert_error(f, iommu_test_map(f, 0x5000, 0x2000), -EFAULT,
		     LEND_ERROR_DMA);
	assert_reported(f, "0x2000 bytes at 0x7f0000000000 to IOVA 0x5000", "",
			"");
}

/* Every step is checked against a bitmap of pages. */
static void ledger_against_a_model(void **state)
{
	struct fixture *f = *state;
	struct {
		unsigned int at, size;
	} mapped[40];
	unsigned char pages[64] = {0};
	unsigned int count = 0, bytes = 0;

	srand(7);
	for (int step = 0; step < 4000; step++) {
		unsigned int at = (unsigned int)rand() % 60;
		unsigned int size = 1 + (unsigned int)rand() % 4;
		bool is_free = true;
		int err;

		if (count && rand() % 3 == 0) {
			unsigned int i = (unsigned int)rand() % count;

			err = lend_iommu_unmap(f->iommu, mapped[i].at * 4096ull,
					       mapped[i].size * 4096ull);
			assert_int_equal(err, 0);
			memset(pages + mapped[i].at, 0, mapped[i].size);
			bytes -= mapped[i].size;
			mapped[i] = mapped[--count];
			continue;
		}
		for (unsigned int i = at; i < at + size; i++)
			is_free &= !pages[i];
		err = iommu_test_map(f, at * 4096ull, size * 4096ull);
		assert_int_equal(err, is_free ? 0 : -EEXIST);
		if (!is_free || count == 40)
			continue;
		memset(pages + at, 1, size);
		mapped[count].at = at;
		mapped[count++].size = size;
		bytes += size;
		assert_int_equal(lend_iommu_mapped(f->iommu), bytes * 4096);
	}
	assert_int_equal(f->space->mapping_count, count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_OPEN(one_ioctl_a_map),
		BOTH_OPEN(bad_arguments),
		BOTH_OPEN(wants_a_device),
		BOTH_OPEN(overlap_is_named),
		BOTH_OPEN(reserved_ranges_are_refused),
		BOTH(page_sizes_are_the_iommus),
		BOTH_OPEN(memlock_too_low),
		BOTH_OPEN(memory_too_short),
		BOTH_OPEN(mappings_used_up),
		BOTH_OPEN(other_errors_name_address_and_bytes),
		BOTH_OPEN(ledger_against_a_model),
		TEST_IOMMUFD(a_file_is_mapped_where_the_kernel_can),
		BOTH_OPEN(a_file_is_mapped_as_memory_where_it_cannot),
		TEST_IOMMUFD_OPEN(registers_are_no_memory_to_iommufd),
		TEST_IOMMUFD_OPEN(memlock_beyond_the_hard_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
