// SPDX-License-Identifier: MIT
// The options of QEMU that `lend run` does not have.

#include <stddef.h>
#include <string.h>

#include "cli/run/foreign-table.h"

/* Reasons and remedies that several options share. */
#define DISK                                                                   \
	"emulated disks are unsupported",                                      \
		"lend a disk controller: -device vfio-pci,host=..."
#define NETWORK                                                                \
	"emulated network cards are unsupported",                              \
		"lend a network card, or a virtual function of one: -device "  \
		"vfio-pci,host=..."
#define SOUND                                                                  \
	"emulated sound cards are unsupported",                                \
		"lend a sound card: -device vfio-pci,host=..."
#define USB                                                                    \
	"emulated USB controllers are unsupported",                            \
		"lend a USB controller: -device vfio-pci,host=..."
#define DISPLAY                                                                \
	"there is no display", "use the serial console: -append console=ttyS0"
#define FIRMWARE                                                               \
	"there is no firmware; the kernel is booted directly", "use -kernel"
#define MONITOR                                                                \
	"there is no monitor for people", "end the run with Ctrl-a x, or "     \
					  "control it by -qmp and lend ctl"
#define MIGRATION "migration is unsupported", "remove it"
#define EMULATED_CPU                                                           \
	"the guest runs on KVM, not on an emulated processor", "remove it"
#define XEN    "the guest runs on KVM, not on Xen", "remove it"
#define REMOVE "remove it"

