// SPDX-License-Identifier: MIT
// Devices with quirks: the scripted function with other IDs and BARs, and the
// quirks that are logged.

#include <stdio.h>
#include <string.h>

#include "device.h"

#define RW (VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE)

static char logged[512];

void quirk_device_be(struct function *f, uint32_t ids, uint32_t class_code)
{
	uint8_t *config = f->host->regions[LEND_PCI_REGION_CONFIG].bytes;
	unsigned int i;

	image_put(config, 0, 4, ids);
	image_put(config, 8, 4, class_code << 8 | 3);
	for (i = 0; i < 6; i++) {
		image_put(config, 0x10 + 4 * i, 4, 0);
		fake_region_set(f->host, i, 0, 0);
	}
}

void quirk_device_bar(struct function *f, unsigned int bar, uint32_t value,
		      uint64_t size)
{
	host_put(f, LEND_PCI_REGION_CONFIG, 0x10 + 4 * bar, 4, value);
	fake_region_set(f->host, bar, size,
			value & BAR_PORTS ? RW : RW | LEND_REGION_MMAP);
}

void quirk_device_vga(struct function *f)
{
	f->host->regions[LEND_PCI_REGION_VGA].err = 0;
	fake_region_set(f->host, LEND_PCI_REGION_VGA, 0xc0000, RW);
}

static void keep_quirks(void *opaque, enum lend_log_level level,
			const char *text)
{
	struct function *f = opaque;
	const char *name = strstr(text, ": quirk ");

	if (level == LEND_LOG_WARNING)
		snprintf(f->warning, sizeof(f->warning), "%s", text);
	f->warnings += level == LEND_LOG_WARNING;
	if (level == LEND_LOG_INFO && name)
		snprintf(logged + strlen(logged),
			 sizeof(logged) - strlen(logged), "%.*s ",
			 (int)strcspn(name + 8, ":"), name + 8);
}

void quirk_device_open(struct function *f,
		       const struct lend_pci_options *options)
{
	logged[0] = '\0';
	f->ctx->log = keep_quirks;
	f->ctx->log_opaque = f;
	assert_int_equal(function_open(f, options), 0);
	f->asked[0] = '\0';
	fake_log_clear(f->fake);
}

const char *quirk_device_logged(void)
{
	return logged;
}

uint64_t bar_get(struct function *f, unsigned int bar, uint64_t at,
		 unsigned int size)
{
	uint64_t value = 0;

	lend_pci_bar_read(f->pci, bar, at, &value, size);
	return value;
}

void bar_put(struct function *f, unsigned int bar, uint64_t at,
	     unsigned int size, uint64_t value)
{
	lend_pci_bar_write(f->pci, bar, at, &value, size);
}

uint32_t host_get(const struct function *f, unsigned int region, uint64_t at,
		  unsigned int size)
{
	const uint8_t *bytes = f->host->regions[region].bytes + at;
	uint32_t value = 0;

	while (size--)
		value = value << 8 | bytes[size];
	return value;
}

void host_put(struct function *f, unsigned int region, uint64_t at,
	      unsigned int size, uint32_t value)
{
	image_put(f->host->regions[region].bytes + at, 0, size, value);
}
