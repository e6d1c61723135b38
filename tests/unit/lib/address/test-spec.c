// SPDX-License-Identifier: MIT
// -device strings: each valid and invalid spelling, and the precedence of
// names.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>

#include "machine.h"

static void valid_device_strings_are_parsed(void **state)
{
	static const struct {
		const char *text, *property, *value;
	} cases[] = {
		{"vfio-pci,host=02:00.0", "host", "02:00.0"},
		{"driver=vfio-pci,host=02:00.0", "host", "02:00.0"},
		{"vfio-pci,sysfsdev=/sys/x", "sysfsdev", "/sys/x"},
		{"vfio-pci,sysfsdev=/sys/x/", "sysfsdev", "/sys/x/"},
		{"vfio-pci,sysfsdev=/a,,b", "sysfsdev", "/a,b"},
		{"vfio-pci,sysfsdev=,,,,", "sysfsdev", ",,"},
		{"vfio-pci,sysfsdev=/a=b,id=n", "sysfsdev", "/a=b"},
		{"vfio-pci,host=02:00.0,id=net0", "id", "net0"},
		{"vfio-pci,host=02:00.0,id=a.b-c_9", "id", "a.b-c_9"},
		{"vfio-pci,addr=5,host=02:00.0", "addr", "5"},
		{"vfio-pci,host=02:00.0,addr=0x1f", "addr", "0x1f"},
		{"vfio-pci,host=02:00.0,addr=1f.7", "addr", "1f.7"},
		{"vfio-pci,host=02:00.0,addr=05.0", "addr", "05.0"},
		/* as libvirt writes it */
		{"vfio-pci,host=02:00.0,addr=0x2.0x1", "addr", "0x2.0x1"},
		{"vfio-pci,host=02:00.0", "addr", NULL},
		{"vfio-pci,host=02:00.0", "none", NULL},
		{"vfio-pci,host=02:00.0,x-no-mmap", "x-no-mmap", "on"},
		{"vfio-pci,host=02:00.0,nox-no-mmap", "x-no-mmap", "off"},
		{"vfio-pci,host=02:00.0,multifunction=on", "multifunction",
		 "on"},
	};
	struct machine *m = *state;

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lend_spec *spec;
		const char *value;

		assert_int_equal(lend_spec_parse(m->ctx, cases[i].text, &spec),
				 0);
		assert_string_equal(lend_spec_driver(spec), "vfio-pci");
		value = lend_spec_get(spec, cases[i].property);
		if (cases[i].value)
			assert_string_equal(value, cases[i].value);
		else
			assert_null(value);
		assert_null(lend_spec_unref(spec));
	}
}

static void a_list_property_may_be_repeated(void **state)
{
	struct machine *m = *state;
	struct lend_spec *spec;

	assert_int_equal(lend_spec_parse(m->ctx,
					 "vfio-platform,host=x,dt-drop=a,"
					 "dt-drop=b:c,dt-overlay=o.dtbo,"
					 "dt-drop=lend,,d,dt-number=e,"
					 "dt-number=f,dt-keep-address",
					 &spec),
			 0);
	assert_string_equal(lend_spec_get(spec, "dt-drop"), "a:b:c:lend,d");
	assert_string_equal(lend_spec_get(spec, "dt-number"), "e:f");
	assert_string_equal(lend_spec_get(spec, "dt-overlay"), "o.dtbo");
	assert_true(lend_spec_get_bool(spec, "dt-keep-address", false));
	assert_null(lend_spec_unref(spec));
	assert_int_equal(lend_spec_parse(m->ctx,
					 "vfio-platform,host=x,dt-drop=a::b",
					 &spec),
			 -EINVAL);
	assert_non_null(strstr(m->error->evidence, "separated by ':'"));
	assert_int_equal(
		lend_spec_parse(m->ctx,
				"vfio-platform,host=x,dt-overlay=", &spec),
		-EINVAL);
}

