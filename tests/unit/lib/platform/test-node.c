// SPDX-License-Identifier: MIT
// The node that a guest gets for a device, compared with references written
// from the binding documents; and what is refused.

#include <libfdt.h>

#include "board.h"

static void node_test_expect(struct machine *m, const char *device,
			     const struct lend_platform_options *options,
			     const char *reference)
{
	struct lend_platform *platform;
	void *has, *wanted = board_load(reference, NULL);

	assert_int_equal(board_find(m, device, &platform), 0);
	if (lend_platform_prepare(platform, options))
		fail_msg("%s\n%s", m->error->what, m->error->evidence);
	has = board_write(platform);
	board_compare(has, wanted);
	free(has);
	free(wanted);
	lend_platform_free(platform);
}

static void node_test_refuse(struct machine *m, const char *device,
			     const struct lend_platform_options *options,
			     int err, enum lend_error_code code,
			     const char *what, const char *evidence,
			     const char *remedy)
{
	struct lend_platform *platform;

	assert_int_equal(board_find(m, device, &platform), 0);
	board_expect_error(m, lend_platform_prepare(platform, options), err,
			   code, what, evidence, remedy);
	lend_platform_free(platform);
}

static void nodes_match_their_bindings(void **state)
{
	struct lend_platform_options options = {.size = sizeof(options)};

	node_test_expect(*state, "xgbe@700000", NULL, "xgbe.dtb");
	options.front_end = "vfio-amd-xgbe";
	node_test_expect(*state, "xgbe@700000", &options, "xgbe.dtb");
	options.front_end = "vfio-calxeda-xgmac";
	node_test_expect(*state, "ethernet@fff50000", &options, "xgmac.dtb");
	options.front_end = "vfio-platform";
	node_test_expect(*state, "ethernet@fff50000", &options, "xgmac.dtb");
	node_test_expect(*state, "generic@10000000", &options, "generic.dtb");
}

static void front_ends_refuse_other_devices(void **state)
{
	struct lend_platform_options options = {.size = sizeof(options)};

	options.front_end = "vfio-amd-xgbe";
	node_test_refuse(*state, "ethernet@fff50000", &options, -EINVAL,
			 LEND_ERROR_WRONG_TYPE,
			 "not compatible with amd,xgbe-seattle-v1a",
			 "calxeda,hb-xgmac", "vfio-platform");
	options.front_end = "vfio-calxeda-xgmac";
	node_test_refuse(*state, "generic@10000000", &options, -EINVAL,
			 LEND_ERROR_WRONG_TYPE,
			 "not compatible with calxeda,hb-xgmac", "lend,generic",
			 "vfio-platform");
	options.size--;
	node_test_refuse(*state, "xgbe@700000", &options, -EINVAL,
			 LEND_ERROR_ARGUMENT, "size", "", "");
}

static void missing_properties_are_named(void **state)
{
	struct machine *m = *state;
	const struct lend_platform_options options = {
		.size = sizeof(options),
		.drop = "lend,none:clock-names",
	};

	node_test_refuse(m, "xgbe@1000000", NULL, -ENODATA, LEND_ERROR_DEVICE,
			 "lacks 'phy-mode'", "amd,xgbe-seattle-v1a requires it",
			 "");
	node_test_refuse(m, "xgbe@2000000", NULL, -ENODATA, LEND_ERROR_DEVICE,
			 "lacks \"ptp_clk\" in 'clock-names'", "", "");
	node_test_refuse(m, "xgbe@700000", &options, -ENODATA,
			 LEND_ERROR_DEVICE, "lacks 'clock-names'", "", "");
	board_property(m, BOARD_BASE "/soc/xgbe@700000/amd,serdes-blwc",
		       "12345678", 8);
	node_test_refuse(m, "xgbe@700000", NULL, -EBADMSG, LEND_ERROR_DEVICE,
			 "'amd,serdes-blwc' of its node is not 12 bytes long",
			 "", "");
	fake_remove(m->fake, BOARD_BASE "/soc/ethernet@fff50000/interrupts");
	node_test_refuse(m, "ethernet@fff50000", NULL, -ENODATA,
			 LEND_ERROR_DEVICE, "'interrupts' has 0 entries",
			 "2 to 3", "");
	board_property(m, BOARD_BASE "/soc/xgbe@700000/reg", "12345678", 8);
	fake_remove(m->fake, BOARD_BASE "/soc/xgbe@700000/amd,serdes-blwc");
	node_test_refuse(m, "xgbe@700000", NULL, -ENODATA, LEND_ERROR_DEVICE,
			 "'reg' has 1 entry", "5 to 5", "");
}

