/* SPDX-License-Identifier: MIT */
/* A device behind a socket whose server runs while the client waits. */
#ifndef TESTS_UNIT_LIB_REMOTE_FIXTURE_H
#define TESTS_UNIT_LIB_REMOTE_FIXTURE_H

#include <lend/client.h>
#include <lend/reset.h>

#include "lib/remote/remote.h"
#include "lib/device/device.h"
#include "tests/unit/lib/server/fixture.h"

struct remote_test {
	struct server_test *server;
	struct fake_kernel *fake; /* the client's */
	struct lend_ctx *ctx;
	struct lend_iommu *iommu;
	struct lend_device *device;
	bool is_silent; /* the server does nothing */
	char warning[512];
	unsigned int warnings;
};

/* The client is not connected; and its device is open. */
int remote_setup(void **state);
int remote_setup_open(void **state);
int remote_teardown(void **state);

/* Opens the device. Returns what the library did, with nothing left open after
 * a failure. */
int remote_open(struct remote_test *test);

/* Makes the file of region 0 fit to be mapped, but for what is missing. */
void remote_make_file(struct remote_test *test, size_t size, int seals);

/* What waits for the server from now on waits a millisecond. */
void remote_be_impatient(struct remote_test *test);

/* Asserts what the server's device did since the last time. */
void remote_assert_done(struct remote_test *test, const char *done);

#define TEST_REMOTE(f)                                                         \
	cmocka_unit_test_setup_teardown(f, remote_setup, remote_teardown)
#define TEST_OPEN(f)                                                           \
	cmocka_unit_test_setup_teardown(f, remote_setup_open, remote_teardown)

#endif
