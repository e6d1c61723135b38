// SPDX-License-Identifier: MIT
// A hostile device tree: invalid names, sizes, depths, phandles and cells are
// refused or ignored, never followed.

#include <limits.h>
#include <unistd.h>

#include "board.h"

#define NODE BOARD_BASE "/soc/generic@10000000"

static void hostile_tree_is_refused(struct machine *m, int err,
				    const char *what, const char *evidence)
{
	struct lend_platform *p = NULL;
	int result = board_find(m, "generic@10000000", &p);

	if (!result)
		result = lend_platform_prepare(p, NULL);
	lend_platform_free(p);
	board_expect_error(m, result, err, m->error->code, what, evidence, "");
}

static void tree_names_are_checked(void **state)
{
	struct machine *m = *state;

	board_property(m, NODE "/a\"b", "", 0);
	hostile_tree_is_refused(m, -EBADMSG, "bad property name", "a\"b");
	fake_remove(m->fake, NODE "/a\"b");
	board_property(m, NODE "/child {/x", "", 0);
	hostile_tree_is_refused(m, -EBADMSG, "bad node name", "generic");
}

static void tree_sizes_are_limited(void **state)
{
	static char large[(64 << 10) + 1];
	struct machine *m = *state;
	char path[200];

	board_property(m, NODE "/large", large, sizeof(large));
	hostile_tree_is_refused(m, -EBADMSG, "property too large", "large");
	for (int i = 0; i < 17; i++) {
		fake_remove(m->fake, NODE "/large");
		snprintf(path, sizeof(path), NODE "/large%d", i);
		board_property(m, path, large, sizeof(large) - 1);
	}
	hostile_tree_is_refused(m, -EBADMSG, "property too large", "large");
}

/* Each property costs a step of a recursion, and memory. */
static void tree_property_count_is_limited(void **state)
{
	struct machine *m = *state;
	char path[200];

	for (int i = 0; i < 5000; i++) {
		snprintf(path, sizeof(path), NODE "/empty%d", i);
		board_property(m, path, "", 0);
	}
	hostile_tree_is_refused(m, -EBADMSG, "too many properties", "generic");
}

static void tree_depth_is_limited(void **state)
{
	struct machine *m = *state;
	char path[1024] = NODE;

	for (int i = 0; i < 20; i++)
		strcat(path, "/deep");
	fake_dir(m->fake, path);
	hostile_tree_is_refused(m, -EBADMSG, "too deep", "deep");
}

static void tree_node_count_is_limited(void **state)
{
	struct machine *m = *state;
	char path[200];

	for (int i = 0; i < 1100; i++) {
		snprintf(path, sizeof(path), NODE "/n%d", i);
		fake_dir(m->fake, path);
	}
	hostile_tree_is_refused(m, -EBADMSG, "too many nodes", "generic");
}

/* The search for a phandle that no node has comes to an end. */
static void phandle_walk_ends_in_a_deep_tree(void **state)
{
	struct machine *m = *state;
	char path[1024] = BOARD_BASE;

	board_property(m, NODE "/resets", "\0\0\x12\x34", 4);
	hostile_tree_is_refused(m, -ENOTSUP, "'resets'",
				"no node of the host has that phandle");
	for (int i = 0; i < 40; i++)
		strcat(path, "/deep");
	fake_dir(m->fake, path);
	hostile_tree_is_refused(m, -E2BIG, "too deep", "deep");
}

/* Of a tree by an old compiler, the numbers are found too. */
static void old_phandles_are_found(void **state)
{
	struct machine *m = *state;

	board_property(m, BOARD_BASE "/old/linux,phandle", "\0\0\x12\x34", 4);
	board_property(m, NODE "/lend,thing", "\0\0\x12\x34", 4);
	hostile_tree_is_refused(m, -ENOTSUP, "'lend,thing' may refer",
				"0x1234 is the phandle of /old");
}

static void node_outside_the_tree_is_refused(void **state)
{
	struct machine *m = *state;

	fake_remove(m->fake,
		    "sys/devices/platform/soc/generic@10000000/of_node");
	fake_link(m->fake, "sys/devices/platform/soc/generic@10000000/of_node",
		  "sys/bus");
	hostile_tree_is_refused(m, -EBADMSG, "not in the host's device tree",
				"/sys/bus");
}

/* A link counts as a file, so a loop of links is not walked. */
static void tree_loops_are_not_followed(void **state)
{
	struct machine *m = *state;
	struct lend_platform *p;

	fake_link(m->fake, BOARD_BASE "/soc/loop", BOARD_BASE);
	board_property(m, NODE "/resets", "\0\0\x12\x34", 4);
	hostile_tree_is_refused(m, -ENOTSUP, "'resets'",
				"no node of the host has that phandle");
	assert_int_equal(board_find(m, "generic@10000000", &p), 0);
	lend_platform_free(p);
}

static void tree_cells_are_checked(void **state)
{
	struct machine *m = *state;

	board_property(m, NODE "/clocks", "\0\0\0", 3);
	hostile_tree_is_refused(m, -ENOTSUP, "'clocks'",
				"its size is not a multiple of 4");
	board_property(m, NODE "/clocks", "", 0);
	board_property(m, NODE "/interrupts-extended", "\0\0\0\1\0\0\0\1", 8);
	hostile_tree_is_refused(m, -EBADMSG, "'interrupts' of its node", "");
	fake_remove(m->fake, NODE "/interrupts-extended");
	board_property(m, NODE "/reg", "12345678abcd", 12);
	hostile_tree_is_refused(m, -EBADMSG, "'reg' of its node", "");
	board_property(m, NODE "/reg", "12345678", 8);
	board_property(m, BOARD_BASE "/soc/#address-cells", "\0\0\0\7", 4);
	hostile_tree_is_refused(m, -EBADMSG, "'reg' of its node", "");
}

/* A target with 2^32 - 1 argument cells: the sum with the phandle is 0. */
static void tree_argument_counts_do_not_overflow(void **state)
{
	struct machine *m = *state;

	board_property(m, BOARD_BASE "/clk250mhz-1/#clock-cells",
		       "\xff\xff\xff\xff", 4);
	hostile_tree_is_refused(m, -ENOTSUP, "'clocks'",
				"extends past the end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOARD_TEST(tree_names_are_checked),
		BOARD_TEST(tree_sizes_are_limited),
		BOARD_TEST(tree_property_count_is_limited),
		BOARD_TEST(tree_depth_is_limited),
		BOARD_TEST(tree_node_count_is_limited),
		BOARD_TEST(phandle_walk_ends_in_a_deep_tree),
		BOARD_TEST(old_phandles_are_found),
		BOARD_TEST(node_outside_the_tree_is_refused),
		BOARD_TEST(tree_loops_are_not_followed),
		BOARD_TEST(tree_cells_are_checked),
		BOARD_TEST(tree_argument_counts_do_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
