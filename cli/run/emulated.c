// SPDX-License-Identifier: MIT
// Refuses the emulated devices of QEMU, each with the nearest replacement.

#include <errno.h>
#include <stdlib.h>

#include <lend/error.h>

#include "cli/run/emulated.h"
#include "cli/run/keys.h"
#include "cli/run/words.h"

/* The first entry that lists a driver counts. */
static const struct {
	const char *drivers; /* as run_keys_is_listed() takes them */
	const char *why;
	const char *remedy;
} emulated[] = {
	{"virtio-net*|e1000*|rtl8139|igb|vmxnet3|ne2k*|pcnet|i8255*|i8280*|"
	 "tulip|usb-net|vhost-user-net",
	 "emulated network cards are unsupported",
	 "lend a network card, or a virtual function of one: -device "
	 "vfio-pci,host=..."},
	{"virtio-blk*|virtio-scsi*|vhost-scsi*|vhost-user-blk*|vhost-user-scsi*"
	 "|scsi-*|ide-*|ich9-ahci|ahci|nvme*|lsi*|megasas*|mptsas*|pvscsi|"
	 "am53c974|dc390|sd-card|sdhci*|isa-fdc|floppy|usb-storage|usb-uas|usb-"
	 "bot",
	 "emulated disks are unsupported",
	 "lend a disk controller: -device vfio-pci,host=..."},
	{"qemu-xhci|nec-usb-xhci|ich9-usb-*|piix3-usb-*|piix4-usb-*|usb-*|pci-"
	 "ohci",
	 "emulated USB controllers and devices are unsupported",
	 "lend a USB controller: -device vfio-pci,host=..."},
	{"VGA|secondary-vga|qxl*|cirrus-vga|isa-vga|virtio-gpu*|virtio-vga*|"
	 "vhost-user-gpu*|vhost-user-vga|vmware-svga|ramfb|bochs-display|ati-"
	 "vga",
	 "emulated graphics cards are unsupported",
	 "lend a graphics card, or use the serial console: -append "
	 "console=ttyS0"},
	{"intel-hda|ich9-intel-hda|hda-*|AC97|ES1370|sb16|virtio-sound*",
	 "emulated sound cards are unsupported",
	 "lend a sound card: -device vfio-pci,host=..."},
	{"isa-serial|pci-serial*|virtio-serial*|virtconsole|virtserialport|isa-"
	 "parallel|isa-debugcon",
	 "the only serial port is standard input and output",
	 "remove it; redirect standard input and output in the shell"},
	{"intel-iommu|amd-iommu|virtio-iommu*|arm-smmuv3",
	 "the guest has no IOMMU", "remove it"},
	{"virtio-9p*|vhost-user-fs*", "directories cannot be shared",
	 "mount it in the guest by NFS, over a lent network card"},
	{"vhost-vsock*|vhost-user-vsock*",
	 "there are no sockets between guest and host",
	 "use TCP over a lent network card"},
	{"pc-dimm|nvdimm|virtio-mem*|virtio-pmem*",
	 "memory cannot be added to a running guest", "give all of it with -m"},
	{"pci-bridge*|pcie-pci-bridge|i82801b11-bridge|pxb*|x3130-upstream|"
	 "xio3130-downstream",
	 "of buses, only those of root ports are supported",
	 "put the device on the root bus, bus=pcie.0, or below a -device "
	 "pcie-root-port,id=ID"},
	{"tpm-*", "emulated TPMs are unsupported", "remove it"},
	{"virtio-*|vhost-*|pvpanic*|vmcoreinfo|vmgenid|vmclock|i6300esb|ib700|"
	 "isa-debug-exit|ivshmem*|edu|pci-testdev",
	 "emulated devices are unsupported",
	 "remove it, or lend a host device: -device vfio-pci,host=..."},
};

int run_emulated_check(struct lend_ctx *ctx, const char *text)
{
	char *driver = run_words_get(ctx, text, "driver", "driver");
	int err = 0;

	for (size_t i = 0;
	     driver && !err && i < sizeof(emulated) / sizeof(emulated[0]);
	     i++) {
		if (!run_keys_is_listed(emulated[i].drivers, driver))
			continue;
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "-device %s: %s", driver, emulated[i].why);
		err = lend_error_remedy(ctx, "%s", emulated[i].remedy);
	}
	free(driver);
	return err;
}
