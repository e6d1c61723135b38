// SPDX-License-Identifier: MIT
// Copies the ACPI tables into RAM and fills in this machine's values.
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <lend/error.h>

#include "vmm/memory/layout.h"
#include "vmm/x86/acpi.h"

#include "dsdt.hex"
#include "fadt.hex"
#include "madt.hex"
#include "mcfg.hex"
#include "rsdp.hex"
#include "xsdt.hex"

/* Offsets that the ACPI specification gives (6.5, chapter 5.2). */
#define HEADER_LENGTH   4
#define HEADER_CHECKSUM 9
#define HEADER_SIZE     36
#define RSDP_CHECKSUM   8
#define RSDP_V1_SIZE    20
#define RSDP_XSDT       24
#define RSDP_CHECKSUM_2 32
#define FADT_BOOT_FLAGS 109
#define FADT_NO_VGA     4
#define FADT_X_DSDT     140
#define MCFG_BASE       44
#define MCFG_LAST_BUS   55
#define MADT_APIC_SIZE  8
#define TABLE_ALIGN     16

/* Bits of _OSC's control field (PCI Firmware Specification 3.3, 4.5.1). */
#define OSC_HOTPLUG    (1 << 0)
#define OSC_AER        (1 << 3)
#define OSC_CAPABILITY (1 << 4)

#define AML_NAME  0x08
#define AML_QWORD 0x0e

struct image {
	struct lend_ctx *ctx;
	uint8_t *bytes;
	size_t used;
};

/* Append a table. Returns its start, or NULL when the area is full. */
static uint8_t *table_put(struct image *image, const void *table, size_t size,
			  size_t extra)
{
	uint8_t *at = image->bytes + image->used;

	if (size + extra > ACPI_SIZE - image->used) {
		lend_error_set(image->ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
			       "the ACPI tables exceed %d KiB",
			       ACPI_SIZE / 1024);
		return NULL;
	}
	memcpy(at, table, size);
	image->used += (size + extra + TABLE_ALIGN - 1) & ~(TABLE_ALIGN - 1UL);
	return at;
}

static uint64_t address_of(const struct image *image, const uint8_t *table)
{
	return ACPI_BASE + (uint64_t)(table - image->bytes);
}

static void put_u32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static void put_u64(uint8_t *at, uint64_t value)
{
	memcpy(at, &value, sizeof(value));
}

/* Set the byte at @at so that all @size bytes add up to zero. */
static void table_checksum(uint8_t *bytes, size_t size, size_t at)
{
	uint8_t sum = 0;

	bytes[at] = 0;
	for (size_t i = 0; i < size; i++)
		sum += bytes[i];
	bytes[at] = (uint8_t)-sum;
}

/* Set the value of `Name (name, <64-bit constant>)`. */
static bool patch_name(uint8_t *aml, size_t size, const char *name,
		       uint64_t value)
{
	uint8_t pattern[6] = {AML_NAME,         (uint8_t)name[0],
			      (uint8_t)name[1], (uint8_t)name[2],
			      (uint8_t)name[3], AML_QWORD};
	uint8_t *at = memmem(aml, size, pattern, sizeof(pattern));

	if (!at || (size_t)(at - aml) + sizeof(pattern) + sizeof(value) > size)
		return false;
	put_u64(at + sizeof(pattern), value);
	return true;
}

static uint8_t *acpi_lack(const struct image *image, const char *name)
{
	lend_error_set(image->ctx, LEND_ERROR_SYSTEM, EINVAL, NULL,
		       "the compiled DSDT lacks %s", name);
	return NULL;
}

static uint8_t *put_dsdt(struct image *image, const struct layout *layout,
			 bool hotplug)
{
	const struct {
		const char *base, *size;
		struct range range;
	} windows[] = {
		{"M32B", "M32S", layout->mem32},
		{"M64B", "M64S", layout->mem64},
		{"IOPB", "IOPS", layout->io},
		{"CFGB", "CFGS", layout->ecam},
	};
	size_t size = sizeof(dsdt_aml_code);
	uint8_t *table = table_put(image, dsdt_aml_code, size, 0);

	if (!table)
		return NULL;
	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		if (patch_name(table, size, windows[i].base,
			       windows[i].range.base) &&
		    patch_name(table, size, windows[i].size,
			       windows[i].range.size))
			continue;
		return acpi_lack(image, windows[i].base);
	}
	if (!patch_name(table, size, "OSCM",
			OSC_AER | OSC_CAPABILITY | (hotplug ? OSC_HOTPLUG : 0)))
		return acpi_lack(image, "OSCM");
	table_checksum(table, size, HEADER_CHECKSUM);
	return table;
}