static void bindings_accept_only_fixed_clocks(void **state)
{
	struct machine *m = *state;

	board_property(m, BOARD_BASE "/soc/xgbe@2000000/clock-names",
		       "ptp_clk\0dma_clk", 16);
	/* <&dma_clk>, <&pll>: the second has several outputs */
	node_test_refuse(m, "xgbe@2000000", NULL, -ENOTSUP, LEND_ERROR_LIMIT,
			 "'clocks'", "extends past the end", "dt-drop=clocks");
}

static const char every[] = "power-domains:lend,whatsits:vsw-supply:"
			    "enable-gpios:lend,syscon:memory-region:port";

static void references_to_the_host_are_named(void **state)
{
	struct lend_platform_options options = {.size = sizeof(options)};
	struct machine *m = *state;

	node_test_refuse(
		m, "needy@10300000", NULL, -ENOTSUP, LEND_ERROR_LIMIT,
		"property 'clocks' refers to a node that the guest will not "
		"have",
		"clocks: /clock-controller@20000000: it is not a fixed clock",
		"dt-drop=clocks:enable-gpios:lend,syscon:lend,whatsits:"
		"memory-region:power-domains:vsw-supply:interrupts:"
		"remote-endpoint");
	assert_non_null(strstr(m->error->evidence,
			       "power-domains: /clock-controller@20000000"));
	assert_non_null(strstr(
		m->error->evidence,
		"vsw-supply: /regulator-switched: the host switches it"));
	assert_non_null(strstr(m->error->evidence, "memory-region: /iommu@"));
	assert_non_null(strstr(m->error->evidence, "lend,whatsits: /clock-"));
	assert_non_null(strstr(m->error->evidence, "lend,syscon: /clock-"));
	assert_non_null(strstr(m->error->evidence, "port/interrupts: "));
	assert_non_null(strstr(m->error->evidence, "port/remote-endpoint: "));
	options.drop = every;
	node_test_refuse(m, "needy@10300000", &options, -ENOTSUP,
			 LEND_ERROR_LIMIT, "'clocks'", "clocks",
			 "dt-drop=clocks\n");
	node_test_refuse(m, "bare", NULL, -ENOTSUP, LEND_ERROR_LIMIT,
			 "'clocks'", "/clk-nofreq: it has no clock-frequency",
			 "dt-drop=clocks\n");
}

static unsigned int node_test_count(const char *text, const char *word)
{
	unsigned int count = 0;

	for (; (text = strstr(text, word)); text++)
		count++;
	return count;
}