static void a_root_port_names_no_host_device(void **state)
{
	struct machine *m = *state;
	struct lend_address *address = NULL;
	struct lend_spec *spec;

	assert_int_equal(lend_spec_parse(m->ctx,
					 "pcie-root-port,id=rp,chassis=0x10,"
					 "slot=255,bus=pcie.0,nohotplug",
					 &spec),
			 0);
	assert_string_equal(lend_spec_driver(spec), "pcie-root-port");
	assert_string_equal(lend_spec_get(spec, "slot"), "255");
	assert_int_equal(lend_spec_locate(spec, &address), -EINVAL);
	assert_non_null(strstr(lend_ctx_error(m->ctx)->what,
			       "names no device of the host"));
	assert_null(address);
	lend_spec_unref(spec);
	assert_int_equal(lend_spec_parse(m->ctx, "pcie-root-port", &spec), 0);
	lend_spec_unref(spec);
}

static void other_names_of_drivers_are_accepted(void **state)
{
	static const char *const cases[][2] = {
		{"vfio-pci-nohotplug,host=0:0.0", "vfio-pci"},
		{"ioh3420,id=rp,chassis=1", "pcie-root-port"},
		{"{'driver':'ioh3420','id':'rp'}", "pcie-root-port"},
	};
	struct machine *m = *state;
	struct lend_spec *spec;

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(lend_spec_parse(m->ctx, cases[i][0], &spec),
				 0);
		assert_string_equal(lend_spec_driver(spec), cases[i][1]);
		lend_spec_unref(spec);
	}
}

static void drivers_and_properties_are_listed(void **state)
{
	unsigned int n = 0;

	(void)state;
	assert_string_equal(lend_spec_known(NULL, 0), "vfio-pci");
	assert_string_equal(lend_spec_known("vfio-pci-nohotplug", 0), "host");
	assert_string_equal(lend_spec_known("pcie-root-port", 0), "id");
	assert_null(lend_spec_known("vfio-pcie", 0));
	assert_null(lend_spec_known("vfio-pci", UINT_MAX));
	while (lend_spec_known(NULL, n))
		n++;
	assert_int_equal(n, 6);
}

static void root_ports_take_the_properties_of_qemu(void **state)
{
	static const char *const good[] = {
		"pref64-reserve=32M",
		"pref64-reserve=0x2000000",
		"mem-reserve=2097152",
		"io-reserve=4K",
		"bus-reserve=2",
		"x-speed=2_5",
		"x-speed=32,x-width=16",
		"disable-acs=on",
		"pref32-reserve=18446744073709551615",
	};
	static const char *const bad[] = {
		"pref64-reserve=",
		"pref64-reserve=M",
		"pref64-reserve=1X",
		"pref64-reserve=32MM",
		"x-speed=3",
		"x-width=3",
		"x-width=",
		"pref64-reserve=1111111111111111111111111111111111M",
	};
	struct machine *m = *state;
	struct lend_spec *spec;
	char text[128];

	for (unsigned int i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(text, sizeof(text), "pcie-root-port,%s", good[i]);
		if (lend_spec_parse(m->ctx, text, &spec))
			fail_msg("%s: %s", text, m->error->what);
		lend_spec_unref(spec);
	}
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "pcie-root-port,%s", bad[i]);
		if (lend_spec_parse(m->ctx, text, &spec) != -EINVAL)
			fail_msg("%s: taken", text);
	}
}

static void switches_accept_eight_words(void **state)
{
	static const struct {
		const char *value;
		bool is_on;
	} cases[] = {
		{"=on", true},     {"=yes", true},  {"=true", true},
		{"=y", true},      {"=off", false}, {"=no", false},
		{"=false", false}, {"=n", false},   {"", true},
	};
	struct machine *m = *state;
	struct lend_spec *spec;
	char text[128];

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "vfio-pci,host=0:0.0,x-no-mmap%s",
			 cases[i].value);
		assert_int_equal(lend_spec_parse(m->ctx, text, &spec), 0);
		assert_int_equal(
			lend_spec_get_bool(spec, "x-no-mmap", !cases[i].is_on),
			cases[i].is_on);
		assert_true(lend_spec_get_bool(spec, "multifunction", true));
		assert_false(lend_spec_get_bool(spec, "multifunction", false));
		lend_spec_unref(spec);
	}
}

