// SPDX-License-Identifier: MIT
// NVIDIA's quirks: every mirror of a GPU's configuration space shows the
// guest's view.

#include <errno.h>
#include <string.h>

#include "device.h"

enum {
	CONFIG = LEND_PCI_REGION_CONFIG,
	MIRROR = 0x88000,
	VGA_MIRROR = 0x1800,
	PORTS = LEND_PCI_BAR_VGA_PORTS_HIGH,
	VGA = LEND_PCI_REGION_VGA,
	MSI = 0x50,
};

static const struct lend_pci_options with_vga = {
	.size = sizeof(with_vga),
	.vga = true,
};

static void be_gpu(struct function *f, uint32_t class_code)
{
	quirk_device_be(f, 0x1b8010de, class_code);
	quirk_device_bar(f, 0, 0xf6000000, 0x100000);
	quirk_device_bar(f, 1, 0xe000000c, 0x10000);
	quirk_device_bar(f, 5, 0xe001, 0x80);
	quirk_device_vga(f);
}

static void open_gpu(struct function *f, const struct lend_pci_options *options)
{
	be_gpu(f, 0x030000);
	quirk_device_open(f, options);
}

static void mirror_is_cut_out_and_shows_the_view(void **state)
{
	struct function *f = *state;

	open_gpu(f, NULL);
	assert_string_equal(quirk_device_logged(),
			    "nvidia-config-mirror nvidia-msi-acknowledge ");
	cfg_put(f, 0x10, 4, 0xc0000000);
	/* What the host has in the place is nothing to the guest. */
	host_put(f, 0, MIRROR + 0x10, 4, 0xf6000000);
	assert_int_equal(bar_get(f, 0, MIRROR + 0x10, 4), 0xc0000000);
	assert_int_equal(bar_get(f, 0, MIRROR, 8), 0xf91000001b8010de);
	/* A write through it is one to configuration space. */
	f->asked[0] = '\0';
	bar_put(f, 0, MIRROR + 4, 2, 0x402);
	expect_asked(f, "config 4/2 402; place 0 c0000000; "
			"map 0 c0000000+1000; map 1 c0003000+85000; "
			"map 3 c0089000+77000; ");
	assert_int_equal(host_get(f, 0, MIRROR + 4, 2), 0);
	assert_int_equal(cfg_get(f, 4, 2), 0x402);
	bar_put(f, 0, MIRROR + 4, 2, 0);
}

static void accesses_end_where_the_mirror_does(void **state)
{
	struct function *f = *state;

	open_gpu(f, NULL);
	host_put(f, 0, MIRROR - 4, 4, 0x11223344);
	assert_int_equal(bar_get(f, 0, MIRROR - 4, 8), 0x1b8010de11223344);
	host_put(f, 0, MIRROR + 0x1000, 4, 0x55667788);
	host_put(f, CONFIG, 0xffc, 4, 0xaabbccdd);
	assert_int_equal(bar_get(f, 0, MIRROR + 0xffe, 4), 0x7788aabb);
	assert_int_equal(bar_get(f, 0, MIRROR + 1, 3), 0x1b8010);
	bar_put(f, 0, MIRROR + 0xfff, 2, 0x0102);
	assert_int_equal(host_get(f, 0, MIRROR + 0x1000, 1), 1);
}

/* Registers that are in no capability are the driver's; VFIO has a policy of
 * its own for them. */
