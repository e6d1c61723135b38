// SPDX-License-Identifier: MIT
// -cpu: the grammar, and the suggestion for an unknown name.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/x86/cpu-features.h"

static void cpu_accepts_valid_features(void **state)
{
	static const struct {
		const char *text;
		int avx2, deadline;
	} cases[] = {
		{NULL, -1, -1},
		{"host", -1, -1},
		{"host,+avx2", 1, -1},
		{"host,-avx2", 0, -1},
		{"host,avx2", 1, -1},
		{"host,avx2=off", 0, -1},
		{"host,avx2=on,-tsc-deadline", 1, 0},
		{"host,-tsc_deadline,+avx2,-avx2", 0, 0},
		{"max,avx2=no", 0, -1},
		{"host,avx2=yes,tsc_deadline=false", 1, 0},
		{"host,migratable=on", -1, -1},
		{"host,migratable=off,avx2=true", 1, -1},
		{"host,kvm=on,pmu=on,host_phys_bits=on,+check", -1, -1},
		{"host,hv-relaxed=off", -1, -1},
	};
	struct cpu_model m;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(cpu_model_parse(*state, cases[i].text, &m), 0);
		assert_int_equal(cpu_model_choice(&m, "avx2"), cases[i].avx2);
		assert_int_equal(cpu_model_choice(&m, "tsc-deadline"),
				 cases[i].deadline);
	}
}

static void cpu_rejects_invalid_features(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"", "unknown model"},
		{"hos", "unknown model"},
		{"hostx", "unknown model"},
		{"qemu64", "\"host\""},
		{"host,", "unknown feature"},
		{"host,+", "unknown feature"},
		{"host,,+avx", "unknown feature"},
		{"host,+tsc-dedline", "\"tsc-deadline\""},
		{"host,-x2apc", "\"x2apic\""},
		{"host,avx2=maybe", "avx2=maybe"},
		{"host,+kvmclok", "\"kvmclock\""},
		{"host,avx2=", "avx2=: the value"},
		{"host,kvm=off", "-cpu: kvm=off: the guest's clock"},
		{"host,-kvm", "kvm=off"},
		{"host,pmu=off", "pmu=off: the guest has"},
		{"host,pmu=no", "pmu=off: the guest has"},
		{"host,phys-bits=40", "phys-bits=40: the guest has"},
		{"host,hv_vapic", "hv_vapic=on: Hyper-V"},
		{"host,model-id=x", "model-id=x"},
		{"host,migratables=on", "unknown feature \"migratables\""},
	};
	struct cpu_model m;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(cpu_model_parse(*state, cases[i].text, &m),
				 -EINVAL);
		assert_true(context_says(*state, cases[i].says));
	}
}

static void cpu_rejects_too_many_features(void **state)
{
	char text[8 + 6 * (CPU_MAX_CHOICES + 1)] = "host";
	struct cpu_model m;

	for (int i = 0; i <= CPU_MAX_CHOICES; i++)
		strcat(text, ",+avx2");
	assert_int_equal(cpu_model_parse(*state, text, &m), -E2BIG);
}

static void cpu_rejects_long_words(void **state)
{
	char text[5000];
	struct cpu_model m;

	memset(text, 'a', sizeof(text));
	memcpy(text, "host,+", 6);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(cpu_model_parse(*state, text, &m), -EINVAL);
}

static void every_feature_name_is_found(void **state)
{
	struct cpu_model m;

	assert_int_equal(cpu_model_parse(*state, "host,+tsc_deadline", &m), 0);
	assert_int_equal(m.choices[0].feature->leaf, 1);
	assert_int_equal(m.choices[0].feature->reg, CPU_ECX);
	assert_int_equal(m.choices[0].feature->bit, 24);
	assert_int_equal(cpu_model_parse(*state, "host,+ts", &m), -EINVAL);
	assert_int_equal(cpu_model_parse(*state, "host,+", &m), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpu_accepts_valid_features),
		cmocka_unit_test(cpu_rejects_invalid_features),
		cmocka_unit_test(cpu_rejects_too_many_features),
		cmocka_unit_test(cpu_rejects_long_words),
		cmocka_unit_test(every_feature_name_is_found),
	};

	return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
