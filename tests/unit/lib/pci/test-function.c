// SPDX-License-Identifier: MIT
// A lent function: calls to the kernel, guest accesses, reset, and failures of
// every call.

#include <errno.h>
#include <string.h>

#include <lend/pci_irq.h>

#include "function.h"

static void function_close_all(struct function *f)
{
	f->fake->fail_at = 0;
	lend_pci_free(f->pci);
	lend_device_unref(f->device);
	lend_iommu_unref(f->iommu);
	f->pci = NULL;
	f->device = NULL;
	f->iommu = NULL;
	f->asked[0] = '\0';
}

static void new_asks_for_nothing(void **state)
{
	struct function *f = *state;

	assert_int_equal(function_open(f, NULL), 0);
	/* The kernel left the device decoding. */
	expect_asked(f, "config 4/2 0; ");
	assert_int_equal(cfg_get(f, 4, 2), 0);
	assert_int_equal(f->host->vmas, 3);
	assert_int_equal(f->host->resets, 0);
	assert_int_equal(lend_pci_pin(f->pci), 1);
	assert_string_equal(lend_pci_name(f->pci), "0000:02:00.0");
	assert_int_equal(lend_pci_bar(f->pci, 0)->size, 0x4000);
	assert_int_equal(lend_pci_bar(f->pci, 6)->size, 0x10000);
	assert_int_equal(lend_pci_bar(f->pci, 7)->size, 0);
}

static void options_are_heeded(void **state)
{
	const struct lend_pci_options options = {
		.size = sizeof(options),
		.no_mmap = true,
		.multifunction = true,
	};
	struct function *f = *state;

	assert_int_equal(function_open(f, &options), 0);
	assert_int_equal(f->host->vmas, 0);
	assert_int_equal(cfg_get(f, 0x0e, 1), 0x80);
}

static void config_calls_are_counted(void **state)
{
	struct function *f = *state;
	unsigned int at;

	/* Emulated: none. */
	for (at = 0; at < 0x40; at += 4) {
		cfg_get(f, at, 4);
		function_expect_calls(f, at == 4);
	}
	/* The device's: one each. */
	assert_int_equal(cfg_get(f, 0xf0, 4),
			 *(uint32_t *)(f->host->regions[7].bytes + 0xf0));
	function_expect_calls(f, 1);
	cfg_get(f, 0x7a, 2);
	function_expect_calls(f, 1);
	/* Writes: one for what reaches the device, none for the rest. */
	cfg_put(f, 0x78, 2, 0x2810);
	function_expect_calls(f, 1);
	expect_asked(f, "config 78/2 295f; ");
	cfg_put(f, 0xf0, 4, 0);
	cfg_put(f, 0x3c, 1, 10);
	cfg_put(f, 0x10, 4, 0xffffffff);
	cfg_put(f, 0x06, 2, 0xffff);
	function_expect_calls(f, 0);
	expect_asked(f, "");
}

static void odd_config_accesses(void **state)
{
	struct function *f = *state;

	assert_int_equal(cfg_get(f, 0x1, 2), 0xffffffff);
	assert_int_equal(cfg_get(f, 0xfff, 4), 0xffffffff);
	assert_int_equal(cfg_get(f, 0x1000, 4), 0xffffffff);
	assert_int_equal(cfg_get(f, 0xfffffffc, 4), 0xffffffff);
	assert_int_equal(cfg_get(f, 0x0, 8), 0xffffffff);
	cfg_put(f, 0x3, 4, 0xffffffff);
	cfg_put(f, 0x1004, 2, 0xffffffff);
	cfg_put(f, 0x4, 3, 0xffffffff);
	function_expect_calls(f, 0);
	expect_asked(f, "");
}

static void unreadable_device_reads_ones(void **state)
{
	struct function *f = *state;

	f->fake->fail_at = 1;
	f->fake->fail_error = EIO;
	assert_int_equal(cfg_get(f, 0xf0, 4), 0xffffffff);
	f->fake->fail_at = 0;
}

