// SPDX-License-Identifier: MIT
// Every offset of configuration space at every width, against a model that was
// written from the specification's registers and not from the policy tables.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image.h"
#include "lib/pci/policy.h"

/* What is expected of @size bytes at @at: the view's value, the bits that need
 * no device, that a guest can change, that reach the device. */
struct expected {
	uint16_t at;
	uint8_t size;
	uint32_t value;
	uint32_t emulated;
	uint32_t writable;
	uint32_t pass;
};

#define F8  0xffu
#define F16 0xffffu
#define F32 0xffffffffu

static const struct expected full[] = {
	{0x00, 4, 0x10d38086, F32, 0, 0},
	{0x04, 2, 0, F16, 0x0547, 0x0547},
	{0x06, 1, 0x10, 0xf7, 0, 0},
	{0x07, 1, 0, 0, 0, 0},
	{0x08, 4, 0x02000003, F32, 0, 0},
	{0x0c, 2, 0, F16, F16, 0},
	{0x0e, 2, 0, F16, 0, 0},
	{0x10, 4, 0x00000004, F32, 0xffffc000, 0},
	{0x14, 4, 0, F32, F32, 0},
	{0x18, 4, 0x00000001, F32, 0xffffffe0, 0},
	{0x1c, 4, 0, F32, 0, 0},
	{0x20, 4, 0x0000000c, F32, 0xffff0000, 0},
	{0x24, 4, 0, F32, F32, 0},
	{0x28, 4, 0, F32, 0, 0},
	{0x2c, 4, 0x11223344, F32, 0, 0},
	{0x30, 4, 0, F32, 0xffff0001, 0},
	{0x34, 1, 0x40, F8, 0, 0},
	{0x35, 1, 0, F8, 0, 0},
	{0x36, 2, 0, F16, 0, 0},
	{0x38, 4, 0, F32, 0, 0},
	{0x3c, 1, 0, F8, F8, 0},
	{0x3d, 1, 0x01, F8, 0, 0},
	{0x3e, 2, 0x0201, F16, 0, 0},
	/* PM: no PME#, no D1, no D2. */
	{0x40, 2, 0x5001, F16, 0, 0},
	{0x42, 2, 0x0023, F16, 0, 0},
	{0x44, 2, 0x0008, F16, 0x0003, 0x0003},
	{0x46, 2, 0, F16, 0, 0},
	/* MSI: 4 of the messages, 64 bits, masks. */
	{0x50, 2, 0x7005, F16, 0, 0},
	{0x52, 2, 0x0184, F16, 0x0071, 0},
	{0x54, 4, 0, F32, 0xfffffffc, 0},
	{0x58, 4, 0, F32, F32, 0},
	{0x5c, 2, 0, F16, F16, 0},
	{0x5e, 2, 0, F16, 0, 0},
	{0x60, 4, 0, F32, 0x0000000f, 0},
	{0x64, 4, 0, F32, 0, 0},
	/* PCI Express: integrated into the root complex, without a link. */
	{0x70, 2, 0xb010, F16, 0, 0},
	{0x72, 2, 0x0092, F16, 0, 0},
	{0x74, 4, 0x10008fc3 & ~0x7000u, F32, 0, 0},
	{0x78, 2, 0x295f, F16, 0x7810, 0x7810},
	{0x7a, 2, 0, 0, 0, 0},
	{0x7c, 4, 0, F32, 0, 0},
	{0x80, 4, 0, F32, 0, 0},
	{0x84, 4, 0, F32, 0, 0},
	{0x88, 4, 0, F32, 0, 0},
	{0x8c, 4, 0, F32, 0, 0},
	{0x90, 4, 0, F32, 0, 0},
	{0x94, 4, 0x0000001f, F32, 0, 0},
	{0x98, 2, 0x0016, F16, 0, 0},
	{0x9a, 2, 0, F16, 0, 0},
	{0x9c, 4, 0, F32, 0, 0},
	{0xa0, 4, 0, F32, 0, 0},
	{0xa4, 4, 0, F32, 0, 0},
	{0xa8, 4, 0, F32, 0, 0},
	/* MSI-X */
	{0xb0, 2, 0xc011, F16, 0, 0},
	{0xb2, 2, 0x0007, F16, 0xc000, 0},
	{0xb4, 4, 0x1000, F32, 0, 0},
	{0xb8, 4, 0x2800, F32, 0, 0},
	/* VPD: to be read only. */
	{0xc0, 2, 0xc803, F16, 0, 0},
	{0xc2, 2, 0, 0, 0, 0x7fff},
	/* vendor-specific, and what follows: the link alone is ours */
	{0xc8, 2, 0xd809, F16, 0, 0},
	{0xca, 2, 0, 0, 0, F16},
	{0xcc, 4, 0, 0, 0, F32},
	{0xd0, 4, 0, 0, 0, F32},
	{0xd4, 4, 0, 0, 0, F32},
	/* AF, the last that is shown */
	{0xd8, 2, 0x0013, F16, 0, 0},
	{0xda, 2, 0x0306, F16, 0, 0},
	{0xdc, 1, 0, F8, 0, 0},
	/* HyperTransport, of unknown length: gone */
	{0xe0, 4, 0, F32, 0, 0},
	/* AER: gone, but for the link over its place */
	{0x100, 4, 0x15000000, F32, 0, 0},
	{0x150, 4, 0x20010003, F32, 0, 0},
	{0x200, 4, 0x0001000b, F32, 0, 0},
	{0x204, 4, 0, 0, 0, F32},
	{0x208, 4, 0, 0, 0, F32},
	{0x20c, 4, 0, 0, 0, F32},
	{0x210, 4, 0, 0, 0, F32},
	{0x214, 4, 0, 0, 0, F32},
};

