// SPDX-License-Identifier: MIT
// The scripted host as tests of other programs have it: what it refuses, and
// what it counts.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <linux/vfio.h>

#include <lend/lend.h>
#include <lend/test.h>

static int host_setup(void **state)
{
	*state = lend_test_new();
	return 0;
}

static int host_teardown(void **state)
{
	lend_test_free(*state);
	return 0;
}

static void names_are_addresses(void **state)
{
	static const char *const wrong[] = {
		"",
		"01:00.0",
		"0000:01:00.8",
		"0000:01:20.0",
		"0000:0G:00.0",
		"0000:01:00.0 ",
		"../../../x:0",
	};
	struct lend_test *host = *state;
	char name[16];

	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_null(lend_test_add_pci(host, wrong[i], 1));
	assert_null(lend_test_add_pci(host, "0000:01:00.0", ~0u));
	for (unsigned int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "0000:01:00.%u", i);
		assert_non_null(lend_test_add_pci(host, name, i));
		assert_null(lend_test_add_pci(host, name, i));
	}
	assert_null(lend_test_add_pci(host, "0000:02:00.0", 9));
}

static void bars_do_not_overlap(void **state)
{
	struct lend_test_device *d =
		lend_test_add_pci(*state, "0000:01:00.0", 1);
	uint64_t size = 0;

	assert_int_equal(lend_test_add_bar(d, 0, 0x3000, 0), -EINVAL);
	assert_int_equal(lend_test_add_bar(d, 0, 0, 0), -EINVAL);
	assert_int_equal(lend_test_add_bar(d, 0, 1ull << 39, 0), -EINVAL);
	assert_int_equal(lend_test_add_bar(d, 0, 0x200, LEND_TEST_BAR_IO),
			 -EINVAL);
	assert_int_equal(lend_test_add_bar(d, 0, 64, 1u << 31), -EINVAL);
	assert_int_equal(lend_test_add_bar(d, 5, 64, LEND_TEST_BAR_64BIT),
			 -EINVAL);
	assert_int_equal(lend_test_add_bar(d, 6, 64, 0), -EINVAL);
	assert_int_equal(lend_test_add_bar(d, 0, 1ull << 38,
					   LEND_TEST_BAR_64BIT |
						   LEND_TEST_BAR_PREFETCHABLE),
			 0);
	assert_int_equal(lend_test_add_bar(d, 0, 64, 0), -EINVAL);
	assert_int_equal(lend_test_add_bar(d, 1, 64, 0), -EINVAL);
	assert_int_equal(lend_test_add_bar(d, 2, 64, 0), 0);
	assert_int_equal(lend_test_region(d, 7, &size)[0x10], 0xc);
	assert_int_equal(size, 4096);
	assert_null(lend_test_region(d, 1, &size));
	assert_null(lend_test_region(d, 99, &size));
}

static void capabilities_are_a_list(void **state)
{
	struct lend_test_device *d =
		lend_test_add_pci(*state, "0000:01:00.0", 1);
	const uint8_t *config = lend_test_region(d, 7, NULL);
	const uint8_t bytes[200] = {0};

	assert_int_equal(lend_test_add_bar(d, 0, 0x1000, 0), 0);
	assert_int_equal(lend_test_add_bar(d, 1, 64, LEND_TEST_BAR_IO), 0);
	assert_int_equal(lend_test_add_msi(d, 3), -EINVAL);
	assert_int_equal(lend_test_add_msi(d, 64), -EINVAL);
	assert_int_equal(lend_test_add_msix(d, 0, 0, 0), -EINVAL);
	assert_int_equal(lend_test_add_msix(d, 4, 0, 0x1000), -EINVAL);
	assert_int_equal(lend_test_add_msix(d, 4, 1, 0), -EINVAL);
	assert_int_equal(lend_test_add_msix(d, 2048, 0, 0), -EINVAL);
	assert_int_equal(lend_test_add_msi(d, 8), 0x40);
	assert_int_equal(lend_test_add_msix(d, 4, 0, 0x800), 0x50);
	assert_int_equal(lend_test_add_capability(d, 9, bytes, 200), -ENOSPC);
	assert_int_equal(lend_test_add_capability(d, 256, bytes, 1), -ENOSPC);
	assert_int_equal(config[0x34], 0x40);
	assert_int_equal(config[0x41], 0x50);
	assert_int_equal(config[0x51], 0);
	assert_int_equal(config[0x42], 0x80 | 3 << 1);
	assert_int_equal(config[0x52], 3);
	assert_int_equal(config[0x58] | config[0x59] << 8, 0x840);
}

