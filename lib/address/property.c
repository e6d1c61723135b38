// SPDX-License-Identifier: MIT
// The front ends of `-device`, and the properties of each.

#include <stddef.h>
#include <string.h>

#include <lend/spec.h>
#include <lend/text.h>

#include "lib/address/property.h"
#include "lib/address/value.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* More than the longest table: the names are searched for the nearest. */
enum { NAMES_MAX = 80 };

/* QEMU's, plus mdev=, x-no-mmap-bars=, x-p2p=, x-no-iommu-unsafe-dma= and
 * dt-*=. A machine says which of them it supports by
 * lend_spec_check_known(). */
static const struct property vfio_pci[] = {
	{"host", value_check_pci_host, PROPERTY_DEVICE},
	{"sysfsdev", value_check_path, PROPERTY_DEVICE},
	{"mdev", value_check_uuid, PROPERTY_DEVICE},
	{"fd", value_check_number, PROPERTY_DEVICE},
	{"iommufd", value_check_id, 0},
	{"vf-token", value_check_uuid, 0},
	{"id", value_check_id, 0},
	{"bus", value_check_id, 0},
	{"addr", value_check_slot, 0},
	{"multifunction", value_check_switch, PROPERTY_SWITCH},
	{"bootindex", value_check_index, 0},
	{"rombar", value_check_rombar, 0},
	{"romfile", value_check_file, 0},
	{"romsize", value_check_size, 0},
	{"acpi-index", value_check_number, 0},
	{"failover_pair_id", value_check_id, 0},
	{"display", value_check_auto, 0},
	{"xres", value_check_number, 0},
	{"yres", value_check_number, 0},
	{"enable-migration", value_check_auto, 0},
	{"migration-events", value_check_switch, PROPERTY_SWITCH},
	{"skip-vsc-check", value_check_switch, PROPERTY_SWITCH},
	{"ats", value_check_auto, 0},
	{"x-no-mmap", value_check_switch, PROPERTY_SWITCH},
	{"x-no-mmap-bars", value_check_bars, 0},
	{"x-p2p", value_check_switch, PROPERTY_SWITCH},
	{"x-no-iommu-unsafe-dma", value_check_switch, PROPERTY_SWITCH},
	{"x-no-kvm-intx", value_check_switch, PROPERTY_SWITCH},
	{"x-no-kvm-msi", value_check_switch, PROPERTY_SWITCH},
	{"x-no-kvm-msix", value_check_switch, PROPERTY_SWITCH},
	{"x-intx-mmap-timeout-ms", value_check_number, 0},
	{"x-req", value_check_switch, PROPERTY_SWITCH},
	{"x-vga", value_check_switch, PROPERTY_SWITCH},
	{"x-pci-vendor-id", value_check_pci_id, 0},
	{"x-pci-device-id", value_check_pci_id, 0},
	{"x-pci-sub-vendor-id", value_check_pci_id, 0},
	{"x-pci-sub-device-id", value_check_pci_id, 0},
	{"x-pci-class-code", value_check_pci_class, 0},
	{"x-msix-relocation", value_check_relocation, 0},
	{"x-no-kvm-ioeventfd", value_check_switch, PROPERTY_SWITCH},
	{"x-no-vfio-ioeventfd", value_check_switch, PROPERTY_SWITCH},
	{"x-no-geforce-quirks", value_check_switch, PROPERTY_SWITCH},
	{"x-nv-gpudirect-clique", value_check_clique, 0},
	{"x-igd-opregion", value_check_switch, PROPERTY_SWITCH},
	{"x-igd-lpc", value_check_switch, PROPERTY_SWITCH},
	{"x-igd-gms", value_check_size, 0},
	{"x-igd-legacy-mode", value_check_auto, 0},
	{"x-balloon-allowed", value_check_switch, PROPERTY_SWITCH},
	{"x-pre-copy-dirty-page-tracking", value_check_switch, PROPERTY_SWITCH},
	{"x-device-dirty-page-tracking", value_check_switch, PROPERTY_SWITCH},
	{"x-migration-multifd-transfer", value_check_auto, 0},
	{"x-migration-load-config-after-iter", value_check_auto, 0},
	{"x-migration-max-queued-buffers-size", value_check_size, 0},
	{"x-vpasid-cap-offset", value_check_size, 0},
};

static const struct property vfio_platform[] = {
	{"host", value_check_platform_host, PROPERTY_DEVICE},
	{"sysfsdev", value_check_path, PROPERTY_DEVICE},
	{"mdev", value_check_uuid, PROPERTY_DEVICE},
	{"fd", value_check_number, PROPERTY_DEVICE},
	{"iommufd", value_check_id, 0},
	{"id", value_check_id, 0},
	{"mmap-timeout-ms", value_check_number, 0},
	{"x-no-mmap", value_check_switch, PROPERTY_SWITCH},
	{"x-irqfd", value_check_switch, PROPERTY_SWITCH},
	{"dt-drop", value_check_names, PROPERTY_LIST},
	{"dt-number", value_check_names, PROPERTY_LIST},
	{"dt-overlay", value_check_path, 0},
	{"dt-keep-address", value_check_switch, PROPERTY_SWITCH},
};

/* Without firmware, all after hotplug have no effect: the guest's kernel sizes
 * the windows, and the link is that of the lent device below. */
