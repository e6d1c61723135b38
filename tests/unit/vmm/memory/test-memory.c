// SPDX-License-Identifier: MIT
// Guest RAM: contiguous blocks, anonymous or in a file, found by guest address.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/memory/layout.h"
#include "vmm/memory/memory.h"

#define MIB UINT64_C(0x100000)

static const struct layout two = {
	.ram_low = {0, 3 * MIB},
	.ram_high = {LAYOUT_4G, 2 * MIB},
};

static void blocks_follow_each_other(void **state)
{
	struct memory m;

	assert_int_equal(
		memory_open(&m, *state, &two, &(struct memory_options){0}), 0);
	assert_int_equal(m.count, 2);
	assert_int_equal(m.blocks[0].range.base, 0);
	assert_int_equal(m.blocks[1].range.base, LAYOUT_4G);
	assert_ptr_equal((char *)m.blocks[0].vaddr + 3 * MIB,
			 m.blocks[1].vaddr);
	/* Aligned, so that second-level page tables can use large pages. */
	assert_int_equal((uintptr_t)m.base % (2 * MIB), 0);
	memory_close(&m);
	memory_close(&m); /* a second close is harmless */
	assert_int_equal(m.backing.fd, -1);
}

static void addresses_outside_have_no_memory(void **state)
{
	struct memory m;

	assert_int_equal(
		memory_open(&m, *state, &two, &(struct memory_options){0}), 0);
	assert_ptr_equal(memory_at(&m, 0, 3 * MIB), m.blocks[0].vaddr);
	assert_null(memory_at(&m, 0, 3 * MIB + 1));
	assert_null(memory_at(&m, 3 * MIB, 1));
	assert_null(memory_at(&m, 3 * MIB - 1, 2));
	assert_null(memory_at(&m, LAYOUT_4G - 1, 2));
	assert_non_null(memory_at(&m, LAYOUT_4G + 2 * MIB - 1, 1));
	assert_null(memory_at(&m, LAYOUT_4G + 2 * MIB, 1));
	assert_null(memory_at(&m, UINT64_MAX, 2));
	assert_null(memory_at(&m, 1, UINT64_MAX));
	memory_close(&m);
}