static void trapped_accesses_reach_the_device(void **state)
{
	struct function *f = *state;
	uint8_t data[8] = {1, 2, 3, 4, 5, 6, 7, 8};

	lend_pci_bar_write(f->pci, 2, 0x18, data, 8);
	function_expect_calls(f, 1);
	assert_memory_equal(f->host->regions[2].bytes + 0x18, data, 8);
	memset(data, 0, sizeof(data));
	lend_pci_bar_read(f->pci, 2, 0x1a, data, 2);
	function_expect_calls(f, 1);
	assert_int_equal(data[0], 3);
	assert_int_equal(data[1], 4);
	assert_int_equal(data[2], 0);
}

static void accesses_outside_read_ones(void **state)
{
	static const struct {
		unsigned int bar;
		uint64_t offset;
		unsigned int size;
	} cases[] = {
		{2, 0x19, 8},   {2, 0x20, 1},        {2, UINT64_MAX, 2},
		{1, 0, 4},      {3, 0, 1},           {7, 0, 1},
		{0, 0x4000, 1}, {4294967295u, 0, 4}, {0, UINT64_MAX - 7, 8},
	};
	struct function *f = *state;
	uint8_t data[16], ones[8];
	unsigned int i;

	memset(ones, 0xff, sizeof(ones));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(data, 0, sizeof(data));
		lend_pci_bar_read(f->pci, cases[i].bar, cases[i].offset, data,
				  cases[i].size);
		assert_memory_equal(data, ones, cases[i].size);
		assert_int_equal(data[cases[i].size], 0);
		lend_pci_bar_write(f->pci, cases[i].bar, cases[i].offset, data,
				   cases[i].size);
	}
	data[0] = 0;
	lend_pci_bar_read(f->pci, 0, 0, data, 0);
	lend_pci_bar_read(f->pci, 0, 0, data, 9);
	assert_int_equal(data[0], 0);
	function_expect_calls(f, 0);
}

static void rom_is_read_only(void **state)
{
	struct function *f = *state;
	uint8_t data[4] = {1, 2, 3, 4};

	f->host->regions[6].bytes[0] = 0x55;
	f->host->regions[6].bytes[1] = 0xaa;
	lend_pci_bar_write(f->pci, 6, 0, data, 4);
	function_expect_calls(f, 0);
	lend_pci_bar_read(f->pci, 6, 0, data, 2);
	assert_int_equal(data[0], 0x55);
	assert_int_equal(data[1], 0xaa);
}

static void reset_begins_anew(void **state)
{
	static const uint32_t zero;
	struct function *f = *state;
	uint32_t control;

	lend_pci_bar_write(f->pci, 0, 0x100c, &zero, 4);
	place_all(f);
	cfg_put(f, 0xb2, 2, 0x8000);
	f->asked[0] = '\0';
	assert_int_equal(lend_pci_reset(f->pci), 0);
	expect_asked(f, "off 0; release 0; unmap 0; unmap 1; drop 0; drop 2; "
			"unmap 2; drop 4; config 4/2 0; reset; ");
	lend_pci_bar_read(f->pci, 0, 0x100c, &control, 4);
	assert_int_equal(control, 1);
	assert_int_equal(cfg_get(f, 0x04, 2), 0);
	assert_int_equal(cfg_get(f, 0x10, 4), 4);
	assert_int_equal(cfg_get(f, 0x3c, 1), 0);
	assert_int_equal(cfg_get(f, 0xb2, 2), 7);
	assert_false(f->host->irqs[LEND_PCI_IRQ_MSIX].on);
	place_all(f);
	assert_non_null(strstr(f->asked, "map 2 d0000000+10000"));
}

static void stop_leaves_the_reset_to_others(void **state)
{
	struct function *f = *state;

	place_all(f);
	cfg_put(f, 0xb2, 2, 0x8000);
	f->asked[0] = '\0';
	lend_pci_stop(f->pci);
	assert_non_null(strstr(f->asked, "drop 4; config 4/2 0; "));
	assert_null(strstr(f->asked, "reset"));
	assert_int_equal(f->host->resets, 0);
	assert_int_equal(cfg_get(f, 0x04, 2), 0);
	assert_int_equal(cfg_get(f, 0x10, 4), 4);
	assert_false(f->host->irqs[LEND_PCI_IRQ_MSIX].on);

	/* Nothing is left for the virtual machine to do. */
	f->asked[0] = '\0';
	assert_int_equal(lend_pci_reset(f->pci), 0);
	expect_asked(f, "config 4/2 0; reset; ");
}

