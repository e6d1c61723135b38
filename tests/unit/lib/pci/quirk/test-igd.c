// SPDX-License-Identifier: MIT
// Quirks of Intel integrated graphics: host addresses are hidden, and the
// OpRegion is placed in guest memory.

#include <errno.h>
#include <string.h>

#include <lend/preview.h>

#include "device.h"

enum {
	CONFIG = LEND_PCI_REGION_CONFIG,
	OPREGION = 9,
	SIZE = 0x2400,
	ASLS = 0xfc,
	GMCH = 0x50,
	BSM = 0x5c,
	BSM_64 = 0xc0,
	MMIO_GMCH = 0x108040,
	MMIO_BSM = 0x1080c0,
};

/* VFIO's answer of a region that is a kind of its own. */
static struct answer {
	struct vfio_region_info info;
	struct vfio_region_info_cap_type type;
} answer;

static void add_opregion(struct function *f, uint64_t size, uint32_t subtype)
{
	struct fake_device *device = f->host;

	fake_region_set(device, OPREGION, size, LEND_REGION_READ);
	device->region_count = OPREGION + 1;
	answer = (struct answer){
		.info = {.argsz = sizeof(answer),
			 .flags = LEND_REGION_READ | VFIO_REGION_INFO_FLAG_CAPS,
			 .index = OPREGION,
			 .cap_offset = sizeof(answer.info),
			 .size = size,
			 .offset = device->regions[OPREGION].file_offset},
		.type = {.header = {.id = VFIO_REGION_INFO_CAP_TYPE,
				    .version = 1},
			 .type = 0x80008086,
			 .subtype = subtype},
	};
	device->regions[OPREGION].reply =
		(struct fake_reply){.bytes = &answer, .size = sizeof(answer)};
	memcpy(device->regions[OPREGION].bytes, "IntelGraphicsMem", 16);
	device->regions[OPREGION].bytes[size - 1] = 0x77;
}

/* Capabilities that it has elsewhere than the scripted function. */
static void be_igd(struct function *f, uint32_t device)
{
	quirk_device_be(f, device << 16 | 0x8086, 0x030000);
	quirk_device_bar(f, 0, 0xf6000004, 0x200000);
	host_put(f, CONFIG, 0x34, 1, 0xd8);
	host_put(f, CONFIG, 0xd9, 1, 0);
	host_put(f, CONFIG, GMCH, 2, 0x02c1);
	host_put(f, CONFIG, BSM, 4, 0x8b800001);
	host_put(f, CONFIG, BSM_64, 4, 0x7c800001);
	host_put(f, CONFIG, BSM_64 + 4, 4, 0x1);
	host_put(f, CONFIG, ASLS, 4, 0x8a501018);
}

static void open_igd(struct function *f, uint32_t device)
{
	be_igd(f, device);
	add_opregion(f, SIZE, 1);
	quirk_device_open(f, NULL);
}

static void opregion_gets_into_the_guest(void **state)
{
	struct function *f = *state;
	static char memory[SIZE];

	open_igd(f, 0x5912);
	assert_string_equal(quirk_device_logged(),
			    "igd-opregion igd-stolen-memory ");
	assert_int_equal(cfg_get(f, ASLS, 4), 0);
	assert_int_equal(lend_pci_opregion_size(f->pci), SIZE);
	assert_int_equal(lend_pci_opregion_place(f->pci, memory, 0xbfffc000),
			 0);
	assert_memory_equal(memory, "IntelGraphicsMem", 16);
	assert_int_equal(memory[SIZE - 1], 0x77);
	assert_int_equal(cfg_get(f, ASLS, 4), 0xbfffc000);
	cfg_put(f, ASLS, 4, 0x1000);
	assert_int_equal(cfg_get(f, ASLS, 4), 0xbfffc000);
	lend_pci_stop(f->pci);
	assert_int_equal(cfg_get(f, ASLS, 4), 0xbfffc000);
	assert_int_equal(host_get(f, CONFIG, ASLS, 4), 0x8a501018);
}

static void places_that_it_cannot_have(void **state)
{
	static const uint64_t places[] = {
		0, 0x1800, 0xffffe000, 0x100000000, 0xfffffffffffff000,
	};
	struct function *f = *state;
	static char memory[SIZE];
	unsigned int i;

	open_igd(f, 0x5912);
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		assert_int_equal(
			lend_pci_opregion_place(f->pci, memory, places[i]),
			-EINVAL);
	assert_int_equal(cfg_get(f, ASLS, 4), 0);
	f->host->regions[OPREGION].short_access = true;
	assert_int_equal(lend_pci_opregion_place(f->pci, memory, 0x1000), -EIO);
	assert_int_equal(cfg_get(f, ASLS, 4), 0);
}

static void without_a_region_there_is_none(void **state)
{
	struct function *f = *state;

	be_igd(f, 0x5912);
	add_opregion(f, SIZE, 2);
	quirk_device_open(f, NULL);
	assert_int_equal(lend_pci_opregion_size(f->pci), 0);
	assert_int_equal(cfg_get(f, ASLS, 4), 0);
	assert_non_null(strstr(f->warning, "CONFIG_VFIO_PCI_IGD"));
	assert_int_equal(lend_pci_opregion_place(f->pci, f, 0x1000), -EINVAL);
}

