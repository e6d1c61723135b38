// SPDX-License-Identifier: MIT
// A virtio function is presented only if its DMA goes through the IOMMU.

#include <errno.h>
#include <string.h>

#include "function.h"

#define COMMON 0x40 /* in BAR 4 */

struct virtio_test {
	uint8_t features[8];
	unsigned int selected;
};

/* The device shows the word of its features that was selected. */
static void virtio_test_written(struct fake_device *device, unsigned int region,
				uint64_t offset, unsigned int size)
{
	struct virtio_test *test = device->opaque;
	uint8_t *bytes = device->regions[region].bytes;

	if (region != 4 || offset != COMMON || size != 4)
		return;
	/* Its memory decodes. */
	assert_true(device->regions[LEND_PCI_REGION_CONFIG].bytes[4] & 2);
	test->selected = bytes[COMMON];
	memcpy(bytes + COMMON + 4, test->features + 4 * (test->selected & 1),
	       4);
}

static struct virtio_test *virtio_test_make(struct function *f)
{
	static struct virtio_test test;
	uint8_t *config = f->host->regions[LEND_PCI_REGION_CONFIG].bytes;

	memset(&test, 0, sizeof(test));
	image_put(config, 0x00, 4, 0x10411af4);
	image_put(config, 0x04, 2, 0);
	config[0xca] = 16; /* the vendor-specific capability */
	config[0xcb] = 1;
	config[0xcc] = 4;
	image_put(config, 0xd0, 4, COMMON);
	f->host->written = virtio_test_written;
	f->host->opaque = &test;
	return &test;
}

static void a_guarded_device_is_presented(void **state)
{
	struct function *f = *state;
	struct virtio_test *test = virtio_test_make(f);

	test->features[4] = 0x02;
	assert_int_equal(function_open(f, NULL), 0);
	/* As it was before. */
	assert_int_equal(test->selected, 0);
	assert_int_equal(f->host->regions[LEND_PCI_REGION_CONFIG].bytes[4], 0);
}

static void an_unguarded_device_is_refused(void **state)
{
	const struct lend_error *e;
	struct function *f = *state;
	struct virtio_test *test = virtio_test_make(f);

	memset(test->features, 0xff, sizeof(test->features));
	test->features[4] = 0xfd;
	assert_int_equal(function_open(f, NULL), -ENOTSUP);
	e = lend_ctx_error(f->ctx);
	assert_int_equal(e->code, LEND_ERROR_NO_IOMMU);
	assert_non_null(strstr(e->what, "VIRTIO_F_ACCESS_PLATFORM"));
	assert_non_null(strstr(e->remedy, "iommu_platform=on"));
}

static void a_legacy_device_is_refused(void **state)
{
	struct function *f = *state;

	virtio_test_make(f);
	f->host->regions[LEND_PCI_REGION_CONFIG].bytes[0xcb] = 2;
	assert_int_equal(function_open(f, NULL), -ENOTSUP);
}

static void hardware_is_not_asked(void **state)
{
	struct function *f = *state;

	virtio_test_make(f);
	fake_kernel_file(f->fake, "proc/cpuinfo",
			 "processor\t: 0\nflags\t\t: fpu lahf_lm\n");
	assert_int_equal(function_open(f, NULL), 0);
}

static void what_cannot_be_read_is_a_warning(void **state)
{
	struct function *f = *state;

	virtio_test_make(f);
	f->host->regions[LEND_PCI_REGION_CONFIG].bytes[0xcc] = 7;
	assert_int_equal(function_open(f, NULL), 0);
	assert_non_null(strstr(f->warning, "virtio features cannot be read"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_guarded_device_is_presented),
		TEST(an_unguarded_device_is_refused),
		TEST(a_legacy_device_is_refused),
		TEST(hardware_is_not_asked),
		TEST(what_cannot_be_read_is_a_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
