// SPDX-License-Identifier: MIT
// The choice of a function's reset, and functions that are reset together.

#include <errno.h>
#include <string.h>

#include <lend/reset.h>

#include "function.h"
#include "lib/base/uapi.h"

#define FIRST  "0000:02:00.0"
#define SECOND "0000:02:00.1"

/* A second function, in the same machine. */
struct second {
	struct fake_vm vm;
	struct fake_device *host;
	struct lend_device *device;
	struct lend_pci *pci;
};

enum { POWER = 1, FLR = 2 };

/* Gives a function's image the resets that it is to have. */
static void set_resets(struct fake_device *host, unsigned int resets)
{
	uint8_t *config = host->regions[LEND_PCI_REGION_CONFIG].bytes;

	image_full(config);
	image_put(config, 0x44, 2, resets & POWER ? 0x0000 : 0x0008);
	image_put(config, 0x74, 4, resets & FLR ? 0x10008fe3 : 0x00008fe3);
	image_put(config, 0xda, 2, resets & FLR ? 0x0306 : 0x0006);
	host->flags = VFIO_DEVICE_FLAGS_PCI;
	if (resets)
		host->flags |= VFIO_DEVICE_FLAGS_RESET;
}

/* A hot reset reaches both functions, of groups 7 and @group. */
static void reset_set_reach(struct fake_device *host, int group, uint32_t devid)
{
	host->dependents[0] = (struct fake_dependent){0, 2, 0, 7, 73};
	host->dependents[1] = (struct fake_dependent){0, 2, 1, group, devid};
	host->dependent_count = 2;
}

static void reach_itself(struct fake_device *host)
{
	reset_set_reach(host, 8, 74);
	host->dependent_count = 1;
}

static void set_methods(struct function *f, const char *methods)
{
	fake_kernel_file(f->fake, "sys/bus/pci/devices/" FIRST "/reset_method",
			 methods);
}

static void open_first(struct function *f)
{
	assert_int_equal(function_open(f, NULL), 0);
	f->asked[0] = '\0';
	fake_log_clear(f->fake);
}

static void open_second(struct function *f, struct second *second,
			unsigned int resets)
{
	struct lend_address *address;

	memset(second, 0, sizeof(*second));
	second->vm.broken = f->vm.broken;
	second->host = fake_pci_add(f->fake, SECOND, 8);
	set_resets(second->host, resets);
	assert_int_equal(
		lend_address_find_host(f->ctx, LEND_BUS_PCI, SECOND, &address),
		0);
	assert_int_equal(
		lend_device_open(f->iommu, address, NULL, &second->device), 0);
	lend_address_unref(address);
	assert_int_equal(lend_pci_new(second->device, NULL, &fake_vm_ops,
				      &second->vm, &second->pci),
			 0);
	f->warnings = 0; /* of its BARs, which are not there */
}

static void close_second(struct second *second)
{
	lend_pci_free(second->pci);
	lend_device_unref(second->device);
}

static void assert_warned(const struct function *f, const char *words)
{
	if (!strstr(f->warning, words))
		fail_msg("\"%s\" lacks \"%s\"", f->warning, words);
}

static void its_own_comes_first(void **state)
{
	struct function *f = *state;

	set_resets(f->host, FLR | POWER);
	reach_itself(f->host);
	open_first(f);
	assert_int_equal(lend_pci_reset(f->pci), 0);
	assert_int_equal(f->host->resets, 1);
	assert_int_equal(f->host->hot_resets, 0);
}

static void hot_reset_comes_before_power_state(void **state)
{
	struct function *f = *state;

	set_resets(f->host, POWER);
	reach_itself(f->host);
	open_first(f);
	assert_int_equal(lend_pci_reset(f->pci), 0);
	assert_int_equal(f->host->resets, 0);
	assert_int_equal(f->host->hot_resets, 1);
	/* Quiet before. */
	expect_asked(f, "config 4/2 0; ");
	/* And the power state where that fails, or there is none. */
	f->host->hot_reset_error = EIO;
	assert_int_equal(lend_pci_reset(f->pci), 0);
	assert_int_equal(f->host->resets, 1);
	f->host->dependent_count = 0;
	assert_int_equal(lend_pci_reset(f->pci), 0);
	assert_int_equal(f->host->resets, 2);
	assert_int_equal(f->host->hot_resets, 1);
	assert_int_equal(f->warnings, 0);
}

