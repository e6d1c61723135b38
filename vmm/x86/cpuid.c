// SPDX-License-Identifier: MIT
// Builds the guest's CPUID table: KVM's, with our topology and choices.
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <lend/error.h>

#include "vmm/base/no-memory.h"
#include "vmm/x86/cpu-depends.h"
#include "vmm/x86/cpu-features.h"
#include "vmm/x86/cpuid.h"

#define LEAF_BASIC      0x1
#define LEAF_CACHE      0x4
#define LEAF_TOPOLOGY   0xb
#define LEAF_TOPOLOGY_2 0x1f
#define LEAF_KVM        0x40000001
#define LEAF_EXTENDED   0x80000001
#define LEAF_ADDRESS    0x80000008
#define LEAF_AMD_CACHE  0x8000001d
#define LEAF_AMD_ID     0x8000001e

#define BASIC_ECX_DEADLINE   (1u << 24)
#define BASIC_ECX_HYPERVISOR (1u << 31)
#define BASIC_EDX_HT         (1u << 28)
#define EXTENDED_CMP_LEGACY  (1u << 1)
#define KVM_CLOCK_OLD        (1u << 0)
#define KVM_CLOCK            (1u << 3)
#define TOPOLOGY_SMT         1
#define TOPOLOGY_CORE        2
#define PHYS_BITS_DEFAULT    36

struct kvm_cpuid_entry2 *cpuid_find(struct cpuid *cpuid, uint32_t leaf,
				    uint32_t subleaf)
{
	struct kvm_cpuid2 *table = cpuid->table;

	for (unsigned int i = 0; i < table->nent; i++)
		if (table->entries[i].function == leaf &&
		    table->entries[i].index == subleaf)
			return &table->entries[i];
	return NULL;
}

uint32_t *cpuid_register(struct kvm_cpuid_entry2 *entry, enum cpu_register reg)
{
	uint32_t *registers[] = {&entry->eax, &entry->ebx, &entry->ecx,
				 &entry->edx};

	return registers[reg];
}

static int bits_lacking(struct lend_ctx *ctx, const char *name)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, ENOTSUP, NULL,
		       "-cpu: KVM on this host does not support \"%s\"", name);
	return lend_error_remedy(ctx, "remove +%s from -cpu", name);
}

static int cpuid_apply_choice(struct cpuid *cpuid, struct lend_ctx *ctx,
			      const struct cpu_choice *choice)
{
	const struct cpu_feature *f = choice->feature;
	struct kvm_cpuid_entry2 *entry = cpuid_find(cpuid, f->leaf, f->subleaf);
	uint32_t *reg = entry ? cpuid_register(entry, f->reg) : NULL;

	if (choice->on)
		return reg && (*reg & 1u << f->bit)
			       ? 0
			       : bits_lacking(ctx, f->name);
	if (reg)
		*reg &= ~(1u << f->bit);
	/* The clock has an older bit too; both are one feature. */
	if (reg && f->leaf == LEAF_KVM && 1u << f->bit == KVM_CLOCK)
		*reg &= ~KVM_CLOCK_OLD;
	return 0;
}

/* KVM lists this timer as a capability, which depends on its own irqchip alone:
 * a machine always has that. */
static void offer_deadline(struct cpuid *cpuid)
{
	struct kvm_cpuid_entry2 *basic = cpuid_find(cpuid, LEAF_BASIC, 0);

	if (basic)
		basic->ecx |= BASIC_ECX_HYPERVISOR | BASIC_ECX_DEADLINE;
}

/* Bits 16 to 23 hold the guest's limit, if it is below the host's. */
static void read_phys_bits(struct cpuid *cpuid)
{
	struct kvm_cpuid_entry2 *entry = cpuid_find(cpuid, LEAF_ADDRESS, 0);
	unsigned int guest_bits;

	cpuid->phys_bits = entry ? entry->eax & 0xff : PHYS_BITS_DEFAULT;
	guest_bits = entry ? entry->eax >> 16 & 0xff : 0;
	if (guest_bits && guest_bits < cpuid->phys_bits)
		cpuid->phys_bits = guest_bits;
}

int cpuid_init(struct cpuid *cpuid, struct lend_ctx *ctx, int kvm_fd,
	       const struct cpu_model *model)
{
	int err = 0;

	cpuid->table = calloc(
		1, sizeof(*cpuid->table) +
			   CPUID_MAX_ENTRIES * sizeof(struct kvm_cpuid_entry2));
	if (!cpuid->table)
		return vmm_no_memory(ctx, NULL);
	cpuid->table->nent = CPUID_MAX_ENTRIES;
	if (ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, cpuid->table) < 0) {
		err = errno;

		cpuid_free(cpuid);
		return lend_error_set(ctx, LEND_ERROR_NO_KVM, err, NULL,
				      "KVM_GET_SUPPORTED_CPUID: %s",
				      strerror(err));
	}
	offer_deadline(cpuid);
	for (size_t i = 0; !err && i < model->count; i++)
		err = cpuid_apply_choice(cpuid, ctx, &model->choices[i]);
	if (!err)
		err = cpu_depends_apply(cpuid, ctx, model);
	read_phys_bits(cpuid);
	if (err)
		cpuid_free(cpuid);
	return err;
}