/* Whoever has the descriptor sees the guest's RAM, and cannot shorten it. */
static void shared_ram_keeps_its_size(void **state)
{
	const struct memory_options shared = {.shared = true};
	struct memory m;
	char byte = 0;

	assert_int_equal(memory_open(&m, *state, &two, &shared), 0);
	assert_int_equal((uintptr_t)m.base % (2 * MIB), 0);
	*(char *)memory_at(&m, LAYOUT_4G, 1) = 'x';
	assert_int_equal(pread(m.backing.fd, &byte, 1, 3 * MIB), 1);
	assert_int_equal(byte, 'x');
	assert_int_equal(ftruncate(m.backing.fd, 4 * MIB), -1);
	assert_int_equal(ftruncate(m.backing.fd, 6 * MIB), -1);
	assert_int_equal(fcntl(m.backing.fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	memory_close(&m);
	assert_int_equal(m.backing.fd, -1);
}

static void a_directory_can_back_ram(void **state)
{
	const struct memory_options in_tmp = {.path = "/tmp", .prealloc = true};
	const struct memory_options nowhere = {.path = "/nonexistent"};
	struct memory m;

	assert_int_equal(memory_open(&m, *state, &two, &in_tmp), 0);
	*(char *)memory_at(&m, LAYOUT_4G, 1) = 'x';
	memory_close(&m);
	assert_int_equal(memory_open(&m, *state, &two, &nowhere), -ENOENT);
	assert_true(context_says(*state, "-mem-path"));
	assert_int_equal(m.backing.fd, -1);
}

/* What fallocate() answers: the errors in order, then success. */
static struct {
	int errs[2];
	unsigned int calls;
	off_t size; /* that is asked for */
} space_of_file = {.size = 5 * MIB};

int fallocate(int fd, int mode, off_t offset, off_t size)
{
	unsigned int call = space_of_file.calls++;

	assert_true(fd >= 0);
	assert_int_equal(mode, 0);
	assert_int_equal(offset, 0);
	assert_int_equal(size, space_of_file.size);
	errno = call < 2 ? space_of_file.errs[call] : 0;
	return errno ? -1 : 0;
}

static int open_in_tmp(struct lend_ctx *ctx, int first, int second)
{
	const struct memory_options in_tmp = {.path = "/tmp"};
	struct memory m;
	int err;

	space_of_file.calls = 0;
	space_of_file.errs[0] = first;
	space_of_file.errs[1] = second;
	err = memory_open(&m, ctx, &two, &in_tmp);
	memory_close(&m);
	return err;
}

/* A guest that found none later would be killed by SIGBUS. */
static void space_of_a_file_is_taken(void **state)
{
	assert_int_equal(open_in_tmp(*state, 0, 0), 0);
	assert_int_equal(space_of_file.calls, 1);
	assert_int_equal(open_in_tmp(*state, EINTR, 0), 0);
	assert_int_equal(space_of_file.calls, 2);
	assert_int_equal(open_in_tmp(*state, EINTR, ENOSPC), -ENOSPC);
	assert_true(context_says(*state, "/tmp: no space for 5 MiB of RAM"));
	assert_true(context_says(*state, " MiB free"));
	assert_true(context_says(*state, "/dev/shm"));
	assert_int_equal(open_in_tmp(*state, EDQUOT, 0), -EDQUOT);
	assert_true(context_says(*state, "no space"));
	/* A file system that cannot reserve: what is free has to do. */
	assert_int_equal(open_in_tmp(*state, EOPNOTSUPP, 0), 0);
	assert_int_equal(open_in_tmp(*state, EIO, 0), -EIO);
	assert_true(context_says(*state, "its file system is "));
	assert_true(context_says(*state, "tmpfs or hugetlbfs"));
}

/* Of ext4 the size is refused, of tmpfs the space. */
static void file_larger_than_its_disk_is_refused(void **state)
{
	struct backing backing;
	int err;

	space_of_file.size = (off_t)1 << 60;
	space_of_file.calls = 0;
	space_of_file.errs[0] = ENOSPC;
	assert_int_equal(backing_open(&backing, *state, "/tmp"), 0);
	err = backing_take(&backing, *state, 1ull << 60);
	assert_true(err == -EFBIG || err == -ENOSPC);
	assert_true(context_says(*state, "no space for 1099511627776 MiB"));
	backing_close(&backing);
	assert_int_equal(backing.fd, -1);
	space_of_file.size = 5 * MIB;
}

static void lack_of_huge_pages_has_figures(void **state)
{
	const struct backing huge = {
		.dir = "/dev/hugepages",
		.fd = -1,
		.page = 2 * MIB,
		.is_huge = true,
	};

	assert_int_equal(
		backing_error(&huge, *state, "map a file", ENOMEM, 1ull << 60),
		-ENOMEM);
	assert_true(context_says(*state, "of 2048 KiB"));
	assert_true(context_says(*state, "the guest requires 549755813888"));
	assert_true(context_says(*state, "hugepages-2048kB/nr_hugepages"));
}

static void too_much_ram_is_refused(void **state)
{
	const struct layout huge = {.ram_low = {0, 1ull << 46}};
	struct memory m;

	assert_int_equal(
		memory_open(&m, *state, &huge, &(struct memory_options){0}),
		-ENOMEM);
	assert_true(context_says(*state, "67108864 MiB required"));
	assert_true(context_says(*state, "available"));
	assert_true(context_says(*state, "smaller -m"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_follow_each_other),
		cmocka_unit_test(addresses_outside_have_no_memory),
		cmocka_unit_test(shared_ram_keeps_its_size),
		cmocka_unit_test(a_directory_can_back_ram),
		cmocka_unit_test(space_of_a_file_is_taken),
		cmocka_unit_test(file_larger_than_its_disk_is_refused),
		cmocka_unit_test(lack_of_huge_pages_has_figures),
		cmocka_unit_test(too_much_ram_is_refused),
	};

	return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