static void guests_reset_functions_too(void **state)
{
	struct function *f = *state;

	place_all(f);
	cfg_put(f, 0x78, 2, 0x8000 | cfg_get(f, 0x78, 2));
	assert_int_equal(f->host->resets, 1);
	assert_int_equal(cfg_get(f, 0x04, 2), 0);
	cfg_put(f, 0xdc, 1, 1);
	assert_int_equal(f->host->resets, 2);
	assert_int_equal(cfg_get(f, 0x78, 2) & 0x8000, 0);
}

static void without_reset_bus_mastering_stops(void **state)
{
	struct function *f = *state;

	f->host->flags = VFIO_DEVICE_FLAGS_PCI;
	assert_int_equal(function_open(f, NULL), 0);
	assert_int_equal(cfg_get(f, 0x74, 4) & 1u << 28, 0);
	cfg_put(f, 0x04, 2, 0x0406);
	f->asked[0] = '\0';
	assert_int_equal(lend_pci_reset(f->pci), 0);
	expect_asked(f, "config 4/2 0; ");
	assert_int_equal(f->warnings, 1);
	cfg_put(f, 0x79, 1, 0x80);
	assert_int_equal(f->host->resets, 0);
}

static void failed_reset_is_reported(void **state)
{
	struct function *f = *state;

	place_all(f);
	fake_log_clear(f->fake);
	f->fake->fail_at = 2; /* after bus mastering was switched off */
	f->fake->fail_error = ENOTTY;
	assert_int_equal(lend_pci_reset(f->pci), -ENOTTY);
	assert_int_equal(lend_ctx_error(f->ctx)->code, LEND_ERROR_DEVICE);
	f->fake->fail_at = 0;
	assert_int_equal(cfg_get(f, 0x10, 4), 4);
}

static void nonsense_is_an_error(void **state)
{
	struct function *f = *state;

	f->host->regions[7].bytes[0x0e] = 1;
	assert_int_equal(function_open(f, NULL), -EBADMSG);
	assert_int_equal(lend_ctx_error(f->ctx)->code, LEND_ERROR_DEVICE);
	assert_non_null(strstr(lend_ctx_error(f->ctx)->what, "bridge"));
}

/* The kernel's sample devices have 255 bytes of configuration space. */
static void small_configuration_spaces(void **state)
{
	struct function *f = *state;

	f->host->regions[7].size = 255;
	assert_int_equal(function_open(f, NULL), 0);
	assert_int_equal(cfg_get(f, 0x00, 4), 0x10d38086);
	assert_int_equal(cfg_get(f, 0xfc, 4), 0xffffffff);
	assert_int_equal(cfg_get(f, 0x100, 4), 0xffffffff);
	function_close_all(f);
	f->host->regions[7].size = 32;
	assert_int_equal(function_open(f, NULL), -EBADMSG);
}

static void operations_must_be_complete(void **state)
{
	struct lend_pci_ops few = {.size = sizeof(few)};
	struct function *f = *state;
	struct lend_pci *pci;

	assert_int_equal(lend_pci_new(f->device, NULL, &few, NULL, &pci),
			 -EINVAL);
}

static void run_everything(struct function *f)
{
	static const uint32_t zero;

	place_all(f);
	cfg_put(f, 0x04, 2, 0x0007);
	cfg_put(f, 0xb2, 2, 0x8000);
	lend_pci_bar_write(f->pci, 0, 0x100c, &zero, 4);
	lend_pci_bar_write(f->pci, 0, 0x107c, &zero, 4);
	cfg_put(f, 0xb2, 2, 0);
	cfg_put(f, 0x52, 2, 0x21);
	lend_pci_reset(f->pci);
}

