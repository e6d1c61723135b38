// SPDX-License-Identifier: MIT
// Hot resets and the devices they affect, feature probes, and the error and
// request interrupts.

#include "fixture.h"

#define NOT_OWNED UAPI_HOT_RESET_NOT_OWNED

/* The device and its neighbour, which is in a group or has a number of its own.
 */
static void hot_reset_set_reach(struct fixture *f, int group, uint32_t devid)
{
	const struct fake_dependent dependents[] = {
		{0, 2, 0, 7, 73},
		{0, 2, 1, group, devid},
	};

	memcpy(f->nvme->dependents, dependents, sizeof(dependents));
	f->nvme->dependent_count = 2;
}

static void names_what_it_reaches(void **state)
{
	struct lend_reset_target targets[3] = {{0}};
	struct fixture *f = *state;

	hot_reset_set_reach(f, 8, NOT_OWNED);
	f->nvme->dependents[1].domain = 0x10;
	f->nvme->dependents[1].devfn = 0xfd;
	assert_int_equal(lend_device_hot_reset_info(f->device, NULL, 0), 2);
	assert_int_equal(lend_device_hot_reset_info(f->device, targets, 3), 2);
	assert_int_equal(targets[0].bus, 2);
	assert_int_equal(targets[0].group, f->is_iommufd ? -1 : 7);
	assert_true(targets[0].is_ours);
	assert_int_equal(targets[1].domain, 0x10);
	assert_int_equal(targets[1].slot, 0x1f);
	assert_int_equal(targets[1].function, 5);
	assert_int_equal(targets[1].group, f->is_iommufd ? -1 : 8);
	assert_false(targets[1].is_ours);
	/* No more than there is room for. */
	memset(targets, 0, sizeof(targets));
	assert_int_equal(lend_device_hot_reset_info(f->device, targets, 1), 2);
	assert_int_equal(targets[1].domain, 0);
}

/* Behind VMD, domains begin at 0x10000; the kernel reports 16 bits. */
static void large_domains_are_kept(void **state)
{
	static const struct fake_dependent dependents[] = {
		{0, 2, 0, 9, 74},
		{0, 2, 1, 8, NOT_OWNED},
	};
	struct lend_reset_target targets[2];
	struct fixture *f = *state;
	struct lend_address *address;
	struct fake_device *fake;
	struct lend_device *far;

	fake = fake_pci_add(f->fake, "10000:02:00.0", 9);
	memcpy(fake->dependents, dependents, sizeof(dependents));
	fake->dependent_count = 2;
	assert_int_equal(lend_address_find(f->ctx, "10000:02:00.0", &address),
			 0);
	assert_int_equal(lend_device_open(f->iommu, address, NULL, &far), 0);
	lend_address_unref(address);
	assert_int_equal(lend_device_hot_reset_info(far, targets, 2), 2);
	assert_int_equal(targets[0].domain, 0x10000);
	assert_int_equal(targets[1].domain, 0x10000);
	assert_error(f, lend_device_hot_reset(far), -EBUSY, LEND_ERROR_BUSY);
	assert_reported(f, "not open in this process", "10000:02:00.1",
			"lend bind");
	lend_device_unref(far);
}

static void refused_where_others_are_reached(void **state)
{
	struct fixture *f = *state;

	hot_reset_set_reach(f, 8, NOT_OWNED);
	assert_error(f, lend_device_hot_reset(f->device), -EBUSY,
		     LEND_ERROR_BUSY);
	assert_reported(f, "not open in this process", "0000:02:00.1",
			"lend bind");
	assert_null(strstr(lend_ctx_error(f->ctx)->evidence, "0000:02:00.0"));
	assert_int_equal(
		fake_count(f->fake, FAKE_IOCTL, VFIO_DEVICE_PCI_HOT_RESET), 0);
}

static void done_where_all_is_ours(void **state)
{
	struct fixture *f = *state;

	/* Of the same group; by iommufd, owned though not open. */
	hot_reset_set_reach(f, 7, UAPI_HOT_RESET_OWNED);
	assert_int_equal(lend_device_hot_reset(f->device), 0);
	assert_int_equal(f->nvme->hot_resets, 1);
}

static void done_where_both_are_open(void **state)
{
	struct fixture *f = *state;
	struct lend_device *other;

	hot_reset_set_reach(f, 8, 74);
	assert_int_equal(fixture_open_other(f, f->iommu, 8, &other), 0);
	assert_int_equal(lend_device_hot_reset(f->device), 0);
	assert_int_equal(f->nvme->hot_resets, 1);
	lend_device_unref(other);
}

static void a_device_without_hot_reset_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_error(f, lend_device_hot_reset(f->device), -ENOTSUP,
		     LEND_ERROR_DEVICE);
	assert_error(f, lend_device_hot_reset_info(f->device, NULL, 0),
		     -ENOTSUP, LEND_ERROR_DEVICE);
	assert_reported(f, "hot reset is unsupported", "slot", "");
}

static void failure_is_reported(void **state)
{
	struct fixture *f = *state;

	hot_reset_set_reach(f, 7, 74);
	f->nvme->hot_reset_error = EIO;
	assert_error(f, lend_device_hot_reset(f->device), -EIO,
		     LEND_ERROR_DEVICE);
	assert_reported(f, "hot reset failed: Input/output error", "", "");
}

