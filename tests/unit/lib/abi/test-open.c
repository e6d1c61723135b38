// SPDX-License-Identifier: MIT
// Contexts, address spaces and devices, opened by programs of other releases.

#include <lend/version.h>

#include "guarded.h"
#include "lib/base/kernel.h"
#include "tests/unit/lib/device/fixture.h"

static void log_nothing(void *opaque, enum lend_log_level level,
			const char *text)
{
	(void)opaque;
	(void)level;
	(void)text;
}

static int call_ctx_new(void *opaque, const void *given)
{
	struct lend_ctx *ctx;
	int err = lend_ctx_new(given, &ctx);

	(void)opaque;
	if (!err)
		lend_ctx_unref(ctx);
	return err;
}

static void contexts_of_other_releases(void **state)
{
	const struct lend_ctx_options options = {
		.sysfs = "/sys",
		.log = log_nothing,
	};
	const struct sized_reader reader = {
		.name = "lend_ctx_options",
		.first = offsetofend(struct lend_ctx_options, log_opaque),
		.known = offsetofend(struct lend_ctx_options, kernel),
		.call = call_ctx_new,
	};

	(void)state;
	sized_check(&reader, &options);
}

static int context_on(size_t size, unsigned int version)
{
	const struct lend_kernel kernel = {size, version, kernel_real()};
	const struct lend_ctx_options options = {
		.size = sizeof(options),
		.kernel = &kernel,
	};

	return call_ctx_new(NULL, &options);
}

/* Its table would be read as something else. */
static void kernels_of_other_releases(void **state)
{
	const unsigned int version = lend_version();

	(void)state;
	assert_int_equal(context_on(sizeof(struct kernel), version), 0);
	assert_int_equal(context_on(sizeof(struct kernel), version + 1),
			 -ENOTSUP);
	assert_int_equal(context_on(sizeof(struct kernel) - 8, version),
			 -ENOTSUP);
}

static int call_iommu_new(void *opaque, const void *given)
{
	struct fixture *f = opaque;
	struct lend_iommu *iommu;
	int err = lend_iommu_new(f->ctx, given, &iommu);

	if (!err)
		lend_iommu_unref(iommu);
	return err;
}

static void address_spaces_of_other_releases(void **state)
{
	struct fixture *f = *state;
	const struct sized_reader reader = {
		.name = "lend_iommu_options",
		.first = offsetofend(struct lend_iommu_options, iommufd),
		.known = offsetofend(struct lend_iommu_options, iommufd),
		.call = call_iommu_new,
		.opaque = f,
		.error = lend_ctx_error(f->ctx),
	};

	sized_check(&reader, &f->options);
}

static int call_device_open(void *opaque, const void *given)
{
	struct fixture *f = opaque;
	struct lend_device *device;
	int err = lend_device_open(f->iommu, f->address, given, &device);

	if (!err)
		lend_device_unref(device);
	return err;
}

static int call_device_open_fd(void *opaque, const void *given)
{
	struct fixture *f = opaque;
	struct lend_device *device;
	int fd = fake_device_pass(f->nvme);
	int err = lend_device_open_fd(f->iommu, fd, NULL, given, &device);

	if (err)
		fake_close_passed(f->fake, fd);
	else
		lend_device_unref(device);
	return err;
}

static void devices_of_other_releases(void **state)
{
	static const struct lend_device_options options;
	struct fixture *f = *state;
	struct sized_reader reader = {
		.name = "lend_device_options",
		.first = offsetofend(struct lend_device_options, opaque),
		.known = offsetofend(struct lend_device_options, opaque),
		.call = call_device_open,
		.opaque = f,
		.error = lend_ctx_error(f->ctx),
	};

	assert_int_equal(lend_iommu_new(f->ctx, NULL, &f->iommu), 0);
	sized_check(&reader, &options);
	if (!f->is_iommufd)
		return;
	reader.call = call_device_open_fd;
	sized_check(&reader, &options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contexts_of_other_releases),
		cmocka_unit_test(kernels_of_other_releases),
		TEST(address_spaces_of_other_releases),
		BOTH(devices_of_other_releases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
