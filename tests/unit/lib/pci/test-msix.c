// SPDX-License-Identifier: MIT
// MSI-X of a lent function: at most one call for a mask or an unmask, and any
// access to the table.

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/resource.h>

#include <lend/pci_irq.h>

#include "function.h"

#define TABLE 0x1000
#define PBA   0x2800

static void entry_put(struct function *f, unsigned int vector, unsigned int at,
		      uint32_t value)
{
	uint8_t bytes[4];

	image_put(bytes, 0, 4, value);
	lend_pci_bar_write(f->pci, 0, TABLE + vector * 16 + at, bytes, 4);
}

static void message_put(struct function *f, unsigned int vector)
{
	entry_put(f, vector, 0, 0xfee00000 + (vector << 12));
	entry_put(f, vector, 4, 0);
	entry_put(f, vector, 8, 0x40 + vector);
}

static void msix_test_mask(struct function *f, unsigned int vector, bool masked)
{
	entry_put(f, vector, 12, masked);
}

static uint64_t msix_test_pending(struct function *f)
{
	uint64_t bits = 0;

	lend_pci_bar_read(f->pci, 0, PBA, &bits, 8);
	return bits;
}

/* The guest withdraws the mask of the whole function. */
static void vectors_of_one_write_are_a_batch(void **state)
{
	struct function *f = *state;

	cfg_put(f, 0x04, 2, 0x0006);
	cfg_put(f, 0xb2, 2, 0xc007);
	for (unsigned int i = 0; i < 5; i++) {
		message_put(f, i);
		msix_test_mask(f, i, i == 3);
	}
	assert_int_equal(f->vm.batches, 0);
	cfg_put(f, 0xb2, 2, 0x8007);
	assert_int_equal(f->vm.batches, 1);
	assert_int_equal(f->vm.expected, 4);
	assert_int_equal(f->vm.first.vector, 0);
	assert_int_equal(f->vm.first.address, 0xfee00000);
	assert_int_equal(f->vm.first.data, 0x40);
	/* One vector is none. */
	msix_test_mask(f, 3, false);
	assert_int_equal(f->vm.batches, 1);
}

static void linux_enables_msix(void **state)
{
	struct function *f = *state;

	cfg_put(f, 0x04, 2, 0x0006);
	cfg_put(f, 0xb2, 2, 0xc007);
	message_put(f, 0);
	message_put(f, 1);
	cfg_put(f, 0x04, 2, 0x0406);
	f->asked[0] = '\0';
	cfg_put(f, 0xb2, 2, 0x8007);
	expect_asked(f, "");
	fake_log_clear(f->fake);
	msix_test_mask(f, 0, false);
	expect_asked(f, "on 0 fee00000 40; ");
	function_expect_calls(f,
			      2); /* the eventfd, and the wire to the device */
	msix_test_mask(f, 1, false);
	expect_asked(f, "on 1 fee01000 41; ");
	assert_true(irq_of(f, LEND_PCI_IRQ_MSIX)->trigger[0] >= 0);
	assert_true(irq_of(f, LEND_PCI_IRQ_MSIX)->trigger[1] >= 0);
	cfg_put(f, 0xb2, 2, 0x0007);
	expect_asked(f, "off 0; off 1; release 0; release 1; ");
	assert_false(irq_of(f, LEND_PCI_IRQ_MSIX)->on);
	assert_false(irq_of(f, LEND_PCI_IRQ_INTX)->on); /* disabled above */
	cfg_put(f, 0x04, 2, 0x0006);
	expect_asked(f, "config 4/2 6; intx both ways; ");
}

static unsigned int count_descriptors(const struct function *f)
{
	unsigned int count = 0;

	for (int i = 0; i < FAKE_FDS; i++)
		count += f->fake->fds[i].fd != 0;
	return count;
}

static void vectors_unmasked_before_are_one_call(void **state)
{
	struct function *f = *state;
	unsigned int before = count_descriptors(f);
	unsigned int i;

	for (i = 0; i < 8; i++) {
		message_put(f, i);
		msix_test_mask(f, i, false);
	}
	function_expect_calls(f, 0);
	expect_asked(f, "");
	cfg_put(f, 0xb2, 2, 0x8000);
	assert_int_equal(irq_calls(f), 1);
	assert_int_equal(irq_of(f, LEND_PCI_IRQ_MSIX)->enabled, 8);
	for (i = 0; i < 8; i++)
		assert_true(irq_of(f, LEND_PCI_IRQ_MSIX)->trigger[i] >= 0);
	assert_int_equal(count_descriptors(f) - before,
			 lend_pci_descriptors(f->pci));
}

