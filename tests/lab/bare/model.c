// SPDX-License-Identifier: MIT
// The bits of an endpoint's configuration space that writes may change by PCI
// Local Bus 3.0 and PCI Express Base 5.0. All others of its header and of its
// capabilities are constant; the rest of the space is the device's own.

#include "function.h"

struct field {
	uint16_t at;
	uint8_t size;
	uint32_t open;
	uint32_t loose;
	uint32_t never;
};

static const struct field header[] = {
	{COMMAND, 2, 0x077f, 0, 0},
	{0x06, 2, 0, 0xf908, 0}, /* errors that a 1 clears, INTx */
	{0x0c, 2, 0xffff, 0, 0}, /* cache line size, latency timer */
	{BAR0, 4, 0xfffffffc, 0, 0},
	{BAR0 + 4, 4, 0xffffffff, 0, 0},
	{BAR0 + 8, 4, 0xffffffff, 0, 0},
	{BAR0 + 12, 4, 0xffffffff, 0, 0},
	{BAR0 + 16, 4, 0xffffffff, 0, 0},
	{BAR0 + 20, 4, 0xffffffff, 0, 0},
	{ROM, 4, 0xfffff801, 0, 0},
	{0x3c, 1, 0xff, 0, 0}, /* interrupt line */
	{},
};
static const struct field power[] = {
	/* State, PME# enable and data select; PME# status. */
	{4, 2, 0x1f03, 0x8000, 0},
	{},
};
static const struct field vpd[] = {
	{2, 2, 0, 0xffff, 0},
	{4, 4, 0, 0xffffffff, 0},
	{},
};
static const struct field msi_32[] = {
	{2, 2, 0x0071, 0, 0},
	{4, 4, 0xfffffffc, 0, 0},
	{8, 2, 0xffff, 0, 0},
	{},
};
static const struct field msi_64[] = {
	{2, 2, 0x0071, 0, 0},
	{4, 4, 0xfffffffc, 0, 0},
	{8, 4, 0xffffffff, 0, 0},
	{12, 2, 0xffff, 0, 0},
	{},
};
static const struct field msi_32_masks[] = {
	{12, 4, 0xffffffff, 0, 0},
	{16, 4, 0, 0xffffffff, 0},
	{},
};
static const struct field msi_64_masks[] = {
	{16, 4, 0xffffffff, 0, 0},
	{20, 4, 0, 0xffffffff, 0},
	{},
};
static const struct field express[] = {
	{0x08, 2, 0x7fff, 0, 0x8000}, /* device control; its reset */
	{0x0a, 2, 0, 0x002f, 0},      /* device status */
	{0x10, 2, 0xffdf, 0, 0},      /* link control; retrain reads 0 */
	{0x12, 2, 0, 0xffff, 0},      /* link status */
	{0x28, 2, 0xffff, 0, 0},      /* device control 2 */
	{0x30, 2, 0xffff, 0, 0},      /* link control 2 */
	{0x32, 2, 0, 0xffff, 0},      {},
};
static const struct field msix[] = {{2, 2, 0xc000, 0, 0}, {}};
static const struct field af[] = {{4, 1, 0, 0, 0x01}, {5, 1, 0, 0x01, 0}, {}};

static void model_put(uint8_t *bytes, uint32_t value, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		bytes[i] |= (uint8_t)(value >> i * 8);
}

static void model_apply(struct function *f, const struct field *field,
			unsigned int base)
{
	for (; field->size; field++) {
		unsigned int at = base + field->at;

		if (at + field->size > CONFIG_SIZE)
			return;
		model_put(f->open + at, field->open, field->size);
		model_put(f->loose + at, field->loose, field->size);
		model_put(f->never + at, field->never, field->size);
	}
}

static void model_loosen(struct function *f, unsigned int at, unsigned int end)
{
	for (; at < end && at < CONFIG_SIZE; at++)
		f->loose[at] = 0xff;
}

/* The bytes of the function's own, until a capability claims them. */
static void model_loosen_rest(struct function *f)
{
	for (unsigned int at = 0; at < CONFIG_SIZE; at++)
		if (!f->claimed[at])
			f->loose[at] = 0xff;
}

/* A capability's words; those beyond it that it may have are claimed too. */
static void model_claim(struct function *f, unsigned int at,
			unsigned int length)
{
	for (unsigned int end = at + ((length + 3) & ~3u);
	     at < end && at < CONFIG_SIZE; at++)
		f->claimed[at] = true;
}

/* Where the length is unknown here, nothing is expected of what follows. */
static unsigned int model_length(const struct function *f, unsigned int at)
{
	const uint8_t *first = f->first + at;

	switch (first[0]) {
	case CAPABILITY_POWER:
	case CAPABILITY_VPD:
	case CAPABILITY_AF:
		return 8;
	case CAPABILITY_MSI:
		return (first[2] & 0x80 ? 14u : 10u) + (first[3] & 1 ? 10 : 0);
	case CAPABILITY_VENDOR:
		return first[2];
	case CAPABILITY_EXPRESS:
		return (first[2] & 0xf) >= 2 ? 0x3c : 0x0c;
	case CAPABILITY_MSIX:
		return 12;
	default:
		return 4;
	}
}