static void count_that_makes_no_sense(void **state)
{
	struct fixture *f = *state;

	hot_reset_set_reach(f, 7, 74);
	f->nvme->told_dependents = 0xffffffff;
	assert_error(f, lend_device_hot_reset(f->device), -EBADMSG,
		     LEND_ERROR_DEVICE);
	f->nvme->told_dependents = 0x20000001;
	assert_error(f, lend_device_hot_reset_info(f->device, NULL, 0),
		     -EBADMSG, LEND_ERROR_DEVICE);
	/* No error, and more than there was room for. */
	f->nvme->fits_dependents = true;
	assert_error(f, lend_device_hot_reset_info(f->device, NULL, 0),
		     -EBADMSG, LEND_ERROR_DEVICE);
}

static void more_than_expected_are_asked_for_again(void **state)
{
	struct lend_reset_target targets[40];
	struct fixture *f = *state;
	unsigned int ours = 0;

	hot_reset_set_reach(f, 7, 74);
	for (int i = 0; i < FAKE_DEPENDENTS; i++)
		f->nvme->dependents[i] = f->nvme->dependents[0];
	f->nvme->dependent_count = FAKE_DEPENDENTS;
	fake_log_clear(f->fake); /* containers have the same number */
	assert_int_equal(lend_device_hot_reset_info(f->device, targets, 40),
			 FAKE_DEPENDENTS);
	for (int i = 0; i < FAKE_DEPENDENTS; i++)
		ours += targets[i].is_ours;
	assert_int_equal(ours, FAKE_DEPENDENTS);
	assert_int_equal(fake_count(f->fake, FAKE_IOCTL,
				    VFIO_DEVICE_GET_PCI_HOT_RESET_INFO),
			 2);
	assert_int_equal(lend_device_hot_reset(f->device), 0);
}

static void calls_that_fail(void **state)
{
	struct fixture *f = *state;

	hot_reset_set_reach(f, 7, 74);
	f->fake->fail_at = f->fake->calls + 1;
	f->fake->fail_error = EIO;
	assert_error(f, lend_device_hot_reset(f->device), -EIO,
		     LEND_ERROR_SYSTEM);
	f->fake->fail_at = f->fake->calls + 2;
	assert_error(f, lend_device_hot_reset(f->device), -EIO,
		     LEND_ERROR_DEVICE);
}

static void features_are_probed(void **state)
{
	struct fixture *f = *state;

	assert_false(lend_device_has_feature(f->device, 0, 0));
	f->nvme->can_set = 1 << VFIO_DEVICE_FEATURE_PCI_VF_TOKEN;
	f->nvme->can_get = 1 << VFIO_DEVICE_FEATURE_MIGRATION;
	assert_true(lend_device_has_feature(f->device, 0, 0));
	assert_true(lend_device_has_feature(f->device, 0, LEND_FEATURE_SET));
	assert_false(lend_device_has_feature(f->device, 0, LEND_FEATURE_GET));
	assert_true(lend_device_has_feature(f->device, 1, LEND_FEATURE_GET));
	assert_false(lend_device_has_feature(
		f->device, 1, LEND_FEATURE_GET | LEND_FEATURE_SET));
	assert_false(lend_device_has_feature(f->device, 0x10000, 0));
	assert_false(lend_device_has_feature(f->device, 0, 4));
}

static void errors_and_requests_signal(void **state)
{
	struct fixture *f = *state;
	const struct fake_irq *irqs = f->nvme->irqs;
	int fd = 9;

	for (unsigned int i = LEND_PCI_IRQ_ERR; i <= LEND_PCI_IRQ_REQ; i++) {
		fake_irq_set(f->nvme, i, 1,
			     VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE);
	}
	assert_int_equal(fixture_open(f), 0);
	for (unsigned int i = LEND_PCI_IRQ_ERR; i <= LEND_PCI_IRQ_REQ; i++) {
		assert_int_equal(lend_device_irq(f->device, i)->count, 1);
		assert_int_equal(lend_irq_set(f->device, i, 0, 1, &fd), 0);
		assert_int_equal(irqs[i].trigger[0], 9);
		assert_int_equal(lend_irq_disable(f->device, i), 0);
		assert_int_equal(irqs[i].trigger[0], -1);
		/* What is on goes off when the device is closed. */
		assert_int_equal(lend_irq_set(f->device, i, 0, 1, &fd), 0);
	}
	fixture_close(f);
	assert_idle(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_OPEN(names_what_it_reaches),
		BOTH_OPEN(large_domains_are_kept),
		BOTH_OPEN(refused_where_others_are_reached),
		BOTH_OPEN(done_where_all_is_ours),
		BOTH_OPEN(done_where_both_are_open),
		BOTH_OPEN(a_device_without_hot_reset_is_refused),
		BOTH_OPEN(failure_is_reported),
		BOTH_OPEN(count_that_makes_no_sense),
		BOTH_OPEN(more_than_expected_are_asked_for_again),
		BOTH_OPEN(calls_that_fail),
		BOTH_OPEN(features_are_probed),
		BOTH(errors_and_requests_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