/* INTx is disabled while messages are enabled, and comes back with its two. */
static void one_kind_of_interrupt_has_descriptors(void **state)
{
	struct function *f = *state;
	unsigned int before = count_descriptors(f);

	assert_int_equal(lend_pci_descriptors(f->pci), 8);
	cfg_put(f, 0x04, 2, 0x0006);
	assert_int_equal(count_descriptors(f) - before, 2);
	message_put(f, 0);
	msix_test_mask(f, 0, false);
	cfg_put(f, 0xb2, 2, 0x8000);
	assert_int_equal(count_descriptors(f) - before, 1);
	cfg_put(f, 0xb2, 2, 0);
	assert_int_equal(count_descriptors(f) - before, 2);
}

static void masking_makes_no_kernel_call(void **state)
{
	struct function *f = *state;
	unsigned int i;

	cfg_put(f, 0xb2, 2, 0x8000);
	message_put(f, 3);
	msix_test_mask(f, 3, false);
	fake_log_clear(f->fake);
	f->asked[0] = '\0';
	for (i = 0; i < 3; i++) {
		msix_test_mask(f, 3, true);
		expect_asked(f, "off 3; ");
		msix_test_mask(f, 3, false);
		expect_asked(f, "on 3 fee03000 43; ");
	}
	/* What changes nothing costs nothing. */
	msix_test_mask(f, 3, false);
	msix_test_mask(f, 5, true);
	expect_asked(f, "");
	function_expect_calls(f, 0);
	cfg_put(f, 0xb2, 2, 0xc000);
	expect_asked(f, "off 3; ");
	msix_test_mask(f, 3, true);
	msix_test_mask(f, 3, false);
	expect_asked(f, "");
	cfg_put(f, 0xb2, 2, 0x8000);
	expect_asked(f, "on 3 fee03000 43; ");
	function_expect_calls(f, 0);
}

static void pending_bits_are_what_fired_while_masked(void **state)
{
	struct function *f = *state;
	uint8_t byte;

	cfg_put(f, 0xb2, 2, 0x8000);
	assert_int_equal(msix_test_pending(f), 0);
	msix_test_mask(f, 2, false);
	msix_test_mask(f, 6, false);
	irq_fire(f, LEND_PCI_IRQ_MSIX, 2);
	assert_int_equal(msix_test_pending(f),
			 0); /* the machine takes it at once */
	msix_test_mask(f, 2, true);
	msix_test_mask(f, 6, true);
	assert_int_equal(msix_test_pending(f), 0x04);
	irq_fire(f, LEND_PCI_IRQ_MSIX, 6);
	assert_int_equal(msix_test_pending(f), 0x44);
	fake_log_clear(f->fake);
	assert_int_equal(msix_test_pending(f),
			 0x44); /* looking consumes nothing */
	function_expect_calls(f, 1);
	lend_pci_bar_read(f->pci, 0, PBA, &byte, 1);
	assert_int_equal(byte, 0x44);
	lend_pci_bar_read(f->pci, 0, PBA + 7, &byte, 1);
	assert_int_equal(byte, 0);
	/* The pending bits are read-only. */
	byte = 0;
	lend_pci_bar_write(f->pci, 0, PBA, &byte, 1);
	assert_int_equal(msix_test_pending(f), 0x44);
}

static void a_message_changes_when_unmasked(void **state)
{
	struct function *f = *state;

	cfg_put(f, 0xb2, 2, 0x8000);
	message_put(f, 1);
	msix_test_mask(f, 1, false);
	f->asked[0] = '\0';
	entry_put(f, 1, 0, 0xfee0f000);
	expect_asked(f, "");
	msix_test_mask(f, 1, true);
	entry_put(f, 1, 8, 0x99);
	msix_test_mask(f, 1, false);
	expect_asked(f, "off 1; on 1 fee0f000 99; ");
}

/* Where the kernel fixes the number of vectors, growing is off and on again,
 * and nothing that fired meanwhile may be lost. */
static void growing_anew_signals_what_was_wired(void **state)
{
	struct function *f = *state;
	struct fake_irq *msix = irq_of(f, LEND_PCI_IRQ_MSIX);
	uint64_t count;

	msix->flags |= VFIO_IRQ_INFO_NORESIZE;
	assert_int_equal(function_open(f, NULL), 0);
	cfg_put(f, 0xb2, 2, 0x8000);
	assert_int_equal(msix->enabled, 1);
	msix_test_mask(f, 0, false);
	assert_int_equal(msix->enabled, 1);
	msix_test_mask(f, 2, false);
	assert_int_equal(msix->enabled, 4);
	assert_true(msix->trigger[0] >= 0);
	assert_int_equal(msix->trigger[1], -1);
	assert_true(msix->trigger[2] >= 0);
	assert_int_equal(read(msix->trigger[0], &count, 8), 8);
	assert_int_equal(count, 1);
	assert_int_equal(read(msix->trigger[2], &count, 8), -1);
	fake_log_clear(f->fake);
	msix_test_mask(f, 3, false); /* there is room */
	assert_int_equal(irq_calls(f), 1);
}

