/* SPDX-License-Identifier: MIT */
/* A scripted machine with one or two devices, and its assertions. */
#ifndef TESTS_UNIT_LIB_DEVICE_FIXTURE_H
#define TESTS_UNIT_LIB_DEVICE_FIXTURE_H

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
#include <lend/irq.h>
#include <lend/region.h>
#include <lend/reset.h>
#include <lend/iommu.h>

#include "lib/base/uapi.h"
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
	struct lend_vectors *vectors;
	char warning[1024]; /* the last one */
	char message[1024]; /* the last INFO */

	/* What differs between the back ends. */
	bool is_iommufd;
	struct fake_space *space;
	unsigned long map, unmap; /* ioctls */
	struct lend_iommu_options options;
};

/* A device in group 7: BAR 0 of 64 KiB with a hole in its mappable areas, BAR 2
 * of 4 MiB mappable whole, INTx, 8 MSI, 64 MSI-X. Nothing is open. */
int fixture_setup(void **state);

/* As that, with the device open. */
int fixture_setup_open(void **state);

/* Both on a kernel that offers iommufd for every device. */
int fixture_setup_iommufd(void **state);
int fixture_setup_iommufd_open(void **state);

/* Closes everything and fails if anything is left over. */
int fixture_teardown(void **state);

/* Asserts what a call returned and what the record says. */
void assert_error(struct fixture *f, int result, int err,
		  enum lend_error_code code);

/* Asserts that the record's fact, evidence and remedy have these words. */
void assert_reported(struct fixture *f, const char *what, const char *evidence,
		     const char *remedy);

void assert_idle(struct fixture *f);

/* Removes a node or file below the machine's root. */
void fixture_remove(struct fixture *f, const char *path);

/* lend_iommu_new() with f->options and lend_device_open(). */
int fixture_open(struct fixture *f);
void fixture_close(struct fixture *f);

/* Adds the device OTHER in a group and opens it. */
int fixture_open_other(struct fixture *f, struct lend_iommu *iommu, int group,
		       struct lend_device **other);

#define TEST(t)                                                                \
	cmocka_unit_test_setup_teardown(t, fixture_setup, fixture_teardown)
#define TEST_OPEN(t)                                                           \
	cmocka_unit_test_setup_teardown(t, fixture_setup_open, fixture_teardown)
#define TEST_IOMMUFD(t)                                                        \
	{                                                                      \
#t ", iommufd", t, fixture_setup_iommufd, fixture_teardown,    \
			NULL                                                   \
	}
#define TEST_IOMMUFD_OPEN(t)                                                   \
	{                                                                      \
#t ", iommufd", t, fixture_setup_iommufd_open,                 \
			fixture_teardown, NULL                                 \
	}
/* On both back ends. */
#define BOTH(t)      TEST(t), TEST_IOMMUFD(t)
#define BOTH_OPEN(t) TEST_OPEN(t), TEST_IOMMUFD_OPEN(t)

#endif
