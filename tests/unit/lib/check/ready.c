// SPDX-License-Identifier: MIT
// A device that can be lent, on a machine made of files.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "ready.h"

static void ready_note(void *opaque, const struct lend_finding *finding)
{
	struct ready_seen *seen = opaque;

	if (strcmp(finding->check, seen->check) ||
	    seen->status == LEND_CHECK_FAILED)
		return;
	seen->status = (int)finding->status;
	seen->code = finding->code;
	snprintf(seen->text, sizeof(seen->text), "%s|%s|%s", finding->what,
		 finding->evidence, finding->remedy);
}

void ready_add(struct machine *m)
{
	fake_file(m->fake, "sys/class/iommu/dmar0", "");
	fake_add_pci(m->fake, "0000:03:00.0", "vfio-pci", 15);
	fake_file(m->fake, "dev/vfio/vfio", "");
	fake_file(m->fake, "dev/vfio/15", "");
	fake_file(m->fake, "dev/kvm", "");
}

int ready_check(struct machine *m, const char *name, struct ready_seen *seen)
{
	struct lend_check_options options = {
		.size = sizeof(options),
		.found = ready_note,
		.opaque = seen,
	};
	struct lend_address *a = machine_find(m, "3:0.0");
	int failed;

	*seen = (struct ready_seen){.check = name, .status = -1};
	failed = lend_check(m->ctx, &a, 1, &options);
	lend_address_unref(a);
	return failed;
}

void ready_expect_failure(struct machine *m, const char *name,
			  enum lend_error_code code, const char *text)
{
	struct ready_seen seen;

	assert_true(ready_check(m, name, &seen) > 0);
	assert_int_equal(seen.status, LEND_CHECK_FAILED);
	assert_int_equal(seen.code, code);
	if (!strstr(seen.text, text))
		fail_msg("%s", seen.text);
}
