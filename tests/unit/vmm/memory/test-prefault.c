// SPDX-License-Identifier: MIT
// Faults in all of guest RAM, with extra threads only where they pay off.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "vmm/memory/prefault.h"

#define KIB  UINT64_C(1024)
#define MIB  (KIB * 1024)
#define PAGE (4 * KIB)

static void threads_by_size_and_processors(void **state)
{
	static const struct {
		uint64_t size;
		unsigned int cpus, threads;
	} cases[] = {
		{0, 8, 1},
		{128 * MIB, 8, 1},
		{255 * MIB, 8, 1},
		{256 * MIB, 8, 2},
		{512 * MIB, 8, 4},
		{4096 * MIB, 1, 1},
		{4096 * MIB, 8, 8},
		{4096 * MIB, 1024, 16},
		{UINT64_MAX, 64, 16},
		{4096 * MIB, 0, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(prefault_threads(cases[i].size, cases[i].cpus),
				 cases[i].threads);
	assert_int_equal(prefault_cpus(128 * MIB), 1);
	assert_in_range(prefault_cpus(4096 * MIB), 1, 65536);
}

static uint64_t pages_resident(char *base, uint64_t size)
{
	static unsigned char present[64 * MIB / PAGE];
	uint64_t count = 0;

	assert_int_equal(mincore(base, size, present), 0);
	for (uint64_t i = 0; i < size / PAGE; i++)
		count += present[i] & 1;
	return count;
}

static void every_page_is_faulted_in(void **state)
{
	static const uint64_t sizes[] = {PAGE, 2 * MIB, 9 * MIB + PAGE,
					 64 * MIB};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (unsigned int threads = 1; threads <= 20; threads += 3) {
			char *base =
				mmap(NULL, sizes[i], PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

			assert_ptr_not_equal(base, MAP_FAILED);
			assert_int_equal(prefault_pages(base, sizes[i], 2 * MIB,
							threads, NULL, NULL),
					 0);
			assert_int_equal(pages_resident(base, sizes[i]),
					 sizes[i] / PAGE);
			munmap(base, sizes[i]);
		}
}

/* On whichever thread finds it. */
static void a_hole_is_reported(void **state)
{
	(void)state;
	for (uint64_t hole = 0; hole < 16; hole += 5) {
		char *base = mmap(NULL, 32 * MIB, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

		assert_ptr_not_equal(base, MAP_FAILED);
		munmap(base + hole * 2 * MIB, PAGE);
		assert_int_equal(
			prefault_pages(base, 32 * MIB, 2 * MIB, 4, NULL, NULL),
			-ENOMEM);
		munmap(base, 32 * MIB);
	}
}

static void a_cancelled_prefault_faults_in_nothing(void **state)
{
	const atomic_bool cancel = true;
	char *base = mmap(NULL, 32 * MIB, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_ptr_not_equal(base, MAP_FAILED);
	assert_int_equal(
		prefault_pages(base, 32 * MIB, 2 * MIB, 4, &cancel, NULL),
		-ECANCELED);
	assert_int_equal(pages_resident(base, 32 * MIB), 0);
	munmap(base, 32 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_by_size_and_processors),
		cmocka_unit_test(every_page_is_faulted_in),
		cmocka_unit_test(a_hole_is_reported),
		cmocka_unit_test(a_cancelled_prefault_faults_in_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
