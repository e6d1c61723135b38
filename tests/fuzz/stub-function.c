// SPDX-License-Identifier: MIT
// A PCI function of a stub kernel's device, made from the input.

#include <errno.h>
#include <linux/pci_regs.h>

#include <lend/lend.h>

#include "lib/base/uapi.h"
#include "stub-function.h"

#define CONFIG_OFFSET ((uint64_t)LEND_PCI_REGION_CONFIG << 40)

/* Devices that have quirks: vendor and device, class. */
static const uint32_t known[][2] = {
	{0x1b0610de, 0x030000}, {0x66491002, 0x030000}, {0x816810ec, 0x020000},
	{0x59128086, 0x030000}, {0x46a68086, 0x030000}, {0x201d8086, 0x010400},
	{0x58001425, 0x020000}, {0x36851d22, 0x120000}, {0x168e14e4, 0x020000},
};

int stub_function_ioctl(const struct stub_function *function,
			unsigned long request, void *argument)
{
	struct vfio_device_info *info = argument;
	struct vfio_region_info *region = argument;
	struct vfio_irq_info *irq = argument;
	struct uapi_ioas_iova_ranges *ranges = argument;

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
		region->size = function->sizes[region->index];
		region->offset = (uint64_t)region->index << 40;
		region->flags = VFIO_REGION_INFO_FLAG_READ |
				VFIO_REGION_INFO_FLAG_WRITE |
				VFIO_REGION_INFO_FLAG_MMAP;
		return 0;
	case VFIO_DEVICE_GET_IRQ_INFO:
		irq->count = function->irqs[irq->index];
		irq->flags = VFIO_IRQ_INFO_EVENTFD;
		if (irq->index == VFIO_PCI_INTX_IRQ_INDEX)
			irq->flags |= VFIO_IRQ_INFO_AUTOMASKED;
		return 0;
	case VFIO_DEVICE_GET_PCI_HOT_RESET_INFO:
		return -ENODEV;
	case VFIO_DEVICE_FEATURE:
		return -ENOTTY;
	}
	return 0;
}

void stub_function_read(const struct stub_function *function, uint64_t offset,
			void *data, size_t size)
{
	memset(data, 0, size);
	if (offset >= CONFIG_OFFSET && offset - CONFIG_OFFSET < CONFIG_SIZE &&
	    size <= CONFIG_SIZE - (offset - CONFIG_OFFSET))
		memcpy(data, function->image + (offset - CONFIG_OFFSET), size);
}

static void function_make_image(struct stub_function *function,
				struct input *input)
{
	uint8_t *image = function->image;
	uint8_t kind = (uint8_t)input_take(input, 1);
	unsigned int changes;

	function->is_faulty = kind == 0xfe;
	if (kind == 0xff) {
		input_fill(input, image, CONFIG_SIZE);
		return;
	}
	image_full(image);
	changes = (unsigned int)input_take(input, 1);
	if (changes && changes <= sizeof(known) / sizeof(known[0])) {
		image_put(image, PCI_VENDOR_ID, 4, known[changes - 1][0]);
		image_put(image, PCI_CLASS_PROG, 3, known[changes - 1][1]);
	}
	for (changes = (unsigned int)input_take(input, 1); changes; changes--) {
		unsigned int at = (unsigned int)input_take(input, 2);

		image[at % CONFIG_SIZE] = (uint8_t)input_take(input, 1);
	}
}

void stub_function_make(struct stub_function *function, struct input *input)
{
	uint64_t *sizes = function->sizes;

	memset(function, 0, sizeof(*function));
	function_make_image(function, input);
	for (unsigned int i = 0; i < STUB_REGIONS; i++) {
		uint8_t power = (uint8_t)input_take(input, 1);

		if (power < 0x40)
			sizes[i] = i < BAR_COUNT ? image_full_sizes[i] : 0;
		else if (power < 0x80)
			sizes[i] = 1ull << (power & 0x3f);
		else if (power < 0xc0)
			sizes[i] = input_take(input, 4);
	}
	sizes[LEND_PCI_REGION_CONFIG] = CONFIG_SIZE;
	sizes[LEND_PCI_REGION_VGA] = 0xc0000;
	for (unsigned int i = 0; i < VFIO_PCI_NUM_IRQS; i++)
		function->irqs[i] = 1 + (uint32_t)input_take(input, 1) * 8;
	function->irqs[VFIO_PCI_INTX_IRQ_INDEX] = 1;
}