static void invalid_device_strings_are_refused(void **state)
{
	static const char *const cases[] = {
		"",
		",",
		",,",
		"=",
		"vfio-pci",
		"vfio-pci,",
		"vfio-pci,id=x",
		"vfio-pci,host",
		"vfio-pci,nohost",
		"vfio-pci,host=",
		"vfio-pci,host=zz",
		"vfio-pci,host=0x02:00.0",
		"vfio-pci,host=02:00.0,",
		"vfio-pci,host=02:00.0,,id=x",
		"vfio-pci,,host=02:00.0",
		"vfio-pci,=02:00.0",
		"vfio-pci,host==02:00.0",
		"vfio-pci,host=02:00.0,host=02:00.0",
		"vfio-pci,host=02:00.0,id=a,id=b",
		"vfio-pci,host=02:00.0,x-no-mmap,nox-no-mmap",
		"vfio-pci,host=02:00.0,x-no-mmap=maybe",
		"vfio-pci,host=02:00.0,x-no-mmap-bars=",
		"vfio-pci,host=02:00.0,x-no-mmap-bars=6",
		"vfio-pci,host=02:00.0,x-no-mmap-bars=2:",
		"vfio-pci,host=02:00.0,x-no-mmap-bars=:2",
		"vfio-pci,host=02:00.0,x-no-mmap-bars=24",
		"vfio-pci,host=02:00.0,x-no-mmap-bars=2::4",
		"vfio-pci,host=02:00.0,x-p2p=perhaps",
		"vfio-pci,host=02:00.0,x-no-mmap=",
		"vfio-pci,host=02:00.0,x-no-mmap=ON",
		"vfio-pci,host=02:00.0,nox-no-mmap=on",
		"vfio-pci,host=02:00.0,id=",
		"vfio-pci,host=02:00.0,id=0net",
		"vfio-pci,host=02:00.0,id=a/b",
		"vfio-pci,host=02:00.0,addr=",
		"vfio-pci,host=02:00.0,addr=0x",
		"vfio-pci,host=02:00.0,addr=20",
		"vfio-pci,host=02:00.0,bus=0",
		"pcie-root-port,host=02:00.0",
		"pcie-root-port,slot=256",
		"pcie-root-port,chassis=-1",
		"vfio-pci,host=02:00.0,addr=5.8",
		"vfio-pci,host=02:00.0,addr=5.",
		"vfio-pci,host=02:00.0,addr=0x5.0x",
		"vfio-pci,host=02:00.0,addr=0x5.0x8",
		"vfio-pci,host=02:00.0,addr=0x0x5",
		"vfio-pci,host=02:00.0,addr=.5",
		"vfio-pci,host=02:00.0,addr=5.0.0",
		"vfio-pci,host=02:00.0,addr=-5",
		"vfio-pci,host=02:00.0,addr= 5",
		"vfio-pci,host=02:00.0,Id=x",
		"vfio-pci,host=02:00.0,ramfb=on",
		"vfio-pci,sysfsdev=",
		"vfio-pci,driver=vfio-pci,host=02:00.0",
		"vfio-pci host=02:00.0",
		"VFIO-PCI,host=02:00.0",
		"vfio-ccw,host=02:00.0",
		"host=02:00.0",
		"{'driver':'vfio-pci'}",
	};
	struct machine *m = *state;
	struct lend_spec *spec;

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (lend_spec_parse(m->ctx, cases[i], &spec) != -EINVAL)
			fail_msg("'%s' was taken", cases[i]);
		assert_int_equal(m->error->code, LEND_ERROR_ARGUMENT);
	}
}

