// SPDX-License-Identifier: MIT
// QEMU's options of several properties that `lend run` reads for their values
// alone: those that ask for what happens anyway are accepted.

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <lend/error.h>
#include <lend/text.h>

#include "cli/run/keys.h"
#include "cli/run/words.h"

#define MACHINE  "there is only one machine type, on KVM"
#define FIRMWARE "there is no firmware"
#define REMOVE   "remove it"

/*
 * A property of an option. Values in @same ask for what happens anyway. Others
 * are refused with @remedy, or, if that is NULL, accepted with a note. A name
 * that ends in '*' is that of all properties that begin so.
 */
static const struct run_key {
	const char *option;
	const char *name;
	const char *same;
	const char *why;
	const char *remedy;
} keys[] = {
	{"machine", "type", "q35|pc-q35-*|virt|virt-*", MACHINE, NULL},
	{"machine", "accel", "kvm|kvm:*", MACHINE, "use accel=kvm"},
	{"machine", "usb", "off", "emulated USB controllers are unsupported",
	 "lend a USB controller: -device vfio-pci,host=..."},
	{"machine", "dump-guest-core", "on",
	 "a core dump has the guest's memory", NULL},
	{"machine", "mem-merge", "*", "", NULL},
	{"machine", "memory-backend", "*", "", NULL},
	{"machine", "kernel_irqchip", "on|split", MACHINE, "use on"},
	{"machine", "kernel-irqchip", "on|split", MACHINE, "use on"},
	{"machine", "acpi", "on|auto", "ACPI describes the guest's hardware",
	 REMOVE},
	{"machine", "vmport", "off|auto", "there is no VMware port", REMOVE},
	{"machine", "hpet", "off", "there is no HPET; the guest uses kvm-clock",
	 NULL},
	{"machine", "pit", "on|off", "there is no 8254 timer", NULL},
	{"machine", "pic", "on|off", "there is no 8259 controller", NULL},
	{"machine", "i8042", "off", "there is no keyboard controller", NULL},
	{"machine", "smm", "off|auto", FIRMWARE " to use SMM", NULL},
	{"machine", "smbus", "off", "there is no SMBus", NULL},
	{"machine", "sata", "off", "emulated disks are unsupported",
	 "lend a disk controller: -device vfio-pci,host=..."},
	{"machine", "graphics", "off", "there is no display",
	 "use graphics=off, and -append console=ttyS0"},
	{"machine", "nvdimm", "off", "emulated NVDIMMs are unsupported",
	 REMOVE},
	{"machine", "hmat", "off", "the guest has one NUMA node", REMOVE},
	{"machine", "igd-passthru", "off",
	 "Intel graphics are lent with -device",
	 "use -device vfio-pci,host=0000:00:02.0"},
	{"machine", "suppress-vmdesc", "on|off", "migration is unsupported",
	 NULL},
	{"machine", "aux-ram-share", "*", "migration is unsupported", NULL},
	{"machine", "default-bus-bypass-iommu", "*", "the guest has no IOMMU",
	 NULL},
	{"machine", "bus-lock-ratelimit", "0", "bus locks are not limited",
	 REMOVE},
	{"machine", "iommu", "none|off", "the guest has no IOMMU", REMOVE},
	{"machine", "virtualization", "off",
	 "nested virtualization is unsupported", REMOVE},
	{"machine", "secure", "off", "there is no secure world", REMOVE},
	{"machine", "mte", "off", "memory tagging is unsupported", REMOVE},
	{"machine", "ras", "off", "the guest gets no memory errors", REMOVE},
	{"machine", "gic-version", "host|max|2|3",
	 "the guest has the host's kind of GIC", "use gic-version=host"},
	{"machine", "its", "on|auto", "MSI requires the ITS", REMOVE},
	{"machine", "highmem*", "on", "the address map is not configurable",
	 NULL},
	{"machine", "dtb-randomness", "*", "", NULL},
	{"machine", "dtb-kaslr-seed", "*", "", NULL},
	{"machine", "pflash*", "", FIRMWARE "; the kernel is booted directly",
	 "boot a kernel with -kernel"},
	{"machine", "firmware", "", FIRMWARE "; the kernel is booted directly",
	 "boot a kernel with -kernel"},
	{"machine", "confidential-guest-support", "",
	 "confidential guests are unsupported", REMOVE},
	{"machine", "memory-encryption", "",
	 "confidential guests are unsupported", REMOVE},
	{"machine", "kernel", "", "the kernel has an option of its own",
	 "use -kernel"},
	{"machine", "initrd", "", "the initrd has an option of its own",
	 "use -initrd"},
	{"machine", "append", "", "the command line has an option of its own",
	 "use -append"},
	{"machine", "dtb", "", "the guest's device tree is generated",
	 "change it with dt-overlay= of a platform device"},

	{"rtc", "base", "utc", "the guest's clock is the host's, in UTC",
	 "use base=utc, and set the time zone in the guest"},
	{"rtc", "clock", "host", "the guest's clock is the host's",
	 "use clock=host"},
	{"rtc", "driftfix", "none|slew",
	 "the guest's clock is the host's and does not drift", NULL},

	{"boot", "strict", "on|off", FIRMWARE, NULL},
	{"boot", "menu", "off", FIRMWARE " to show a menu", NULL},
	{"boot", "order", "", "the guest boots the kernel of -kernel", NULL},
	{"boot", "once", "", "the guest boots the kernel of -kernel", NULL},
	{"boot", "splash*", "", FIRMWARE " to show a picture", NULL},
	{"boot", "reboot-timeout", "", FIRMWARE " that could fail to boot",
	 NULL},

	{"overcommit", "mem-lock", "off",
	 "memory is pinned when devices are lent, and not locked otherwise",
	 NULL},
	{"overcommit", "cpu-pm", "off",
	 "the guest's idle processors return to the host", NULL},

	{"msg", "timestamp", "off", "messages have no time stamp", NULL},
	{"msg", "guest-name", "off", "messages have no guest name", NULL},

	{"action", "reboot", "reset", "-no-reboot ends the run at a reboot",
	 "use -no-reboot"},
	{"action", "shutdown", "poweroff",
	 "the run ends when the guest powers off: there is no monitor", NULL},
	{"action", "panic", "none",
	 "the guest's panic is not reported to the host; its kernel reboots "
	 "with panic=SECONDS in -append",
	 NULL},
	{"action", "watchdog", "reset|none", "there is no emulated watchdog",
	 NULL},

	{"run-with", "async-teardown", "on|off", "", NULL},
	{"run-with", "chroot", "", "the root directory is not changed",
	 "start lend run with chroot(8) or systemd-run"},
	{"run-with", "user", "*", "", NULL},
	{"run-with", "exit-with-parent", "off",
	 "the run does not follow its parent",
	 "start lend run with setpriv --pdeathsig=TERM"},

	{"audiodev", "driver", "none", "emulated sound cards are unsupported",
	 "lend a sound card: -device vfio-pci,host=..."},
	{"audiodev", "*", "*", "", NULL},

	{"display", "type", "none", "there is no display",
	 "use -display none, and -append console=ttyS0"},
	{"display", "*", "*", "", NULL},
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

/* The property that the first word of an option is a value of. */
static const struct {
	const char *option;
	const char *property;
} implied[] = {
	{"machine", "type"},  {"rtc", NULL},          {"boot", "order"},
	{"overcommit", NULL}, {"msg", NULL},          {"action", NULL},
	{"run-with", NULL},   {"audiodev", "driver"}, {"display", "type"},
};

enum { OPTIONS = sizeof(implied) / sizeof(implied[0]) };

static bool keys_is_name(const char *known, const char *name)
{
	size_t length = strlen(known);

	if (length && known[length - 1] == '*')
		return !strncmp(known, name, length - 1);
	return !strcmp(known, name);
}

bool run_keys_is_listed(const char *list, const char *value)
{
	size_t length = strlen(value);

	while (*list) {
		size_t one = strcspn(list, "|");
		bool any = one && list[one - 1] == '*';

		if (any ? !strncmp(list, value, one - 1)
			: one == length && !memcmp(list, value, one))
			return true;
		list += one + (list[one] == '|');
	}
	return false;
}

struct keys_check {
	struct run_refusals *refusals;
	struct lend_ctx *ctx;
	const char *option;
};

/* The words of a switch, as the one that tables have. */
static const char *keys_plain(const char *value)
{
	if (run_keys_is_listed("yes|true|y", value))
		return "on";
	return run_keys_is_listed("no|false|n", value) ? "off" : value;
}

static int keys_refuse_unknown(struct keys_check *check, const char *name)
{
	const char *names[KEYS];
	unsigned int count = 0;
	const char *nearest;

	for (unsigned int i = 0; i < KEYS; i++)
		if (!strcmp(keys[i].option, check->option))
			names[count++] = keys[i].name;
	nearest = lend_nearest(name, names, count);
	lend_error_set(check->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-%s %s=: unsupported property", check->option, name);
	if (nearest)
		lend_error_remedy(check->ctx, "%s= is the nearest", nearest);
	else
		lend_error_remedy(check->ctx, "remove %s=", name);
	return run_refusals_take(check->refusals, check->ctx);
}

static int keys_check_one(void *opaque, const char *name, const char *value)
{
	struct keys_check *check = opaque;
	const struct run_key *key = keys;
	const char *typed = value ? value : "on";

	while (key < keys + KEYS && (strcmp(key->option, check->option) ||
				     !keys_is_name(key->name, name)))
		key++;
	if (key == keys + KEYS)
		return keys_refuse_unknown(check, name);
	if (run_keys_is_listed(key->same, keys_plain(typed)))
		return 0;
	if (!key->remedy)
		return run_refusals_note(check->refusals, check->ctx,
					 "-%s %s=%s is ignored: %s",
					 check->option, name, typed, key->why);
	lend_error_set(check->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-%s %s=%s: %s", check->option, name, typed, key->why);
	lend_error_remedy(check->ctx, "%s", key->remedy);
	return run_refusals_take(check->refusals, check->ctx);
}

int run_keys_check(struct run_refusals *refusals, struct lend_ctx *ctx,
		   const char *option, const char *text)
{
	struct keys_check check = {refusals, ctx, option};

	for (unsigned int i = 0; i < OPTIONS; i++) {
		int err;

		if (strcmp(implied[i].option, option))
			continue;
		err = run_words_each(ctx, option, text, implied[i].property,
				     keys_check_one, &check);
		/* The text itself is invalid. */
		return err == -EINVAL ? run_refusals_take(refusals, ctx) : err;
	}
	return -ENOENT;
}