static void sleepers_are_woken_first(void **state)
{
	struct function *f = *state;

	set_resets(f->host, FLR | POWER);
	open_first(f);
	cfg_put(f, 0x44, 2, 3);
	f->asked[0] = '\0';
	assert_int_equal(lend_pci_reset(f->pci), 0);
	expect_asked(f, "config 4/2 0; config 44/2 0; reset; ");
}

static void hot_reset_comes_after_its_own_failed(void **state)
{
	struct function *f = *state;

	set_resets(f->host, FLR);
	reach_itself(f->host);
	open_first(f);
	f->fake->fail_at = 2;
	f->fake->fail_error = ENOTTY;
	assert_int_equal(lend_pci_reset(f->pci), 0);
	assert_int_equal(f->host->resets, 0);
	assert_int_equal(f->host->hot_resets, 1);
	/* Where nothing works, the first failure is the one that counts. */
	f->host->hot_reset_error = EIO;
	f->fake->fail_at = f->fake->calls + 2;
	assert_int_equal(lend_pci_reset(f->pci), -ENOTTY);
	assert_non_null(strstr(lend_ctx_error(f->ctx)->what, "reset failed"));
	assert_null(strstr(lend_ctx_error(f->ctx)->what, "hot"));
}

/* An administrator, or a quirk of the kernel, chose another order. */
static void reset_with_methods(struct function *f, const char *methods)
{
	set_resets(f->host, POWER);
	reach_itself(f->host);
	set_methods(f, methods);
	open_first(f);
	/* What is read at the open counts: later no file may be opened. */
	set_methods(f, "pm");
	lend_ctx_confine(f->ctx);
	assert_int_equal(lend_pci_reset(f->pci), 0);
}

static void an_order_of_the_kernel_counts(void **state)
{
	struct function *f = *state;

	reset_with_methods(f, "device_specific pm bus\n");
	assert_int_equal(f->host->resets, 1);
}

static void power_may_come_first(void **state)
{
	struct function *f = *state;

	reset_with_methods(f, "pm bus\n");
	assert_int_equal(f->host->hot_resets, 1);
}

static void other_methods_may_begin_alike(void **state)
{
	struct function *f = *state;

	reset_with_methods(f, "pmx\n");
	assert_int_equal(f->host->resets, 1);
}

static void power_first_though_it_has_flr(void **state)
{
	struct function *f = *state;

	set_resets(f->host, FLR | POWER);
	reach_itself(f->host);
	set_methods(f, "pm");
	open_first(f);
	assert_int_equal(lend_pci_reset(f->pci), 0);
	assert_int_equal(f->host->hot_resets, 1);
	assert_int_equal(f->host->resets, 0);
}

static void a_guest_resets_one_function(void **state)
{
	struct second second;
	struct function *f = *state;

	set_resets(f->host, FLR | POWER);
	set_methods(f, "pm");
	reset_set_reach(f->host, 8, 74);
	open_first(f);
	open_second(f, &second, 0);
	cfg_put(f, 0x79, 1, 0x80);
	assert_int_equal(f->host->resets, 1);
	assert_int_equal(second.host->resets, 0);
	/* What a guest can provoke is logged once, and has no other effect. */
	fake_log_clear(f->fake);
	for (int i = 0; i < 2; i++) {
		f->fake->fail_at = f->fake->calls + 2;
		f->fake->fail_error = EIO;
		cfg_put(f, 0x79, 1, 0x80);
	}
	assert_int_equal(f->warnings, 1);
	assert_int_equal(f->host->hot_resets, 0);
	close_second(&second);
}

static void nobody_else_is_touched(void **state)
{
	struct second second;
	struct function *f = *state;

	set_resets(f->host, 0);
	reset_set_reach(f->host, 8, 74);
	open_first(f);
	open_second(f, &second, 0);
	assert_int_equal(lend_pci_reset(f->pci), 0);
	assert_int_equal(f->host->hot_resets, 0);
	assert_int_equal(f->warnings, 1);
	assert_warned(f, "bus mastering is disabled");
	assert_warned(f, "in use: " SECOND);
	assert_null(strstr(f->warning, "bound"));
	/* Once it is closed, but ours, nobody uses it. */
	close_second(&second);
	reset_set_reach(f->host, 7, UAPI_HOT_RESET_OWNED);
	assert_int_equal(lend_pci_reset(f->pci), 0);
	assert_int_equal(f->host->hot_resets, 1);
}

