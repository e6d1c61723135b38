// SPDX-License-Identifier: MIT
// QEMU's properties of -cpu that are no features of a processor.
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <lend/error.h>

#include "vmm/kvm/cpu-properties.h"

static const char identity[] = "the guest sees the host's processor";
static const char address_bits[] = "the guest has the host's address bits";
static const char levels[] = "the guest has KVM's CPUID leaves";

/* A property with a value other than @same is refused; NULL: with any. A name
 * that ends in '*' is that of all that begin so. */
static const struct {
	const char *name;
	const char *same;
	const char *why;
} properties[] = {
	{"migratable", "*", NULL}, /* nothing is migrated either way */
	{"kvm", "on", "the guest's clock and interrupts need KVM's leaves"},
	{"pmu", "on", "the guest has the host's performance counters"},
	{"check", "*", NULL},
	{"enforce", "*", NULL}, /* a feature that is missing is an error */
	{"host-phys-bits", "on", address_bits},
	{"host-phys-bits-limit", NULL, address_bits},
	{"phys-bits", NULL, address_bits},
	{"guest-phys-bits", NULL, address_bits},
	{"host-cache-info", "on", "the guest sees the host's caches"},
	{"l3-cache", "on", "the guest sees the host's caches"},
	{"legacy-cache", "off", "the guest sees the host's caches"},
	{"cpuid-0xb", "on", "the guest's topology is in leaf 0xb"},
	{"cpuid-0x1f", "off", levels},
	{"level", NULL, levels},
	{"min-level", NULL, levels},
	{"xlevel", NULL, levels},
	{"min-xlevel", NULL, levels},
	{"xlevel2", NULL, levels},
	{"full-cpuid-auto-level", "*", NULL},
	{"vendor", NULL, identity},
	{"family", NULL, identity},
	{"model", NULL, identity},
	{"stepping", NULL, identity},
	{"model-id", NULL, identity},
	{"hypervisor-cpuid", "on", "the guest recognizes KVM by its leaf"},
	{"tsc-frequency", NULL, "the guest has the host's TSC"},
	{"invtsc-check", "*", NULL},
	{"lmce", "off", "the guest gets no machine checks"},
	{"fill-mtrr-mask", "*", NULL},
	{"tcg-cpuid", "*", NULL},
	{"hv-*", "off", "Hyper-V's interfaces are for Windows guests"},
	{"kvm-hint-dedicated", "off", "the guest shares its processors"},
	{"kvm-no-smi-migration", "*", NULL},
	{"kvm-no-adjvtime", "*", NULL},
	{"kvm-steal-time", "*", NULL},
	{"aarch64", "on", "32-bit guests are unsupported"},
	{"sve*", NULL, "the guest has the host's vector lengths"},
	{"xen-*", NULL, "the guest runs on KVM, not on Xen"},
};

static bool cpu_property_is(const char *known, const char *name, size_t length)
{
	size_t i;

	for (i = 0; known[i] && known[i] != '*'; i++)
		if (i == length || known[i] != (name[i] == '_' ? '-' : name[i]))
			return false;
	return known[i] == '*' || i == length;
}

int cpu_property_check(struct lend_ctx *ctx, const char *name, size_t length,
		       const char *value)
{
	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]);
	     i++) {
		const char *same = properties[i].same;

		if (!cpu_property_is(properties[i].name, name, length))
			continue;
		if (same && (*same == '*' || !strcmp(same, value)))
			return 0;
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "-cpu: %.*s=%s: %s", (int)length, name, value,
			       properties[i].why);
		return lend_error_remedy(ctx, "remove %.*s=%s from -cpu",
					 (int)length, name, value);
	}
	return -ENOENT;
}
