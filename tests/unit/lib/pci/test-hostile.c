// SPDX-License-Identifier: MIT
// A million random guest accesses to a correct device and to faulty ones: after
// each, what is placed, mapped, wired and read is compared with the
// specification.

#include <errno.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "hostile.h"

#define ACCESSES 250000 /* of each seed */
#define PM       0x40   /* of image_full() */
#define MSI      0x50
#define MSIX     0xb0
#define TABLE    0x1000

static uint64_t hostile_roll(struct hostile *h)
{
	h->random ^= h->random << 13;
	h->random ^= h->random >> 7;
	h->random ^= h->random << 17;
	return h->random;
}

static uint32_t hostile_number(const uint8_t *bytes, unsigned int size)
{
	uint32_t value = 0;

	while (size--)
		value = value << 8 | bytes[size];
	return value;
}

static uint32_t hostile_get(const struct hostile *h, unsigned int at,
			    unsigned int size)
{
	return lend_pci_config_read(h->f->pci, at, size);
}

/* Whether half a register may be a question for the size. */
static bool value_sets(uint64_t value, uint64_t mask)
{
	return (uint32_t)mask && (uint32_t)value == (uint32_t)mask;
}

static void check_bar(const struct hostile *h, unsigned int i)
{
	const struct lend_pci_bar *bar = lend_pci_bar(h->f->pci, i);
	unsigned int reg = i == LEND_PCI_BAR_ROM ? PCI_ROM_ADDRESS
						 : PCI_BASE_ADDRESS_0 + i * 4;
	uint64_t mask = -bar->size, value = hostile_get(h, reg, 4);
	bool on = hostile_get(h, PCI_COMMAND, 1) & (bar->io ? 1 : 2);

	if (!bar->size) {
		assert_false(h->placed[i]);
		return;
	}
	if (i == LEND_PCI_BAR_ROM)
		on = on && value & PCI_ROM_ADDRESS_ENABLE;
	if (h->pm && hostile_get(h, h->pm + PCI_PM_CTRL, 1) & 3)
		on = false;
	if (bar->is_64bit)
		value |= (uint64_t)hostile_get(h, reg + 4, 4) << 32;
	else
		mask &= 0xffffffff;
	value &= mask;
	if (!on) {
		assert_false(h->placed[i]);
		return;
	}
	if (value_sets(value, mask) || value_sets(value >> 32, mask >> 32))
		return;
	if (!value)
		assert_false(h->placed[i]);
	else if (h->placed[i])
		assert_true(h->base[i] == value);
	else
		assert_false(hostile_is_free(h, i, value));
}

/* What each vector that is wired was unmasked by. */
static void check_vectors(const struct hostile *h)
{
	unsigned int msi = hostile_get(h, MSI + PCI_MSI_FLAGS, 2);
	unsigned int msix = hostile_get(h, MSIX + PCI_MSIX_FLAGS, 2);
	unsigned int offered = msi >> 1 & 7, wanted = msi >> 4 & 7;
	unsigned int count = 1u << (wanted < offered ? wanted : offered);
	uint32_t masks = hostile_get(h, MSI + 0x10, 4);

	if (msi & 1 && msix & PCI_MSIX_FLAGS_ENABLE)
		return; /* forbidden; one of both is in use */
	for (unsigned int i = 0; i < VECTORS; i++) {
		bool live = false;

		if (msi & 1)
			live = i < count && !(masks >> i & 1);
		else if (msix & PCI_MSIX_FLAGS_ENABLE)
			live = !(msix & PCI_MSIX_FLAGS_MASKALL) &&
			       !(h->table[i * 16 + 12] & 1);
		assert_int_equal(h->connected[i], live);
	}
}

/* The device's answers, or the kernel's, are not what they were. */
static void hostile_lie(struct hostile *h)
{
	struct fake_region *config =
		&h->f->host->regions[LEND_PCI_REGION_CONFIG];

	if (hostile_roll(h) % 4 == 0)
		config->bytes[hostile_roll(h) % LEND_PCI_CONFIG_SIZE] =
			(uint8_t)hostile_roll(h);
	if (hostile_roll(h) % 16 == 0)
		config->short_access = !config->short_access;
	if (hostile_roll(h) % 16 == 0) {
		h->f->fake->fail_at = h->f->fake->calls + 1 +
				      (unsigned int)(hostile_roll(h) % 3);
		h->f->fake->fail_error = hostile_roll(h) % 2 ? EIO : ENOMEM;
	}
}

