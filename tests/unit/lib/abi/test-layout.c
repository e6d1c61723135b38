// SPDX-License-Identifier: MIT
// Structures and numbers that programs compile in are those of release 0.1.
//
// A failure here is a change of the ABI. Where a structure grew as lend.h
// allows, add lines for its new members and change its ENDS; never change a
// line that a release had.

#include <stddef.h>

#include <lend/lend.h>

#define AT(type, member, offset, bytes)                                        \
	_Static_assert(offsetof(struct type, member) == (offset) &&            \
			       sizeof(((struct type *)0)->member) == (bytes),  \
		       #type "." #member " is not where programs have it")
#define ENDS(type, bytes)                                                      \
	_Static_assert(sizeof(struct type) == (bytes),                         \
		       #type " has another size than programs have")
#define IS(name, number)                                                       \
	_Static_assert((name) == (number),                                     \
		       #name " is another number than programs have")

#if __SIZEOF_POINTER__ == 8

/* Structures with a size. No byte between members or at the end is left to the
 * compiler: a later member there would be garbage in an older program. */
AT(lend_ctx_options, size, 0, 8);
AT(lend_ctx_options, sysfs, 8, 8);
AT(lend_ctx_options, dev, 16, 8);
AT(lend_ctx_options, proc, 24, 8);
AT(lend_ctx_options, state, 32, 8);
AT(lend_ctx_options, log, 40, 8);
AT(lend_ctx_options, log_opaque, 48, 8);
AT(lend_ctx_options, kernel, 56, 8);
ENDS(lend_ctx_options, 64);

AT(lend_bind_options, size, 0, 8);
AT(lend_bind_options, moved, 8, 8);
AT(lend_bind_options, opaque, 16, 8);
AT(lend_bind_options, driver, 24, 8);
AT(lend_bind_options, dry_run, 32, 1);
AT(lend_bind_options, force, 33, 1);
AT(lend_bind_options, idle, 34, 1);
AT(lend_bind_options, unrecorded, 35, 1);
AT(lend_bind_options, reserved, 36, 4);
ENDS(lend_bind_options, 40);

AT(lend_check_options, size, 0, 8);
AT(lend_check_options, memory, 8, 8);
AT(lend_check_options, found, 16, 8);
AT(lend_check_options, opaque, 24, 8);
ENDS(lend_check_options, 32);

AT(lend_device_options, size, 0, 8);
AT(lend_device_options, vf_token, 8, 8);
AT(lend_device_options, kvm_file, 16, 8);
AT(lend_device_options, opaque, 24, 8);
ENDS(lend_device_options, 32);

AT(lend_export_options, size, 0, 8);
AT(lend_export_options, fd, 8, 4);
AT(lend_export_options, patience, 12, 4);
AT(lend_export_options, map, 16, 1);
AT(lend_export_options, reserved, 17, 7);
ENDS(lend_export_options, 24);

AT(lend_function_options, size, 0, 8);
AT(lend_function_options, bars, 8, 96);
AT(lend_function_options, vendor, 104, 2);
AT(lend_function_options, device, 106, 2);
AT(lend_function_options, subvendor, 108, 2);
AT(lend_function_options, subsystem, 110, 2);
AT(lend_function_options, class_code, 112, 4);
AT(lend_function_options, msi, 116, 2);
AT(lend_function_options, msix, 118, 2);
AT(lend_function_options, revision, 120, 1);
AT(lend_function_options, msix_bar, 121, 1);
AT(lend_function_options, intx, 122, 1);
AT(lend_function_options, reserved, 123, 5);
AT(lend_function_options, msix_table, 128, 4);
AT(lend_function_options, msix_pba, 132, 4);
ENDS(lend_function_options, 136);

AT(lend_iommu_options, size, 0, 8);
AT(lend_iommu_options, backend, 8, 4);
AT(lend_iommu_options, iommufd, 12, 4);
ENDS(lend_iommu_options, 16);

AT(lend_kvm_options, size, 0, 8);
AT(lend_kvm_options, slot, 8, 8);
AT(lend_kvm_options, gsi, 16, 8);
AT(lend_kvm_options, opaque, 24, 8);
AT(lend_kvm_options, routes, 32, 8);
AT(lend_kvm_options, route_count, 40, 4);
AT(lend_kvm_options, reserved, 44, 4);
ENDS(lend_kvm_options, 48);

AT(lend_kvm_pci_options, size, 0, 8);
AT(lend_kvm_pci_options, pci, 8, 8);
AT(lend_kvm_pci_options, bar_place, 16, 8);
AT(lend_kvm_pci_options, bar_drop, 24, 8);
AT(lend_kvm_pci_options, intx_gsi, 32, 8);
AT(lend_kvm_pci_options, requester, 40, 8);
AT(lend_kvm_pci_options, opaque, 48, 8);
ENDS(lend_kvm_pci_options, 56);

AT(lend_pci_message, address, 0, 8);
AT(lend_pci_message, data, 8, 4);
AT(lend_pci_message, vector, 12, 4);
ENDS(lend_pci_message, 16);

AT(lend_pci_options, size, 0, 8);
AT(lend_pci_options, rom, 8, 8);
AT(lend_pci_options, rom_size, 16, 8);
AT(lend_pci_options, rom_bar_size, 24, 8);
AT(lend_pci_options, ids, 32, 16);
AT(lend_pci_options, no_mmap_bars, 48, 4);
AT(lend_pci_options, gpudirect_clique, 52, 4);
AT(lend_pci_options, has_gpudirect_clique, 56, 1);
AT(lend_pci_options, no_mmap, 57, 1);
AT(lend_pci_options, multifunction, 58, 1);
AT(lend_pci_options, below_port, 59, 1);
AT(lend_pci_options, no_rom, 60, 1);
AT(lend_pci_options, rom_anyway, 61, 1);
AT(lend_pci_options, p2p, 62, 1);
AT(lend_pci_options, vga, 63, 1);
AT(lend_pci_options, no_nvidia_quirks, 64, 1);
AT(lend_pci_options, no_opregion, 65, 1);
AT(lend_pci_options, reserved, 66, 6);
ENDS(lend_pci_options, 72);

AT(lend_pci_ops, size, 0, 8);
AT(lend_pci_ops, bar_place, 8, 8);
AT(lend_pci_ops, bar_drop, 16, 8);
AT(lend_pci_ops, window_map, 24, 8);
AT(lend_pci_ops, window_unmap, 32, 8);
AT(lend_pci_ops, intx_connect, 40, 8);
AT(lend_pci_ops, intx_disconnect, 48, 8);
AT(lend_pci_ops, msi_connect, 56, 8);
AT(lend_pci_ops, msi_disconnect, 64, 8);
AT(lend_pci_ops, msi_release, 72, 8);
AT(lend_pci_ops, msi_expect, 80, 8);
ENDS(lend_pci_ops, 88);

AT(lend_platform_options, size, 0, 8);
AT(lend_platform_options, front_end, 8, 8);
AT(lend_platform_options, drop, 16, 8);
AT(lend_platform_options, numbers, 24, 8);
AT(lend_platform_options, overlay, 32, 8);
AT(lend_platform_options, overlay_size, 40, 8);
AT(lend_platform_options, keep_addresses, 48, 1);
AT(lend_platform_options, reserved, 49, 7);
ENDS(lend_platform_options, 56);

AT(lend_platform_place, size, 0, 8);
AT(lend_platform_place, addresses, 8, 8);
AT(lend_platform_place, spis, 16, 8);
ENDS(lend_platform_place, 24);

AT(lend_server_ops, size, 0, 8);
AT(lend_server_ops, region_read, 8, 8);
AT(lend_server_ops, region_write, 16, 8);
AT(lend_server_ops, irq_set, 24, 8);
AT(lend_server_ops, irq_unmask_fd, 32, 8);
AT(lend_server_ops, irq_act, 40, 8);
AT(lend_server_ops, irq_disable, 48, 8);
AT(lend_server_ops, dma_map, 56, 8);
AT(lend_server_ops, dma_unmap, 64, 8);
AT(lend_server_ops, reset, 72, 8);
AT(lend_server_ops, left, 80, 8);
ENDS(lend_server_ops, 88);

AT(lend_server_options, size, 0, 8);
AT(lend_server_options, name, 8, 8);
AT(lend_server_options, regions, 16, 8);
AT(lend_server_options, irqs, 24, 8);
AT(lend_server_options, region_count, 32, 4);
AT(lend_server_options, irq_count, 36, 4);
AT(lend_server_options, fd, 40, 4);
AT(lend_server_options, type, 44, 4);
AT(lend_server_options, patience, 48, 4);
AT(lend_server_options, can_reset, 52, 1);
AT(lend_server_options, reserved, 53, 3);
ENDS(lend_server_options, 56);

/* Structures that never grow: programs have arrays of them, or have them within
 * others. */
AT(lend_iova_range, first, 0, 8);
AT(lend_iova_range, last, 8, 8);
ENDS(lend_iova_range, 16);

AT(lend_area, offset, 0, 8);
AT(lend_area, size, 8, 8);
ENDS(lend_area, 16);

AT(lend_pci_capability, offset, 0, 2);
AT(lend_pci_capability, id, 2, 2);
ENDS(lend_pci_capability, 4);

AT(lend_pci_ids, given, 0, 4);
AT(lend_pci_ids, vendor, 4, 2);
AT(lend_pci_ids, device, 6, 2);
AT(lend_pci_ids, sub_vendor, 8, 2);
AT(lend_pci_ids, sub_device, 10, 2);
AT(lend_pci_ids, class_code, 12, 4);
ENDS(lend_pci_ids, 16);

AT(lend_reset_target, domain, 0, 4);
AT(lend_reset_target, bus, 4, 1);
AT(lend_reset_target, slot, 5, 1);
AT(lend_reset_target, function, 6, 1);
AT(lend_reset_target, group, 8, 4);
AT(lend_reset_target, is_ours, 12, 1);
ENDS(lend_reset_target, 16);

AT(lend_server_region, size, 0, 8);
AT(lend_server_region, offset, 8, 8);
AT(lend_server_region, areas, 16, 8);
AT(lend_server_region, area_count, 24, 4);
AT(lend_server_region, flags, 28, 4);
AT(lend_server_region, fd, 32, 4);
AT(lend_server_region, reserved, 36, 4);
ENDS(lend_server_region, 40);

AT(lend_function_bar, size, 0, 8);
AT(lend_function_bar, flags, 8, 4);
AT(lend_function_bar, reserved, 12, 4);
ENDS(lend_function_bar, 16);

AT(lend_server_irq, count, 0, 4);
AT(lend_server_irq, flags, 4, 4);
ENDS(lend_server_irq, 8);

/* Structures that the library makes, and that programs reach by a pointer: they
 * may grow at their end. */
AT(lend_error, code, 0, 4);
AT(lend_error, err, 4, 4);
AT(lend_error, device, 8, 8);
AT(lend_error, what, 16, 8);
AT(lend_error, evidence, 24, 8);
AT(lend_error, remedy, 32, 8);
AT(lend_finding, check, 0, 8);
AT(lend_finding, status, 8, 4);
AT(lend_finding, code, 12, 4);
AT(lend_finding, device, 16, 8);
AT(lend_finding, what, 24, 8);
AT(lend_finding, evidence, 32, 8);
AT(lend_finding, remedy, 40, 8);
AT(lend_member, device, 0, 8);
AT(lend_member, driver, 8, 8);
AT(lend_member, verdict, 16, 4);
AT(lend_mdev_type, parent, 0, 8);
AT(lend_mdev_type, type, 8, 8);
AT(lend_mdev_type, name, 16, 8);
AT(lend_mdev_type, description, 24, 8);
AT(lend_mdev_type, api, 32, 8);
AT(lend_mdev_type, available, 40, 4);
AT(lend_server_dma, iova, 0, 8);
AT(lend_server_dma, size, 8, 8);
AT(lend_server_dma, vaddr, 16, 8);
AT(lend_server_dma, offset, 24, 8);
AT(lend_server_dma, fd, 32, 4);
AT(lend_server_dma, flags, 36, 4);

AT(lend_region, size, 0, 8);
AT(lend_region, flags, 8, 4);
AT(lend_region, msix_mappable, 12, 1);
AT(lend_region, area_count, 16, 4);
AT(lend_region, areas, 24, 8);
AT(lend_region, type, 32, 4);
AT(lend_region, subtype, 36, 4);
AT(lend_irq, count, 0, 4);
AT(lend_irq, flags, 4, 4);
AT(lend_pci_bar, size, 0, 8);
AT(lend_pci_bar, io, 8, 1);
AT(lend_pci_bar, is_64bit, 9, 1);
AT(lend_pci_bar, prefetchable, 10, 1);
AT(lend_platform_region, name, 0, 8);
AT(lend_platform_region, size, 8, 8);
AT(lend_platform_region, has_host, 16, 1);
AT(lend_platform_region, host, 24, 8);
AT(lend_platform_irq, name, 0, 8);
AT(lend_platform_irq, trigger, 8, 4);
AT(lend_pci_quirk, name, 0, 8);
AT(lend_pci_quirk, why, 8, 8);
AT(lend_pci_quirk, source, 16, 8);
AT(lend_pci_quirk, when, 24, 8);

#endif

/* Numbers that size programs' arrays. */
IS(LEND_PCI_BARS, 10);
IS(LEND_PCI_WINDOWS, 32);
IS(LEND_PCI_CONFIG_SIZE, 4096);
IS(LEND_KVM_GSIS, 4096);
IS(LEND_PCI_LIST_STANDARD_MAX, 48);
IS(LEND_PCI_LIST_EXTENDED_MAX, 960);

IS(LEND_BACKEND_AUTO, 0);
IS(LEND_BACKEND_CONTAINER, 1);
IS(LEND_BACKEND_IOMMUFD, 2);
IS(LEND_BACKEND_NOIOMMU, 3);
IS(LEND_BACKEND_USER, 4);
IS(LEND_BUS_PCI, 1);
IS(LEND_BUS_PLATFORM, 2);
IS(LEND_BUS_MDEV, 3);
IS(LEND_BUS_OTHER, 4);
IS(LEND_CHECK_OK, 0);
IS(LEND_CHECK_WARNING, 1);
IS(LEND_CHECK_FAILED, 2);
IS(LEND_DEVICE_PCI, 1);
IS(LEND_DEVICE_PLATFORM, 2);
IS(LEND_DEVICE_OTHER, 3);
IS(LEND_LOG_WARNING, 0);
IS(LEND_LOG_INFO, 1);
IS(LEND_LOG_DEBUG, 2);
IS(LEND_LOG_PROGRESS, 3);
IS(LEND_PCI_LIST_STANDARD, 0);
IS(LEND_PCI_LIST_EXTENDED, 1);
IS(LEND_MEMBER_VFIO, 1);
IS(LEND_MEMBER_UNBOUND, 2);
IS(LEND_MEMBER_STUB, 3);
IS(LEND_MEMBER_BRIDGE, 4);
IS(LEND_MEMBER_BLOCKS, 5);
IS(LEND_TRIGGER_UNKNOWN, 0);
IS(LEND_TRIGGER_EDGE, 1);
IS(LEND_TRIGGER_LEVEL, 2);

IS(LEND_ERROR_NONE, 0);
IS(LEND_ERROR_SYSTEM, 1);
IS(LEND_ERROR_ARGUMENT, 2);
IS(LEND_ERROR_NO_DEVICE, 3);
IS(LEND_ERROR_NO_GROUP, 4);
IS(LEND_ERROR_NOT_VIABLE, 5);
IS(LEND_ERROR_HOST_DRIVER, 6);
IS(LEND_ERROR_BUSY, 7);
IS(LEND_ERROR_ATTACHED, 8);
IS(LEND_ERROR_PERMISSION, 9);
IS(LEND_ERROR_MEMLOCK, 10);
IS(LEND_ERROR_WRONG_TYPE, 11);
IS(LEND_ERROR_NO_VFIO, 12);
IS(LEND_ERROR_NO_IOMMU, 13);
IS(LEND_ERROR_DMA, 14);
IS(LEND_ERROR_DEVICE, 15);
IS(LEND_ERROR_IN_USE, 16);
IS(LEND_ERROR_STATE, 17);
IS(LEND_ERROR_NO_KVM, 18);
IS(LEND_ERROR_IMAGE, 19);
IS(LEND_ERROR_MEMORY, 20);
IS(LEND_ERROR_PLACEMENT, 21);
IS(LEND_ERROR_GUEST, 22);
IS(LEND_ERROR_LIMIT, 23);
IS(LEND_FEATURE_GET, 1u << 0);
IS(LEND_FEATURE_SET, 1u << 1);
IS(LEND_DMA_READ, 1u << 0);
IS(LEND_DMA_WRITE, 1u << 1);
IS(LEND_IRQ_EVENTFD, 1u << 0);
IS(LEND_IRQ_MASKABLE, 1u << 1);
IS(LEND_IRQ_AUTOMASKED, 1u << 2);
IS(LEND_IRQ_NORESIZE, 1u << 3);
IS(LEND_KVM_READ_ONLY, 1u << 0);
IS(LEND_KVM_LONE, 1u << 1);
IS(LEND_PCI_IRQ_INTX, 0);
IS(LEND_PCI_IRQ_MSI, 1);
IS(LEND_PCI_IRQ_MSIX, 2);
IS(LEND_PCI_IRQ_ERR, 3);
IS(LEND_PCI_IRQ_REQ, 4);
IS(LEND_PCI_BAR_ROM, 6);
IS(LEND_PCI_BAR_VGA_MEMORY, 7);
IS(LEND_PCI_BAR_VGA_PORTS_LOW, 8);
IS(LEND_PCI_BAR_VGA_PORTS_HIGH, 9);
IS(LEND_PCI_ID_VENDOR, 1u << 0);
IS(LEND_PCI_ID_DEVICE, 1u << 1);
IS(LEND_PCI_ID_SUB_VENDOR, 1u << 2);
IS(LEND_PCI_ID_SUB_DEVICE, 1u << 3);
IS(LEND_PCI_ID_CLASS, 1u << 4);
IS(LEND_FUNCTION_BAR_IO, 1);
IS(LEND_FUNCTION_BAR_64, 2);
IS(LEND_FUNCTION_BAR_PREFETCH, 4);
IS(LEND_FUNCTION_BARS, 6);
IS(LEND_FUNCTION_REGIONS, 9);
IS(LEND_FUNCTION_IRQS, 5);
IS(LEND_SERVER_POLL, 2);
IS(LEND_SERVER_IRQ_MASK, 0);
IS(LEND_SERVER_IRQ_UNMASK, 1);
IS(LEND_SERVER_IRQ_TRIGGER, 2);
IS(LEND_REGION_READ, 1u << 0);
IS(LEND_REGION_WRITE, 1u << 1);
IS(LEND_REGION_MMAP, 1u << 2);
IS(LEND_PCI_REGION_ROM, 6);
IS(LEND_PCI_REGION_CONFIG, 7);
IS(LEND_PCI_REGION_VGA, 8);

/* The headers' version is the library's, which were built together. */
int main(void)
{
	return lend_version() != LEND_VERSION_NUMBER(LEND_VERSION_MAJOR,
						     LEND_VERSION_MINOR,
						     LEND_VERSION_MICRO);
}
