// SPDX-License-Identifier: MIT
// QEMU's properties of a -device that `lend run` does not have: values that ask
// for what happens anyway are accepted, others are ignored or refused.

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
	DISPLAY,
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
	[TABLES] = "the guest names network interfaces by their slots, which "
		   "addr= sets",
	[FAILOVER] = "there is no virtio-net device to fail over to; the guest "
		     "has this device from the start",
	[DISPLAY] = "there is no display",
	[MIGRATION] = "migration is unsupported",
	[DIRTY] = "migration is unsupported, so dirty pages are not tracked",
	[EVENTS] = "there is no monitor to send events to",
	[GUEST_IOMMU] = "the guest has no IOMMU",
	[TABLE_PLACE] =
		"the MSI-X table is trapped at the device's own location",
	[TIMER] = "INTx is acknowledged without unmapping BARs, so there is no "
		  "timeout",
	[BALLOON] = "there is no balloon device",
	[IOEVENTFD] = "no quirk needs ioeventfds",
	[IGD_BRIDGE] = "there are no such bridges; the guest's driver works "
		       "without them",
	[IGD_MEMORY] = "there is no firmware to reserve graphics memory; the "
		       "driver works without it",
	[IGD_LEGACY] = "there is no firmware to run the graphics ROM",
};

/* A property with one of the @same values asks for what happens anyway; with
 * another one it is ignored or refused. */
static const struct idle {
	const char *name;
	const char *same[3];
	enum reason reason;
	bool refused; /* ignoring it would mislead the user */
} idle[] = {
	{"bootindex", {"-1"}, KERNEL, false},
	{"acpi-index", {"0"}, TABLES, false},
	{"failover_pair_id", {NULL}, FAILOVER, false},
	{"display", {"off", "auto"}, DISPLAY, true},
	{"xres", {"0"}, DISPLAY, false},
	{"yres", {"0"}, DISPLAY, false},
	{"enable-migration", {"off", "auto"}, MIGRATION, true},
	{"migration-events", {"off"}, EVENTS, false},
	{"skip-vsc-check", {"on"}, MIGRATION, false},
	{"ats", {"off", "auto"}, GUEST_IOMMU, true},
	{"x-intx-mmap-timeout-ms", {"0", "1100"}, TIMER, false},
	{"x-msix-relocation", {"off"}, TABLE_PLACE, false},
	/* Only quirks of QEMU use such eventfds. */
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

/* The value of a switch as "on" or "off", another as it was typed. */
static const char *properties_value(const struct lend_spec *spec,
				    const char *name)
{
	if (lend_spec_get_bool(spec, name, false))
		return "on";
	if (!lend_spec_get_bool(spec, name, true))
		return "off";
	return lend_spec_get(spec, name);
}

/* Whether a property was given with a value that has no effect. */
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
			 const char *const *supported, size_t count)
{
	const char *known[KNOWN_MAX];
	size_t n = 0;

	for (size_t i = 0; i < IDLE_COUNT; i++)
		known[n++] = idle[i].name;
	for (size_t i = 0; i < count && n < KNOWN_MAX; i++)
		known[n++] = supported[i];
	for (size_t i = 0; i < IDLE_COUNT; i++) {
		if (!idle[i].refused || !properties_has_effect(spec, &idle[i]))
			continue;
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "-device %s: %s=%s: %s", lend_spec_driver(spec),
			       idle[i].name, lend_spec_get(spec, idle[i].name),
			       reasons[idle[i].reason]);
		return lend_error_remedy(ctx, "remove %s=", idle[i].name);
	}
	return lend_spec_check_known(spec, known, (unsigned int)n);
}

void run_properties_warn(struct lend_ctx *ctx, const struct lend_spec *spec,
			 const char *name)
{
	for (size_t i = 0; i < IDLE_COUNT; i++)
		if (properties_has_effect(spec, &idle[i]))
			lend_log(ctx, LEND_LOG_WARNING,
				 "%s: %s=%s is ignored: %s", name, idle[i].name,
				 lend_spec_get(spec, idle[i].name),
				 reasons[idle[i].reason]);
}