/* A phandle in a property of an unknown form, in any of its cells. */
static void unknown_references_are_found_by_rule(void **state)
{
	struct lend_platform_options options = {.size = sizeof(options)};
	struct machine *m = *state;
	const char *evidence = m->error->evidence;

	node_test_refuse(
		m, "vendor@10700000", NULL, -ENOTSUP, LEND_ERROR_LIMIT,
		"property 'lend,code' may refer to a node",
		"is the phandle of /clock-controller@20000000, and the "
		"property's form is unknown",
		"dt-drop=lend,eth-handle:lend,thing-states\n");
	assert_non_null(
		strstr(m->error->remedy,
		       "dt-number=lend,code:lend,flags:lend,later:lend,own:"
		       "lend,power-control:lend,syscon-rx-delay:lend,wakeup:"
		       "lend,select\n"));
	assert_non_null(strstr(evidence, "inner/lend,select: 0x2 is "));
	assert_non_null(strstr(evidence, "is the phandle of inner"));
	/* Once for each node, and not for each entry. */
	assert_int_equal(node_test_count(evidence, "lend,thing-states: "), 2);
	options.drop = "lend,eth-handle:lend,thing-states:lend,later:lend,own:"
		       "lend,power-control:lend,wakeup:lend,syscon-rx-delay";
	options.numbers = "lend,code:lend,flags:lend,select:clocks";
	node_test_expect(m, "vendor@10700000", &options, "vendor.dtb");
	/* What is known to be a reference stays one. */
	options.numbers = "lend,eth-handle:lend,code:lend,flags:lend,select";
	options.drop = strchr(options.drop, ':') + 1;
	node_test_refuse(m, "vendor@10700000", &options, -ENOTSUP,
			 LEND_ERROR_LIMIT, "'lend,eth-handle' refers", "",
			 "dt-drop=lend,eth-handle\n");
}

/* A remedy has whole names, and says that there are more. */
static void long_remedies_have_whole_names(void **state)
{
	struct machine *m = *state;
	const char *remedy = m->error->remedy;
	char name[128];

	for (unsigned int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name),
			 BOARD_BASE "/soc/bare/lend,%030u-supply", i);
		board_property(m, name, "\0\0\0\1", 4);
	}
	node_test_refuse(m, "bare", NULL, -ENOTSUP, LEND_ERROR_LIMIT, "", "",
			 "00-supply:lend,");
	assert_non_null(strstr(remedy, "-supply\nthen try again: there are "
				       "more\nor set the properties in an "
				       "overlay: dt-overlay=FILE.dtbo"));
}

/* An audio hub of a board has 334 parts that refer to each other. */
static void devices_may_have_many_parts(void **state)
{
	struct machine *m = *state;
	char path[128];
	struct lend_platform *platform;

	for (unsigned int i = 0; i < 400; i++) {
		const uint8_t phandle[] = {0, 0, (uint8_t)(0x10 + (i >> 8)),
					   (uint8_t)i};

		snprintf(path, sizeof(path),
			 BOARD_BASE "/soc/many@0/part-%u/phandle", i);
		board_property(m, path, phandle, sizeof(phandle));
	}
	board_property(m, BOARD_BASE "/soc/many@0/peer-hub", "\0\0\x11\x8f", 4);
	board_add_device(m, "many@0");
	assert_int_equal(board_find(m, "many@0", &platform), 0);
	if (lend_platform_prepare(platform, NULL))
		fail_msg("%s\n%s", m->error->what, m->error->evidence);
	lend_platform_free(platform);
}

static void overlays_are_applied_or_refused(void **state)
{
	size_t size;
	void *overlay = board_load("overlay.dtbo", &size);
	struct lend_platform_options options = {
		.size = sizeof(options),
		.drop = every,
		.overlay = overlay,
		.overlay_size = size,
	};

	node_test_expect(*state, "needy@10300000", &options, "overlaid.dtb");
	options.overlay_size = size - 1;
	node_test_refuse(*state, "needy@10300000", &options, -EINVAL,
			 LEND_ERROR_ARGUMENT, "not a flattened device tree", "",
			 "dtc -@");
	options.overlay_size = 0;
	node_test_refuse(*state, "needy@10300000", &options, -EINVAL,
			 LEND_ERROR_ARGUMENT, "not a flattened device tree", "",
			 "dtc -@");
	options.overlay_size = 2 << 20;
	node_test_refuse(*state, "needy@10300000", &options, -EINVAL,
			 LEND_ERROR_ARGUMENT, "larger", "", "");
	/* An old version, whose names crash libfdt. */
	fdt_set_version(overlay, 15);
	fdt_set_last_comp_version(overlay, 15);
	options.overlay_size = size;
	node_test_refuse(*state, "bare", &options, -EINVAL, LEND_ERROR_ARGUMENT,
			 "not a flattened device tree", "FDT_ERR_BADVERSION",
			 "dtc -@");
	fdt_set_version(overlay, 17);
	fdt_set_last_comp_version(overlay, 16);
	memcpy(strstr((char *)overlay + size - 112, "target"), "tarpit", 6);
	options.overlay_size = size;
	node_test_refuse(*state, "bare", &options, -EINVAL, LEND_ERROR_ARGUMENT,
			 "the overlay does not apply",
			 "node is /bare, with the label", "&device");
	free(overlay);
}