/* VPD, what is vendor-specific and what is in no capability is the device's
 * own, which this one keeps over a reset. */
static bool hostile_is_own(unsigned int at)
{
	return (at >= 0xc2 && at < 0xd8) || (at >= 0x204 && at < 0x218) ||
	       image_full_is_own(at);
}

static void as_at_first(struct hostile *h)
{
	for (unsigned int at = 0; at < LEND_PCI_CONFIG_SIZE; at++)
		if (!hostile_is_own(at))
			h->now[at] = h->first[at];
	memset(h->table, 0, sizeof(h->table));
	for (unsigned int i = 0; i < VECTORS; i++)
		h->table[i * 16 + 12] = 1;
}

/* Whether a write asks for the function's reset, by either capability. */
static bool hostile_resets(unsigned int at, unsigned int size, uint32_t value)
{
	const struct {
		unsigned int at;
		uint8_t bit;
	} ways[] = {{0x79, 0x80}, {0xdc, 0x01}};

	for (unsigned int i = 0; i < 2; i++)
		if (ways[i].at - at < size &&
		    value >> (ways[i].at - at) * 8 & ways[i].bit)
			return true;
	return false;
}

static void model_write(struct hostile *h, unsigned int at, unsigned int size,
			uint32_t value)
{
	if (hostile_resets(at, size, value)) {
		as_at_first(h);
		return;
	}
	for (unsigned int i = 0; i < size; i++, value >>= 8) {
		uint8_t *now = &h->now[at + i], mask = h->writable[at + i];

		/* The states between are not there, and not taken. */
		if (at + i == PM + PCI_PM_CTRL && (value + 1) & 2)
			mask &= (uint8_t)~3;
		*now = (uint8_t)((*now & ~mask) | (value & mask));
	}
}

static uint32_t some_value(struct hostile *h)
{
	static const uint32_t values[] = {
		0,          0xffffffff, 0x2000000,  0xfec00000, 0xc0000000,
		0xc0004000, 0xc0010000, 0xfffff800, 0xffffc000, 0xff,
		0x100,      0x8000,     0xc000,     0xc001,     1,
		2,          3,          7,          0x407,
	};
	uint64_t n = hostile_roll(h) % 32;

	return n < sizeof(values) / 4 ? values[n] : (uint32_t)hostile_roll(h);
}

static unsigned int some_offset(struct hostile *h)
{
	static const uint16_t offsets[] = {
		0x04, 0x04, 0x04, 0x10, 0x14, 0x18, 0x20, 0x24,
		0x30, 0x44, 0x52, 0x54, 0x60, 0xb2, 0xb2, 0x3c,
	};

	if (hostile_roll(h) % 2)
		return offsets[hostile_roll(h) % 16] +
		       (unsigned int)(hostile_roll(h) % 4);
	return (unsigned int)(hostile_roll(h) % (LEND_PCI_CONFIG_SIZE + 8));
}

/* Without what a driver would write now and then, hardly anything would ever
 * answer. */
static void write_sensibly(struct hostile *h)
{
	static const struct {
		uint16_t at;
		uint32_t value;
	} writes[] = {
		{0x44, 0},          {0x44, 0},          {0x04, 0x7},
		{0x04, 0x406},      {0x04, 0},          {0x10, 0xc0000000},
		{0x10, 0xc0020000}, {0x14, 0},          {0x14, 1},
		{0x18, 0xc000},     {0x20, 0xc0010000}, {0x20, 0xc0000000},
		{0x24, 0},          {0x24, 1},          {0x30, 0xc0100001},
		{0x30, 0xc0010001},
	};
	uint64_t i = hostile_roll(h) % (sizeof(writes) / sizeof(writes[0]));

	lend_pci_config_write(h->f->pci, writes[i].at, 4, writes[i].value);
	model_write(h, writes[i].at, 4, writes[i].value);
}

