// SPDX-License-Identifier: MIT
// A lent PCI function: any configuration space, BARs of any size, and any
// accesses of a guest.

#include <errno.h>
#include <stdlib.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include <lend/lend.h>

#include "lib/base/uapi.h"
#include "stub.h"
#include "tests/unit/fake/vm.h"
#include "tests/unit/lib/pci/image.h"

#define CONFIG_OFFSET ((uint64_t)LEND_PCI_REGION_CONFIG << 40)

/* Devices that have quirks: vendor and device, class. */
static const uint32_t known[][2] = {
	{0x1b0610de, 0x030000}, {0x66491002, 0x030000}, {0x816810ec, 0x020000},
	{0x59128086, 0x030000}, {0x46a68086, 0x030000}, {0x201d8086, 0x010400},
	{0x58001425, 0x020000}, {0x36851d22, 0x120000}, {0x168e14e4, 0x020000},
};

/* The device from the input, and the state of the virtual machine. */
static struct {
	uint8_t image[CONFIG_SIZE];
	uint64_t sizes[STUB_REGIONS];
	uint32_t irqs[VFIO_PCI_NUM_IRQS];
	struct fake_vm vm;
} d;

static int function_fuzz_ioctl(struct stub *stub, int fd, unsigned long request,
			       void *argument)
{
	struct vfio_device_info *info = argument;
	struct vfio_region_info *region = argument;
	struct vfio_irq_info *irq = argument;
	struct uapi_ioas_iova_ranges *ranges = argument;

	(void)fd;
	switch (request) {
	case UAPI_IOAS_IOVA_RANGES:
		ranges->count = 0;
		ranges->alignment = 4096;
		return 0;
	case VFIO_DEVICE_GET_INFO:
		info->flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
		info->num_regions = STUB_REGIONS;
		info->num_irqs = VFIO_PCI_NUM_IRQS;
		return 0;
	case VFIO_DEVICE_GET_REGION_INFO:
		region->size = d.sizes[region->index];
		region->offset = (uint64_t)region->index << 40;
		region->flags = VFIO_REGION_INFO_FLAG_READ |
				VFIO_REGION_INFO_FLAG_WRITE |
				VFIO_REGION_INFO_FLAG_MMAP;
		return 0;
	case VFIO_DEVICE_GET_IRQ_INFO:
		irq->count = d.irqs[irq->index];
		irq->flags = VFIO_IRQ_INFO_EVENTFD;
		if (irq->index == VFIO_PCI_INTX_IRQ_INDEX)
			irq->flags |= VFIO_IRQ_INFO_AUTOMASKED;
		return 0;
	case VFIO_DEVICE_SET_IRQS:
		return d.vm.refusal ? -ENOSPC : 0;
	case VFIO_DEVICE_GET_PCI_HOT_RESET_INFO:
		return -ENODEV;
	case VFIO_DEVICE_FEATURE:
		return -ENOTTY;
	}
	(void)stub;
	return 0;
}

static void function_fuzz_read_bytes(struct stub *stub, uint64_t offset,
				     void *data, size_t size)
{
	(void)stub;
	memset(data, 0, size);
	if (offset >= CONFIG_OFFSET && offset - CONFIG_OFFSET < CONFIG_SIZE &&
	    size <= CONFIG_SIZE - (offset - CONFIG_OFFSET))
		memcpy(data, d.image + (offset - CONFIG_OFFSET), size);
}

/* A function with all capabilities, changed by the input, or one from the
 * input. */
static void make_image(struct input *input)
{
	unsigned int changes;

	if (input_take(input, 1) == 0xff) {
		input_fill(input, d.image, sizeof(d.image));
		return;
	}
	image_full(d.image);
	changes = (unsigned int)input_take(input, 1);
	if (changes && changes <= sizeof(known) / sizeof(known[0])) {
		image_put(d.image, PCI_VENDOR_ID, 4, known[changes - 1][0]);
		image_put(d.image, PCI_CLASS_PROG, 3, known[changes - 1][1]);
	}
	for (changes = (unsigned int)input_take(input, 1); changes; changes--) {
		unsigned int at = (unsigned int)input_take(input, 2);

		d.image[at % CONFIG_SIZE] = (uint8_t)input_take(input, 1);
	}
}

