// SPDX-License-Identifier: MIT
// INTx and MSI of a lent function, one kind of interrupt at a time.

#include <errno.h>

#include <lend/pci_irq.h>

#include "function.h"

static void intx_comes_with_the_command(void **state)
{
	struct function *f = *state;

	cfg_put(f, 0x04, 2, 0x0400);
	expect_asked(f, "config 4/2 400; ");
	cfg_put(f, 0x04, 2, 0x0404);
	expect_asked(f, "config 4/2 404; ");
	cfg_put(f, 0x04, 2, 0x0004);
	expect_asked(f, "config 4/2 4; intx both ways; ");
	assert_true(irq_of(f, LEND_PCI_IRQ_INTX)->on);
	assert_true(irq_of(f, LEND_PCI_IRQ_INTX)->unmask >= 0);
	/* The kernel masks it while it is disabled; the wire stays. */
	cfg_put(f, 0x04, 2, 0x0404);
	cfg_put(f, 0x04, 2, 0x0004);
	expect_asked(f, "config 4/2 404; config 4/2 4; ");
	lend_pci_reset(f->pci);
	expect_asked(f, "intx off; config 4/2 0; reset; ");
	assert_false(irq_of(f, LEND_PCI_IRQ_INTX)->on);
}

static void intx_one_way(void **state)
{
	struct function *f = *state;

	irq_of(f, LEND_PCI_IRQ_INTX)->flags = VFIO_IRQ_INFO_EVENTFD;
	assert_int_equal(function_open(f, NULL), 0);
	f->asked[0] = '\0';
	cfg_put(f, 0x04, 2, 0x0004);
	expect_asked(f, "config 4/2 4; intx one way; ");
	assert_int_equal(f->warnings, 0);
}

static void intx_that_no_eventfd_unmasks(void **state)
{
	struct function *f = *state;

	irq_of(f, LEND_PCI_IRQ_INTX)->flags =
		VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_AUTOMASKED;
	assert_int_equal(function_open(f, NULL), 0);
	f->asked[0] = '\0';
	cfg_put(f, 0x04, 2, 0x0004);
	expect_asked(f, "config 4/2 4; intx one way; ");
	assert_int_equal(f->warnings, 1);
}

static void refused_intx_is_reported_once(void **state)
{
	struct function *f = *state;

	f->vm.refusal = -ENOSPC;
	cfg_put(f, 0x04, 2, 0x0004);
	cfg_put(f, 0x04, 2, 0x0404);
	cfg_put(f, 0x04, 2, 0x0004);
	assert_int_equal(f->warnings, 1);
	assert_false(irq_of(f, LEND_PCI_IRQ_INTX)->on);
}

static void no_pin_no_intx(void **state)
{
	struct function *f = *state;

	fake_irq_set(f->host, LEND_PCI_IRQ_INTX, 0, 0);
	assert_int_equal(function_open(f, NULL), 0);
	assert_int_equal(lend_pci_pin(f->pci), 0);
	f->asked[0] = '\0';
	cfg_put(f, 0x04, 2, 0x0404);
	expect_asked(f, "config 4/2 4; ");
}

static void msix_takes_over_from_intx(void **state)
{
	struct function *f = *state;

	cfg_put(f, 0x04, 2, 0x0006);
	f->asked[0] = '\0';
	fake_log_clear(f->fake);
	cfg_put(f, 0xb2, 2, 0xc000);
	expect_asked(f, "intx off; ");
	assert_false(irq_of(f, LEND_PCI_IRQ_INTX)->on);
	/* No vector is in use, and it is on even so. */
	assert_true(irq_of(f, LEND_PCI_IRQ_MSIX)->on);
	assert_int_equal(irq_of(f, LEND_PCI_IRQ_MSIX)->trigger[0], -1);
	assert_int_equal(irq_calls(f), 2);
	cfg_put(f, 0xb2, 2, 0x0000);
	expect_asked(f, "intx both ways; ");
	assert_false(irq_of(f, LEND_PCI_IRQ_MSIX)->on);
	assert_true(irq_of(f, LEND_PCI_IRQ_INTX)->on);
}

