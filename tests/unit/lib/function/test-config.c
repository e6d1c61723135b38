// SPDX-License-Identifier: MIT
// The configuration space of a function that is software, as a guest's kernel
// reads, sizes and writes it.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <linux/pci_regs.h>

#include <lend/lend.h>

#define PAGE 4096

static const struct lend_function_options disk = {
	.size = sizeof(disk),
	.bars = {{4 * PAGE, LEND_FUNCTION_BAR_64, 0},
		 {0},
		 {32, LEND_FUNCTION_BAR_IO, 0}},
	.vendor = 0x1b36,
	.device = 0x10,
	.subvendor = 0x1af4,
	.subsystem = 0x1100,
	.class_code = 0x010802,
	.msi = 8,
	.msix = 65,
	.revision = 3,
	.intx = true,
	.msix_table = 2 * PAGE,
	.msix_pba = 3 * PAGE,
};

struct function_test {
	struct lend_ctx *ctx;
	struct lend_function *function;
};

static int config_setup(void **state)
{
	static struct function_test test;

	*state = &test;
	return lend_ctx_new(NULL, &test.ctx) ||
	       lend_function_new(test.ctx, &disk, &test.function);
}

static int config_teardown(void **state)
{
	struct function_test *test = *state;

	lend_function_free(test->function);
	lend_ctx_unref(test->ctx);
	return 0;
}

static uint32_t config_get(struct function_test *test, unsigned int at,
			   unsigned int size)
{
	uint32_t value = 0;

	lend_function_config_read(test->function, at, &value, size);
	return value;
}

static bool config_put(struct function_test *test, unsigned int at,
		       unsigned int size, uint32_t value)
{
	return lend_function_config_write(test->function, at, &value, size);
}

static void the_header_has_the_options(void **state)
{
	assert_int_equal(config_get(*state, PCI_VENDOR_ID, 4), 0x00101b36);
	assert_int_equal(config_get(*state, PCI_CLASS_REVISION, 4), 0x01080203);
	assert_int_equal(config_get(*state, PCI_SUBSYSTEM_VENDOR_ID, 4),
			 0x11001af4);
	assert_int_equal(config_get(*state, PCI_INTERRUPT_PIN, 1), 1);
	assert_int_equal(config_get(*state, PCI_STATUS, 2),
			 PCI_STATUS_CAP_LIST);
	assert_int_equal(config_get(*state, PAGE, 4), 0xffffffff);
	assert_int_equal(config_get(*state, PAGE - 2, 4), 0xffff0000);
}

/* As a kernel sizes them. */
static void bars_have_their_sizes(void **state)
{
	for (unsigned int i = 0; i < 6; i++)
		config_put(*state, PCI_BASE_ADDRESS_0 + 4 * i, 4, 0xffffffff);
	assert_int_equal(config_get(*state, PCI_BASE_ADDRESS_0, 4), 0xffffc004);
	assert_int_equal(config_get(*state, PCI_BASE_ADDRESS_1, 4), 0xffffffff);
	assert_int_equal(config_get(*state, PCI_BASE_ADDRESS_2, 4), 0xffffffe1);
	assert_int_equal(config_get(*state, PCI_BASE_ADDRESS_3, 4), 0);
}

static void only_what_is_writable_changes(void **state)
{
	struct function_test *test = *state;
	uint8_t ones[PAGE], before[64], after[64];

	lend_function_config_read(test->function, 0, before, sizeof(before));
	memset(ones, 0xff, sizeof(ones));
	lend_function_config_write(test->function, 0, ones, sizeof(ones));
	/* What is beyond the end is ignored. */
	lend_function_config_write(test->function, PAGE - 1, ones, 64);
	lend_function_config_write(test->function, UINT64_MAX, ones, 2);
	assert_int_equal(config_get(test, PCI_VENDOR_ID, 4), 0x00101b36);
	assert_int_equal(config_get(test, PCI_COMMAND, 2), 0x547);
	assert_int_equal(config_get(test, PCI_HEADER_TYPE, 1), 0);
	assert_int_equal(config_get(test, 0x100, 4), 0);
	lend_function_reset(test->function);
	lend_function_config_read(test->function, 0, after, sizeof(after));
	assert_memory_equal(before, after, sizeof(before));
}

/* Returns where a capability is, or 0. */
static unsigned int config_find(struct function_test *test, unsigned int id)
{
	unsigned int at = config_get(test, PCI_CAPABILITY_LIST, 1);

	for (unsigned int i = 0; i < 8 && at; i++) {
		if (config_get(test, at, 1) == id)
			return at;
		at = config_get(test, at + 1, 1);
	}
	return 0;
}

static void capabilities_are_listed(void **state)
{
	unsigned int msi = config_find(*state, PCI_CAP_ID_MSI);
	unsigned int msix = config_find(*state, PCI_CAP_ID_MSIX);
	unsigned int power = config_find(*state, PCI_CAP_ID_PM);

	assert_true(msi && msix && power);
	assert_int_equal(config_get(*state, msi + PCI_MSI_FLAGS, 2),
			 PCI_MSI_FLAGS_64BIT | 3 << 1);
	assert_int_equal(config_get(*state, msix + PCI_MSIX_FLAGS, 2), 64);
	assert_int_equal(config_get(*state, msix + PCI_MSIX_TABLE, 4),
			 2 * PAGE);
	assert_int_equal(config_get(*state, msix + PCI_MSIX_PBA, 4), 3 * PAGE);
	config_put(*state, power + PCI_PM_CTRL, 2, 0xffff);
	assert_int_equal(config_get(*state, power + PCI_PM_CTRL, 2),
			 PCI_PM_CTRL_NO_SOFT_RESET | 3);
}