/* Serial number, resizable BARs, those with a length of their own. */
static unsigned int model_length_extended(const struct function *f,
					  unsigned int at, unsigned int id)
{
	switch (id) {
	case 0x03:
		return 12;
	case 0x15:
		return 4 + 8 * (f->first[at + 8] >> 5);
	case 0x0b:
	case 0x23:
		return number_at(f->first + at + 4, 4) >> 20;
	default:
		return 4;
	}
}

static void model_apply_msi(struct function *f, unsigned int at)
{
	bool is_64bit = f->first[at + 2] & 0x80;

	model_apply(f, is_64bit ? msi_64 : msi_32, at);
	if (f->first[at + 3] & 1)
		model_apply(f, is_64bit ? msi_64_masks : msi_32_masks, at);
}

static void model_apply_capability(struct function *f, unsigned int at)
{
	switch (f->first[at]) {
	case CAPABILITY_POWER:
		model_apply(f, power, at);
		break;
	case CAPABILITY_VPD:
		model_apply(f, vpd, at);
		break;
	case CAPABILITY_MSI:
		model_apply_msi(f, at);
		break;
	case CAPABILITY_VENDOR:
		model_loosen(f, at + 3, at + f->first[at + 2]);
		break;
	case CAPABILITY_EXPRESS:
		model_apply(f, express, at);
		break;
	case CAPABILITY_MSIX:
		model_apply(f, msix, at);
		break;
	case CAPABILITY_AF:
		model_apply(f, af, at);
		break;
	}
}

static void model_walk_standard(struct function *f)
{
	unsigned int at = f->first[0x34], count = 0;

	if (!(f->first[0x06] & 0x10))
		return;
	for (; at && count < 48; at = f->first[at + 1], count++) {
		if (at < HEADER_SIZE || at & 3) {
			console_fault(
				"%x: a capability at the invalid offset %x",
				f->devfn, at);
			return;
		}
		if (f->first[at] < sizeof(f->capability))
			f->capability[f->first[at]] = (uint8_t)at;
		model_claim(f, at, model_length(f, at));
		model_apply_capability(f, at);
	}
	if (at)
		console_fault("%x: the capability list has no end", f->devfn);
}

static void model_walk_extended(struct function *f)
{
	unsigned int at = STANDARD_SIZE, count = 0;

	for (; at && count < 960; count++) {
		uint32_t head = number_at(f->first + at, 4);

		if (head == 0xffffffff) {
			/* It has no extended space. */
			model_claim(f, STANDARD_SIZE,
				    CONFIG_SIZE - STANDARD_SIZE);
			return;
		}
		model_claim(f, at, model_length_extended(f, at, head & 0xffff));
		/* Vendor-specific, of the length in its header. */
		if ((head & 0xffff) == 0x0b)
			model_loosen(
				f, at + 8,
				at + (number_at(f->first + at + 4, 4) >> 20));
		at = head >> 20;
		if (at && (at < STANDARD_SIZE || at & 3)) {
			console_fault("%x: an extended capability at the "
				      "invalid offset %x",
				      f->devfn, at);
			return;
		}
	}
	if (at)
		console_fault("%x: the extended capability list has no end",
			      f->devfn);
}

/* Determines which of a register's open bits are writable. */
static void model_learn(struct function *f, unsigned int at, unsigned int size)
{
	uint32_t open = number_at(f->open + at, size);
	uint32_t first = number_at(f->first + at, size);
	uint32_t low, high;

	if (!open)
		return;
	config_write_ecam(f, at, size, first & ~open);
	low = (uint32_t)config_read_ecam(f, at, size);
	config_write_ecam(f, at, size, first | open);
	high = (uint32_t)config_read_ecam(f, at, size);
	config_write_ecam(f, at, size, first);
	model_put(f->writable + at, (low ^ high) & open & high, size);
}

void function_model(struct function *f)
{
	for (unsigned int at = 0; at < CONFIG_SIZE; at += 4) {
		uint32_t value = (uint32_t)config_read_ecam(f, at, 4);

		model_put(f->first + at, value, 4);
		model_put(f->now + at, value, 4);
	}
	/* The host bridge has a header only. */
	model_apply(f, header, 0);
	model_claim(f, 0, HEADER_SIZE);
	model_walk_standard(f);
	model_walk_extended(f);
	model_loosen_rest(f);
	for (unsigned int at = 0; at < STANDARD_SIZE; at += 4) {
		model_learn(f, at, 2);
		model_learn(f, at + 2, 2);
	}
}