static void one_that_is_too_large(void **state)
{
	struct function *f = *state;

	be_igd(f, 0x5912);
	add_opregion(f, 0x101000, 1);
	quirk_device_open(f, NULL);
	assert_int_equal(lend_pci_opregion_size(f->pci), 0);
}

static void left_out_when_asked(void **state)
{
	const struct lend_pci_options options = {
		.size = sizeof(options),
		.no_opregion = true,
	};
	struct function *f = *state;

	be_igd(f, 0x5912);
	add_opregion(f, SIZE, 1);
	quirk_device_open(f, &options);
	assert_int_equal(lend_pci_opregion_size(f->pci), 0);
	assert_int_equal(cfg_get(f, ASLS, 4), 0);
	assert_int_equal(f->warnings, 0);
}

static void stolen_memory_is_the_hosts(void **state)
{
	struct function *f = *state;

	open_igd(f, 0x5912);
	assert_int_equal(cfg_get(f, GMCH, 2), 0x00c1);
	assert_int_equal(cfg_get(f, BSM, 4), 0);
	/* In the BAR as in configuration space. */
	host_put(f, 0, MMIO_GMCH, 4, 0x123402c1);
	host_put(f, 0, MMIO_BSM, 4, 0x8b800001);
	host_put(f, 0, MMIO_BSM + 4, 4, 0x99);
	assert_int_equal(bar_get(f, 0, MMIO_GMCH, 4), 0x123400c1);
	assert_int_equal(bar_get(f, 0, MMIO_BSM, 8), 0x9900000000);
	bar_put(f, 0, MMIO_BSM, 4, 0xffffffff);
	assert_int_equal(host_get(f, 0, MMIO_BSM, 4), 0x8b800001);
	assert_int_equal(bar_get(f, 0, MMIO_BSM, 4), 0);
	cfg_put(f, 4, 2, 2);
	cfg_put(f, 0x10, 4, 0xc0000000);
	assert_non_null(strstr(f->asked, "c0109000+f7000"));
	cfg_put(f, 4, 2, 0);
}

static void stolen_memory_of_older_ones(void **state)
{
	struct function *f = *state;

	open_igd(f, 0x0166);
	assert_int_equal(cfg_get(f, GMCH, 2), 0x0201);
	assert_int_equal(cfg_get(f, BSM, 4), 0);
}

static void stolen_memory_of_newer_ones(void **state)
{
	struct function *f = *state;

	open_igd(f, 0x9a49);
	assert_int_equal(cfg_get(f, GMCH, 2), 0x00c1);
	assert_int_equal(cfg_get(f, BSM_64, 4), 0);
	assert_int_equal(cfg_get(f, BSM_64 + 4, 4), 0);
	assert_int_equal(cfg_get(f, BSM, 4), 0x8b800001);
	host_put(f, 0, MMIO_BSM, 4, 0x7c800001);
	host_put(f, 0, MMIO_BSM + 4, 4, 1);
	assert_int_equal(bar_get(f, 0, MMIO_BSM, 8), 0);
}

/* A virtual function of discrete graphics has neither table nor stolen memory;
 * sysfs shows its IDs, its configuration space does not. */
static void virtual_functions_have_none(void **state)
{
	struct lend_pci_preview *preview;
	struct lend_address *address;
	struct function *f = *state;

	be_igd(f, 0x4680);
	fake_virtual_set(f->host);
	quirk_device_open(f, NULL);
	assert_string_equal(quirk_device_logged(), "");
	assert_int_equal(f->warnings, 0);
	assert_int_equal(lend_address_find_host(f->ctx, LEND_BUS_PCI,
						f->host->name, &address),
			 0);
	assert_int_equal(lend_pci_preview_new(address, &preview), 0);
	assert_null(lend_pci_preview_quirk(preview, 0));
	assert_int_equal(lend_pci_preview_bar(preview, 0)->size, 0x200000);
	assert_int_equal(lend_pci_preview_pin(preview), 0);
	lend_pci_preview_free(preview);
	lend_address_unref(address);
}

/* The register decides, as in the kernel, not the model. */
static void any_model_may_have_a_table(void **state)
{
	struct function *f = *state;

	be_igd(f, 0x56a0);
	quirk_device_open(f, NULL);
	assert_string_equal(quirk_device_logged(), "igd-opregion ");
}

static void an_empty_register_is_none(void **state)
{
	struct function *f = *state;

	be_igd(f, 0x56a0);
	host_put(f, CONFIG, ASLS, 4, 0);
	quirk_device_open(f, NULL);
	assert_string_equal(quirk_device_logged(), "");
	assert_int_equal(f->warnings, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opregion_gets_into_the_guest),
		TEST(places_that_it_cannot_have),
		TEST(without_a_region_there_is_none),
		TEST(one_that_is_too_large),
		TEST(left_out_when_asked),
		TEST(stolen_memory_is_the_hosts),
		TEST(stolen_memory_of_older_ones),
		TEST(stolen_memory_of_newer_ones),
		TEST(virtual_functions_have_none),
		TEST(any_model_may_have_a_table),
		TEST(an_empty_register_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
