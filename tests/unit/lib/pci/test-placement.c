// SPDX-License-Identifier: MIT
// Placement of a function's BARs: the operations requested and their order, and
// DMA mappings for other devices.

#include <errno.h>
#include <string.h>

#include "function.h"

#define RWM                                                                    \
	(VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE |            \
	 VFIO_REGION_INFO_FLAG_MMAP)

static void windows_are_there_while_it_decodes(void **state)
{
	struct function *f = *state;

	place_all(f);
	expect_asked(f,
		     "config 4/2 407; place 0 c0000000; "
		     "map 0 c0000000+1000; map 1 c0003000+1000; "
		     "place 2 1000; place 4 d0000000; map 2 d0000000+10000; ");
	cfg_put(f, 0x04, 2, 0x0405);
	expect_asked(f, "unmap 0; unmap 1; drop 0; unmap 2; drop 4; "
			"config 4/2 405; ");
	cfg_put(f, 0x04, 2, 0x0407);
	expect_asked(f, "config 4/2 407; place 0 c0000000; "
			"map 0 c0000000+1000; map 1 c0003000+1000; "
			"place 4 d0000000; map 2 d0000000+10000; ");
}

static void sleep_takes_windows_away(void **state)
{
	struct function *f = *state;

	cfg_put(f, 0x20, 4, 0xd0000000);
	cfg_put(f, 0x04, 2, 0x0402);
	expect_asked(f, "config 4/2 402; place 4 d0000000; "
			"map 2 d0000000+10000; ");
	cfg_put(f, 0x44, 2, 3);
	expect_asked(f, "unmap 2; drop 4; config 44/1 b; ");
	assert_int_equal(cfg_get(f, 0x44, 2), 0x000b);
	cfg_put(f, 0x44, 2, 0);
	expect_asked(f, "config 44/1 8; place 4 d0000000; "
			"map 2 d0000000+10000; ");
}

static void sizing_costs_nothing(void **state)
{
	static const uint16_t commands[] = {0x0400, 0x0407};
	struct function *f = *state;
	unsigned int i, at;

	place_all(f);
	for (i = 0; i < 2; i++) {
		cfg_put(f, 0x04, 2, commands[i]);
		f->asked[0] = '\0';
		fake_log_clear(f->fake);
		for (at = 0x10; at <= 0x30; at += at == 0x24 ? 12 : 4) {
			uint32_t was = cfg_get(f, at, 4);

			cfg_put(f, at, 4, 0xffffffff);
			cfg_get(f, at, 4);
			cfg_put(f, at, 4, was);
		}
		expect_asked(f, "");
		function_expect_calls(f, 0);
	}
}

/* So that the machine knows when to have refused BARs placed. */
static void a_write_returns_whether_it_dropped_a_bar(void **state)
{
	struct function *f = *state;

	place_all(f);
	assert_false(lend_pci_config_write(f->pci, 0x3c, 1, 11));
	assert_false(lend_pci_config_write(f->pci, 0x20, 4, 0xd0000000));
	assert_true(lend_pci_config_write(f->pci, 0x20, 4, 0xe0000000));
	assert_true(lend_pci_config_write(f->pci, 0x04, 2, 0x0405));
	assert_false(lend_pci_config_write(f->pci, 0x04, 2, 0x0407));
	assert_true(lend_pci_config_write(f->pci, 0x44, 2, 3));
	assert_false(lend_pci_config_write(f->pci, 0x44, 2, 0));
	/* What was dropped before is not this write's. */
	lend_pci_stop(f->pci);
	assert_false(lend_pci_config_write(f->pci, 0x3c, 1, 10));
	assert_false(lend_pci_bar_write(f->pci, 0, 0x1000, "\1", 1));
	assert_false(lend_pci_bar_write(f->pci, 0, 0x100, "\1", 1));
}

static void a_move_moves_one_bar(void **state)
{
	struct function *f = *state;

	place_all(f);
	f->asked[0] = '\0';
	fake_log_clear(f->fake);
	cfg_put(f, 0x20, 4, 0xe0000000);
	expect_asked(f, "unmap 2; drop 4; place 4 e0000000; "
			"map 2 e0000000+10000; ");
	function_expect_calls(f, 0);
}