static void a_function_level_reset_is_reported(void **state)
{
	unsigned int at = config_find(*state, PCI_CAP_ID_EXP) + PCI_EXP_DEVCTL;

	assert_int_equal(config_get(*state, at - 4, 4) & PCI_EXP_DEVCAP_FLR,
			 PCI_EXP_DEVCAP_FLR);
	assert_true(config_put(*state, at, 2, 0x8000));
	assert_true(config_put(*state, at + 1, 1, 0x80));
	assert_true(config_put(*state, at - 1, 4, 0x800000));
	assert_false(config_put(*state, at, 2, 0x7fff));
	assert_false(config_put(*state, at + 2, 2, 0xffff));
	/* The bit reads as 0. */
	assert_int_equal(config_get(*state, at, 2), 0x78ff);
}

static void bus_mastering_is_the_commands(void **state)
{
	struct function_test *test = *state;

	assert_false(lend_function_bus_master(test->function));
	config_put(test, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	assert_true(lend_function_bus_master(test->function));
	lend_function_reset(test->function);
	assert_false(lend_function_bus_master(test->function));
}

static void regions_and_irqs_are_described(void **state)
{
	struct lend_server_region regions[LEND_FUNCTION_REGIONS];
	struct lend_server_irq irqs[LEND_FUNCTION_IRQS];
	struct function_test *test = *state;

	lend_function_fill(test->function, regions, irqs);
	assert_int_equal(regions[0].size, 4 * PAGE);
	assert_int_equal(regions[0].flags,
			 LEND_REGION_READ | LEND_REGION_WRITE);
	assert_int_equal(regions[0].fd, -1);
	assert_int_equal(regions[1].size | regions[1].flags, 0);
	assert_int_equal(regions[2].size, 32);
	assert_int_equal(regions[LEND_PCI_REGION_CONFIG].size, PAGE);
	assert_int_equal(regions[LEND_PCI_REGION_VGA].size, 0);
	assert_int_equal(irqs[LEND_PCI_IRQ_INTX].count, 1);
	assert_int_equal(irqs[LEND_PCI_IRQ_MSI].count, 8);
	assert_int_equal(irqs[LEND_PCI_IRQ_MSIX].count, 65);
	assert_int_equal(irqs[LEND_PCI_IRQ_ERR].count, 1);
	assert_int_equal(irqs[LEND_PCI_IRQ_REQ].count, 0);
}

static void assert_options_refused(struct function_test *test,
				   const struct lend_function_options *options,
				   const char *member)
{
	const struct lend_error *e = lend_ctx_error(test->ctx);
	struct lend_function *function;

	assert_int_equal(lend_function_new(test->ctx, options, &function),
			 -EINVAL);
	assert_int_equal(e->code, LEND_ERROR_ARGUMENT);
	assert_int_equal(strncmp(e->what, member, strlen(member)), 0);
}

#define REFUSED(test, member, name)                                            \
	do {                                                                   \
		struct lend_function_options wrong = disk;                     \
                                                                               \
		wrong.member;                                                  \
		assert_options_refused(test, &wrong, name);                    \
	} while (0)

static void functions_out_of_range_are_refused(void **state)
{
	REFUSED(*state, bars[0].size = 3 * PAGE, "bars");
	REFUSED(*state, bars[0].size = 8, "bars");
	REFUSED(*state, bars[0].flags = 8, "bars");
	REFUSED(*state, bars[0].reserved = 1, "bars");
	REFUSED(*state, bars[1].size = PAGE, "bars");
	REFUSED(*state, bars[2].size = 512, "bars");
	REFUSED(*state, bars[3].flags = LEND_FUNCTION_BAR_64, "bars");
	REFUSED(*state, bars[4].size = UINT64_C(1) << 32, "bars");
	REFUSED(*state, class_code = 1u << 24, "class_code");
	REFUSED(*state, msi = 3, "msi");
	REFUSED(*state, msi = 64, "msi");
	REFUSED(*state, msix = 2049, "msix");
	REFUSED(*state, msix_bar = 6, "msix_bar");
	REFUSED(*state, msix_bar = 2, "msix_table");
	REFUSED(*state, msix_table = 4 * PAGE - 512, "msix_table");
	REFUSED(*state, msix_table = 4, "msix_table");
	REFUSED(*state, msix_pba = 4 * PAGE - 8, "msix_pba");
	REFUSED(*state, size = 8, "size");
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, config_setup, config_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_header_has_the_options),
		TEST(bars_have_their_sizes),
		TEST(only_what_is_writable_changes),
		TEST(capabilities_are_listed),
		TEST(a_function_level_reset_is_reported),
		TEST(bus_mastering_is_the_commands),
		TEST(regions_and_irqs_are_described),
		TEST(functions_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
