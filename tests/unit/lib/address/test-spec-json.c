// SPDX-License-Identifier: MIT
// -device strings that are JSON objects: as libvirt writes them, and each way
// to misspell them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "machine.h"

/* Single quotes, which QEMU accepts too, are easier to read here. */
static void json_device_strings_are_parsed(void **state)
{
	static const struct {
		const char *text, *property, *value;
	} cases[] = {
		/* as libvirt writes them */
		{"{\"driver\":\"vfio-pci\",\"host\":\"0000:65:00.0\","
		 "\"id\":\"hostdev0\",\"bus\":\"pci.5\",\"addr\":\"0x0\"}",
		 "bus", "pci.5"},
		{"{\"driver\":\"pcie-root-port\",\"port\":16,\"chassis\":1,"
		 "\"id\":\"pci.1\",\"bus\":\"pcie.0\","
		 "\"multifunction\":true,\"addr\":\"0x2\"}",
		 "port", "16"},
		{" {'host':'02:00.0','driver':'vfio-pci'} ", "host", "02:00.0"},
		{"{'driver':'vfio-pci','sysfsdev':'/a,b=c','id':'n'}",
		 "sysfsdev", "/a,b=c"},
		{"{'driver':'vfio-pci','host':'2:0.0','x-no-mmap':true}",
		 "x-no-mmap", "on"},
		{"{'driver':'vfio-pci','host':'2:0.0','x-no-mmap':'no'}",
		 "x-no-mmap", "no"},
		{"{'driver':'vfio-pci','host':'2:0.0','ats':false}", "ats",
		 "off"},
		{"{'driver':'vfio-pci','host':'2:0.0','rombar':0}", "rombar",
		 "0"},
		{"{'driver':'vfio-pci','host':'2:0.0','bootindex':-1}",
		 "bootindex", "-1"},
		{"{'driver':'vfio-pci','host':'2:0.0','romsize':'4096'}",
		 "romsize", "4096"},
		{"{'driver':'vfio-pci','fd':20,'iommufd':'iommufd0'}", "fd",
		 "20"},
		{"{'driver':'vfio-pci','fd':'20','iommufd':'iommufd0'}", "fd",
		 "20"},
		/* as QEMU has it */
		{"{\"driver\":\"vfio-user-pci\",\"socket\":"
		 "{\"path\":\"/tmp/a\",\"type\":\"unix\"}}",
		 "socket.path", "/tmp/a"},
		{"{'socket':'/tmp/a','driver':'vfio-user-pci'}", "socket",
		 "/tmp/a"},
	};
	struct machine *m = *state;

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lend_spec *spec;

		if (lend_spec_parse(m->ctx, cases[i].text, &spec))
			fail_msg("%s: %s", cases[i].text, m->error->what);
		assert_string_equal(lend_spec_get(spec, cases[i].property),
				    cases[i].value);
		assert_null(lend_spec_unref(spec));
	}
}

static void invalid_json_device_strings_are_refused(void **state)
{
	/* Text, and words of the fact, the evidence and the fix. */
	static const char *const cases[][4] = {
		{"{}", "no member \"driver\"", "", "\"driver\""},
		{"{'host':'0:0.0'}", "no member \"driver\"", "", ""},
		{"{'driver':1}", "must be a string", "byte 11", ""},
		{"{'driver':'vfio-pcie'}", "unknown driver", "", "vfio-pci"},
		{"{'driver':'vfio-pci'}", "no host device", "", "host="},
		{"{'driver':'vfio-pci','hots':'x'}", "unknown property 'hots'",
		 "byte 29", "host is"},
		{"{'driver':'vfio-pci','nox-no-mmap':true}", "unknown property",
		 "", ""},
		{"{'driver':'vfio-pci','host':'zz'}", "property 'host'",
		 "byte 29", ""},
		{"{'driver':'vfio-pci','host':2}", "\"host\" must not be a n",
		 "byte 29", "\"host\":\""},
		{"{'driver':'vfio-pci','id':true}", "\"id\" must not be a b",
		 "", ""},
		{"{'driver':'vfio-pci','multifunction':1}",
		 "\"multifunction\" must not be a number", "", ""},
		{"{'driver':'vfio-pci','bootindex':true}",
		 "\"bootindex\" must not be a boolean", "", ""},
		{"{'driver':'vfio-pci','romsize':1.5}", "'romsize'", "", ""},
		{"{'driver':'vfio-pci','addr':17}", "must be a string",
		 "17 for 8 *", "\"0x2.0x1\""},
		{"{'driver':'vfio-pci','addr':256}", "must be a string", "",
		 "\"addr\":\""},
		{"{'driver':'vfio-pci','host':null}", "null", "\"host\"",
		 "\"host\" out"},
		{"{'driver':'vfio-pci','host':['0:0.0']}", "arrays", "", ""},
		{"{'driver':'vfio-user-pci','socket':{'type':'inet','path':'/a"
		 "'}}",
		 "property 'socket.type'", "unix", ""},
		{"{'driver':'vfio-user-pci','socket':{'fd':'3'}}",
		 "unknown property 'socket.fd'", "", ""},
		{"{'driver':'vfio-user-pci','socket':{'path':{'a':'/a'}}}",
		 "unknown property 'socket.path.'", "", ""},
		{"{'driver':'vfio-user-pci'}", "no host device", "", "socket="},
		{"{'driver':'vfio-pci','host':{'path':'/a'}}", "objects", "",
		 ""},
		{"{'driver':'vfio-pci','driver':'vfio-pci'}", "twice", "", ""},
		{"{'driver':'vfio-platform','dt-drop':'a','dt-drop':'b'}",
		 "twice", "", ""},
		{"{'driver':'vfio-pci','fd':3}", "fd= requires iommufd=", "",
		 ""},
		{"{'driver':'vfio-pci','host':'0:0.0'},x=y", "after the object",
		 "", ""},
	};
	struct machine *m = *state;
	struct lend_spec *spec;

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (lend_spec_parse(m->ctx, cases[i][0], &spec) != -EINVAL)
			fail_msg("%s: taken", cases[i][0]);
		assert_int_equal(m->error->code, LEND_ERROR_ARGUMENT);
		if (!strstr(m->error->what, cases[i][1]) ||
		    !strstr(m->error->evidence, cases[i][2]) ||
		    !strstr(m->error->remedy, cases[i][3]))
			fail_msg("%s: %s\n%s\n%s", cases[i][0], m->error->what,
				 m->error->evidence, m->error->remedy);
	}
}

static void a_json_device_string_names_a_device(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	assert_int_equal(
		lend_address_find(m->ctx,
				  "{'driver':'vfio-pci','host':'02:00.0'}", &a),
		0);
	assert_string_equal(lend_address_name(a), "0000:02:00.0");
	lend_address_unref(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(json_device_strings_are_parsed),
		MACHINE_TEST(invalid_json_device_strings_are_refused),
		MACHINE_TEST(a_json_device_string_names_a_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
