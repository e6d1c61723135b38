// SPDX-License-Identifier: MIT
// A host's tree that lies: names, sizes, depths, phandles and cells that make
// no sense are refused or left out, never followed.

#include <limits.h>
#include <unistd.h>

#include "board.h"

#define NODE BOARD_BASE "/soc/generic@10000000"

static void refuse(struct machine *m, int err, const char *what,
		   const char *evidence)
{
	struct lend_platform *p = NULL;
	int result = board_find(m, "generic@10000000", &p);

	if (!result)
		result = lend_platform_prepare(p, NULL);
	lend_platform_free(p);
	board_told(m, result, err, m->error->code, what, evidence, "");
}

static void names_are_checked(void **state)
{
	struct machine *m = *state;

	board_property(m, NODE "/a\"b", "", 0);
	refuse(m, -EBADMSG, "a property's name", "a\"b");
	fake_remove(m->fake, NODE "/a\"b");
	board_property(m, NODE "/child {/x", "", 0);
	refuse(m, -EBADMSG, "a node's name", "generic");
}

static void sizes_are_bounded(void **state)
{
	static char large[(64 << 10) + 1];
	struct machine *m = *state;
	char path[200];

	board_property(m, NODE "/large", large, sizeof(large));
	refuse(m, -EBADMSG, "a property's size", "large");
	for (int i = 0; i < 17; i++) {
		fake_remove(m->fake, NODE "/large");
		snprintf(path, sizeof(path), NODE "/large%d", i);
		board_property(m, path, large, sizeof(large) - 1);
	}
	refuse(m, -EBADMSG, "a property's size", "large");
}

/* Each takes a step of a recursion, and some memory of its own. */
static void properties_are_bounded(void **state)
{
	struct machine *m = *state;
	char path[200];

	for (int i = 0; i < 5000; i++) {
		snprintf(path, sizeof(path), NODE "/empty%d", i);
		board_property(m, path, "", 0);
	}
	refuse(m, -EBADMSG, "too many properties", "generic");
}

static void depth_is_bounded(void **state)
{
	struct machine *m = *state;
	char path[1024] = NODE;

	for (int i = 0; i < 20; i++)
		strcat(path, "/deep");
	fake_dir(m->fake, path);
	refuse(m, -EBADMSG, "too deep", "deep");
}

static void numbers_are_bounded(void **state)
{
	struct machine *m = *state;
	char path[200];

	for (int i = 0; i < 1100; i++) {
		snprintf(path, sizeof(path), NODE "/n%d", i);
		fake_dir(m->fake, path);
	}
	refuse(m, -EBADMSG, "too many nodes", "generic");
}

/* A walk for a phandle that nobody has ends all the same. */
static void a_deep_tree_is_no_trap(void **state)
{
	struct machine *m = *state;
	char path[1024] = BOARD_BASE;

	board_property(m, NODE "/resets", "\0\0\x12\x34", 4);
	refuse(m, -ENOTSUP, "'resets'", "no node of the host has that phandle");
	for (int i = 0; i < 40; i++)
		strcat(path, "/deep");
	fake_dir(m->fake, path);
	refuse(m, -E2BIG, "too deep", "deep");
}

static void the_node_is_in_the_tree(void **state)
{
	struct machine *m = *state;

	fake_remove(m->fake,
		    "sys/devices/platform/soc/generic@10000000/of_node");
	fake_link(m->fake, "sys/devices/platform/soc/generic@10000000/of_node",
		  "sys/bus");
	refuse(m, -EBADMSG, "not in the host's device tree", "/sys/bus");
}

/* Links are files to us: a loop of them is not walked. */
static void loops_are_not_followed(void **state)
{
	struct machine *m = *state;
	struct lend_platform *p;

	fake_link(m->fake, BOARD_BASE "/soc/loop", BOARD_BASE);
	board_property(m, NODE "/resets", "\0\0\x12\x34", 4);
	refuse(m, -ENOTSUP, "'resets'", "no node of the host has that phandle");
	assert_int_equal(board_find(m, "generic@10000000", &p), 0);
	lend_platform_free(p);
}

static void cells_are_checked(void **state)
{
	struct machine *m = *state;

	board_property(m, NODE "/clocks", "\0\0\0", 3);
	refuse(m, -ENOTSUP, "'clocks'", "its size makes no sense");
	board_property(m, NODE "/clocks", "", 0);
	board_property(m, NODE "/interrupts-extended", "\0\0\0\1\0\0\0\1", 8);
	refuse(m, -EBADMSG, "'interrupts' of its node", "");
	fake_remove(m->fake, NODE "/interrupts-extended");
	board_property(m, NODE "/reg", "12345678abcd", 12);
	refuse(m, -EBADMSG, "'reg' of its node", "");
	board_property(m, NODE "/reg", "12345678", 8);
	board_property(m, BOARD_BASE "/soc/#address-cells", "\0\0\0\7", 4);
	refuse(m, -EBADMSG, "'reg' of its node", "");
}

/* A target that says it takes 2^32 - 1 cells, or the entry itself. */
static void arguments_do_not_wrap(void **state)
{
	struct machine *m = *state;

	board_property(m, BOARD_BASE "/clk250mhz-1/#clock-cells",
		       "\xff\xff\xff\xff", 4);
	refuse(m, -ENOTSUP, "'clocks'", "its cells make no sense");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOARD_TEST(names_are_checked),
		BOARD_TEST(sizes_are_bounded),
		BOARD_TEST(properties_are_bounded),
		BOARD_TEST(depth_is_bounded),
		BOARD_TEST(numbers_are_bounded),
		BOARD_TEST(a_deep_tree_is_no_trap),
		BOARD_TEST(the_node_is_in_the_tree),
		BOARD_TEST(loops_are_not_followed),
		BOARD_TEST(cells_are_checked),
		BOARD_TEST(arguments_do_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
