// SPDX-License-Identifier: MIT
// What user-space drivers use: registers, bus mastering, and vectors to wait
// for.

#include "fixture.h"

#include <unistd.h>

#include <lend/registers.h>
#include <lend/vectors.h>

#define COMMAND 4
#define MASTER  4

static void registers_are_read_and_written_in_all_sizes(void **state)
{
	struct fixture *f = *state;
	struct lend_registers *r;
	uint8_t *bytes = f->nvme->regions[0].bytes;

	assert_int_equal(lend_registers_new(f->device, 0, &r), 0);
	/* 0x100 is mapped, 0x2100 in a hole: the same but for system calls. */
	for (unsigned int at = 0x100; at <= 0x2100; at += 0x2000) {
		fake_log_clear(f->fake);
		lend_registers_write64(r, at, 0x8877665544332211);
		assert_memory_equal(bytes + at,
				    "\x11\x22\x33\x44\x55\x66\x77\x88", 8);
		assert_int_equal(lend_registers_read64(r, at),
				 0x8877665544332211);
		assert_int_equal(lend_registers_read32(r, at + 4), 0x88776655);
		assert_int_equal(lend_registers_read16(r, at + 2), 0x4433);
		assert_int_equal(lend_registers_read8(r, at + 1), 0x22);
		lend_registers_write32(r, at, 0xa4a3a2a1);
		lend_registers_write16(r, at + 4, 0xb2b1);
		lend_registers_write8(r, at + 7, 0xc1);
		assert_memory_equal(bytes + at,
				    "\xa1\xa2\xa3\xa4\xb1\xb2\x77\xc1", 8);
		assert_int_equal(f->fake->calls, at == 0x100 ? 0 : 8);
	}
	lend_registers_free(r);
	lend_registers_free(NULL);
	assert_string_equal(f->warning, "");
}

static void bad_accesses_read_as_ones(void **state)
{
	struct fixture *f = *state;
	struct lend_registers *r;

	assert_int_equal(lend_registers_new(f->device, 0, &r), 0);
	memset(f->nvme->regions[0].bytes, 5, 0x10000);
	assert_int_equal(lend_registers_read32(r, 0x102), UINT32_MAX);
	assert_non_null(strstr(f->warning, "0x102 of region 0"));
	f->warning[0] = '\0';
	assert_int_equal(lend_registers_read64(r, 0x104), UINT64_MAX);
	assert_int_equal(lend_registers_read16(r, 0x1001), UINT16_MAX);
	assert_int_equal(lend_registers_read8(r, 0x10000), UINT8_MAX);
	assert_int_equal(lend_registers_read64(r, UINT64_MAX - 7), UINT64_MAX);
	lend_registers_write32(r, 0x102, 0);
	lend_registers_write64(r, 0x10000, 0);
	lend_registers_write8(r, UINT64_MAX, 0);
	for (size_t i = 0; i < 0x10000; i++)
		assert_int_equal(f->nvme->regions[0].bytes[i], 5);
	/* A device that is gone must not fill the log. */
	assert_string_equal(f->warning, "");
	lend_registers_free(r);
}

static void a_pointer_is_within_one_area(void **state)
{
	struct fixture *f = *state;
	struct lend_registers *r;
	char *at;

	assert_int_equal(lend_registers_new(f->device, 0, &r), 0);
	at = lend_registers_at(r, 0x3000, 0xd000);
	assert_non_null(at);
	assert_ptr_equal(lend_registers_at(r, 0xfff0, 0x10), at + 0xcff0);
	assert_non_null(lend_registers_at(r, 0, 0x2000));
	assert_null(lend_registers_at(r, 0, 0x2001));
	assert_null(lend_registers_at(r, 0x1fff, 2));
	assert_null(lend_registers_at(r, 0x2000, 1));
	assert_null(lend_registers_at(r, 0xffff, 2));
	assert_null(lend_registers_at(r, 0, 0));
	assert_null(lend_registers_at(r, UINT64_MAX, 2));
	assert_null(lend_registers_at(r, 0, UINT64_MAX));
	lend_registers_free(r);
	assert_int_equal(f->nvme->vmas, 0);
}

static void a_region_that_cannot_be_mapped_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct lend_registers *r = NULL;

	assert_error(f, lend_registers_new(f->device, 1, &r), -EINVAL,
		     LEND_ERROR_ARGUMENT);
	assert_error(f, lend_registers_new(f->device, UINT32_MAX, &r), -EINVAL,
		     LEND_ERROR_ARGUMENT);
	for (unsigned int call = 1; call <= 2; call++) {
		f->fake->fail_at = f->fake->calls + call * 2 - 1;
		f->fake->fail_error = ENOMEM;
		assert_int_equal(lend_registers_new(f->device, 0, &r), -ENOMEM);
		assert_null(r);
		assert_int_equal(f->nvme->vmas, 0);
	}
}

static uint16_t command_of(const struct fixture *f)
{
	const uint8_t *config = f->nvme->regions[LEND_PCI_REGION_CONFIG].bytes;

	return (uint16_t)(config[COMMAND] | config[COMMAND + 1] << 8);
}

static void bus_mastering_is_one_bit(void **state)
{
	struct fixture *f = *state;

	f->nvme->regions[LEND_PCI_REGION_CONFIG].bytes[COMMAND + 1] = 4;
	assert_int_equal(lend_device_bus_master(f->device, true), 0);
	assert_int_equal(command_of(f), 0x400 | MASTER);
	fake_log_clear(f->fake);
	assert_int_equal(lend_device_bus_master(f->device, true), 0);
	assert_int_equal(fake_count(f->fake, FAKE_PWRITE, 0), 0);
	assert_int_equal(lend_device_bus_master(f->device, false), 0);
	assert_int_equal(command_of(f), 0x400);
	f->nvme->regions[LEND_PCI_REGION_CONFIG].short_access = true;
	assert_error(f, lend_device_bus_master(f->device, true), -EIO,
		     LEND_ERROR_SYSTEM);
}