void cpuid_free(struct cpuid *cpuid)
{
	free(cpuid->table);
	cpuid->table = NULL;
}

/* Number of bits for APIC IDs 0 to cpus - 1. */
static unsigned int id_bits(unsigned int cpus)
{
	return cpus > 1 ? 32 - (unsigned int)__builtin_clz(cpus - 1) : 0;
}

static struct kvm_cpuid_entry2 *find_or_add(struct cpuid *cpuid, uint32_t leaf,
					    uint32_t subleaf)
{
	struct kvm_cpuid2 *table = cpuid->table;
	struct kvm_cpuid_entry2 *entry = cpuid_find(cpuid, leaf, subleaf);

	if (entry || table->nent >= CPUID_MAX_ENTRIES)
		return entry;
	entry = &table->entries[table->nent++];
	*entry = (struct kvm_cpuid_entry2){
		.function = leaf,
		.index = subleaf,
		.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
	};
	return entry;
}

/* Leaves 0xb and 0x1f: one thread in a core, @cpus cores in the socket. */
static void set_topology(struct cpuid *cpuid, uint32_t leaf, unsigned int index,
			 unsigned int cpus)
{
	const struct {
		unsigned int shift, count, type;
	} levels[] = {
		{0, 1, TOPOLOGY_SMT},
		{id_bits(cpus), cpus, TOPOLOGY_CORE},
		{0, 0, 0},
	};

	if (!cpuid_find(cpuid, leaf, 0))
		return;
	for (uint32_t i = 0; i < 3; i++) {
		struct kvm_cpuid_entry2 *entry = find_or_add(cpuid, leaf, i);

		if (!entry)
			return;
		entry->eax = levels[i].shift;
		entry->ebx = levels[i].count;
		entry->ecx = levels[i].type << 8 | i;
		entry->edx = index;
	}
}

/* Cache leaves: all cores share the last level; the others are private. */
static void set_cache_sharing(struct kvm_cpuid_entry2 *entry, unsigned int cpus)
{
	unsigned int level = entry->eax >> 5 & 7;
	uint32_t sharing = level >= 3 ? (1u << id_bits(cpus)) - 1 : 0;

	entry->eax = (entry->eax & ~(0xfffu << 14)) | sharing << 14;
	if (entry->function == LEAF_CACHE)
		entry->eax = (entry->eax & ~(0x3fu << 26)) |
			     ((1u << id_bits(cpus)) - 1) << 26;
}

/* The number of APIC IDs, limited to the 8-bit field in leaf 1. */
static unsigned int id_count(unsigned int cpus)
{
	unsigned int count = 1u << id_bits(cpus);

	return count < 255 ? count : 255;
}

static void cpuid_set_entry(struct kvm_cpuid_entry2 *entry, unsigned int index,
			    unsigned int cpus)
{
	switch (entry->function) {
	case LEAF_BASIC:
		entry->ebx = (entry->ebx & 0xffff) | index << 24 |
			     id_count(cpus) << 16;
		entry->edx &= ~BASIC_EDX_HT;
		entry->edx |= cpus > 1 ? BASIC_EDX_HT : 0;
		break;
	case LEAF_CACHE:
	case LEAF_AMD_CACHE:
		if (entry->eax & 0x1f)
			set_cache_sharing(entry, cpus);
		break;
	case LEAF_EXTENDED:
		entry->ecx &= ~EXTENDED_CMP_LEGACY;
		break;
	case LEAF_ADDRESS:
		entry->ecx = (entry->ecx & ~0xf0ffu) | (cpus - 1) |
			     id_bits(cpus) << 12;
		break;
	case LEAF_AMD_ID:
		entry->eax = index;
		entry->ebx = index; /* one thread in core @index */
		entry->ecx = 0;     /* one node */
		break;
	default:
		break;
	}
}

void cpuid_personalise(struct cpuid *cpuid, unsigned int index,
		       unsigned int cpus)
{
	for (unsigned int i = 0; i < cpuid->table->nent; i++)
		cpuid_set_entry(&cpuid->table->entries[i], index, cpus);
	set_topology(cpuid, LEAF_TOPOLOGY, index, cpus);
	set_topology(cpuid, LEAF_TOPOLOGY_2, index, cpus);
}