static uint8_t *put_fadt(struct image *image, uint64_t dsdt, bool vga)
{
	size_t size = sizeof(fadt_aml_code);
	uint8_t *table = table_put(image, fadt_aml_code, size, 0);

	if (!table)
		return NULL;
	put_u64(table + FADT_X_DSDT, dsdt);
	if (vga)
		table[FADT_BOOT_FLAGS] &= (uint8_t)~FADT_NO_VGA;
	table_checksum(table, size, HEADER_CHECKSUM);
	return table;
}

static uint8_t *put_madt(struct image *image, unsigned int cpus)
{
	size_t size = sizeof(madt_aml_code);
	size_t extra = (size_t)cpus * MADT_APIC_SIZE;
	uint8_t *table = table_put(image, madt_aml_code, size, extra);

	if (!table)
		return NULL;
	for (unsigned int i = 0; i < cpus; i++) {
		/* type 0, length 8, processor, APIC ID, flags: enabled */
		const uint8_t apic[MADT_APIC_SIZE] = {
			0, MADT_APIC_SIZE, (uint8_t)i, (uint8_t)i, 1};

		memcpy(table + size + i * sizeof(apic), apic, sizeof(apic));
	}
	put_u32(table + HEADER_LENGTH, (uint32_t)(size + extra));
	table_checksum(table, size + extra, HEADER_CHECKSUM);
	return table;
}

static uint8_t *put_mcfg(struct image *image, const struct range *ecam)
{
	size_t size = sizeof(mcfg_aml_code);
	uint8_t *table = table_put(image, mcfg_aml_code, size, 0);

	if (!table)
		return NULL;
	put_u64(table + MCFG_BASE, ecam->base);
	table[MCFG_LAST_BUS] = (uint8_t)((ecam->size >> 20) - 1);
	table_checksum(table, size, HEADER_CHECKSUM);
	return table;
}

static uint8_t *put_xsdt(struct image *image, uint8_t *const tables[3])
{
	size_t size = sizeof(xsdt_aml_code);
	uint8_t *table = table_put(image, xsdt_aml_code, size, 0);

	if (!table)
		return NULL;
	for (size_t i = 0; i < 3; i++)
		put_u64(table + HEADER_SIZE + i * sizeof(uint64_t),
			address_of(image, tables[i]));
	table_checksum(table, size, HEADER_CHECKSUM);
	return table;
}

int acpi_build(struct lend_ctx *ctx, uint8_t *bytes,
	       const struct layout *layout, unsigned int cpus, bool hotplug)
{
	struct image image = {ctx, bytes, 0};
	uint8_t *rsdp, *dsdt, *xsdt, *tables[3];

	rsdp = table_put(&image, rsdp_aml_code, sizeof(rsdp_aml_code), 0);
	dsdt = put_dsdt(&image, layout, hotplug);
	if (!rsdp || !dsdt)
		goto err;
	tables[0] = put_fadt(&image, address_of(&image, dsdt),
			     layout->vga.size != 0);
	tables[1] = put_madt(&image, cpus);
	tables[2] = put_mcfg(&image, &layout->ecam);
	if (!tables[0] || !tables[1] || !tables[2])
		goto err;
	xsdt = put_xsdt(&image, tables);
	if (!xsdt)
		goto err;
	put_u64(rsdp + RSDP_XSDT, address_of(&image, xsdt));
	table_checksum(rsdp, RSDP_V1_SIZE, RSDP_CHECKSUM);
	table_checksum(rsdp, sizeof(rsdp_aml_code), RSDP_CHECKSUM_2);
	return 0;
err:
	return -lend_ctx_error(ctx)->err;
}