static void make_device(struct input *input)
{
	memset(&d, 0, sizeof(d));
	d.vm.broken = stub_never;
	make_image(input);
	for (unsigned int i = 0; i < STUB_REGIONS; i++) {
		uint8_t power = (uint8_t)input_take(input, 1);

		if (power < 0x40)
			d.sizes[i] = i < BAR_COUNT ? image_full_sizes[i] : 0;
		else if (power < 0x80)
			d.sizes[i] = 1ull << (power & 0x3f);
		else if (power < 0xc0)
			d.sizes[i] = input_take(input, 4);
	}
	d.sizes[LEND_PCI_REGION_CONFIG] = CONFIG_SIZE;
	d.sizes[LEND_PCI_REGION_VGA] = 0xc0000;
	for (unsigned int i = 0; i < VFIO_PCI_NUM_IRQS; i++)
		d.irqs[i] = 1 + (uint32_t)input_take(input, 1) * 8;
	d.irqs[VFIO_PCI_INTX_IRQ_INDEX] = 1;
}

/* Accesses to a BAR, within it and at its end. */
static void fuzz_access_bar(struct lend_pci *pci, struct input *input)
{
	unsigned int bar = (unsigned int)input_take(input, 1) % 12;
	unsigned int size = (unsigned int)input_take(input, 1) % 10;
	uint64_t offset = input_take(input, 4);
	uint8_t data[16];

	if (bar < LEND_PCI_BARS && offset & 0x80000000)
		offset = lend_pci_bar(pci, bar)->size - (offset & 0xf);
	lend_pci_bar_read(pci, bar, offset, data, size);
	input_fill(input, data, sizeof(data));
	lend_pci_bar_write(pci, bar, offset, data, size);
}

static void fuzz_access_config(struct lend_pci *pci, struct input *input)
{
	static const unsigned int sizes[] = {1, 2, 4, 3};
	unsigned int at = (unsigned int)input_take(input, 2);
	unsigned int size = sizes[at >> 14];

	at &= 0x1fff;
	lend_pci_config_write(pci, at, size, (uint32_t)input_take(input, 4));
	lend_pci_config_read(pci, at, size);
}

static void fuzz_act(struct lend_pci *pci, struct input *input)
{
	switch (input_take(input, 1) & 0xf) {
	case 0:
		lend_pci_reset(pci);
		break;
	case 1:
		lend_pci_retry(pci);
		break;
	case 2:
		d.vm.refusal = d.vm.refusal ? 0 : -EBUSY;
		break;
	case 3:
		lend_pci_stop(pci);
		break;
	case 4:
	case 5:
	case 6:
	case 7:
		fuzz_access_bar(pci, input);
		break;
	default:
		fuzz_access_config(pci, input);
	}
}

static void fuzz_present(struct lend_device *device, struct input *input)
{
	uint16_t how = (uint16_t)input_take(input, 2);
	const struct lend_pci_options options = {
		.size = sizeof(options),
		.multifunction = how & 1,
		.below_port = how & 2,
		.vga = how & 4,
		.no_mmap = how & 8,
		.p2p = how & 16,
		.has_gpudirect_clique = how & 32,
		.gpudirect_clique = how >> 12,
		.rom_anyway = how & 64,
	};
	struct lend_pci *pci;

	if (lend_pci_new(device, &options, &fake_vm_ops, &d.vm, &pci))
		return;
	while (input->left)
		fuzz_act(pci, input);
	lend_pci_free(pci);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lend_iommu_options options = LEND_IOMMU_OPTIONS_INIT;
	struct input input = {data, size};
	struct stub *stub = stub_get();
	struct lend_device *device;
	struct lend_iommu *iommu;

	make_device(&input);
	stub->ioctl = function_fuzz_ioctl;
	stub->read = function_fuzz_read_bytes;
	options.backend = LEND_BACKEND_IOMMUFD;
	options.iommufd = STUB_IOMMUFD;
	if (lend_iommu_new(stub->ctx, &options, &iommu))
		return 0;
	if (!lend_device_open_fd(iommu, STUB_DEVICE, "device", NULL, &device)) {
		fuzz_present(device, &input);
		lend_device_unref(device);
	}
	lend_iommu_unref(iommu);
	stub_check_idle(stub);
	for (unsigned int i = 0; i < LEND_PCI_BARS; i++)
		if (d.vm.placed[i])
			stub_never("a BAR left over");
	for (unsigned int i = 0; i < FAKE_VM_VECTORS; i++)
		if (d.vm.connected[i])
			stub_never("a vector left over");
	return 0;
}