static const struct foreign foreign[] = {
	{"nographic", false, "", "", NULL},
	{"nodefaults", false, "", "", NULL},
	{"no-user-config", false, "", "", NULL},
	{"nodefconfig", false, "", "", NULL},
	{"enable-kvm", false, "", "", NULL},
	{"no-hpet", false, "", "", NULL},
	{"no-fd-bootchk", false, "", "", NULL},
	{"async-teardown", false, "", "", NULL},
	{"compat", true, "*", "it requires a value", NULL},
	{"accel", true, "kvm", "there is only one machine type, on KVM",
	 "use -accel kvm"},
	{"machine", true, "", "there is only one machine type, on KVM",
	 "give a value: -machine q35"},
	{"M", true, "", "there is only one machine type, on KVM",
	 "give a value: -M q35"},
	{"rtc", true, "", "it requires a value", "use -rtc base=utc"},
	{"boot", true, "", "it requires a value", "use -boot strict=on"},
	{"overcommit", true, "", "it requires a value",
	 "use -overcommit mem-lock=off"},
	{"msg", true, "", "it requires a value", "use -msg timestamp=off"},
	{"action", true, "", "it requires a value",
	 "use -action shutdown=poweroff"},
	{"uuid", true, NULL,
	 "the guest has no SMBIOS tables, which would have it", NULL},
	{"no-shutdown", false, NULL, "the run ends when the guest powers off",
	 NULL},
	{"k", true, NULL, "there is no emulated keyboard", NULL},
	{"seed", true, NULL,
	 "the guest gets no random numbers from this process", NULL},
	{"L", true, NULL, "there is no firmware to look for", NULL},
	{"watchdog-action", true, NULL, "there is no emulated watchdog", NULL},
	{"serial", true, "stdio|mon:stdio",
	 "the only serial port is this terminal",
	 "redirect standard input and output in the shell"},
	{"parallel", true, "none", "there is no parallel port",
	 "use -parallel none"},
	{"monitor", true, "none", MONITOR},
	{"qmp-pretty", true, "none", "answers come on one line each",
	 "use -qmp unix:PATH"},
	{"mon", true, NULL,
	 "there is no monitor that a character device could be connected to",
	 "use -qmp unix:PATH; or end the run with Ctrl-a x or SIGTERM"},
	{"chardev", true, NULL,
	 "character devices are unsupported: the only serial port is standard "
	 "input and output",
	 "remove it; redirect standard input and output in the shell"},
	{"debugcon", true, NULL, "there is no debug port",
	 "use the serial console"},
	{"echr", true, NULL, "the escape character is Ctrl-a", REMOVE},
	{"S", false, NULL, "the guest starts at once",
	 "remove it; lend ctl NAME stop stops a guest that runs"},
	{"preconfig", false, NULL,
	 "there is no monitor to configure the machine from",
	 "give all options as arguments"},
	{"gdb", true, NULL, "there is no gdb server",
	 "debug a guest kernel through its own kgdb on the serial console"},
	{"s", false, NULL, "there is no gdb server",
	 "debug a guest kernel through its own kgdb on the serial console"},
	{"display", true, "none", DISPLAY},
	{"vga", true, "none", DISPLAY},
	{"vnc", true, "none", DISPLAY},
	{"spice", true, NULL, DISPLAY},
	{"curses", false, NULL,
	 "there is no display; the serial console is on this terminal", REMOVE},
	{"sdl", false, NULL, DISPLAY},
	{"full-screen", false, NULL, DISPLAY},
	{"g", true, NULL, DISPLAY},
	{"net", true, "none", NETWORK},
	{"nic", true, "none", NETWORK},
	{"netdev", true, NULL, NETWORK},
	{"drive", true, NULL, DISK},
	{"blockdev", true, NULL, DISK},
	{"hda", true, NULL, DISK},
	{"hdb", true, NULL, DISK},
	{"hdc", true, NULL, DISK},
	{"hdd", true, NULL, DISK},
	{"sd", true, NULL, DISK},
	{"mtdblock", true, NULL, DISK},
	{"cdrom", true, NULL, "emulated disks are unsupported",
	 "lend a disk controller, or put the files into the initrd"},
	{"fda", true, NULL, "emulated floppy disks are unsupported",
	 "put the files into the initrd"},
	{"fdb", true, NULL, "emulated floppy disks are unsupported",
	 "put the files into the initrd"},
	{"snapshot", false, NULL,
	 "there are no disk images; writes to a lent disk are permanent",
	 REMOVE},
	{"iscsi", true, NULL, "there are no disk images",
	 "use iSCSI in the guest, over a lent network card"},
	{"virtfs", true, NULL, "directories cannot be shared",
	 "mount it in the guest by NFS, over a lent network card"},
	{"fsdev", true, NULL, "directories cannot be shared",
	 "mount it in the guest by NFS, over a lent network card"},
	{"usb", false, NULL, USB},
	{"usbdevice", true, NULL, USB},
	{"audio", true, "none", SOUND},
	{"audiodev", true, "none", SOUND},
	{"soundhw", true, NULL, SOUND},
	{"tpmdev", true, NULL, "emulated TPMs are unsupported", REMOVE},
	{"watchdog", true, NULL, "emulated watchdogs are unsupported", REMOVE},
	{"balloon", true, "none",
	 "emulated devices are unsupported: there is no balloon", REMOVE},
	{"win2k-hack", false, NULL, "emulated disks are unsupported", REMOVE},
	{"bios", true, NULL, FIRMWARE},
	{"pflash", true, NULL, FIRMWARE},
	{"shim", true, NULL, "there is no EFI",
	 "boot the kernel alone: -kernel"},
	{"option-rom", true, NULL, "ROMs belong to devices",
	 "use romfile=FILE of a -device"},
	{"fw_cfg", true, NULL, "there is no firmware configuration device",
	 "pass files in the initrd and words in -append"},
	{"smbios", true, NULL, "the guest has no SMBIOS tables",
	 "pass words to the guest in -append"},
	{"acpitable", true, NULL, "the guest's ACPI tables are generated",
	 "put the table into the initrd: kernel/firmware/acpi/"},
	{"dtb", true, NULL, "the guest's device tree is generated",
	 "change it with dt-overlay= of a platform device"},
	{"no-acpi", false, NULL, "ACPI describes the guest's hardware",
	 "use acpi=off in -append"},
	{"prom-env", true, NULL, FIRMWARE},
	{"numa", true, NULL, "the guest has one NUMA node",
	 "remove it; start lend run with numactl(8) to place its memory"},
	{"set", true, NULL,
	 "options have no groups that could be changed later",
	 "write the property into the -device string"},
	{"readconfig", true, NULL,
	 "options are read from the command line alone",
	 "give the options of the file as arguments"},
	{"writeconfig", true, NULL,
	 "options are read from the command line alone", REMOVE},
	{"add-fd", true, NULL, "there are no sets of descriptors",
	 "use fd=NUMBER of -device and -object iommufd"},
	{"icount", true, NULL,
	 "the guest runs on KVM, which counts no instructions", REMOVE},
	{"old-param", false, NULL, "the guest gets no parameters of that kind",
	 REMOVE},
	{"semihosting", false, NULL, "semihosting is unsupported",
	 "use the serial console"},
	{"semihosting-config", true, NULL, "semihosting is unsupported",
	 "use the serial console"},
	{"xen-domid", true, NULL, XEN},
	{"xen-attach", false, NULL, XEN},
	{"xen-domid-restrict", false, NULL, XEN},
	{"incoming", true, NULL, MIGRATION},
	{"loadvm", true, NULL, "there are no snapshots of machines", REMOVE},
	{"only-migratable", false, NULL, MIGRATION},
	{"dump-vmstate", true, NULL, MIGRATION},
	{"daemonize", false, NULL, "lend run stays in the foreground",
	 "start it with systemd-run"},
	{"pidfile", true, NULL, "lend run writes no PID file",
	 "start it from a shell: lend run ... & echo $! > FILE"},
	{"chroot", true, NULL, "the root directory is not changed",
	 "start lend run with chroot(8) or systemd-run"},
	{"qtest", true, NULL, "there is no test interface", REMOVE},
	{"qtest-log", true, NULL, "there is no test interface", REMOVE},
	{"d", true, NULL,
	 "there is no log of emulated code: the guest runs on KVM",
	 "use -v -v, or trace KVM with perf kvm stat"},
	{"dfilter", true, NULL,
	 "there is no log of emulated code: the guest runs on KVM", REMOVE},
	{"D", true, NULL, "messages go to standard error",
	 "redirect it in the shell: 2>FILE"},
	{"trace", true, NULL, "lend run has no trace points",
	 "use -v -v, or trace the kernel: perf trace -e kvm:*,vfio:*"},
	{"plugin", true, NULL, EMULATED_CPU},
	{"singlestep", false, NULL, EMULATED_CPU},
	{"one-insn-per-tb", false, NULL, EMULATED_CPU},
	{"tb-size", true, NULL, EMULATED_CPU},
	{"perfmap", false, NULL, "no code is generated that could be profiled",
	 "use perf kvm"},
	{"jitdump", false, NULL, "no code is generated that could be profiled",
	 "use perf kvm"},
	{"enable-sync-profile", false, NULL, "locks are not profiled",
	 "use perf lock"},
	{"version", false, NULL, "lend run has the version of lend",
	 "use lend --version"},
	{"global", true, NULL, "properties have no global defaults",
	 "write the property into each -device string"},
};

const struct foreign *foreign_find(const char *name)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		if (!strcmp(foreign[i].name, name))
			return &foreign[i];
	return NULL;
}
