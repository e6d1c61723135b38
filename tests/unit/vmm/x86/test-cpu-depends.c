// SPDX-License-Identifier: MIT
// A processor without a feature has none that requires it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "vmm/x86/cpu-depends.h"

#define XSAVE   (1u << 26)
#define AVX     (1u << 28)
#define F16C    (1u << 29)
#define FMA     (1u << 12)
#define POPCNT  (1u << 23)
#define AVX2    (1u << 5)
#define BMI1    (1u << 3)
#define AVX512F (1u << 16)
#define PKU     (1u << 3)
#define SAVES   0xfu /* XSAVEOPT, XSAVEC, XGETBV with 1, XSAVES */

enum { LEAF_1, LEAF_7, STATE, STATE_1, STATE_AVX, LEAVES };

struct depends_test {
	struct lend_ctx *ctx;
	struct cpuid cpuid;
	struct kvm_cpuid_entry2 *leaf;
};

static int depends_setup(void **state)
{
	static const struct kvm_cpuid_entry2 host[LEAVES] = {
		{.function = 1, .ecx = XSAVE | AVX | F16C | FMA | POPCNT},
		{.function = 7, .ebx = AVX2 | BMI1 | AVX512F, .ecx = PKU},
		{.function = 0xd, .index = 0, .eax = 0x2e7, .edx = 1},
		{.function = 0xd, .index = 1, .eax = SAVES},
		{.function = 0xd, .index = 2, .eax = 256, .ebx = 576},
	};
	const struct lend_ctx_options options = {.size = sizeof(options)};
	struct depends_test *test = calloc(1, sizeof(*test));

	test->cpuid.table =
		calloc(1, sizeof(*test->cpuid.table) + sizeof(host));
	memcpy(test->cpuid.table->entries, host, sizeof(host));
	test->cpuid.table->nent = LEAVES;
	test->leaf = test->cpuid.table->entries;
	*state = test;
	return lend_ctx_new(&options, &test->ctx);
}

static int depends_teardown(void **state)
{
	struct depends_test *test = *state;

	lend_ctx_unref(test->ctx);
	cpuid_free(&test->cpuid);
	free(test);
	return 0;
}

static int depends_test_apply(struct depends_test *test, const char *cpu)
{
	struct cpu_model model;

	assert_int_equal(cpu_model_parse(test->ctx, cpu, &model), 0);
	return cpu_depends_apply(&test->cpuid, test->ctx, &model);
}

static void a_whole_processor_keeps_all(void **state)
{
	struct depends_test *test = *state;

	assert_int_equal(depends_test_apply(test, "host,+avx512f"), 0);
	assert_int_equal(test->leaf[LEAF_1].ecx,
			 XSAVE | AVX | F16C | FMA | POPCNT);
	assert_int_equal(test->leaf[LEAF_7].ebx, AVX2 | BMI1 | AVX512F);
	assert_int_equal(test->leaf[STATE_1].eax, SAVES);
	assert_int_equal(test->leaf[STATE].eax, 0x2e7);
	assert_int_equal(test->leaf[STATE_AVX].eax, 256);
}

static void without_avx(void **state)
{
	struct depends_test *test = *state;

	test->leaf[LEAF_1].ecx &= ~AVX;
	assert_int_equal(depends_test_apply(test, "host"), 0);
	assert_int_equal(test->leaf[LEAF_1].ecx, XSAVE | POPCNT);
	assert_int_equal(test->leaf[LEAF_7].ebx, BMI1);
	assert_int_equal(test->leaf[LEAF_7].ecx, PKU);
	assert_int_equal(test->leaf[STATE_1].eax, SAVES);
	/* The FPU, SSE and protection keys are left. */
	assert_int_equal(test->leaf[STATE].eax, 0x203);
	assert_int_equal(test->leaf[STATE_AVX].eax, 0);
}

static void without_xsave(void **state)
{
	struct depends_test *test = *state;

	test->leaf[LEAF_1].ecx &= ~XSAVE;
	assert_int_equal(depends_test_apply(test, "host"), 0);
	assert_int_equal(test->leaf[LEAF_1].ecx, POPCNT);
	assert_int_equal(test->leaf[LEAF_7].ebx, BMI1);
	assert_int_equal(test->leaf[LEAF_7].ecx, 0);
	assert_int_equal(test->leaf[STATE].eax, 0);
	assert_int_equal(test->leaf[STATE].edx, 0);
	assert_int_equal(test->leaf[STATE_1].eax, 0);
}

static void a_contradiction_is_refused(void **state)
{
	struct depends_test *test = *state;
	const struct lend_error *e = lend_ctx_error(test->ctx);

	test->leaf[LEAF_1].ecx &= ~AVX;
	assert_int_equal(depends_test_apply(test, "host,-avx,+avx2"), -22);
	assert_string_equal(e->what, "-cpu: \"avx2\" requires \"avx\"");
	assert_string_equal(e->remedy, "remove +avx2 or -avx from -cpu");
}

static void a_table_without_the_leaves(void **state)
{
	struct depends_test *test = *state;

	test->cpuid.table->nent = 1;
	assert_int_equal(depends_test_apply(test, "host"), 0);
	test->cpuid.table->nent = 0;
	assert_int_equal(depends_test_apply(test, "host"), 0);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, depends_setup, depends_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_processor_keeps_all),
		TEST(without_avx),
		TEST(without_xsave),
		TEST(a_contradiction_is_refused),
		TEST(a_table_without_the_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