static void vectors_are_waited_for(void **state)
{
	const uint64_t three = 3, many = 1ull << 40;
	struct fixture *f = *state;
	struct lend_vectors *v;
	int fd;

	assert_int_equal(lend_vectors_new(f->device, LEND_VECTORS_ANY, 9, &v),
			 0);
	assert_int_equal(lend_vectors_index(v), LEND_PCI_IRQ_MSIX);
	assert_int_equal(f->nvme->irqs[2].enabled, 9);
	fd = lend_vectors_fd(v, 8);
	assert_int_equal(fd, f->nvme->irqs[2].trigger[8]);
	assert_int_equal(lend_vectors_wait(v, 8, 0), 0);
	assert_int_equal(write(fd, &three, sizeof(three)), sizeof(three));
	assert_int_equal(lend_vectors_wait(v, 7, 0), 0);
	assert_int_equal(lend_vectors_wait(v, 8, -1), 3);
	assert_int_equal(lend_vectors_wait(v, 8, 0), 0);
	assert_int_equal(write(fd, &many, sizeof(many)), sizeof(many));
	assert_int_equal(lend_vectors_wait(v, 8, -1), INT32_MAX);
	assert_int_equal(lend_vectors_wait(v, 9, -1), -EINVAL);
	assert_int_equal(lend_vectors_fd(v, 9), -EINVAL);
	/* MSI-X does not mask itself. */
	fake_log_clear(f->fake);
	assert_int_equal(lend_vectors_unmask(v, 8), 0);
	assert_int_equal(f->fake->calls, 0);
	f->fake->fail_at = 1;
	f->fake->fail_error = EINTR;
	assert_int_equal(lend_vectors_wait(v, 8, -1), -EINTR);
	lend_vectors_free(v);
	assert_false(f->nvme->irqs[2].on);
	lend_vectors_free(NULL);
}

static void a_level_triggered_vector_is_unmasked(void **state)
{
	struct fixture *f = *state;
	struct lend_vectors *v;

	assert_int_equal(lend_vectors_new(f->device, LEND_PCI_IRQ_INTX, 1, &v),
			 0);
	f->nvme->irqs[0].masked = true;
	assert_int_equal(lend_vectors_unmask(v, 0), 0);
	assert_false(f->nvme->irqs[0].masked);
	assert_error(f, lend_vectors_unmask(v, 1), -EINVAL,
		     LEND_ERROR_ARGUMENT);
	lend_vectors_free(v);
}

static void vectors_fall_back_to_what_the_device_has(void **state)
{
	struct fixture *f = *state;
	struct lend_vectors *v;

	f->nvme->irqs[2].count = 4;
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(lend_vectors_new(f->device, LEND_VECTORS_ANY, 8, &v),
			 0);
	assert_int_equal(lend_vectors_index(v), LEND_PCI_IRQ_MSI);
	lend_vectors_free(v);
}

static void vectors_that_cannot_be_had_leave_nothing(void **state)
{
	struct fixture *f = *state;
	struct lend_vectors *v = NULL;
	unsigned int count = f->nvme->irqs[2].count;

	assert_error(
		f,
		lend_vectors_new(f->device, LEND_PCI_IRQ_MSIX, count + 1, &v),
		-EINVAL, LEND_ERROR_ARGUMENT);
	assert_error(f, lend_vectors_new(f->device, 2, 0, &v), -EINVAL,
		     LEND_ERROR_ARGUMENT);
	assert_error(f, lend_vectors_new(f->device, 77, 1, &v), -EINVAL,
		     LEND_ERROR_ARGUMENT);
	assert_error(f, lend_vectors_new(f->device, LEND_VECTORS_ANY, 999, &v),
		     -EINVAL, LEND_ERROR_ARGUMENT);
	f->nvme->irqs[2].available = 3;
	assert_error(f, lend_vectors_new(f->device, 2, 4, &v), -ENOSPC,
		     LEND_ERROR_LIMIT);
	assert_reported(f, "3 of 4", "", "");
	f->fake->fail_at = f->fake->calls + 3;
	f->fake->fail_error = EMFILE;
	assert_error(f, lend_vectors_new(f->device, 2, 3, &v), -EMFILE,
		     LEND_ERROR_SYSTEM);
	assert_reported(f, "eventfd 3 of 3", "", "open files");
	f->fake->fail_at = f->fake->calls + 4;
	f->fake->fail_error = EIO;
	assert_error(f, lend_vectors_new(f->device, 2, 3, &v), -EIO,
		     LEND_ERROR_DEVICE);
	assert_null(v);
	assert_false(f->nvme->irqs[2].on);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OPEN(registers_are_read_and_written_in_all_sizes),
		TEST_OPEN(bad_accesses_read_as_ones),
		TEST_OPEN(a_pointer_is_within_one_area),
		TEST_OPEN(a_region_that_cannot_be_mapped_leaves_nothing),
		TEST_OPEN(bus_mastering_is_one_bit),
		TEST_OPEN(vectors_are_waited_for),
		TEST_OPEN(a_level_triggered_vector_is_unmasked),
		TEST(vectors_fall_back_to_what_the_device_has),
		TEST_OPEN(vectors_that_cannot_be_had_leave_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