static void msi_at_once(void **state)
{
	struct function *f = *state;
	struct fake_irq *msi = irq_of(f, LEND_PCI_IRQ_MSI);

	cfg_put(f, 0x04, 2, 0x0006);
	cfg_put(f, 0x54, 4, 0xfee00000);
	cfg_put(f, 0x58, 4, 0x1);
	cfg_put(f, 0x5c, 2, 0x4043);
	f->asked[0] = '\0';
	fake_log_clear(f->fake);
	cfg_put(f, 0x52, 2, 0x01a1); /* 4 messages */
	expect_asked(f, "intx off; on 0 1fee00000 4040; on 1 1fee00000 4041; "
			"on 2 1fee00000 4042; on 3 1fee00000 4043; ");
	assert_int_equal(irq_calls(f), 2); /* INTx off, MSI on */
	assert_int_equal(msi->enabled, 4);
	fake_log_clear(f->fake);
	cfg_put(f, 0x60, 4, 0x2);
	expect_asked(f, "off 1; ");
	irq_fire(f, LEND_PCI_IRQ_MSI, 1);
	function_expect_calls(f, 0);
	assert_int_equal(cfg_get(f, 0x64, 4), 0x2);
	function_expect_calls(f, 1);
	cfg_put(f, 0x60, 4, 0x0);
	expect_asked(f, "on 1 1fee00000 4041; ");
	function_expect_calls(f, 0);
	/* A message that changes in place. */
	cfg_put(f, 0x5c, 2, 0x4080);
	expect_asked(f, "on 0 1fee00000 4080; on 1 1fee00000 4081; "
			"on 2 1fee00000 4082; on 3 1fee00000 4083; ");
	cfg_put(f, 0x5c, 2, 0x4080);
	expect_asked(f, "");
	cfg_put(f, 0x52, 2, 0x0000);
	expect_asked(f, "off 0; off 1; off 2; off 3; release 0; release 1; "
			"release 2; release 3; intx both ways; ");
}

static void fewer_messages_than_asked_for(void **state)
{
	struct function *f = *state;
	struct fake_irq *msi = irq_of(f, LEND_PCI_IRQ_MSI);

	msi->available = 1;
	cfg_put(f, 0x52, 2, 0x01a1);
	assert_true(msi->on);
	assert_int_equal(msi->enabled, 1);
	assert_true(msi->trigger[0] >= 0);
	assert_int_equal(f->warnings, 1);
	fake_log_clear(f->fake);
	cfg_put(f, 0x3c, 1, 3);
	function_expect_calls(f, 0);
}

static void the_number_of_messages_changes(void **state)
{
	struct function *f = *state;
	struct fake_irq *msi = irq_of(f, LEND_PCI_IRQ_MSI);

	cfg_put(f, 0x52, 2, 0x0001);
	assert_int_equal(msi->enabled, 1);
	cfg_put(f, 0x52, 2, 0x0011);
	assert_int_equal(msi->enabled, 2);
	cfg_put(f, 0x52, 2, 0x0071); /* more than there are */
	assert_int_equal(msi->enabled, 4);
}

static void one_kind_at_a_time(void **state)
{
	struct function *f = *state;
	unsigned int i, n, on;

	for (n = 0; n < 64; n++) {
		cfg_put(f, 0x04, 2, n & 1 ? 0x0006 : 0x0406);
		cfg_put(f, 0x52, 2, n & 2 ? 0x0001 : 0);
		cfg_put(f, 0xb2, 2, n & 4 ? 0x8000 : 0);
		if (n & 8)
			cfg_put(f, 0x52, 2, 0);
		if (n & 16)
			cfg_put(f, 0xb2, 2, 0);
		if (n & 32)
			lend_pci_reset(f->pci);
		for (i = 0, on = 0; i < 3; i++)
			on += irq_of(f, i)->on;
		assert_true(on <= 1);
		f->asked[0] = '\0';
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OPEN(intx_comes_with_the_command),
		TEST(intx_one_way),
		TEST(intx_that_no_eventfd_unmasks),
		TEST_OPEN(refused_intx_is_reported_once),
		TEST(no_pin_no_intx),
		TEST_OPEN(msix_takes_over_from_intx),
		TEST_OPEN(msi_at_once),
		TEST_OPEN(fewer_messages_than_asked_for),
		TEST_OPEN(the_number_of_messages_changes),
		TEST_OPEN(one_kind_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