static void overlong_device_strings_are_refused(void **state)
{
	static const char head[] = "vfio-pci,sysfsdev=/";
	struct machine *m = *state;
	struct lend_spec *spec;
	size_t size = 1 << 20;
	char *text = malloc(size);

	assert_non_null(text);
	memset(text, 'x', size - 1);
	text[size - 1] = '\0';
	assert_int_equal(lend_spec_parse(m->ctx, text, &spec), -EINVAL);
	memcpy(text, head, strlen(head));
	assert_int_equal(lend_spec_parse(m->ctx, text, &spec), -EINVAL);
	memset(text, ',', size - 1);
	assert_int_equal(lend_spec_parse(m->ctx, text, &spec), -EINVAL);
	free(text);
}

static void the_nearest_property_is_suggested(void **state)
{
	static const char *const cases[][2] = {
		{"vfio-pcie,host=0:0.0", "vfio-pci"},
		{"vfio_pci,host=0:0.0", "vfio-pci"},
		{"vfio-pci,hots=0:0.0", "host"},
		{"vfio-pci,sysfdev=/x", "sysfsdev"},
		{"vfio-pci,sysdev=/x", "sysfsdev"},
		{"vfio-pci,host=0:0.0,multi-function=on", "multifunction"},
	};
	struct machine *m = *state;
	struct lend_spec *spec;

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(lend_spec_parse(m->ctx, cases[i][0], &spec),
				 -EINVAL);
		assert_non_null(strstr(m->error->remedy, cases[i][1]));
	}
}

static void sysfsdev_overrides_host(void **state)
{
	struct machine *m = *state;
	struct lend_spec *spec;
	struct lend_address *a;
	char text[PATH_MAX];

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	fake_add_pci(m->fake, "0000:03:00.0", "nvme", 2);
	for (unsigned int i = 2; i <= 4; i++) {
		snprintf(text, sizeof(text),
			 "vfio-pci,host=%u:0.0,sysfsdev="
			 "%s/sys/bus/pci/devices/0000:02:00.0",
			 i, m->fake->root);
		assert_int_equal(lend_spec_parse(m->ctx, text, &spec), 0);
		assert_int_equal(lend_spec_locate(spec, &a), 0);
		assert_string_equal(lend_address_name(a), "0000:02:00.0");
		assert_int_equal(strstr(m->log, "host=") != NULL, i != 2);
		m->log[0] = '\0';
		lend_address_unref(a);
		lend_spec_unref(spec);
	}
}

static void host_is_found_on_its_bus(void **state)
{
	struct machine *m = *state;
	struct lend_spec *spec;
	struct lend_address *a;

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	assert_int_equal(lend_spec_parse(m->ctx, "vfio-pci,host=2:0.0", &spec),
			 0);
	assert_int_equal(lend_spec_locate(spec, &a), 0);
	assert_string_equal(lend_address_name(a), "0000:02:00.0");
	lend_address_unref(a);
	fake_remove(m->fake, "sys/bus/pci/devices/0000:02:00.0");
	assert_int_equal(lend_spec_locate(spec, &a), -ENODEV);
	assert_ptr_equal(lend_spec_ref(spec), spec);
	lend_spec_unref(spec);
	lend_spec_unref(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(valid_device_strings_are_parsed),
		MACHINE_TEST(a_list_property_may_be_repeated),
		MACHINE_TEST(a_root_port_names_no_host_device),
		MACHINE_TEST(other_names_of_drivers_are_accepted),
		MACHINE_TEST(drivers_and_properties_are_listed),
		MACHINE_TEST(root_ports_take_the_properties_of_qemu),
		MACHINE_TEST(switches_accept_eight_words),
		MACHINE_TEST(invalid_device_strings_are_refused),
		MACHINE_TEST(overlong_device_strings_are_refused),
		MACHINE_TEST(the_nearest_property_is_suggested),
		MACHINE_TEST(sysfsdev_overrides_host),
		MACHINE_TEST(host_is_found_on_its_bus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