static void private_registers_reach_vfio(void **state)
{
	struct function *f = *state;

	open_gpu(f, NULL);
	bar_put(f, 0, MIRROR + 0x704, 4, 0x12345678);
	assert_int_equal(host_get(f, CONFIG, 0x704, 4), 0x12345678);
	assert_int_equal(host_get(f, 0, MIRROR + 0x704, 4), 0);
	assert_int_equal(bar_get(f, 0, MIRROR + 0x704, 4), 0x12345678);
	/* So does the same place in configuration space. */
	assert_int_equal(cfg_get(f, 0x704, 4), 0x12345678);
	cfg_put(f, 0x704, 4, 0);
	assert_int_equal(host_get(f, CONFIG, 0x704, 4), 0);
	/* The header and the list are the view's. */
	bar_put(f, 0, MIRROR + 0x100, 4, 0xffffffff);
	assert_int_equal(bar_get(f, 0, MIRROR + 0x100, 4),
			 cfg_get(f, 0x100, 4));
}

static void msi_is_acknowledged(void **state)
{
	struct function *f = *state;
	uint32_t before;

	open_gpu(f, NULL);
	before = host_get(f, CONFIG, MSI, 4);
	bar_put(f, 0, MIRROR + MSI, 1, 0xff);
	assert_int_equal(host_get(f, 0, MIRROR + MSI, 4), 0xff);
	assert_int_equal(host_get(f, CONFIG, MSI, 4), before);
	assert_int_equal(bar_get(f, 0, MIRROR + MSI, 1), 0x05);
	/* More than that is for the view. */
	bar_put(f, 0, MIRROR + MSI, 4, 0x10000);
	assert_int_equal(host_get(f, 0, MIRROR + MSI, 4), 0xff);
	assert_int_equal(cfg_get(f, MSI + 2, 2) & 1, 1);
	bar_put(f, 0, MIRROR + MSI + 2, 2, 0);
	assert_int_equal(cfg_get(f, MSI + 2, 2) & 1, 0);
	f->asked[0] = '\0';
}

/* The guest can ask for its own reset, and no more, while it is in the mirror.
 */
static void reset_through_the_mirror(void **state)
{
	struct function *f = *state;

	open_gpu(f, NULL);
	bar_put(f, 0, MIRROR + 0x70 + 9, 1, 0x80);
	assert_non_null(strstr(f->asked, "reset; "));
	/* The reset drops BARs, as one by configuration space does. */
	cfg_put(f, 0x10, 4, 0xf6000000);
	cfg_put(f, 0x04, 2, 2);
	assert_true(
		lend_pci_bar_write(f->pci, 0, MIRROR + 0x70 + 9, "\x80", 1));
}

static void some_have_none(void **state)
{
	struct function *f = *state;
	const struct lend_pci_options off = {
		.size = sizeof(off),
		.vga = true,
		.no_nvidia_quirks = true,
	};

	be_gpu(f, 0x030000);
	quirk_device_open(f, &off);
	assert_string_equal(quirk_device_logged(), "");
	host_put(f, 0, MIRROR, 4, 0xf6000000);
	assert_int_equal(bar_get(f, 0, MIRROR, 4), 0xf6000000);
}

static void compute_cards_have_none(void **state)
{
	struct function *f = *state;

	be_gpu(f, 0x030200);
	quirk_device_open(f, &with_vga);
	assert_string_equal(quirk_device_logged(), "");
}

static void small_bars_have_none(void **state)
{
	struct function *f = *state;

	be_gpu(f, 0x030000);
	quirk_device_bar(f, 0, 0xf6000000, 0x80000);
	quirk_device_open(f, NULL);
	assert_string_equal(quirk_device_logged(), "nvidia-msi-acknowledge ");
	bar_put(f, 0, 0x7fffc, 4, 7);
}

static void vga_mirror(void **state)
{
	struct function *f = *state;

	open_gpu(f, &with_vga);
	assert_string_equal(quirk_device_logged(),
			    "nvidia-config-mirror nvidia-vga-config-mirror "
			    "nvidia-config-window nvidia-vga-ports "
			    "nvidia-msi-acknowledge ");
	cfg_put(f, 0x10, 4, 0xc0000000);
	assert_int_equal(bar_get(f, 0, VGA_MIRROR + 0x10, 4), 0xc0000000);
	/* It has 256 bytes. */
	host_put(f, 0, VGA_MIRROR + 0x100, 4, 0x1234);
	assert_int_equal(bar_get(f, 0, VGA_MIRROR + 0x100, 4), 0x1234);
}

