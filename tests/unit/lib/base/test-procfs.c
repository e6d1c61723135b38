// SPDX-License-Identifier: MIT
// Files of procfs are read up to a bound, and split into lines.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "lib/address/open-files.h"
#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/base/sysfs.h"
#include "lib/iommu/node.h"
#include "tests/unit/lib/address/machine.h"

static void procfs_cuts_what_does_not_fit(void **state)
{
	struct machine *m = *state;
	char text[8];

	fake_file(m->fake, "proc/meminfo", "MemTotal: 1\n");
	assert_int_equal(procfs_read(m->ctx, "meminfo", text, sizeof(text)), 7);
	assert_string_equal(text, "MemTota");
	fake_file(m->fake, "proc/swaps", "a\n");
	assert_int_equal(procfs_read(m->ctx, "swaps", text, sizeof(text)), 2);
	assert_string_equal(text, "a\n");
}

static void procfs_returns_empty_text_on_failure(void **state)
{
	struct machine *m = *state;
	char text[8] = "before";

	assert_int_equal(procfs_read(m->ctx, "none", text, sizeof(text)),
			 -ENOENT);
	assert_string_equal(text, "");
	assert_null(procfs_read_all(m->ctx, "none"));
}

static void procfs_splits_a_table_into_lines(void **state)
{
	struct machine *m = *state;
	char *text, *rest;

	fake_file(m->fake, "proc/self/mountinfo", "one\n\nlast");
	text = procfs_read_all(m->ctx, "self/mountinfo");
	assert_non_null(text);
	rest = text;
	assert_string_equal(procfs_next_line(&rest), "one");
	assert_string_equal(procfs_next_line(&rest), "");
	assert_string_equal(procfs_next_line(&rest), "last");
	assert_null(procfs_next_line(&rest));
	free(text);
}

static void confined_context_opens_nothing(void **state)
{
	struct machine *m = *state;
	char path[SYSFS_PATH], text[SYSFS_PATH];
	struct open_files files = {0};
	struct sysfs_names names, others;
	unsigned int calls;

	fake_file(m->fake, "proc/meminfo", "MemTotal: 1\n");
	lend_ctx_confine(m->ctx);
	calls = m->fake->calls;
	assert_int_equal(procfs_read(m->ctx, "meminfo", text, sizeof(text)),
			 -EACCES);
	assert_string_equal(text, "");
	sysfs_path(path, "%s/bus/pci", m->ctx->sysfs);
	assert_int_equal(sysfs_link(m->ctx, path, text, sizeof(text)), -EACCES);
	assert_int_equal(sysfs_target(m->ctx, path, text), -EACCES);
	assert_int_equal(sysfs_list(m->ctx, path, &names), -EACCES);
	assert_int_equal(sysfs_list_kinds(m->ctx, path, &names, &others),
			 -EACCES);
	assert_int_equal(sysfs_first(m->ctx, path, text), -EACCES);
	assert_false(sysfs_exists(m->ctx, m->ctx->sysfs));
	open_files_find(m->ctx, &files);
	assert_int_equal(files.count, 0);
	assert_non_null(files.limit);
	assert_int_equal(node_open(m->ctx, NULL, path), -EACCES);
	assert_int_equal(m->fake->calls, calls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(procfs_cuts_what_does_not_fit),
		MACHINE_TEST(procfs_returns_empty_text_on_failure),
		MACHINE_TEST(procfs_splits_a_table_into_lines),
		MACHINE_TEST(confined_context_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
