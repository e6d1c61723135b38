/* SPDX-License-Identifier: MIT */
/* A scripted machine with one or two devices, and what tests check of it. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <linux/vfio.h>

#include <lend/address.h>
#include <lend/device.h>
#include <lend/iommu.h>

#include "fake/kernel.h"

#define NAME  "0000:02:00.0"
#define OTHER "0000:02:00.1"

struct fixture {
	struct fake_kernel *fake;
	struct fake_device *nvme;
	struct lend_ctx *ctx;
	struct lend_address *address;
	struct lend_iommu *iommu;
	struct lend_device *device;
	char warning[1024]; /* the last message */
};

/* A device in group 7: BAR 0 of 64 KiB with a hole in what can be mapped, BAR 2
 * of 4 MiB that can be mapped whole, INTx, 8 MSI, 64 MSI-X. Nothing is open. */
int fixture_setup(void **state);

/* As that, with the device open. */
int fixture_setup_open(void **state);

/* Closes what is open and fails where anything is left over. */
int fixture_teardown(void **state);

/* Asserts what a call returned and what the record says. */
void assert_error(struct fixture *f, int result, int error,
		  enum lend_error_code code);

/* Asserts that the record's fact, evidence and remedy have these words. */
void assert_told(struct fixture *f, const char *what, const char *evidence,
		 const char *remedy);

void assert_idle(struct fixture *f);

/* lend_iommu_new() and lend_device_open(). */
int fixture_open(struct fixture *f);
void fixture_close(struct fixture *f);

#define TEST(t)                                                                \
	cmocka_unit_test_setup_teardown(t, fixture_setup, fixture_teardown)
#define TEST_OPEN(t)                                                           \
	cmocka_unit_test_setup_teardown(t, fixture_setup_open, fixture_teardown)

#endif