static void window_of_bar_5(void **state)
{
	struct function *f = *state;

	open_gpu(f, &with_vga);
	cfg_put(f, 0x10, 4, 0xc0000000);
	host_put(f, 5, 0xc, 4, 0xf6000000);
	bar_put(f, 5, 0x8, 4, MIRROR + 0x10);
	assert_int_equal(host_get(f, 5, 0x8, 4), MIRROR + 0x10);
	/* Closed, it leads nowhere. */
	assert_int_equal(bar_get(f, 5, 0xc, 4), 0xf6000000);
	bar_put(f, 5, 0x0, 4, 1);
	assert_int_equal(bar_get(f, 5, 0xc, 4), 0xf6000000);
	bar_put(f, 5, 0x4, 4, 1);
	assert_int_equal(bar_get(f, 5, 0xc, 4), 0xc0000000);
	bar_put(f, 5, 0xc, 4, 0xd0000000);
	assert_int_equal(cfg_get(f, 0x10, 4), 0xd0000000);
	assert_int_equal(host_get(f, 5, 0xc, 4), 0xf6000000);
	/* Its ends, and the other mirror. */
	bar_put(f, 5, 0x8, 4, MIRROR + 0x1000);
	bar_put(f, 5, 0xc, 4, 5);
	assert_int_equal(host_get(f, 5, 0xc, 4), 5);
	bar_put(f, 5, 0x8, 4, 0xffffffff);
	assert_int_equal(bar_get(f, 5, 0xc, 4), 5);
	bar_put(f, 5, 0x8, 4, MIRROR + 0xfff);
	assert_int_equal(bar_get(f, 5, 0xc, 4) >> 8, 0xffffff);
	bar_put(f, 5, 0xc, 4, 0xffffffff);
	bar_put(f, 5, 0x8, 4, VGA_MIRROR + 2);
	assert_int_equal(bar_get(f, 5, 0xc, 2), 0x1b80);
	/* All in one, as no machine does. */
	bar_put(f, 5, 0x8, 8, 0xe000000000000000 | (VGA_MIRROR + 0x10));
	assert_int_equal(cfg_get(f, 0x10, 4), 0xe0000000);
	lend_pci_stop(f->pci);
	assert_int_equal(bar_get(f, 5, 0xc, 4), 5);
}

static void select_by_ports(struct function *f, uint32_t address)
{
	bar_put(f, PORTS, 0x14, 2, 0x0338);
	bar_put(f, PORTS, 0x10, 4, address);
}

static void vga_ports(void **state)
{
	struct function *f = *state;

	open_gpu(f, &with_vga);
	cfg_put(f, 0x10, 4, 0xc0000000);
	host_put(f, VGA, 0x3d0, 4, 0xf6000000);
	select_by_ports(f, MIRROR + 0x10);
	assert_int_equal(host_get(f, VGA, 0x3d0, 4), MIRROR + 0x10);
	bar_put(f, PORTS, 0x14, 2, 0x0538);
	assert_int_equal(bar_get(f, PORTS, 0x10, 4), 0xc0000000);
	/* Byte by byte, index and data apart. */
	bar_put(f, PORTS, 0x14, 1, 0x38);
	bar_put(f, PORTS, 0x15, 1, 0x07);
	assert_int_equal(bar_get(f, PORTS, 0x10, 4), MIRROR + 0x10);
	bar_put(f, PORTS, 0x12, 2, 0xd000);
	assert_int_equal(cfg_get(f, 0x10, 4), 0xd0000000);
	assert_int_equal(host_get(f, VGA, 0x3d0, 4), MIRROR + 0x10);
	/* Other registers of the CRTC are the device's. */
	bar_put(f, PORTS, 0x14, 2, 0x0339);
	bar_put(f, PORTS, 0x10, 4, 0xd1000000);
	assert_int_equal(cfg_get(f, 0x10, 4), 0xd1000000);
	/* Elsewhere than in a mirror too. */
	select_by_ports(f, MIRROR - 1);
	bar_put(f, PORTS, 0x14, 2, 0x0738);
	bar_put(f, PORTS, 0x10, 4, 0x99);
	assert_int_equal(host_get(f, VGA, 0x3d0, 4), 0x99);
	select_by_ports(f, VGA_MIRROR);
	bar_put(f, PORTS, 0x14, 2, 0x0538);
	assert_int_equal(bar_get(f, PORTS, 0x10, 6), 0x05381b8010de);
}