struct model {
	uint8_t value[CONFIG_SIZE];
	uint8_t emulated[CONFIG_SIZE];
	uint8_t writable[CONFIG_SIZE];
	uint8_t pass[CONFIG_SIZE];
};

static void model_build(struct model *model, const uint8_t *image)
{
	unsigned int i, b;

	memset(model, 0, sizeof(*model));
	for (i = 0; i < CONFIG_SIZE; i++)
		model->pass[i] = image_full_is_own(i) ? 0xff : 0;
	/* What is hidden reads 0. */
	memset(model->emulated + 0x100, 0xff, 0x48);
	memset(model->emulated + 0x154, 0xff, 8);
	memset(model->emulated + 0x160, 0xff, 0x40);
	memset(model->emulated + 0x220, 0xff, 8);
	for (i = 0; i < sizeof(full) / sizeof(full[0]); i++) {
		const struct expected *e = &full[i];

		for (b = 0; b < e->size; b++) {
			model->value[e->at + b] = (uint8_t)(e->value >> b * 8);
			model->emulated[e->at + b] =
				(uint8_t)(e->emulated >> b * 8);
			model->writable[e->at + b] =
				(uint8_t)(e->writable >> b * 8);
			model->pass[e->at + b] = (uint8_t)(e->pass >> b * 8);
		}
	}
	/* The serial number does not change. */
	memcpy(model->value + 0x154, image + 0x154, 8);
}

struct state {
	uint8_t image[CONFIG_SIZE];
	struct bar bars[BAR_COUNT];
	struct config config;
	struct model model;
};

static void policy_build(struct state *s)
{
	struct config_source source = {
		.image = s->image,
		.size = CONFIG_SIZE,
		.intx_count = 1,
		.msi_count = 4,
		.msix_count = 8,
		.can_reset = true,
	};
	const char *fault;

	assert_int_equal(bar_probe(s->bars, s->image, image_full_sizes, &fault),
			 0);
	assert_int_equal(config_build(&s->config, &source, s->bars, &fault), 0);
}

static int policy_setup(void **state)
{
	struct state *s = malloc(sizeof(*s));

	image_full(s->image);
	policy_build(s);
	model_build(&s->model, s->image);
	*state = s;
	return 0;
}

static int policy_teardown(void **state)
{
	free(*state);
	return 0;
}

static void masks_are_as_expected(void **state)
{
	struct state *s = *state;
	unsigned int i;

	for (i = 0; i < CONFIG_SIZE; i++) {
		unsigned int value = s->config.value[i] & s->config.emulated[i];

		if (value != s->model.value[i] ||
		    s->config.emulated[i] != s->model.emulated[i] ||
		    s->config.writable[i] != s->model.writable[i] ||
		    s->config.pass[i] != s->model.pass[i])
			fail_msg("0x%03x: value %02x emulated %02x writable "
				 "%02x pass %02x",
				 i, value, s->config.emulated[i],
				 s->config.writable[i], s->config.pass[i]);
	}
}

static uint32_t model_read(const struct model *m, unsigned int at,
			   unsigned int size, const uint8_t *device, bool *asks)
{
	uint32_t value = 0;
	unsigned int i;

	*asks = false;
	for (i = 0; i < size; i++) {
		uint8_t live = (uint8_t)~m->emulated[at + i];

		*asks |= live != 0;
		value |= (uint32_t)((m->value[at + i] & ~live) |
				    (device[i] & live))
			 << i * 8;
	}
	return value;
}

static void read_everywhere(void **state)
{
	static const uint8_t device[4] = {0xa5, 0x5a, 0xc3, 0x3c};
	struct state *s = *state;
	unsigned int at, size;
	bool asks;

	for (size = 1; size <= 4; size *= 2) {
		for (at = 0; at < CONFIG_SIZE; at += size) {
			uint32_t want =
				model_read(&s->model, at, size, device, &asks);

			assert_true(config_access_valid(at, size));
			assert_int_equal(
				config_merge(&s->config, at, size, device),
				want);
			assert_int_equal(
				config_read_needs_device(&s->config, at, size),
				asks);
		}
	}
}

/* The bits of a byte that reach the device. */
static uint8_t policy_device_byte(const struct model *m, unsigned int at,
				  uint8_t byte)
{
	uint8_t constant = m->emulated[at] & ~m->writable[at];

	return (uint8_t)((byte & m->pass[at]) |
			 (m->value[at] & constant & ~m->pass[at]));
}

