// SPDX-License-Identifier: MIT
// Who watches a terminal sees how much RAM is pinned; liblend's part and the
// clock are a script.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include <lend/iommu.h>

#include "cli/report.h"
#include "tests/unit/cli/watched.h"
#include "vmm/machine/dma.h"
#include "vmm/memory/memory.h"

#define GIB (UINT64_C(1) << 30)

int __wrap_clock_gettime(clockid_t id, struct timespec *now);
enum lend_backend __wrap_lend_iommu_backend(const struct lend_iommu *unused);
int __wrap_lend_iommu_map(struct lend_iommu *unused, uint64_t iova, void *vaddr,
			  uint64_t size, unsigned int flags);
void __wrap_memory_fault_in(const struct memory *memory, struct lend_ctx *ctx,
			    const atomic_bool *cancel);

static int64_t milliseconds;
static int64_t milliseconds_per_gib;

int __wrap_clock_gettime(clockid_t id, struct timespec *now)
{
	(void)id;
	now->tv_sec = milliseconds / 1000;
	now->tv_nsec = milliseconds % 1000 * 1000000;
	return 0;
}

enum lend_backend __wrap_lend_iommu_backend(const struct lend_iommu *unused)
{
	(void)unused;
	return LEND_BACKEND_IOMMUFD;
}

int __wrap_lend_iommu_map(struct lend_iommu *unused, uint64_t iova, void *vaddr,
			  uint64_t size, unsigned int flags)
{
	(void)unused;
	(void)iova;
	(void)vaddr;
	(void)flags;
	milliseconds += (int64_t)(size / GIB) * milliseconds_per_gib;
	return 0;
}

/* The RAM is not there. */
void __wrap_memory_fault_in(const struct memory *memory, struct lend_ctx *ctx,
			    const atomic_bool *cancel)
{
	(void)memory;
	(void)ctx;
	(void)cancel;
}

/* Pins 3 GiB below 4 GiB, and 5 GiB above. */
static void pin_ram(struct watched *watched, unsigned int verbose,
		    bool terminal, int64_t per_gib)
{
	static const struct memory memory = {
		.backing.fd = -1,
		.size = 8 * GIB,
		.count = 2,
		.blocks = {{.range = {0, 3 * GIB}},
			   {.range = {4 * GIB, 5 * GIB}}},
	};
	const struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = report_log,
		.log_opaque = &watched->cli,
	};
	struct dma_host host = {
		.iommu = (struct lend_iommu *)watched,
		.memory = &memory,
	};
	struct dma dma = {0};

	watched->cli.verbose = verbose;
	milliseconds_per_gib = per_gib;
	assert_int_equal(lend_ctx_new(&options, &host.ctx), 0);
	watched_begin(watched, terminal);
	assert_int_equal(dma_prepare(&dma, &host), 0);
	watched_end(watched);
	dma_stop(&dma);
	lend_ctx_unref(host.ctx);
}

static void long_pinning_is_shown(void **state)
{
	struct watched watched = {0};

	(void)state;
	pin_ram(&watched, 0, true, 1000);
	assert_string_equal(watched.text,
			    "lend: pinning RAM: 3.0 of 8.0 GiB\n"
			    "lend: pinning RAM: 8.0 of 8.0 GiB\n");
}

static void short_pinning_is_not_shown(void **state)
{
	struct watched watched = {0};

	(void)state;
	pin_ram(&watched, 0, true, 200);
	assert_string_equal(watched.text, "");
}

static void the_log_has_its_time(void **state)
{
	struct watched watched = {0};

	(void)state;
	pin_ram(&watched, 0, false, 1000);
	assert_string_equal(watched.text, "");
	pin_ram(&watched, 1, false, 1000);
	assert_string_equal(watched.text,
			    "lend: pinning RAM: 8.0 GiB in 8.0 s\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_pinning_is_shown),
		cmocka_unit_test(short_pinning_is_not_shown),
		cmocka_unit_test(the_log_has_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