static void interrupts_need_a_receiver(void **state)
{
	struct lend_test_device *d =
		lend_test_add_pci(*state, "0000:01:00.0", 1);
	uint64_t address;
	uint32_t data;

	assert_int_equal(lend_test_raise(d, LEND_PCI_IRQ_INTX, 0), -ENOTCONN);
	assert_int_equal(lend_test_raise(d, LEND_PCI_IRQ_INTX, 1), -EINVAL);
	assert_int_equal(lend_test_raise(d, LEND_PCI_IRQ_MSI, 0), -EINVAL);
	assert_int_equal(lend_test_raise(d, 99, 0), -EINVAL);
	assert_int_equal(lend_test_interrupt(*state, &address, &data), -EAGAIN);
	assert_null(lend_test_dma(d, 0, 1, LEND_DMA_READ));
	assert_null(lend_test_guest(*state, 0, 1));
}

struct watcher {
	unsigned int writes, region, size;
	uint64_t offset;
};

static void watcher_note(void *opaque, unsigned int region, uint64_t offset,
			 unsigned int size)
{
	struct watcher *w = opaque;

	w->writes++;
	w->region = region;
	w->offset = offset;
	w->size = size;
}

static int host_open(struct lend_test *host, struct lend_device **device)
{
	struct lend_ctx_options options = {.size = sizeof(options)};
	struct lend_address *address = NULL;
	struct lend_iommu *iommu = NULL;
	struct lend_ctx *ctx;
	int err;

	*device = NULL;
	assert_int_equal(lend_test_options(host, &options), 0);
	assert_int_equal(lend_ctx_new(&options, &ctx), 0);
	err = lend_address_find(ctx, "0000:01:00.0", &address);
	if (!err)
		err = lend_iommu_new(ctx, NULL, &iommu);
	if (!err)
		err = lend_device_open(iommu, address, NULL, device);
	lend_iommu_unref(iommu);
	lend_address_unref(address);
	lend_ctx_unref(ctx);
	return err;
}

static void state_is_counted(void **state)
{
	struct lend_test *host = *state;
	struct lend_test_device *d = lend_test_add_pci(host, "0000:01:00.0", 1);
	struct lend_device *device;
	struct watcher w = {0};
	char why[64];

	lend_test_on_write(d, watcher_note, &w);
	assert_true(lend_test_is_idle(host, why, sizeof(why)));
	assert_int_equal(host_open(host, &device), 0);
	assert_false(lend_test_is_idle(host, why, sizeof(why)));
	assert_string_not_equal(why, "");
	assert_int_equal(lend_test_count(host, LEND_TEST_DESCRIPTORS), 3);
	assert_int_equal(lend_test_count(host, LEND_TEST_VECTORS), 0);
	assert_int_equal(lend_test_count(host, 99), 0);
	assert_int_equal(lend_region_write(device, 7, 0x3c, "\5", 1), 0);
	assert_int_equal(w.writes, 1);
	assert_int_equal(w.region, 7);
	assert_int_equal(w.offset, 0x3c);
	assert_int_equal(w.size, 1);
	assert_int_equal(lend_device_reset(device), 0);
	assert_int_equal(lend_test_resets(d), 1);
	lend_device_unref(device);
	assert_true(lend_test_is_idle(host, NULL, 0));
}

static void a_call_of_a_kind_fails(void **state)
{
	struct lend_test *host = *state;
	struct lend_device *device;

	assert_non_null(lend_test_add_pci(host, "0000:01:00.0", 1));
	lend_test_fail(host, LEND_TEST_CALL_IOCTL, VFIO_GROUP_GET_DEVICE_FD, 1,
		       EBUSY);
	assert_false(lend_test_has_failed(host));
	assert_int_equal(host_open(host, &device), -EBUSY);
	assert_true(lend_test_has_failed(host));
	assert_int_equal(lend_test_calls(host, LEND_TEST_CALL_IOCTL,
					 VFIO_GROUP_GET_DEVICE_FD),
			 1);
	lend_test_fail(host, LEND_TEST_CALL_IOCTL, VFIO_GROUP_GET_DEVICE_FD, 2,
		       EBUSY);
	assert_int_equal(host_open(host, &device), 0);
	assert_false(lend_test_has_failed(host));
	lend_device_unref(device);
	assert_true(lend_test_calls(host, LEND_TEST_CALL_ANY, 0) >
		    lend_test_calls(host, LEND_TEST_CALL_IOCTL, 0));
	assert_true(lend_test_is_idle(host, NULL, 0));
}

static void options_have_room(void **state)
{
	struct lend_ctx_options options = {
		.size = offsetof(struct lend_ctx_options, kernel),
	};

	assert_int_equal(lend_test_options(*state, &options), -EINVAL);
	assert_null(options.sysfs);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, host_setup, host_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_are_addresses),     TEST(bars_do_not_overlap),
		TEST(capabilities_are_a_list), TEST(interrupts_need_a_receiver),
		TEST(state_is_counted),        TEST(a_call_of_a_kind_fails),
		TEST(options_have_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