static void host_addresses_are_kept_on_request(void **state)
{
	const struct lend_platform_options keep = {
		.size = sizeof(keep),
		.keep_addresses = true,
	};

	node_test_refuse(*state, "bus@10600000", NULL, -ENOTSUP,
			 LEND_ERROR_LIMIT, "'ranges'", "dt-keep-address=on",
			 "dt-drop=ranges");
	node_test_expect(*state, "bus@10600000", &keep, "kept.dtb");
}

/* Two devices with one clock share the guest's; equal names get a number. */
static void several_nodes_share_a_tree(void **state)
{
	const uint64_t addresses[] = {0xc000000, 0xc080000, 0xc100000,
				      0xc110000, 0xc120000};
	const uint32_t spis[] = {64, 65, 66, 67, 68, 69};
	const struct lend_platform_place place = {
		.size = sizeof(place),
		.addresses = addresses,
		.spis = spis,
	};
	struct lend_platform *one, *bare;
	const struct lend_platform_options drop = {
		.size = sizeof(drop),
		.drop = "clocks",
	};
	void *fdt = malloc(1 << 16);

	assert_int_equal(fdt_create_empty_tree(fdt, 1 << 16), 0);
	assert_int_equal(board_find(*state, "xgbe@700000", &one), 0);
	assert_int_equal(board_find(*state, "bare", &bare), 0);
	assert_int_equal(lend_platform_prepare(one, NULL), 0);
	assert_int_equal(lend_platform_prepare(bare, &drop), 0);
	assert_int_equal(fdt_setprop_u32(fdt, 0, "#address-cells", 2), 0);
	assert_int_equal(fdt_setprop_u32(fdt, 0, "#size-cells", 2), 0);
	assert_int_equal(lend_platform_write(one, &place, fdt, 0), 0);
	assert_int_equal(lend_platform_write(bare, &place, fdt, 0), 0);
	assert_int_equal(lend_platform_write(bare, &place, fdt, 0), 0);
	assert_true(fdt_path_offset(fdt, "/bare") > 0);
	assert_true(fdt_path_offset(fdt, "/bare-2") > 0);
	assert_true(fdt_path_offset(fdt, "/clk250mhz-0") > 0);
	assert_true(fdt_path_offset(fdt, "/clk250mhz-0-2") < 0);
	/* The same place once more is refused. */
	assert_int_equal(lend_platform_write(one, &place, fdt, 0), -EEXIST);
	lend_platform_free(bare);
	lend_platform_free(one);
	free(fdt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOARD_TEST(nodes_match_their_bindings),
		BOARD_TEST(front_ends_refuse_other_devices),
		BOARD_TEST(missing_properties_are_named),
		BOARD_TEST(bindings_accept_only_fixed_clocks),
		BOARD_TEST(references_to_the_host_are_named),
		BOARD_TEST(unknown_references_are_found_by_rule),
		BOARD_TEST(long_remedies_have_whole_names),
		BOARD_TEST(devices_may_have_many_parts),
		BOARD_TEST(overlays_are_applied_or_refused),
		BOARD_TEST(host_addresses_are_kept_on_request),
		BOARD_TEST(several_nodes_share_a_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
