// SPDX-License-Identifier: MIT
// The guest's view of a configuration space: reads, writes, and their effects
// on the device.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/pci/config.h"

bool config_access_valid(unsigned int offset, unsigned int size)
{
	if (size != 1 && size != 2 && size != 4)
		return false;
	return offset < CONFIG_SIZE && !(offset & (size - 1));
}

bool config_touches(unsigned int offset, unsigned int size, unsigned int at,
		    unsigned int length)
{
	return offset < at + length && at < offset + size;
}

uint32_t config_value(const struct config *config, unsigned int offset,
		      unsigned int size)
{
	return (uint32_t)bytes_get(config->value + offset, size);
}

void config_set(struct config *config, unsigned int offset, unsigned int size,
		struct config_bits bits)
{
	bytes_put(config->value + offset, size, bits.value);
	bytes_put(config->emulated + offset, size,
		  bits.emulated | bits.writable);
	bytes_put(config->writable + offset, size, bits.writable);
	bytes_put(config->pass + offset, size, bits.pass);
}

void config_open(struct config *config, unsigned int at, unsigned int end)
{
	memset(config->emulated + at, 0, end - at);
	memset(config->pass + at, 0xff, end - at);
}

void config_deny(struct config *config, unsigned int at, unsigned int end)
{
	memset(config->pass + at, 0, end - at);
}

void config_set_constant(struct config *config, unsigned int offset,
			 unsigned int size, uint32_t value)
{
	config_set(
		config, offset, size,
		(struct config_bits){.value = value, .emulated = 0xffffffff});
}

void config_set_writable(struct config *config, unsigned int offset,
			 unsigned int size, uint32_t writable)
{
	config_set(config, offset, size,
		   (struct config_bits){.emulated = 0xffffffff,
					.writable = writable});
}

void config_note(const struct config_source *source, enum lend_log_level level,
		 const char *fmt, ...)
{
	char text[160];
	va_list args;

	if (!source->note)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	source->note(source->note_opaque, level, text);
}

bool config_read_needs_device(const struct config *config, unsigned int offset,
			      unsigned int size)
{
	return bytes_get(config->emulated + offset, size) !=
	       (1ull << size * 8) - 1;
}

uint32_t config_merge(const struct config *config, unsigned int offset,
		      unsigned int size, const uint8_t device[4])
{
	uint32_t emulated =
		(uint32_t)bytes_get(config->emulated + offset, size);
	uint32_t value = config_value(config, offset, size) & emulated;

	return value | ((uint32_t)bytes_get(device, size) & ~emulated);
}

static void change_view(struct config *config, unsigned int offset,
			unsigned int size, const uint8_t *bytes)
{
	unsigned int i;

	for (i = 0; i < size; i++) {
		uint8_t writable = config->writable[offset + i];
		uint8_t *value = &config->value[offset + i];

		*value = (*value & ~writable) | (bytes[i] & writable);
	}
}

/* Writes the bytes from the first to the last that the device must see. */
static void config_add_effect(const struct config *config, unsigned int offset,
			      unsigned int size, const uint8_t *bytes,
			      struct config_effect *effect)
{
	unsigned int i;

	for (i = 0; i < size; i++) {
		unsigned int at = offset + i;
		uint8_t constant;

		if (!effect->size && !config->pass[at])
			continue;
		if (!effect->size)
			effect->offset = at;
		constant = config->value[at] & config->emulated[at] &
			   ~config->writable[at];
		effect->data[at - effect->offset] =
			(bytes[i] & config->pass[at]) |
			(constant & ~config->pass[at]);
		if (config->pass[at])
			effect->size = at - effect->offset + 1;
	}
}

/* Byte @at as the guest writes it, 0 if the access does not include it. */
static uint8_t config_written_byte(unsigned int at, unsigned int offset,
				   unsigned int size, const uint8_t *bytes)
{
	return at - offset < size ? bytes[at - offset] : 0;
}

static bool asks_for_reset(const struct config *config, unsigned int offset,
			   unsigned int size, const uint8_t *bytes)
{
	if (config->exp &&
	    config_value(config, config->exp + PCI_EXP_DEVCAP, 4) &
		    PCI_EXP_DEVCAP_FLR &&
	    config_written_byte(config->exp + PCI_EXP_DEVCTL + 1, offset, size,
				bytes) &
		    (PCI_EXP_DEVCTL_BCR_FLR >> 8))
		return true;
	return config->af &&
	       config_value(config, config->af + PCI_AF_CAP, 1) &
		       PCI_AF_CAP_FLR &&
	       config_written_byte(config->af + PCI_AF_CTRL, offset, size,
				   bytes) &
		       PCI_AF_CTRL_FLR;
}

/* A write of an unsupported power state has no effect, so that the view cannot
 * read D1 while the device stays in D0. */
static void keep_power_state(const struct config *config, unsigned int offset,
			     unsigned int size, uint8_t *bytes)
{
	unsigned int at = config->pm + PCI_PM_CTRL;
	unsigned int state = config_written_byte(at, offset, size, bytes) & 3;

	if (!config->pm || at - offset >= size || !state || state == 3)
		return;
	bytes[at - offset] &= ~3;
	bytes[at - offset] |= config->value[at] & 3;
}

struct config_effect config_apply_write(struct config *config,
					unsigned int offset, unsigned int size,
					uint32_t value)
{
	struct config_effect effect = {0};
	uint8_t bytes[4];

	bytes_put(bytes, sizeof(bytes), value);
	effect.reset = asks_for_reset(config, offset, size, bytes);
	if (effect.reset)
		return effect;
	keep_power_state(config, offset, size, bytes);
	config_add_effect(config, offset, size, bytes, &effect);
	change_view(config, offset, size, bytes);
	return effect;
}