static void hostile_access_config(struct hostile *h)
{
	unsigned int at = some_offset(h);
	unsigned int size = (unsigned int)(hostile_roll(h) % 10);
	uint32_t value = some_value(h), got;
	bool valid;

	if (hostile_roll(h) % 2)
		size = 1u << size % 3;
	if (hostile_roll(h) % 2 && size)
		at &= ~(size - 1);
	valid = (size == 1 || size == 2 || size == 4) && !(at & (size - 1)) &&
		at < LEND_PCI_CONFIG_SIZE;
	if (hostile_roll(h) % 3) {
		lend_pci_config_write(h->f->pci, at, size, value);
		if (valid)
			model_write(h, at, size, value);
		return;
	}
	got = lend_pci_config_read(h->f->pci, at, size);
	if (!valid)
		assert_int_equal(got, 0xffffffff);
	else if (!h->lies && got != hostile_number(h->now + at, size))
		fail_msg("%u bytes at %x read %x, not %x", size, at, got,
			 hostile_number(h->now + at, size));
}

/* Of 1 to 8 bytes, within the BAR, which are also partly within the table. */
static void model_table(struct hostile *h, uint64_t offset, unsigned int size,
			const uint8_t *bytes)
{
	for (unsigned int i = 0; i < size; i++) {
		uint64_t at = offset + i - TABLE;

		if (at < sizeof(h->table))
			h->table[at] = at % 16 < 12    ? bytes[i]
				       : at % 16 == 12 ? bytes[i] & 1
						       : 0;
	}
}

static void check_table(const struct hostile *h, uint64_t offset,
			unsigned int size, const uint8_t *bytes)
{
	for (unsigned int i = 0; i < size; i++)
		if (offset + i - TABLE < sizeof(h->table))
			assert_int_equal(bytes[i],
					 h->table[offset + i - TABLE]);
		else if (offset + i - 0x2800 < 8)
			assert_int_equal(bytes[i], 0);
}

static void hostile_access_bar(struct hostile *h)
{
	static const uint64_t places[] = {
		0,      0xff8,  TABLE,  TABLE + 0x7c,
		0x27fc, 0x2804, 0x3ff8, UINT64_MAX - 7,
	};
	uint64_t offset = places[hostile_roll(h) % 8] + hostile_roll(h) % 24;
	unsigned int bar = (unsigned int)(hostile_roll(h) % 12);
	unsigned int size = (unsigned int)(hostile_roll(h) % 10);
	uint8_t bytes[16];
	bool valid;

	if (hostile_roll(h) % 2) {
		bar = 0;
		offset = TABLE + hostile_roll(h) % sizeof(h->table);
	}
	valid = !bar && size >= 1 && size <= 8 && offset <= 0x4000 &&
		size <= 0x4000 - offset;
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)hostile_roll(h);
	if (hostile_roll(h) % 2) {
		lend_pci_bar_write(h->f->pci, bar, offset, bytes, size);
		if (valid)
			model_table(h, offset, size, bytes);
		return;
	}
	lend_pci_bar_read(h->f->pci, bar, offset, bytes, size);
	if (valid && h->is_full)
		check_table(h, offset, size, bytes);
}

static void hostile_storm(struct hostile *h, unsigned int accesses)
{
	struct function *f = h->f;

	while (accesses--) {
		if (h->lies)
			hostile_lie(h);
		if (hostile_roll(h) % 4 == 0)
			hostile_access_bar(h);
		else if (hostile_roll(h) % 4)
			hostile_access_config(h);
		else
			write_sensibly(h);
		f->fake->fail_at = 0;
		/* As the machine does. */
		for (; h->dropped; lend_pci_retry(f->pci))
			h->dropped = false;
		fake_log_clear(f->fake);
		for (unsigned int i = 0; i <= LEND_PCI_BAR_ROM; i++)
			check_bar(h, i);
		if (h->is_full && !h->lies)
			check_vectors(h);
	}
}

/* Where power management is, as a guest finds it. */
static unsigned int find_pm(const struct hostile *h)
{
	unsigned int at = hostile_get(h, PCI_CAPABILITY_LIST, 1), count = 0;

	if (!(hostile_get(h, PCI_STATUS, 1) & PCI_STATUS_CAP_LIST))
		return 0;
	for (; at; at = hostile_get(h, at + 1, 1)) {
		assert_true(at >= 0x40 && !(at & 3) && count++ < 48);
		if (hostile_get(h, at, 1) == PCI_CAP_ID_PM)
			return at;
	}
	return 0;
}

