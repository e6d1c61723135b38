// SPDX-License-Identifier: MIT
// The ACPI tables have valid checksums and pointers and describe the machine.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/memory/layout.h"
#include "vmm/pci/host.h"
#include "vmm/x86/acpi.h"

#define GIB UINT64_C(0x40000000)

struct tables {
	struct lend_ctx *ctx;
	uint8_t image[ACPI_SIZE];
	struct layout layout;
};

static int acpi_setup(void **state)
{
	static struct tables t;

	*state = &t;
	memset(t.image, 0xa5, sizeof(t.image)); /* data of a previous guest */
	t.layout = (struct layout){
		.mem32 = {0xc0000000, 0x3e000000},
		.mem64 = {64 * GIB, 8 * GIB},
		.io = {0xc000, 0x4000},
		.ecam = {LAYOUT_ECAM_BASE, 1 << 20},
	};
	return lend_ctx_new(NULL, &t.ctx);
}

static int acpi_teardown(void **state)
{
	lend_ctx_unref(((struct tables *)*state)->ctx);
	return 0;
}

static uint64_t acpi_get(const uint8_t *at, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, at, size);
	return value;
}

static uint8_t acpi_sum(const uint8_t *bytes, size_t size)
{
	uint8_t total = 0;

	while (size--)
		total += *bytes++;
	return total;
}

/* The table at a guest address, with its header checked. */
static const uint8_t *table_at(struct tables *t, uint64_t gpa,
			       const char *signature)
{
	const uint8_t *table = t->image + (gpa - ACPI_BASE);
	size_t length;

	assert_in_range(gpa, ACPI_BASE, ACPI_BASE + ACPI_SIZE - 36);
	assert_int_equal(gpa % 16, 0);
	assert_memory_equal(table, signature, 4);
	length = acpi_get(table + 4, 4);
	assert_true(gpa - ACPI_BASE + length <= ACPI_SIZE);
	assert_int_equal(acpi_sum(table, length), 0);
	return table;
}

static const uint8_t *acpi_find_table(struct tables *t, const char *signature)
{
	const uint8_t *xsdt = table_at(t, acpi_get(t->image + 24, 8), "XSDT");
	size_t count = (acpi_get(xsdt + 4, 4) - 36) / 8;

	for (size_t i = 0; i < count; i++) {
		uint64_t gpa = acpi_get(xsdt + 36 + 8 * i, 8);

		if (!memcmp(t->image + (gpa - ACPI_BASE), signature, 4))
			return table_at(t, gpa, signature);
	}
	fail_msg("no %s", signature);
	return NULL;
}

static void acpi_build_for(struct tables *t, unsigned int cpus)
{
	assert_int_equal(acpi_build(t->ctx, t->image, &t->layout, cpus, false),
			 0);
	assert_memory_equal(t->image, "RSD PTR ", 8);
	assert_int_equal(acpi_sum(t->image, 20), 0);
	assert_int_equal(acpi_sum(t->image, 36), 0);
}

static void every_table_is_found(void **state)
{
	struct tables *t = *state;
	const uint8_t *fadt;

	acpi_build_for(t, 1);
	fadt = acpi_find_table(t, "FACP");
	table_at(t, acpi_get(fadt + 140, 8), "DSDT");
	assert_int_equal(acpi_get(fadt + 112, 4) >> 20 & 1, 1); /* HW reduced */
	assert_int_equal(acpi_get(fadt + 109, 2) >> 2 & 1, 1);  /* no VGA */
	acpi_find_table(t, "APIC");
	acpi_find_table(t, "MCFG");
}

static void fadt_reports_vga(void **state)
{
	struct tables *t = *state;

	t->layout.vga = (struct range){0xa0000, 0x20000};
	acpi_build_for(t, 1);
	assert_int_equal(acpi_get(acpi_find_table(t, "FACP") + 109, 2) >> 2 & 1,
			 0);
}

static void madt_lists_every_processor(void **state)
{
	struct tables *t = *state;
	const uint8_t *madt, *at, *end;
	unsigned int cpus = 0, ioapics = 0;

	for (unsigned int n = 1; n <= 254; n += 23) {
		acpi_build_for(t, n);
		madt = acpi_find_table(t, "APIC");
		end = madt + acpi_get(madt + 4, 4);
		cpus = ioapics = 0;
		for (at = madt + 44; at < end; at += at[1]) {
			assert_true(at[1] >= 2);
			if (at[0] == 0) {
				assert_int_equal(at[3], cpus);
				assert_int_equal(at[4], 1);
				cpus++;
			}
			ioapics += at[0] == 1;
		}
		assert_ptr_equal(at, end);
		assert_int_equal(cpus, n);
		assert_int_equal(ioapics, 1);
	}
}