static void refused_places_answer_nowhere(void **state)
{
	struct function *f = *state;

	f->vm.refusal = -EBUSY;
	cfg_put(f, 0x20, 4, 0x00100000);
	cfg_put(f, 0x04, 2, 0x0402);
	expect_asked(f, "config 4/2 402; place 4 100000; ");
	assert_int_equal(f->warnings, 1);
	/* Not tried again without a cause, and not logged again. */
	cfg_put(f, 0x3c, 1, 5);
	cfg_put(f, 0x04, 2, 0x0406);
	expect_asked(f, "config 4/2 406; ");
	cfg_put(f, 0x20, 4, 0x00200000);
	expect_asked(f, "place 4 200000; ");
	cfg_put(f, 0x04, 2, 0x0404);
	cfg_put(f, 0x04, 2, 0x0406);
	expect_asked(f, "config 4/2 404; config 4/2 406; place 4 200000; ");
	assert_int_equal(f->warnings, 1);
	f->vm.refusal = 0;
	cfg_put(f, 0x20, 4, 0xd0000000);
	expect_asked(f, "place 4 d0000000; map 2 d0000000+10000; ");
}

static void refused_places_are_tried_again(void **state)
{
	struct function *f = *state;

	f->vm.refusal = -EEXIST;
	cfg_put(f, 0x10, 4, 0xc0000000);
	cfg_put(f, 0x20, 4, 0xd0000000);
	cfg_put(f, 0x04, 2, 0x0402);
	f->vm.refusal = 0;
	f->asked[0] = '\0';
	fake_log_clear(f->fake);
	lend_pci_retry(f->pci);
	expect_asked(f, "place 0 c0000000; "
			"map 0 c0000000+1000; map 1 c0003000+1000; "
			"place 4 d0000000; map 2 d0000000+10000; ");
	lend_pci_retry(f->pci);
	expect_asked(f, "");
	function_expect_calls(f, 0);
	/* Nor is what the guest has nowhere, or has switched off. */
	f->vm.refusal = -EEXIST;
	cfg_put(f, 0x10, 4, 0xc8000000);
	cfg_put(f, 0x04, 2, 0x0400);
	f->vm.refusal = 0;
	f->asked[0] = '\0';
	lend_pci_retry(f->pci);
	expect_asked(f, "");
}

/* BAR 3 becomes one of 256 bytes. */
static void less_than_a_page_is_mapped_where_it_begins_one(void **state)
{
	struct function *f = *state;

	fake_region_set(f->host, 3, 0x100, RWM);
	assert_int_equal(function_open(f, NULL), 0);
	f->asked[0] = '\0';
	assert_int_equal(f->host->vmas, 4);
	cfg_put(f, 0x1c, 4, 0xd1000000);
	cfg_put(f, 0x04, 2, 0x0402);
	expect_asked(f, "config 4/2 402; place 3 d1000000; "
			"map 2 d1000000+100; ");
	cfg_put(f, 0x1c, 4, 0xd1000100);
	expect_asked(f, "unmap 2; drop 3; place 3 d1000100; ");
	cfg_put(f, 0x1c, 4, 0xd1001000);
	expect_asked(f, "drop 3; place 3 d1001000; map 2 d1001000+100; ");
}

/* The answers of a card with 64 GiB of memory. */
static void large_bars_are_placed_whole(void **state)
{
	struct function *f = *state;

	fake_region_set(f->host, 4, 64ull << 30, RWM);
	assert_int_equal(function_open(f, NULL), 0);
	f->asked[0] = '\0';
	fake_log_clear(f->fake);
	cfg_put(f, 0x20, 4, 0xffffffff);
	cfg_put(f, 0x24, 4, 0xffffffff);
	assert_int_equal(cfg_get(f, 0x20, 4), 0xc);
	assert_int_equal(cfg_get(f, 0x24, 4), 0xfffffff0);
	cfg_put(f, 0x20, 4, 0);
	cfg_put(f, 0x24, 4, 0x10);
	function_expect_calls(f, 0);
	cfg_put(f, 0x04, 2, 0x0402);
	expect_asked(f, "config 4/2 402; place 4 1000000000; "
			"map 2 1000000000+1000000000; ");
	/* Moved by one half of the register at a time, as guests do. */
	cfg_put(f, 0x24, 4, 0x20);
	expect_asked(f, "unmap 2; drop 4; place 4 2000000000; "
			"map 2 2000000000+1000000000; ");
	/* The last such place ends with 64 bits: it asks for the size. */
	cfg_put(f, 0x24, 4, 0xffffffe0);
	f->asked[0] = '\0';
	cfg_put(f, 0x24, 4, 0xfffffff0);
	expect_asked(f, "");
}

