// SPDX-License-Identifier: MIT
// What lend report takes out of its document, and what it leaves.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "admin.h"
#include "cli/redact.h"

static void what_identifies_a_host_is_taken_out(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"eth0 has 192.0.2.1", "eth0 has (IPv4)"},
		{"192.0.2.1/24,10.0.0.1", "(IPv4)/24,(IPv4)"},
		{"52:54:00:12:34:56", "(MAC)"},
		{"a 52-54-00-AB-34-56.", "a (MAC)."},
		{"enx525400123456", "enx(MAC)"},
		{"route 2001:db8::1/64", "route (IPv6)/64"},
		{"fe80::5054:ff:fe12:3456: up", "(IPv6): up"},
		{"1:2:3:4:5:6:7:8", "(IPv6)"},
		{"/x/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001/y", "/x/(UUID)/y"},
		{"eui.0025385b71b0a1c2", "eui.(ID)"},
		{"host1 and host1.example.org", "(host) and (host)"},
		{"host1", "(host)"},
		{"host12 myhost1", "host12 myhost1"},
		/* What a report is about. */
		{"0000:02:00.0", "0000:02:00.0"},
		{"10000:e1:00.0 10de:2331", "10000:e1:00.0 10de:2331"},
		{"pci0000:00/0000:00:01.0/", "pci0000:00/0000:00:01.0/"},
		{"6.1.0-13-amd64", "6.1.0-13-amd64"},
		{"e1000e, enx12, 1.2.3", "e1000e, enx12, 1.2.3"},
		{"a: b :: c", "a: b (IPv6) c"},
		{"", ""},
	};
	char out[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		redact_text(cases[i].text, "host1.example.org", out,
			    sizeof(out));
		assert_string_equal(out, cases[i].expected);
	}
	redact_text("no name 10.1.1.1", "", out, sizeof(out));
	assert_string_equal(out, "no name (IPv4)");
}

static void a_short_buffer_is_not_exceeded(void **state)
{
	static const char text[] = "x 52:54:00:12:34:56 and 192.0.2.1 too";
	char out[64];

	(void)state;
	for (size_t size = 1; size < sizeof(out); size++) {
		memset(out, '#', sizeof(out));
		redact_text(text, "h", out, size);
		assert_true(strlen(out) < size);
		for (size_t i = size; i < sizeof(out); i++)
			assert_int_equal(out[i], '#');
	}
}

static void the_report_has_devices_and_findings(void **state)
{
	static const char *const parts[] = {
		"\"kernel\": ",
		"\"parameters\": [",
		"\"iommus\": [\n    \"dmar0\"",
		"\"device\": \"0000:02:00.0\"",
		"\"device\": \"(UUID)\"",
		"\"reset_methods\": [\n        \"flr\"",
		"\"check\": \"driver\"",
	};
	struct machine *m = *state;
	struct admin admin;

	admin_build_host(m);
	fake_link(m->fake, "sys/devices/pci0000:00/0000:02:00.0/iommu",
		  "sys/class/iommu/dmar0");
	admin_run(&admin, m, "report");
	assert_int_equal(admin.err, 0);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!strstr(admin.output, parts[i]))
			fail_msg("no %s in %s", parts[i], admin.output);
	assert_null(strstr(admin.output, "83b8f4f2"));
	admin_free(&admin);
	admin_run(&admin, m, "report --whole");
	assert_non_null(strstr(admin.output, "\"device\": \"83b8f4f2-"));
	admin_free(&admin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_identifies_a_host_is_taken_out),
		cmocka_unit_test(a_short_buffer_is_not_exceeded),
		MACHINE_TEST(the_report_has_devices_and_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