static void open_with_clique(struct function *f, unsigned int number, int want)
{
	const struct lend_pci_options options = {
		.size = sizeof(options),
		.has_gpudirect_clique = true,
		.gpudirect_clique = number,
		.no_nvidia_quirks = true,
	};

	be_gpu(f, 0x030200);
	assert_int_equal(function_open(f, &options), want);
}

/* Takes capabilities from the list behind the one at @last. */
static void end_list(struct function *f, unsigned int last)
{
	host_put(f, CONFIG, last + 1, 1, 0);
}

static void clique_at_its_place(void **state)
{
	struct function *f = *state;

	end_list(f, 0xc0); /* VPD, up to c7 */
	open_with_clique(f, 9, 0);
	assert_int_equal(cfg_get(f, 0x34, 1), 0xc8);
	assert_int_equal(cfg_get(f, 0xc8, 4), 0x50084009);
	assert_int_equal(cfg_get(f, 0xcc, 4), 0x00485032);
	cfg_put(f, 0xcc, 4, 0xffffffff);
	assert_int_equal(cfg_get(f, 0xcc, 4), 0x00485032);
	lend_pci_stop(f->pci);
	assert_int_equal(cfg_get(f, 0x34, 1), 0xc8);
}

static void clique_at_the_other_place(void **state)
{
	struct function *f = *state;

	/* MSI-X in the way, as with newer GPUs. */
	end_list(f, 0x70);
	image_add(f->host->regions[CONFIG].bytes, 0x70, 0xc8, 0x11);
	open_with_clique(f, 0, 0);
	assert_int_equal(cfg_get(f, 0x34, 1), 0xd4);
	assert_int_equal(cfg_get(f, 0xd4, 4), 0x50084009);
	assert_int_equal(cfg_get(f, 0xd8, 4), 0x00005032);
}

static void clique_without_a_place(void **state)
{
	struct function *f = *state;

	open_with_clique(f, 1, -EOPNOTSUPP);
	assert_non_null(strstr(lend_ctx_error(f->ctx)->what, "both in use"));
}

static void clique_of_others_is_refused(void **state)
{
	struct function *f = *state;
	struct lend_pci_options options = {
		.size = sizeof(options),
		.has_gpudirect_clique = true,
	};

	assert_int_equal(function_open(f, &options), -EOPNOTSUPP);
	assert_non_null(strstr(lend_ctx_error(f->ctx)->what, "NVIDIA"));
	options.gpudirect_clique = 16;
	assert_int_equal(function_present(f, &options), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mirror_is_cut_out_and_shows_the_view),
		TEST(accesses_end_where_the_mirror_does),
		TEST(private_registers_reach_vfio),
		TEST(msi_is_acknowledged),
		TEST(reset_through_the_mirror),
		TEST(some_have_none),
		TEST(compute_cards_have_none),
		TEST(small_bars_have_none),
		TEST(vga_mirror),
		TEST(window_of_bar_5),
		TEST(vga_ports),
		TEST(clique_at_its_place),
		TEST(clique_at_the_other_place),
		TEST(clique_without_a_place),
		TEST(clique_of_others_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