static void single_bars_are_trapped(void **state)
{
	const struct lend_pci_options options = {
		.size = sizeof(options),
		.no_mmap_bars = 1u << 4,
	};
	struct function *f = *state;

	assert_int_equal(function_open(f, &options), 0);
	assert_int_equal(f->host->vmas, 2);
	place_all(f);
	assert_null(strstr(f->asked, "map 2"));
	assert_non_null(strstr(f->asked, "map 1 c0003000+1000"));
	assert_non_null(strstr(f->asked, "place 4 d0000000"));
}

static const struct lend_pci_options peer = {
	.size = sizeof(peer),
	.p2p = true,
};

static unsigned int count_dma_mappings(const struct function *f)
{
	return f->fake->containers[0].space.mapping_count;
}

static void peers_follow_moves(void **state)
{
	struct function *f = *state;
	const struct fake_mapping *m =
		&f->fake->containers[0].space.mappings[0];

	assert_int_equal(function_open(f, &peer), 0);
	cfg_put(f, 0x20, 4, 0xd0000000);
	assert_int_equal(count_dma_mappings(f), 0);
	f->asked[0] = '\0';
	fake_log_clear(f->fake);
	cfg_put(f, 0x04, 2, 0x0402);
	assert_int_equal(count_dma_mappings(f), 1);
	assert_int_equal(m->iova, 0xd0000000);
	assert_int_equal(m->size, 0x10000);
	function_expect_calls(f, 2);
	cfg_put(f, 0x20, 4, 0xd8000000);
	assert_int_equal(count_dma_mappings(f), 1);
	assert_int_equal(m->iova, 0xd8000000);
	function_expect_calls(f, 2);
	/* BAR 0, but for the pages of its vectors. */
	cfg_put(f, 0x10, 4, 0xc0000000);
	assert_int_equal(count_dma_mappings(f), 3);
	cfg_put(f, 0x04, 2, 0x0400);
	assert_int_equal(count_dma_mappings(f), 0);
	cfg_put(f, 0x04, 2, 0x0402);
	assert_int_equal(count_dma_mappings(f), 3);
	lend_pci_reset(f->pci);
	assert_int_equal(count_dma_mappings(f), 0);
	assert_int_equal(f->warnings, 0);
}

static void peers_are_refused_once(void **state)
{
	struct function *f = *state;

	f->fake->containers[0].space.map_error = EFAULT;
	assert_int_equal(function_open(f, &peer), 0);
	place_all(f);
	assert_int_equal(f->warnings, 1);
	assert_non_null(strstr(f->warning, "other devices cannot access"));
	assert_true(f->vm.mapped[2]);
	cfg_put(f, 0x20, 4, 0xd8000000);
	assert_int_equal(f->warnings, 1);
	/* One that can be reached is, whatever the others. */
	f->fake->containers[0].space.map_error = 0;
	cfg_put(f, 0x20, 4, 0xd0000000);
	assert_int_equal(count_dma_mappings(f), 1);
	cfg_put(f, 0x04, 2, 0);
	assert_int_equal(count_dma_mappings(f), 0);
}

/* Not a call more than without. */
static void no_peers_no_calls(void **state)
{
	struct function *f = *state;

	place_all(f);
	fake_log_clear(f->fake);
	cfg_put(f, 0x20, 4, 0xd8000000);
	function_expect_calls(f, 0);
	cfg_put(f, 0x04, 2, 0x0400);
	cfg_put(f, 0x04, 2, 0x0402);
	function_expect_calls(f, 2);
	assert_int_equal(count_dma_mappings(f), 0);
}

static void refused_windows_are_trapped(void **state)
{
	struct function *f = *state;

	f->vm.window_refusal = -ENOSPC;
	cfg_put(f, 0x20, 4, 0xd0000000);
	cfg_put(f, 0x04, 2, 0x0402);
	cfg_put(f, 0x04, 2, 0x0400);
	expect_asked(f, "config 4/2 402; place 4 d0000000; "
			"map 2 d0000000+10000; drop 4; config 4/2 400; ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OPEN(windows_are_there_while_it_decodes),
		TEST_OPEN(sleep_takes_windows_away),
		TEST_OPEN(sizing_costs_nothing),
		TEST_OPEN(a_write_returns_whether_it_dropped_a_bar),
		TEST_OPEN(a_move_moves_one_bar),
		TEST_OPEN(refused_places_answer_nowhere),
		TEST_OPEN(refused_places_are_tried_again),
		TEST(less_than_a_page_is_mapped_where_it_begins_one),
		TEST(large_bars_are_placed_whole),
		TEST(single_bars_are_trapped),
		TEST(peers_follow_moves),
		TEST(peers_are_refused_once),
		TEST_OPEN(no_peers_no_calls),
		TEST_OPEN(refused_windows_are_trapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