static void a_host_with_few_vectors(void **state)
{
	struct function *f = *state;
	struct fake_irq *msix = irq_of(f, LEND_PCI_IRQ_MSIX);

	msix->flags |= VFIO_IRQ_INFO_NORESIZE;
	msix->available = 3;
	assert_int_equal(function_open(f, NULL), 0);
	cfg_put(f, 0xb2, 2, 0x8000);
	msix_test_mask(f, 0, false);
	msix_test_mask(f, 1, false);
	msix_test_mask(f, 2, false);
	assert_int_equal(msix->enabled, 3);
	assert_int_equal(f->warnings, 0);
	msix_test_mask(f, 7, false);
	assert_int_equal(f->warnings, 1);
	assert_true(msix->on);
	assert_true(msix->trigger[0] >= 0);
}

static void refused_routes_are_tried_again(void **state)
{
	struct function *f = *state;

	cfg_put(f, 0xb2, 2, 0x8000);
	f->vm.refusal = -ENOSPC;
	msix_test_mask(f, 0, false);
	msix_test_mask(f, 0, true);
	msix_test_mask(f, 0, false);
	assert_int_equal(f->warnings, 1);
	f->asked[0] = '\0';
	f->vm.refusal = 0;
	msix_test_mask(f, 0, true);
	msix_test_mask(f, 0, false);
	expect_asked(f, "on 0 0 0; ");
	assert_true(irq_of(f, LEND_PCI_IRQ_MSIX)->trigger[0] >= 0);
}

/* Every width at every place around the table and the pending bits, within the
 * page that is trapped, against bytes that are kept here. */
static void table_accesses_of_every_kind(void **state)
{
	struct function *f = *state;
	uint8_t model[0x4000], data[8], got[8];
	unsigned int at, size, i;
	uint8_t noise = 1;

	memcpy(model, f->host->regions[0].bytes, sizeof(model));
	memset(model + TABLE, 0, 128);
	for (i = 0; i < 8; i++)
		model[TABLE + i * 16 + 12] = 1;
	memset(model + PBA, 0, 8);
	for (size = 1; size <= 8; size++) {
		for (at = TABLE - 16; at < PBA + 32; at++) {
			for (i = 0; i < size; i++) {
				unsigned int in = at + i - TABLE;

				data[i] = noise = (uint8_t)(noise * 7 + 3);
				if (at + i >= PBA && at + i < PBA + 8)
					continue;
				model[at + i] = data[i];
				if (in < 128 && in % 16 >= 12)
					model[at + i] =
						in % 16 == 12 ? data[i] & 1 : 0;
			}
			lend_pci_bar_write(f->pci, 0, at, data, size);
			lend_pci_bar_read(f->pci, 0, at, got, size);
			assert_memory_equal(got, model + at, size);
		}
	}
	/* What lies beside them is the device's, what is in them is not. */
	assert_memory_equal(f->host->regions[0].bytes + TABLE - 16,
			    model + TABLE - 16, 16);
	assert_memory_equal(f->host->regions[0].bytes + TABLE + 128,
			    model + TABLE + 128, 64);
	for (i = 0; i < 128; i++)
		if (f->host->regions[0].bytes[TABLE + i])
			fail_msg("table byte %u reached the device", i);
	expect_asked(f, "");
}

static void a_write_over_two_entries_moves_both(void **state)
{
	static const uint8_t zero[8];
	struct function *f = *state;

	cfg_put(f, 0xb2, 2, 0x8000);
	message_put(f, 0);
	message_put(f, 1);
	msix_test_mask(f, 1, false);
	f->asked[0] = '\0';
	/* The mask of entry 0 and the address of entry 1. */
	lend_pci_bar_write(f->pci, 0, TABLE + 12, zero, 8);
	expect_asked(f, "on 0 fee00000 40; ");
	/* The last bytes of the table, and what follows it. */
	lend_pci_bar_write(f->pci, 0, TABLE + 124, zero, 8);
	expect_asked(f, "on 7 0 0; ");
}