static const struct property pcie_root_port[] = {
	{"id", value_check_id, 0},
	{"bus", value_check_id, 0},
	{"addr", value_check_slot, 0},
	{"multifunction", value_check_switch, PROPERTY_SWITCH},
	{"port", value_check_byte, 0},
	{"chassis", value_check_byte, 0},
	{"slot", value_check_byte, 0},
	{"hotplug", value_check_switch, PROPERTY_SWITCH},
	{"bus-reserve", value_check_size, 0},
	{"io-reserve", value_check_bytes, 0},
	{"mem-reserve", value_check_bytes, 0},
	{"pref32-reserve", value_check_bytes, 0},
	{"pref64-reserve", value_check_bytes, 0},
	{"x-speed", value_check_speed, 0},
	{"x-width", value_check_width, 0},
	{"aer_log_max", value_check_size, 0},
	{"disable-acs", value_check_switch, PROPERTY_SWITCH},
	{"power_controller_present", value_check_switch, PROPERTY_SWITCH},
};

/* Other names of QEMU's. */
static const struct {
	const char *alias;
	const char *name;
} aliases[] = {
	{"vfio-pci-nohotplug",
	 "vfio-pci"}, /* a host that wants it back gets it */
	{"ioh3420", "pcie-root-port"},
};

#define PLATFORM_EXAMPLE "host=fff51000.ethernet"

/* QEMU has the socket as an object, of which JSON alone can have one. */
static const struct property vfio_user_pci[] = {
	{"socket", value_check_path, PROPERTY_DEVICE},
	{"socket.path", value_check_path, PROPERTY_DEVICE},
	{"socket.type", value_check_unix, 0},
	{"id", value_check_id, 0},
	{"bus", value_check_id, 0},
	{"addr", value_check_slot, 0},
	{"multifunction", value_check_switch, PROPERTY_SWITCH},
	{"rombar", value_check_rombar, 0},
	{"romfile", value_check_file, 0},
	{"romsize", value_check_size, 0},
	{"x-no-mmap", value_check_switch, PROPERTY_SWITCH},
	{"x-no-mmap-bars", value_check_bars, 0},
	{"x-no-kvm-intx", value_check_switch, PROPERTY_SWITCH},
	{"x-no-kvm-msi", value_check_switch, PROPERTY_SWITCH},
	{"x-no-kvm-msix", value_check_switch, PROPERTY_SWITCH},
	{"x-pci-vendor-id", value_check_pci_id, 0},
	{"x-pci-device-id", value_check_pci_id, 0},
	{"x-pci-sub-vendor-id", value_check_pci_id, 0},
	{"x-pci-sub-device-id", value_check_pci_id, 0},
	{"x-pci-class-code", value_check_pci_class, 0},
};

static const struct front_end front_ends[] = {
	{"vfio-pci", LEND_BUS_PCI,
	 "host=0000:02:00.0 or sysfsdev=/sys/bus/pci/devices/0000:02:00.0",
	 vfio_pci, COUNT(vfio_pci)},
	{"vfio-platform", LEND_BUS_PLATFORM, PLATFORM_EXAMPLE, vfio_platform,
	 COUNT(vfio_platform)},
	{"vfio-amd-xgbe", LEND_BUS_PLATFORM, PLATFORM_EXAMPLE, vfio_platform,
	 COUNT(vfio_platform)},
	{"vfio-calxeda-xgmac", LEND_BUS_PLATFORM, PLATFORM_EXAMPLE,
	 vfio_platform, COUNT(vfio_platform)},
	{"vfio-user-pci", LEND_BUS_PCI, "socket=/run/device.sock",
	 vfio_user_pci, COUNT(vfio_user_pci)},
	/* Emulated by the machine. */
	{"pcie-root-port", LEND_BUS_PCI, NULL, pcie_root_port,
	 COUNT(pcie_root_port)},
};

_Static_assert(COUNT(front_ends) <= NAMES_MAX && COUNT(vfio_pci) <= NAMES_MAX &&
		       COUNT(vfio_platform) <= NAMES_MAX,
	       "the nearest name is looked for among NAMES_MAX");

const struct front_end *front_end_find(const char *name, const char **nearest)
{
	const char *names[NAMES_MAX];

	for (unsigned int i = 0; i < COUNT(aliases); i++)
		if (!strcmp(name, aliases[i].alias))
			name = aliases[i].name;
	for (unsigned int i = 0; i < COUNT(front_ends); i++) {
		if (!strcmp(name, front_ends[i].name))
			return &front_ends[i];
		names[i] = front_ends[i].name;
	}
	*nearest = lend_nearest(name, names, COUNT(front_ends));
	return NULL;
}

const struct property *property_find(const struct front_end *front_end,
				     const char *name, const char **nearest)
{
	const char *names[NAMES_MAX];

	for (unsigned int i = 0; i < front_end->count; i++) {
		if (!strcmp(name, front_end->properties[i].name))
			return &front_end->properties[i];
		names[i] = front_end->properties[i].name;
	}
	*nearest = lend_nearest(name, names, front_end->count);
	return NULL;
}

const char *lend_spec_known(const char *driver, unsigned int index)
{
	const struct front_end *front_end;
	const char *ignored;

	if (!driver)
		return index < COUNT(front_ends) ? front_ends[index].name
						 : NULL;
	front_end = front_end_find(driver, &ignored);
	return front_end && index < front_end->count
		       ? front_end->properties[index].name
		       : NULL;
}
