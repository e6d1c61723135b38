// SPDX-License-Identifier: MIT
// CPUID: each vCPU has its own APIC ID, and all report the same topology.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <stdlib.h>

#include "vmm/x86/cpuid.h"

static struct kvm_cpuid_entry2 *cpuid_entry_of(struct cpuid *c, uint32_t leaf,
					       uint32_t subleaf)
{
	for (unsigned int i = 0; i < c->table->nent; i++)
		if (c->table->entries[i].function == leaf &&
		    c->table->entries[i].index == subleaf)
			return &c->table->entries[i];
	fail_msg("no leaf %x.%x", leaf, subleaf);
	return NULL;
}

static int cpuid_setup(void **state)
{
	static const struct kvm_cpuid_entry2 host[] = {
		{.function = 1, .ebx = 0x07100800, .edx = 1 << 28},
		{.function = 4, .index = 0, .eax = 0xfc004121},
		{.function = 4, .index = 1, .eax = 0xfc01c163},
		{.function = 4, .index = 2, .eax = 0},
		{.function = 0xb, .index = 0},
		{.function = 0x80000008, .eax = 0x3030, .ecx = 0x603f},
		{.function = 0x8000001e, .eax = 77, .ebx = 0x10b, .ecx = 3},
	};
	struct cpuid *c = calloc(1, sizeof(*c));

	c->table = calloc(1, sizeof(*c->table) +
				     CPUID_MAX_ENTRIES * sizeof(host[0]));
	memcpy(c->table->entries, host, sizeof(host));
	c->table->nent = sizeof(host) / sizeof(host[0]);
	*state = c;
	return 0;
}

static int cpuid_teardown(void **state)
{
	cpuid_free(*state);
	free(*state);
	return 0;
}

static void each_vcpu_has_its_own_id(void **state)
{
	struct cpuid *c = *state;

	for (unsigned int i = 0; i < 5; i++) {
		cpuid_personalise(c, i, 5);
		assert_int_equal(cpuid_entry_of(c, 1, 0)->ebx >> 24, i);
		for (uint32_t level = 0; level < 3; level++)
			assert_int_equal(cpuid_entry_of(c, 0xb, level)->edx, i);
		assert_int_equal(cpuid_entry_of(c, 0x8000001e, 0)->eax, i);
	}
}

/* Leaf 1 has 8 bits for the number of IDs; 256 would overflow into the ID. */
static void many_vcpus_keep_their_ids(void **state)
{
	struct cpuid *c = *state;

	for (unsigned int i = 0; i < 254; i++) {
		cpuid_personalise(c, i, 254);
		assert_int_equal(cpuid_entry_of(c, 1, 0)->ebx >> 24, i);
		assert_int_equal(cpuid_entry_of(c, 1, 0)->ebx >> 16 & 0xff,
				 255);
	}
}

static void all_vcpus_share_one_socket(void **state)
{
	struct cpuid *c = *state;

	cpuid_personalise(c, 0, 5);
	assert_int_equal(cpuid_entry_of(c, 1, 0)->ebx >> 16 & 0xff, 8);
	assert_int_equal(cpuid_entry_of(c, 1, 0)->ebx & 0xffff, 0x0800);
	assert_int_equal(cpuid_entry_of(c, 0xb, 0)->ecx, 0x100);
	assert_int_equal(cpuid_entry_of(c, 0xb, 1)->eax,
			 3); /* bits of a core's ID */
	assert_int_equal(cpuid_entry_of(c, 0xb, 1)->ebx, 5);
	assert_int_equal(cpuid_entry_of(c, 0xb, 1)->ecx, 0x201);
	assert_int_equal(cpuid_entry_of(c, 0xb, 2)->ecx, 2);
	assert_int_equal(cpuid_entry_of(c, 0x80000008, 0)->ecx, 0x3004);
	/* first-level cache private, third-level shared by 8 IDs */
	assert_int_equal(cpuid_entry_of(c, 4, 0)->eax >> 14 & 0xfff, 0);
	assert_int_equal(cpuid_entry_of(c, 4, 1)->eax >> 14 & 0xfff, 7);
	assert_int_equal(cpuid_entry_of(c, 4, 1)->eax >> 26, 7);
	assert_int_equal(cpuid_entry_of(c, 4, 2)->eax, 0);
}

static void a_single_vcpu_has_no_siblings(void **state)
{
	struct cpuid *c = *state;

	cpuid_personalise(c, 0, 1);
	assert_int_equal(cpuid_entry_of(c, 1, 0)->ebx >> 16 & 0xff, 1);
	assert_int_equal(cpuid_entry_of(c, 1, 0)->edx, 0);
	assert_int_equal(cpuid_entry_of(c, 0xb, 1)->eax, 0);
	assert_int_equal(cpuid_entry_of(c, 4, 1)->eax >> 14, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, cpuid_setup, cpuid_teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_vcpu_has_its_own_id),
		TEST(many_vcpus_keep_their_ids),
		TEST(all_vcpus_share_one_socket),
		TEST(a_single_vcpu_has_no_siblings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
