// SPDX-License-Identifier: MIT
// The host's flattened tree: what is read of it costs no call, and is the same
// as in sysfs; where the node changed since, or the file is bad, sysfs is read.

#include <libfdt.h>

#include "board.h"

#define FDT    "sys/firmware/fdt"
#define DEVICE "xgbe@700000"
#define NODE   BOARD_BASE "/soc/" DEVICE
#define ROOM   (64u << 10)

/* Of a device with its node's properties, which sysfs gives one by one. */
#define BESIDE 16u

static void flat_test_add(struct machine *m, const void *fdt, size_t size)
{
	board_property(m, FDT, fdt, size);
}

/* The guest's node, and how many calls that took. */
static void *flat_test_node(struct machine *m, unsigned int *calls)
{
	unsigned int before = m->fake->calls;
	struct lend_platform *platform;
	void *fdt;

	assert_int_equal(board_find(m, DEVICE, &platform), 0);
	if (lend_platform_prepare(platform, NULL))
		fail_msg("%s\n%s", m->error->what, m->error->evidence);
	fdt = board_write(platform);
	lend_platform_free(platform);
	if (calls)
		*calls = m->fake->calls - before;
	return fdt;
}

static void flat_test_expect(struct machine *m, const char *reference)
{
	void *has = flat_test_node(m, NULL), *wanted;

	wanted = board_load(reference, NULL);
	board_compare(has, wanted);
	free(wanted);
	free(has);
}

static unsigned int flat_test_properties(const void *fdt)
{
	int node = fdt_path_offset(fdt, "/soc/" DEVICE);
	unsigned int count = 1; /* "name" */
	int at;

	fdt_for_each_property_offset(at, fdt, node) count++;
	return count;
}

/* The tree has many nodes: none of them is looked at. */
static void phandles_cost_no_call_each(void **state)
{
	unsigned int calls, without;
	struct machine *m = *state;
	size_t size;
	void *fdt = board_load("host.dtb", &size);

	for (unsigned int i = 0; i < 200; i++) {
		char path[200];

		snprintf(path, sizeof(path), BOARD_BASE "/a%u/phandle", i);
		board_property(m, path, "\1\2\3", 4);
	}
	free(flat_test_node(m, &without));
	assert_in_range(without, 600, UINT32_MAX);
	flat_test_add(m, fdt, size);
	free(flat_test_node(m, &calls));
	assert_in_range(calls, 1, 3 * flat_test_properties(fdt) + BESIDE);
	flat_test_expect(m, "xgbe.dtb");
	free(fdt);
}

/* As firmware leaves it: with room behind it, which is not read. */
static void room_behind_the_tree_is_not_read(void **state)
{
	unsigned int calls, more;
	struct machine *m = *state;
	size_t size;
	void *fdt = board_load("host.dtb", &size);
	void *larger = calloc(1, 1u << 20);

	flat_test_add(m, fdt, size);
	free(flat_test_node(m, &calls));
	assert_int_equal(fdt_open_into(fdt, larger, 1 << 20), 0);
	flat_test_add(m, larger, 1u << 20);
	free(flat_test_node(m, &more));
	assert_int_equal(calls, more);
	flat_test_expect(m, "xgbe.dtb");
	free(larger);
	free(fdt);
}

/* Each of these is what an overlay may do while the host runs. */
static void a_node_that_changed_is_read_from_sysfs(void **state)
{
	static const struct {
		const char *path;
		const char *text; /* NULL: removed */
	} changes[] = {
		{NODE "/phy-mode", "rgmii"},
		{NODE "/amd,serdes-tx-amp", NULL},
		{NODE "/mac-address", "lende"},
		{NODE "/more", ""},
		{NODE "/child/name", "child"},
	};
	unsigned int calls, without;
	size_t size;
	void *fdt = board_load("host.dtb", &size);

	for (unsigned int i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		struct machine *m;
		void *one, *other;

		assert_int_equal(board_setup(state), 0);
		m = *state;
		if (changes[i].text)
			board_property(m, changes[i].path, changes[i].text,
				       strlen(changes[i].text) + 1);
		else
			fake_remove(m->fake, changes[i].path);
		one = flat_test_node(m, &without);
		flat_test_add(m, fdt, size);
		other = flat_test_node(m, &calls);
		assert_in_range(calls, without, UINT32_MAX);
		board_compare(other, one);
		board_compare(one, other);
		free(other);
		free(one);
		machine_teardown(state);
	}
	free(fdt);
	*state = NULL;
}

static void a_file_that_is_cut_is_not_used(void **state)
{
	struct machine *m = *state;
	size_t size;
	void *fdt = board_load("host.dtb", &size);
	size_t end = fdt_off_dt_strings(fdt) + fdt_size_dt_strings(fdt);

	for (size_t part = 0; part < end; part += part < 64 ? 1 : 97) {
		flat_test_add(m, fdt, part);
		flat_test_expect(m, "xgbe.dtb");
	}
	free(fdt);
}

/* Whatever the file has, the result is a node or an error; the sanitizers see
 * what is read beyond it. */
static void a_file_with_wrong_bytes_does_no_harm(void **state)
{
	struct machine *m = *state;
	struct lend_platform *platform;
	size_t size;
	uint8_t *fdt = board_load("host.dtb", &size);

	for (size_t at = 0; at < size; at += at < 64 ? 1 : 29) {
		uint8_t was = fdt[at];

		fdt[at] = was ? 0 : 0xff;
		flat_test_add(m, fdt, size);
		if (!board_find(m, DEVICE, &platform)) {
			lend_platform_prepare(platform, NULL);
			lend_platform_free(platform);
		}
		fdt[at] = was;
	}
	free(fdt);
}

/* A file that the process may not read, or only in part, is as none. */
static void a_file_that_fails_is_not_used(void **state)
{
	struct machine *m = *state;
	size_t size;
	void *fdt = board_load("host.dtb", &size);

	flat_test_add(m, fdt, size);
	fake_refuse(m->fake, FDT, 0, EACCES);
	flat_test_expect(m, "xgbe.dtb");
	free(fdt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOARD_TEST(phandles_cost_no_call_each),
		BOARD_TEST(room_behind_the_tree_is_not_read),
		cmocka_unit_test(a_node_that_changed_is_read_from_sysfs),
		BOARD_TEST(a_file_that_is_cut_is_not_used),
		BOARD_TEST(a_file_with_wrong_bytes_does_no_harm),
		BOARD_TEST(a_file_that_fails_is_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