/* As lend run does; 1024 are what most systems begin with. */
static void allow_descriptors(rlim_t count)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_true(limit.rlim_max >= count);
	if (limit.rlim_cur < count)
		limit.rlim_cur = count;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void many_vectors(void **state)
{
	struct function *f = *state;
	struct fake_irq *msix = irq_of(f, LEND_PCI_IRQ_MSIX);
	uint8_t *config = f->host->regions[7].bytes;
	static const uint32_t zero;
	uint64_t bits;

	allow_descriptors(2048 + 64);
	fake_region_set(f->host, 0, 0x10000,
			VFIO_REGION_INFO_FLAG_READ |
				VFIO_REGION_INFO_FLAG_WRITE);
	fake_irq_set(f->host, LEND_PCI_IRQ_MSIX, 2048, VFIO_IRQ_INFO_EVENTFD);
	image_put(config, 0xb2, 2, 2047);
	image_put(config, 0xb8, 4, 0x9000);
	assert_int_equal(function_open(f, NULL), 0);
	cfg_put(f, 0xb2, 2, 0x8000);
	f->asked[0] = '\0';
	lend_pci_bar_write(f->pci, 0, TABLE + 2047 * 16 + 12, &zero, 4);
	expect_asked(f, "on 2047 0 0; ");
	assert_true(msix->trigger[2047] >= 0);
	lend_pci_bar_write(f->pci, 0, TABLE + 2047 * 16 + 12, "\1", 1);
	irq_fire(f, LEND_PCI_IRQ_MSIX, 2047);
	lend_pci_bar_read(f->pci, 0, 0x9000 + 248, &bits, 8);
	assert_true(bits == 1ull << 63);
	lend_pci_bar_read(f->pci, 0, 0x9000 + 255, &bits, 4);
	assert_int_equal(bits & 0xff, 0x80);
	lend_pci_bar_write(f->pci, 0, TABLE + 2047 * 16 + 12, &zero, 4);

	/* What is unmasked takes a descriptor and a route, and all can be. */
	fake_log_clear(f->fake);
	for (unsigned int i = 0; i < 2047; i++)
		msix_test_mask(f, i, false);
	assert_int_equal(fake_count(f->fake, FAKE_EVENTFD, 0), 2047);
	assert_int_equal(irq_calls(f), 2047);
	for (unsigned int i = 0; i < 2048; i++)
		assert_true(f->vm.connected[i] && msix->trigger[i] >= 0);
	fake_log_clear(f->fake);
	for (unsigned int i = 0; i < 2048; i++)
		msix_test_mask(f, i, true);
	irq_fire(f, LEND_PCI_IRQ_MSIX, 64);
	lend_pci_bar_read(f->pci, 0, 0x9000 + 8, &bits, 8);
	assert_int_equal(bits, 1);
	function_expect_calls(f, 1);
	assert_int_equal(f->warnings, 0);
}

static void a_vector_without_descriptor_is_tried_again(void **state)
{
	struct function *f = *state;

	cfg_put(f, 0xb2, 2, 0x8000);
	message_put(f, 3);
	fake_log_clear(f->fake);
	f->fake->fail_at = 1;
	f->fake->fail_error = EMFILE;
	msix_test_mask(f, 3, false);
	assert_false(f->vm.connected[3]);
	assert_non_null(strstr(f->warning, strerror(EMFILE)));
	f->fake->fail_at = 0;
	msix_test_mask(f, 3, true);
	msix_test_mask(f, 3, false);
	assert_true(f->vm.connected[3]);
	assert_true(irq_of(f, LEND_PCI_IRQ_MSIX)->trigger[3] >= 0);
	assert_int_equal(f->warnings, 1);
}

/* The record holds the reason a run ends; a guest must not overwrite it. */
static void no_failure_of_a_guests_is_recorded(void **state)
{
	struct function *f = *state;

	f->fake->fail_error = ENOSPC;
	for (unsigned int n = 1; n <= 24; n++) {
		f->fake->fail_at = f->fake->calls + n;
		cfg_put(f, 0x04, 2, 0x0002);
		cfg_put(f, 0xb2, 2, 0x8000);
		message_put(f, 3);
		msix_test_mask(f, 3, false);
		msix_test_mask(f, 3, true);
		cfg_put(f, 0xb2, 2, 0);
		cfg_put(f, 0x78, 2, 0x8000); /* a function-level reset */
		assert_string_equal(lend_ctx_error(f->ctx)->what, "");
	}
	f->fake->fail_at = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OPEN(vectors_of_one_write_are_a_batch),
		TEST_OPEN(linux_enables_msix),
		TEST_OPEN(vectors_unmasked_before_are_one_call),
		TEST_OPEN(masking_makes_no_kernel_call),
		TEST_OPEN(pending_bits_are_what_fired_while_masked),
		TEST_OPEN(a_message_changes_when_unmasked),
		TEST(growing_anew_signals_what_was_wired),
		TEST(a_host_with_few_vectors),
		TEST_OPEN(refused_routes_are_tried_again),
		TEST_OPEN(table_accesses_of_every_kind),
		TEST_OPEN(a_write_over_two_entries_moves_both),
		TEST_OPEN(one_kind_of_interrupt_has_descriptors),
		TEST(many_vectors),
		TEST_OPEN(a_vector_without_descriptor_is_tried_again),
		TEST_OPEN(no_failure_of_a_guests_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