static int hostile_present(struct hostile *h, struct function *f, uint64_t seed)
{
	int err;

	*h = (struct hostile){.f = f, .random = seed * 0x9e3779b97f4a7c15ull};
	f->host->written = NULL;
	f->host->was_reset = NULL;
	err = lend_pci_new(f->device, NULL, &hostile_ops, h, &f->pci);
	if (!err)
		h->pm = find_pm(h);
	return err;
}

static void hostile_withdraw(struct hostile *h)
{
	h->f->host->regions[LEND_PCI_REGION_CONFIG].short_access = false;
	lend_pci_free(h->f->pci);
	h->f->pci = NULL;
	for (unsigned int i = 0; i < LEND_PCI_BARS; i++)
		assert_false(h->placed[i]);
	for (unsigned int i = 0; i < LEND_PCI_WINDOWS; i++)
		assert_false(h->mapped[i]);
	for (unsigned int i = 0; i < 2048; i++)
		assert_false(h->known[i]);
	assert_false(h->intx);
}

/* What each bit does is found out first, and then it always does that. */
static void hostile_learn(struct hostile *h)
{
	for (unsigned int at = 0; at < LEND_PCI_CONFIG_SIZE; at += 4) {
		uint32_t bits = 0xffffffff, low, high;

		if (at == 0x78)
			bits = 0xffff7fff;
		else if (at == 0xdc)
			bits = 0xfffffffe;
		lend_pci_config_write(h->f->pci, at, 4, 0);
		low = hostile_get(h, at, 4);
		lend_pci_config_write(h->f->pci, at, 4, bits);
		high = hostile_get(h, at, 4);
		lend_pci_config_write(h->f->pci, at, 4, 0);
		for (unsigned int i = 0; i < 4; i++)
			h->writable[at + i] = (uint8_t)((high & ~low) >> i * 8);
	}
	/* As it comes out of a reset. */
	lend_pci_reset(h->f->pci);
	for (unsigned int at = 0; at < LEND_PCI_CONFIG_SIZE; at++)
		h->first[at] = h->now[at] = (uint8_t)hostile_get(h, at, 1);
	as_at_first(h);
}

static struct function *hostile_open_device(void **state)
{
	struct function *f = *state;

	assert_int_equal(function_open(f, NULL), 0);
	lend_pci_free(f->pci);
	f->pci = NULL;
	return f;
}

static void a_million_of_an_honest_device(void **state)
{
	struct function *f = hostile_open_device(state);
	static struct hostile h;

	for (uint64_t seed = 1; seed <= 4; seed++) {
		assert_int_equal(hostile_present(&h, f, seed), 0);
		h.is_full = true;
		hostile_learn(&h);
		hostile_storm(&h, ACCESSES);
		assert_true(h.placements > 5000 && h.connections > 500);
		hostile_withdraw(&h);
	}
}

static void many_of_a_device_that_changes(void **state)
{
	struct function *f = hostile_open_device(state);
	static struct hostile h;

	assert_int_equal(hostile_present(&h, f, 5), 0);
	as_at_first(&h);
	h.is_full = h.lies = true;
	hostile_storm(&h, ACCESSES);
	hostile_withdraw(&h);
}

/* Of an image with noise in it a function is made that behaves, or none. */
static void some_of_each_broken_image(void **state)
{
	struct function *f = hostile_open_device(state);
	uint8_t *image = f->host->regions[LEND_PCI_REGION_CONFIG].bytes;
	unsigned int made = 0;
	static struct hostile h;

	for (uint64_t seed = 6; seed < 306; seed++) {
		uint64_t random = seed;

		image_full(image);
		for (unsigned int i = 0; i < 1 + seed % 8; i++) {
			random = random * 6364136223846793005ull + 1;
			image[0x04 + (random >> 33) % 0x250] =
				(uint8_t)(random >> 57);
		}
		if (hostile_present(&h, f, seed))
			continue;
		made++;
		h.lies = true;
		hostile_storm(&h, 300);
		hostile_withdraw(&h);
	}
	assert_true(made > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_million_of_an_honest_device),
		TEST(many_of_a_device_that_changes),
		TEST(some_of_each_broken_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