static void who_stands_in_the_way_is_named(void **state)
{
	struct function *f = *state;
	struct fake_device *other = fake_pci_add(f->fake, SECOND, 8);

	fake_driver_set(other, "snd_hda_intel");
	set_resets(f->host, 0);
	reset_set_reach(f->host, 8, UAPI_HOT_RESET_NOT_OWNED);
	open_first(f);
	assert_int_equal(lend_pci_reset_all(&f->pci, 1), 0);
	assert_int_equal(f->host->hot_resets, 0);
	assert_warned(f, FIRST ": cannot be reset");
	assert_warned(f, "not open in this process: " SECOND);
	assert_null(strstr(f->warning, "snd_hda_intel"));
	/* Guests restart as often as they like. */
	assert_int_equal(lend_pci_reset_all(&f->pci, 1), 0);
	assert_int_equal(f->warnings, 1);
}

static void one_hot_reset_serves_all(void **state)
{
	struct second second;
	struct function *f = *state;
	struct lend_pci *all[2];

	set_resets(f->host, 0);
	reset_set_reach(f->host, 8, 74);
	open_first(f);
	open_second(f, &second, POWER);
	reset_set_reach(second.host, 8, 74);
	all[0] = f->pci;
	all[1] = second.pci;
	cfg_put(f, 0x04, 2, 6);
	assert_int_equal(lend_pci_reset_all(all, 2), 0);
	assert_int_equal(f->host->hot_resets + second.host->hot_resets, 1);
	assert_int_equal(f->host->resets + second.host->resets, 0);
	assert_int_equal(cfg_get(f, 0x04, 2), 0);
	assert_int_equal(f->warnings, 0);
	close_second(&second);
}

/* One that the other's hot reset takes along needs none of its own. */
static void those_that_take_others_along_come_first(void **state)
{
	struct second second;
	struct function *f = *state;
	struct lend_pci *all[2];

	set_resets(f->host, FLR);
	open_first(f);
	open_second(f, &second, 0);
	reset_set_reach(second.host, 8, 74);
	all[0] = f->pci;
	all[1] = second.pci;
	assert_int_equal(lend_pci_reset_all(all, 2), 0);
	assert_int_equal(second.host->hot_resets, 1);
	assert_int_equal(f->host->resets, 0);
	/* Where that is refused, each is reset as it can be. */
	second.host->hot_reset_error = EIO;
	assert_int_equal(lend_pci_reset_all(all, 2), 0);
	assert_int_equal(f->host->resets, 1);
	assert_int_equal(f->warnings, 1);
	assert_warned(f, SECOND ": cannot be reset");
	close_second(&second);
}

static void warn_of_pending(struct function *f, unsigned int resets,
			    unsigned int status, unsigned int pin)
{
	set_resets(f->host, resets);
	image_put(f->host->regions[LEND_PCI_REGION_CONFIG].bytes, 0x06, 2,
		  0x10 | status);
	image_put(f->host->regions[LEND_PCI_REGION_CONFIG].bytes, 0x3d, 1, pin);
	open_first(f);
}

static void a_pending_interrupt_that_stays_is_reported(void **state)
{
	struct function *f = *state;

	warn_of_pending(f, 0, 0x08, 1);
	assert_int_equal(f->warnings, 1);
	assert_warned(f, FIRST ": INTx is pending");
}

static void a_pending_interrupt_that_a_reset_clears_is_not(void **state)
{
	struct function *f = *state;

	warn_of_pending(f, FLR, 0x08, 1);
	assert_int_equal(f->warnings, 0);
}

static void no_interrupt_is_reported_without_one(void **state)
{
	struct function *f = *state;

	warn_of_pending(f, 0, 0, 1);
	assert_int_equal(f->warnings, 0);
}