static void check_write(struct state *s, unsigned int at, unsigned int size,
			uint32_t value)
{
	struct model *m = &s->model;
	struct config_effect effect;
	unsigned int i, first = size, last = 0;
	uint8_t bytes[4];

	image_put(bytes, 0, 4, value);
	/* A state the function lacks is no state. */
	for (i = 0; i < size; i++)
		if (at + i == 0x44 &&
		    ((bytes[i] & 3) == 1 || (bytes[i] & 3) == 2))
			bytes[i] = (uint8_t)((bytes[i] & ~3) |
					     (m->value[0x44] & 3));
	for (i = 0; i < size; i++) {
		if (!m->pass[at + i])
			continue;
		first = first < i ? first : i;
		last = i;
	}
	effect = config_apply_write(&s->config, at, size, value);
	if ((at <= 0x79 && at + size > 0x79 && bytes[0x79 - at] & 0x80) ||
	    (at <= 0xdc && at + size > 0xdc && bytes[0xdc - at] & 0x01)) {
		assert_true(effect.reset);
		assert_int_equal(effect.size, 0);
		return;
	}
	assert_false(effect.reset);
	assert_int_equal(effect.size, first == size ? 0 : last - first + 1);
	for (i = 0; i < effect.size; i++)
		assert_int_equal(effect.data[i],
				 policy_device_byte(m, at + first + i,
						    bytes[first + i]));
	if (effect.size)
		assert_int_equal(effect.offset, at + first);
	for (i = 0; i < size; i++)
		m->value[at + i] =
			(uint8_t)((m->value[at + i] & ~m->writable[at + i]) |
				  (bytes[i] & m->writable[at + i]));
}

static void write_everywhere(void **state)
{
	static const uint32_t values[] = {0xffffffff, 0, 0x55555555, 0xaaaaaaaa,
					  0x01020304};
	struct state *s = *state;
	unsigned int at, size, i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		for (size = 1; size <= 4; size *= 2)
			for (at = 0; at < CONFIG_SIZE; at += size)
				check_write(s, at, size, values[i]);
	masks_are_as_expected(state);
}

static void refuse_odd_accesses(void **state)
{
	unsigned int size, at;

	(void)state;
	for (size = 0; size <= 16; size++)
		for (at = 0; at < CONFIG_SIZE + 8; at++) {
			bool good = (size == 1 || size == 2 || size == 4) &&
				    at % size == 0 && at + size <= CONFIG_SIZE;

			assert_int_equal(config_access_valid(at, size), good);
		}
	assert_false(config_access_valid(0xfffffffc, 4));
}

/* Where a byte is passed, nothing that is kept from the guest may change: each
 * bit beside a passed one is a constant, or one that a 0 does not harm. */
static void passed_bytes_are_known(void **state)
{
	struct state *s = *state;
	unsigned int i;

	for (i = 0; i < 0x100; i++) {
		if (!s->config.pass[i] || (i >= 0xca && i < 0xd8) ||
		    image_full_is_own(i))
			continue;
		if (i == 0xc3)
			continue; /* the flag must be 0, which means to read */
		assert_int_equal(s->config.pass[i] | s->config.emulated[i],
				 0xff);
		assert_int_equal(s->config.writable[i] & ~s->config.pass[i], 0);
	}
}

/* What a guest finds, whatever else a device has. */
static void few_are_shown(void **state)
{
	/* PM, VPD, MSI, PCI-X, vendor's, debug port, Express, MSI-X, SATA, AF
	 */
	static const uint64_t standard =
		1 << 0x01 | 1 << 0x03 | 1 << 0x05 | 1 << 0x07 | 1 << 0x09 |
		1 << 0x0a | 1 << 0x10 | 1 << 0x11 | 1 << 0x12 | 1 << 0x13;
	/* serial number, vendor's, resizable BARs, designated vendor's */
	static const uint64_t extended =
		1 << 0x03 | 1 << 0x0b | 1 << 0x15 | 1ull << 0x23;
	unsigned int id;

	(void)state;
	for (id = 0; id < 0x40; id++) {
		const struct policy *s = policy_standard(id);
		const struct policy *e = policy_extended(id);

		assert_int_equal(s->verdict != POLICY_HIDE, standard >> id & 1);
		assert_int_equal(e->verdict != POLICY_HIDE, extended >> id & 1);
		assert_true(s->why && *s->why && e->why && *e->why);
	}
	assert_int_equal(policy_standard(0xff)->verdict, POLICY_HIDE);
	assert_int_equal(policy_extended(0xffff)->verdict, POLICY_HIDE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(masks_are_as_expected,
						policy_setup, policy_teardown),
		cmocka_unit_test_setup_teardown(read_everywhere, policy_setup,
						policy_teardown),
		cmocka_unit_test_setup_teardown(write_everywhere, policy_setup,
						policy_teardown),
		cmocka_unit_test(refuse_odd_accesses),
		cmocka_unit_test(few_are_shown),
		cmocka_unit_test_setup_teardown(passed_bytes_are_known,
						policy_setup, policy_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