static uint32_t function_noise(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* A place that matters, more often than not. */
static void do_anything(struct function *f, uint32_t *seed)
{
	static const uint8_t places[] = {0x04, 0x04, 0x10, 0x14, 0x18,
					 0x20, 0x24, 0x30, 0x44, 0x52,
					 0x60, 0x78, 0xb2, 0xb3, 0xdc};
	unsigned int size = 1u << function_noise(seed) % 3;
	unsigned int what = function_noise(seed) % 16;
	unsigned int at = places[function_noise(seed) % sizeof(places)];
	uint32_t value = function_noise(seed) << 12 ^ function_noise(seed);
	uint8_t data[8];

	image_put(data, 0, 4, value);
	image_put(data, 4, 4, function_noise(seed) & function_noise(seed));
	f->vm.refusal = function_noise(seed) % 8 ? 0 : -EBUSY;
	f->vm.window_refusal = function_noise(seed) % 8 ? 0 : -ENOSPC;
	if (what < 8)
		cfg_put(f, at & ~(size - 1), size, value);
	else if (what < 9)
		cfg_put(f, function_noise(seed) % 4200, size, value);
	else if (what < 14)
		lend_pci_bar_write(f->pci, 0,
				   0xff0 + function_noise(seed) % 0xa0, data,
				   1 + function_noise(seed) % 8);
	else if (what < 15)
		lend_pci_bar_read(f->pci, function_noise(seed) % 8,
				  function_noise(seed) % 0x5000, data,
				  function_noise(seed) % 9);
	else
		cfg_get(f, function_noise(seed) % 4200, size);
}

/* Whatever a guest does, the machine has what the registers say. */
static void a_guest_may_do_anything(void **state)
{
	struct function *f = *state;
	uint32_t seed = 1;
	unsigned int n, i, on, command;

	for (n = 0; n < 50000; n++) {
		do_anything(f, &seed);
		f->asked[0] = '\0';
		fake_log_clear(f->fake);
		command = cfg_get(f, 4, 2);
		if (cfg_get(f, 0x44, 1) & 3)
			command = 0;
		for (i = 0; i < BAR_COUNT; i++)
			assert_true(!f->vm.placed[i] ||
				    command & (i == 2 ? 1 : 2));
		for (i = 0; i < LEND_PCI_WINDOWS; i++)
			assert_true(!f->vm.mapped[i] ||
				    f->vm.placed[i < 2 ? 0 : 4]);
		for (i = 0, on = 0; i < 3; i++)
			on += f->host->irqs[i].on;
		assert_true(on <= 1);
		assert_true(f->vm.intx == f->host->irqs[0].on);
	}
	assert_true(f->warnings < 10);
}

/* Each call fails in turn, when the function is made and when it is used. */
static void every_call_can_fail(void **state)
{
	static const int errors[] = {ENOMEM, EINVAL};
	struct function *f = *state;
	unsigned int n, e;
	bool reached;
	char why[128];

	for (e = 0; e < 2; e++) {
		for (n = 1, reached = true; reached && n < 1000; n++) {
			fake_log_clear(f->fake);
			f->fake->fail_at = n;
			f->fake->fail_error = errors[e];
			if (!function_open(f, NULL))
				run_everything(f);
			reached = f->fake->calls >= n;
			function_close_all(f);
			if (!fake_is_idle(f->fake, why, sizeof(why)))
				fail_msg("call %u fails: %s", n, why);
		}
		assert_false(reached);
		assert_true(n > 40);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(new_asks_for_nothing),
		TEST(options_are_heeded),
		TEST_OPEN(config_calls_are_counted),
		TEST_OPEN(odd_config_accesses),
		TEST_OPEN(unreadable_device_reads_ones),
		TEST_OPEN(trapped_accesses_reach_the_device),
		TEST_OPEN(accesses_outside_read_ones),
		TEST_OPEN(rom_is_read_only),
		TEST_OPEN(reset_begins_anew),
		TEST_OPEN(stop_leaves_the_reset_to_others),
		TEST_OPEN(guests_reset_functions_too),
		TEST(without_reset_bus_mastering_stops),
		TEST_OPEN(failed_reset_is_reported),
		TEST(nonsense_is_an_error),
		TEST(small_configuration_spaces),
		TEST_OPEN(operations_must_be_complete),
		TEST_OPEN(a_guest_may_do_anything),
		TEST(every_call_can_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
