// SPDX-License-Identifier: MIT
// QEMU's properties of a -device that `lend run` has no use for: which values
// ask for what happens anyway, and why others change nothing or are refused.

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <lend/lend.h>

#include "cli/run/properties.h"

/* Reasons are shared by many properties. */
enum reason {
	KERNEL,
	TABLES,
	FAILOVER,
	SCREEN,
	RESOLUTION,
	MIGRATION,
	DIRTY,
	EVENTS,
	GUEST_IOMMU,
	TABLE_PLACE,
	TIMER,
	BALLOON,
	IOEVENTFD,
	IGD_BRIDGE,
	IGD_MEMORY,
	IGD_LEGACY,
};

static const char *const reasons[] = {
	[KERNEL] = "the guest boots the kernel of -kernel",
	[TABLES] = "the guest names its network interfaces by their slots; "
		   "addr= sets those",
	[FAILOVER] = "there is no virtio-net device to stand in for it; the "
		     "guest has it from the start",
	[SCREEN] = "there is no screen to show it on",
	[RESOLUTION] = "there is no screen",
	[MIGRATION] = "the machine does not migrate",
	[DIRTY] = "the machine does not migrate, so nobody asks for the pages "
		  "that were written",
	[EVENTS] = "there is no monitor to send events to",
	[GUEST_IOMMU] = "the guest has no IOMMU that would translate for it",
	[TABLE_PLACE] = "accesses to the page of the MSI-X table are trapped "
			"where the device has it",
	[TIMER] = "a line interrupt is acknowledged without unmapping the "
		  "device's registers, so there is nothing to map again",
	[BALLOON] = "there is no balloon",
	[IOEVENTFD] = "what they would make faster is fast enough without",
	[IGD_BRIDGE] = "there are no such bridges; drivers that find none, "
		       "and know that they are in a guest, guess",
	[IGD_MEMORY] = "there is no firmware that would set memory aside for "
		       "the graphics; its driver does without",
	[IGD_LEGACY] = "there is no firmware that would run the graphics' ROM",
};

/* A property with other values than the @same, which ask for what happens
 * anyway, is refused or changes nothing. */
static const struct idle {
	const char *name;
	const char *same[3];
	enum reason reason;
	bool refused; /* who asked for it would not get what it is for */
} idle[] = {
	{"bootindex", {"-1"}, KERNEL, false},
	{"acpi-index", {"0"}, TABLES, false},
	{"failover_pair_id", {NULL}, FAILOVER, false},
	{"display", {"off", "auto"}, SCREEN, true},
	{"xres", {"0"}, RESOLUTION, false},
	{"yres", {"0"}, RESOLUTION, false},
	{"enable-migration", {"off", "auto"}, MIGRATION, true},
	{"migration-events", {"off"}, EVENTS, false},
	{"skip-vsc-check", {"on"}, MIGRATION, false},
	{"ats", {"off", "auto"}, GUEST_IOMMU, true},
	{"x-intx-mmap-timeout-ms", {"0", "1100"}, TIMER, false},
	{"x-msix-relocation", {"off"}, TABLE_PLACE, false},
	/* Such eventfds make quirks of QEMU's faster. */
	{"x-no-kvm-ioeventfd", {"on", "off"}, IOEVENTFD, false},
	{"x-no-vfio-ioeventfd", {"on", "off"}, IOEVENTFD, false},
	{"x-igd-lpc", {"off"}, IGD_BRIDGE, false},
	{"x-igd-gms", {"0"}, IGD_MEMORY, false},
	{"x-igd-legacy-mode", {"off", "auto"}, IGD_LEGACY, true},
	{"x-balloon-allowed", {"off"}, BALLOON, false},
	{"x-pre-copy-dirty-page-tracking", {"on"}, DIRTY, false},
	{"x-device-dirty-page-tracking", {"on"}, DIRTY, false},
	{"x-migration-multifd-transfer", {"off", "auto"}, MIGRATION, false},
	{"x-migration-load-config-after-iter",
	 {"off", "auto"},
	 MIGRATION,
	 false},
	{"x-migration-max-queued-buffers-size", {NULL}, MIGRATION, false},
	{"x-vpasid-cap-offset", {NULL}, GUEST_IOMMU, false},
};

enum { IDLE_COUNT = sizeof(idle) / sizeof(idle[0]), KNOWN_MAX = 80 };

/* A switch's value by its first word, another as it was typed. */
static const char *properties_value(const struct lend_spec *spec,
				    const char *name)
{
	if (lend_spec_get_bool(spec, name, false))
		return "on";
	if (!lend_spec_get_bool(spec, name, true))
		return "off";
	return lend_spec_get(spec, name);
}

/* Whether a property was given, and asks for what does not happen. */
static bool properties_has_effect(const struct lend_spec *spec,
				  const struct idle *i)
{
	const char *value = properties_value(spec, i->name);

	if (!lend_spec_get(spec, i->name))
		return false;
	for (size_t s = 0; s < 3 && i->same[s]; s++)
		if (!strcmp(value, i->same[s]))
			return false;
	return true;
}

int run_properties_check(struct lend_ctx *ctx, const struct lend_spec *spec,
			 const char *const *heeded, size_t count)
{
	const char *known[KNOWN_MAX];
	size_t n = 0;

	for (size_t i = 0; i < IDLE_COUNT; i++)
		known[n++] = idle[i].name;
	for (size_t i = 0; i < count && n < KNOWN_MAX; i++)
		known[n++] = heeded[i];
	for (size_t i = 0; i < IDLE_COUNT; i++) {
		if (!idle[i].refused || !properties_has_effect(spec, &idle[i]))
			continue;
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "-device %s: %s=%s: %s", lend_spec_driver(spec),
			       idle[i].name, lend_spec_get(spec, idle[i].name),
			       reasons[idle[i].reason]);
		return lend_error_remedy(ctx, "leave %s= out", idle[i].name);
	}
	return lend_spec_check_known(spec, known, (unsigned int)n);
}

void run_properties_warn(struct lend_ctx *ctx, const struct lend_spec *spec,
			 const char *name)
{
	for (size_t i = 0; i < IDLE_COUNT; i++)
		if (properties_has_effect(spec, &idle[i]))
			lend_log(ctx, LEND_LOG_WARNING,
				 "%s: %s=%s changes nothing: %s", name,
				 idle[i].name,
				 lend_spec_get(spec, idle[i].name),
				 reasons[idle[i].reason]);
}