static void mcfg_describes_config_space(void **state)
{
	struct tables *t = *state;
	const uint8_t *mcfg;

	acpi_build_for(t, 1);
	mcfg = acpi_find_table(t, "MCFG");
	assert_int_equal(acpi_get(mcfg + 44, 8), LAYOUT_ECAM_BASE);
	assert_int_equal(mcfg[54], 0);
	assert_int_equal(mcfg[55], 0); /* one bus in one MiB */
	t->layout.ecam = (struct range){0xf0000000, 100 << 20};
	acpi_build_for(t, 1);
	mcfg = acpi_find_table(t, "MCFG");
	assert_int_equal(acpi_get(mcfg + 44, 8), 0xf0000000);
	assert_int_equal(mcfg[55], 99);
	t->layout.ecam = (struct range){LAYOUT_ECAM_BASE, 1 << 20};
}

static const uint8_t *acpi_find_dsdt(struct tables *t)
{
	return table_at(t, acpi_get(acpi_find_table(t, "FACP") + 140, 8),
			"DSDT");
}

/* Value of Name (name, <64 bits>) in the DSDT; there must be exactly one. */
static uint64_t name_value(struct tables *t, const char *name)
{
	const uint8_t *dsdt = acpi_find_dsdt(t);
	size_t length = acpi_get(dsdt + 4, 4), found = 0;
	uint64_t value = 0;

	for (size_t i = 0; i + 14 <= length; i++) {
		if (dsdt[i] != 0x08 || memcmp(dsdt + i + 1, name, 4) ||
		    dsdt[i + 5] != 0x0e)
			continue;
		value = acpi_get(dsdt + i + 6, 8);
		found++;
	}
	assert_int_equal(found, 1);
	return value;
}

static void hot_plug_is_the_guests_where_there_is_some(void **state)
{
	struct tables *t = *state;

	acpi_build_for(t, 1);
	assert_int_equal(name_value(t, "OSCM"), 0x18);
	assert_int_equal(acpi_build(t->ctx, t->image, &t->layout, 1, true), 0);
	assert_int_equal(name_value(t, "OSCM"), 0x19);
}

static void dsdt_describes_the_windows(void **state)
{
	struct tables *t = *state;

	acpi_build_for(t, 1);
	assert_int_equal(name_value(t, "M32B"), t->layout.mem32.base);
	assert_int_equal(name_value(t, "M32S"), t->layout.mem32.size);
	assert_int_equal(name_value(t, "M64B"), t->layout.mem64.base);
	assert_int_equal(name_value(t, "M64S"), t->layout.mem64.size);
	assert_int_equal(name_value(t, "IOPB"), 0xc000);
	assert_int_equal(name_value(t, "IOPS"), 0x4000);
	assert_int_equal(name_value(t, "CFGB"), LAYOUT_ECAM_BASE);
	assert_int_equal(name_value(t, "CFGS"), 1 << 20);
}

/* The integer at *@aml, and step over it. */
static uint64_t aml_integer(const uint8_t **aml)
{
	const uint8_t *at = *aml;
	size_t size = 0;

	switch (at[0]) {
	case 0x00:
	case 0x01:
		*aml = at + 1;
		return at[0];
	case 0x0a:
		size = 1;
		break;
	case 0x0c:
		size = 4;
		break;
	default:
		fail_msg("AML opcode %#x is no integer of these", at[0]);
	}
	*aml = at + 1 + size;
	return acpi_get(at + 1, size);
}

static void dsdt_routes_every_pin(void **state)
{
	struct tables *t = *state;
	const uint8_t name[] = {0x08, '_', 'P', 'R', 'T', 0x12};
	const uint8_t *dsdt, *at;

	acpi_build_for(t, 1);
	dsdt = acpi_find_dsdt(t);
	at = memmem(dsdt, acpi_get(dsdt + 4, 4), name, sizeof(name));
	assert_non_null(at);
	/* The length has as many more bytes as its two highest bits say. */
	at += sizeof(name) + 1 + (at[sizeof(name)] >> 6);
	assert_int_equal(*at++, 31 * 4);
	for (unsigned int i = 4; i < 32 * 4; i++) {
		const unsigned int slot = i / 4, pin = i % 4;

		assert_int_equal(at[0], 0x12); /* a package */
		assert_int_equal(at[2], 4);    /* of four */
		at += 3;
		assert_int_equal(aml_integer(&at), slot << 16 | 0xffff);
		assert_int_equal(aml_integer(&at), pin);
		assert_int_equal(aml_integer(&at), 0);
		assert_int_equal(
			aml_integer(&at),
			pci_host_gsi(NULL, pci_place(0, slot, 0), pin + 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_table_is_found),
		cmocka_unit_test(fadt_reports_vga),
		cmocka_unit_test(madt_lists_every_processor),
		cmocka_unit_test(mcfg_describes_config_space),
		cmocka_unit_test(dsdt_describes_the_windows),
		cmocka_unit_test(hot_plug_is_the_guests_where_there_is_some),
		cmocka_unit_test(dsdt_routes_every_pin),
	};

	return cmocka_run_group_tests(tests, acpi_setup, acpi_teardown);
}