static void no_interrupt_is_reported_without_a_pin(void **state)
{
	struct function *f = *state;

	warn_of_pending(f, 0, 0x08, 0);
	assert_int_equal(f->warnings, 0);
}

static void a_failure_leaves_none_out(void **state)
{
	struct second second;
	struct function *f = *state;
	struct lend_pci *all[2];

	set_resets(f->host, FLR);
	open_first(f);
	open_second(f, &second, FLR);
	all[0] = f->pci;
	all[1] = second.pci;
	f->host->busy_resets = 1000;
	assert_int_equal(lend_pci_reset_all(all, 2), -EAGAIN);
	assert_int_equal(second.host->resets, 1);
	assert_warned(f, FIRST ": not reset: reset failed");
	assert_int_equal(lend_pci_reset_all(all, 0), 0);
	close_second(&second);
}

struct reset_runs {
	unsigned int calls;
	unsigned int resets; /* of the first function, when they begin */
	struct function *f;
};

/* The last first: any order will do. */
static void run_backwards(void *opaque, size_t count,
			  void (*work)(void *task, size_t i), void *task)
{
	struct reset_runs *runs = opaque;

	runs->calls++;
	runs->resets = runs->f->host->hot_resets;
	while (count)
		work(task, --count);
}

static void own_resets_are_the_callers_to_run(void **state)
{
	struct second second;
	struct function *f = *state;
	struct reset_runs runs = {.f = f};
	struct lend_pci *all[2];

	set_resets(f->host, FLR);
	open_first(f);
	open_second(f, &second, FLR);
	all[0] = f->pci;
	all[1] = second.pci;
	assert_int_equal(lend_pci_reset_all_by(all, 2, run_backwards, &runs),
			 0);
	assert_int_equal(runs.calls, 1);
	assert_int_equal(f->host->resets, 1);
	assert_int_equal(second.host->resets, 1);
	/* One that fails is tried once more, and reported. */
	f->host->busy_resets = 1000;
	assert_int_equal(lend_pci_reset_all_by(all, 2, run_backwards, &runs),
			 -EAGAIN);
	assert_int_equal(second.host->resets, 2);
	assert_warned(f, FIRST ": not reset: reset failed");
	close_second(&second);
}

/* A function that another's hot reset has reached is not reset again. */
static void hot_resets_are_not_run(void **state)
{
	struct second second;
	struct function *f = *state;
	struct reset_runs runs = {.f = f};
	struct lend_pci *all[2];

	set_resets(f->host, 0);
	reset_set_reach(f->host, 8, 74);
	open_first(f);
	open_second(f, &second, FLR);
	all[0] = f->pci;
	all[1] = second.pci;
	assert_int_equal(lend_pci_reset_all_by(all, 2, run_backwards, &runs),
			 0);
	assert_int_equal(runs.resets, 1);
	assert_int_equal(second.host->resets, 0);
	close_second(&second);
}

#define BOTH(t)                                                                \
	TEST(t),                                                               \
	{                                                                      \
#t ", iommufd", t, setup_iommufd, pci_function_teardown, NULL  \
	}

static int setup_iommufd(void **state)
{
	struct function *f;

	if (pci_function_setup(state))
		return -1;
	f = *state;
	fake_iommufd_add(f->fake);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(its_own_comes_first),
		BOTH(hot_reset_comes_before_power_state),
		BOTH(sleepers_are_woken_first),
		BOTH(hot_reset_comes_after_its_own_failed),
		BOTH(an_order_of_the_kernel_counts),
		BOTH(power_may_come_first),
		BOTH(other_methods_may_begin_alike),
		BOTH(power_first_though_it_has_flr),
		BOTH(a_guest_resets_one_function),
		BOTH(nobody_else_is_touched),
		BOTH(who_stands_in_the_way_is_named),
		BOTH(one_hot_reset_serves_all),
		BOTH(those_that_take_others_along_come_first),
		BOTH(a_failure_leaves_none_out),
		BOTH(own_resets_are_the_callers_to_run),
		BOTH(hot_resets_are_not_run),
		BOTH(a_pending_interrupt_that_stays_is_reported),
		BOTH(a_pending_interrupt_that_a_reset_clears_is_not),
		BOTH(no_interrupt_is_reported_without_one),
		BOTH(no_interrupt_is_reported_without_a_pin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
