// SPDX-License-Identifier: MIT
// QEMU's other options: accepts those that ask for what happens anyway, and
// gives a reason for refusing the rest.

#include <errno.h>
#include <string.h>

#include "cli/run/foreign.h"

/* Reasons are shared by many options. */
enum reason {
	EMULATED,
	FIRMWARE,
	MACHINE,
	CONSOLE,
	MONITOR,
	DISPLAY,
	PROCESS,
	CLOCK,
};

static const struct {
	const char *why;
	const char *remedy;
} reasons[] = {
	[EMULATED] = {"emulated devices are unsupported",
		      "lend a host device with -device"},
	[FIRMWARE] = {"there is no firmware; the kernel is booted directly",
		      "use -kernel"},
	[MACHINE] = {"there is only one machine type, on KVM",
		     "remove the option"},
	[CONSOLE] = {"the only serial port is this terminal",
		     "redirect standard input and output in the shell"},
	[MONITOR] = {"there is no monitor", "end the run with Ctrl-a x"},
	[DISPLAY] = {"there is no display",
		     "use the serial console: -append console=ttyS0"},
	[PROCESS] = {"lend run stays in the foreground",
		     "start it with systemd-run"},
	[CLOCK] = {"the guest uses the host's clock", "remove the option"},
};

/*
 * An option without @grants is refused. "" means that it takes no value and is
 * accepted; otherwise @grants lists the accepted values, separated by '|'.
 */
static const struct foreign {
	const char *name;
	const char *grants;
	enum reason reason;
} foreign[] = {
	{"nographic", "", DISPLAY},
	{"nodefaults", "", MACHINE},
	{"no-user-config", "", MACHINE},
	{"enable-kvm", "", MACHINE},
	{"accel", "kvm", MACHINE},
	{"M", "accel=kvm", MACHINE},
	{"machine", "accel=kvm", MACHINE},
	{"serial", "stdio|mon:stdio", CONSOLE},
	{"parallel", "none", CONSOLE},
	{"monitor", "none", MONITOR},
	{"display", "none", DISPLAY},
	{"vga", "none", DISPLAY},
	{"net", "none", EMULATED},
	{"nic", "none", EMULATED},

	{"drive", NULL, EMULATED},
	{"blockdev", NULL, EMULATED},
	{"hda", NULL, EMULATED},
	{"hdb", NULL, EMULATED},
	{"cdrom", NULL, EMULATED},
	{"netdev", NULL, EMULATED},
	{"usb", NULL, EMULATED},
	{"usbdevice", NULL, EMULATED},
	{"audio", NULL, EMULATED},
	{"audiodev", NULL, EMULATED},
	{"watchdog-action", NULL, EMULATED},
	{"virtfs", NULL, EMULATED},
	{"fsdev", NULL, EMULATED},
	{"tpmdev", NULL, EMULATED},
	{"bios", NULL, FIRMWARE},
	{"boot", NULL, FIRMWARE},
	{"pflash", NULL, FIRMWARE},
	{"option-rom", NULL, FIRMWARE},
	{"fw_cfg", NULL, FIRMWARE},
	{"smbios", NULL, FIRMWARE},
	{"acpitable", NULL, FIRMWARE},
	{"dtb", NULL, FIRMWARE},
	{"no-acpi", NULL, MACHINE},
	{"no-hpet", NULL, MACHINE},
	{"numa", NULL, MACHINE},
	{"global", NULL, MACHINE},
	{"chardev", NULL, CONSOLE},
	{"mon", NULL, MONITOR},
	{"qmp", NULL, MONITOR},
	{"gdb", NULL, MONITOR},
	{"s", NULL, MONITOR},
	{"S", NULL, MONITOR},
	{"incoming", NULL, MONITOR},
	{"loadvm", NULL, MONITOR},
	{"snapshot", NULL, EMULATED},
	{"no-shutdown", NULL, PROCESS},
	{"daemonize", NULL, PROCESS},
	{"pidfile", NULL, PROCESS},
	{"runas", NULL, PROCESS},
	{"sandbox", NULL, PROCESS},
	{"action", NULL, PROCESS},
	{"rtc", NULL, CLOCK},
	{"icount", NULL, CLOCK},
	{"vnc", NULL, DISPLAY},
	{"spice", NULL, DISPLAY},
	{"curses", NULL, DISPLAY},
};

static bool foreign_is_granted(const char *grants, const char *value)
{
	size_t length = strlen(value);

	while (*grants) {
		size_t one = strcspn(grants, "|");

		if (one == length && !memcmp(grants, value, one))
			return true;
		grants += one + (grants[one] == '|');
	}
	return false;
}

static int foreign_refuse(struct lend_ctx *ctx, const struct foreign *f,
			  const char *value)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL, "-%s%s%s: %s",
		       f->name, value ? " " : "", value ? value : "",
		       reasons[f->reason].why);
	return lend_error_remedy(ctx, "%s", reasons[f->reason].remedy);
}

int run_foreign(struct cli *cli, const char *name, const char *next)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		const struct foreign *f = &foreign[i];

		if (strcmp(f->name, name))
			continue;
		if (!f->grants)
			return foreign_refuse(cli->ctx, f, NULL);
		if (!*f->grants)
			return 0;
		return next && foreign_is_granted(f->grants, next)
			       ? 1
			       : foreign_refuse(cli->ctx, f, next);
	}
	return -ENOENT;
}
