// SPDX-License-Identifier: MIT
// Any answers of a kernel about a device and an I/O address space: sizes,
// capability chains, ranges, the reach of a hot reset.

#include <errno.h>
#include <stdlib.h>
#include <linux/vfio.h>

#include <lend/lend.h>

#include "lib/base/uapi.h"
#include "lib/base/vfio-answer.h"
#include "lib/iommu/iommu.h"
#include "stub.h"

/* A range list goes where the library has room for it. */
static int answer_ranges(struct stub *stub, struct uapi_ioas_iova_ranges *ask)
{
	uint32_t room = ask->count;

	ask->count = (uint32_t)input_take(stub->input, 2);
	ask->alignment = 1ull << (input_take(stub->input, 1) & 63);
	input_fill(stub->input, (void *)(uintptr_t)ask->ranges,
		   sizeof(struct lend_iova_range) *
			   (ask->count < room ? ask->count : room));
	return ask->count > room ? -EMSGSIZE : 0;
}

static const int errors[] = {EINVAL, ENOTTY, ENOSPC, EPERM,
			     ENODEV, ENOMEM, EBUSY,  EAGAIN};

static int answers_ioctl(struct stub *stub, int fd, unsigned long request,
			 void *argument)
{
	uint8_t how = (uint8_t)input_take(stub->input, 1);
	uint32_t size;

	(void)fd;
	if (how >= 0xf0)
		return -errors[how & 7];
	switch (request) {
	case UAPI_IOAS_IOVA_RANGES:
		return answer_ranges(stub, argument);
	case VFIO_DEVICE_GET_INFO:
	case VFIO_DEVICE_GET_REGION_INFO:
	case VFIO_DEVICE_GET_IRQ_INFO:
	case VFIO_DEVICE_GET_PCI_HOT_RESET_INFO: /* VFIO_IOMMU_GET_INFO */
		memcpy(&size, argument, sizeof(size));
		/* Mostly it fits. */
		input_fill(stub->input, (char *)argument + 4, size - 4);
		if (how & 1)
			input_fill(stub->input, argument, sizeof(size));
		if (how & 8) { /* more than there is room for, each time */
			size += (uint32_t)input_take(stub->input, 1);
			memcpy(argument, &size, sizeof(size));
		}
		return how & 2 ? -ENOSPC : 0;
	case VFIO_DEVICE_RESET:
		return 0;
	}
	return how & 4 ? how : 0;
}

static void answers_read_bytes(struct stub *stub, int fd, uint64_t offset,
			       void *data, size_t size)
{
	(void)fd;
	(void)offset;
	input_fill(stub->input, data, size < 4096 ? size : 4096);
}

/* Mappable areas are within the region, sorted, and can be mapped. */
static void use_region(struct lend_device *device, unsigned int index)
{
	const struct lend_region *region = lend_device_region(device, index);
	uint64_t end = 0;
	uint8_t byte;
	void *vaddr;

	for (unsigned int i = 0; i < region->area_count; i++) {
		const struct lend_area *area = &region->areas[i];

		if (!area->size || area->offset < end ||
		    area->size > region->size ||
		    area->offset > region->size - area->size)
			stub_never("an area beyond its region");
		end = area->offset + area->size;
		if (!lend_region_map(device, index, area->offset, area->size,
				     &vaddr) &&
		    i % 2)
			lend_region_unmap(device, vaddr, area->size);
	}
	if (region->size)
		lend_region_read(device, index, region->size - 1, &byte, 1);
	if (!lend_region_read(device, index, region->size, &byte, 1))
		stub_never("a read beyond the region");
}

/* Registers at any offset: what is given is within the region. */
static void use_registers(struct lend_device *device, unsigned int index)
{
	uint64_t size = lend_device_region(device, index)->size;
	struct lend_registers *registers;

	if (lend_registers_new(device, index, &registers))
		return;
	/* What is mapped has no memory behind it here. */
	if (!lend_registers_at(registers, size - 1, 1))
		lend_registers_read8(registers, size - 1);
	lend_registers_read32(registers, size);
	lend_registers_read64(registers, UINT64_MAX - 7);
	lend_registers_write16(registers, size, 0);
	if (lend_registers_at(registers, size, 1) ||
	    lend_registers_at(registers, 0, size + 1))
		stub_never("a pointer beyond the region");
	lend_registers_free(registers);
}

static void use_vectors(struct lend_device *device)
{
	struct lend_vectors *vectors;

	if (lend_vectors_new(device, LEND_VECTORS_ANY, 3, &vectors))
		return;
	lend_vectors_wait(vectors, 2, 0);
	lend_vectors_unmask(vectors, 2);
	lend_vectors_free(vectors);
}

static void use_device(struct lend_device *device)
{
	struct lend_reset_target targets[32];
	int fds[64];

	memset(fds, 0xff, sizeof(fds));
	for (unsigned int i = 0; i < lend_device_region_count(device); i++) {
		use_region(device, i);
		use_registers(device, i);
	}
	use_vectors(device);
	for (unsigned int i = 0; i < lend_device_irq_count(device); i++) {
		unsigned int count = lend_device_irq(device, i)->count;

		lend_irq_set(device, i, 0, count < 64 ? count : 64, fds);
	}
	lend_device_hot_reset_info(device, targets, 32);
	lend_device_hot_reset(device);
	lend_device_reset(device);
	lend_device_fault(device);
	lend_device_require(device, LEND_DEVICE_PCI);
}

/* Chosen addresses are within one of the ranges, and not above the last. */
static void use_free_addresses(struct lend_iommu *iommu,
			       const struct lend_iova_range *ranges,
			       unsigned int count)
{
	static const uint64_t lasts[] = {0xfffff, UINT32_MAX, UINT64_MAX};
	bool is_usable = !count;
	uint64_t iova;

	for (unsigned int n = 0; n < 3; n++) {
		if (lend_iommu_map_any(iommu, (void *)0x40000000, 0x200000,
				       LEND_DMA_READ, lasts[n], &iova))
			continue;
		for (unsigned int i = 0; i < count; i++)
			is_usable |= iova >= ranges[i].first &&
				     iova + 0x1fffff <= ranges[i].last;
		if (!is_usable || iova + 0x1fffff > lasts[n] ||
		    iova + 0x1fffff < iova)
			stub_never("addresses that are not usable");
		is_usable = !count;
	}
}

static void use_space(struct lend_iommu *iommu)
{
	static const uint64_t places[] = {0, 0x1000, 0x80000000, 1ull << 40,
					  UINT64_MAX - 0xfff};
	const struct lend_iova_range *ranges;
	unsigned int count;

	if (lend_iommu_ranges(iommu, &ranges, &count))
		return;
	for (unsigned int i = 0; i < count; i++)
		if (ranges[i].first > ranges[i].last ||
		    (i && ranges[i].first <= ranges[i - 1].last))
			stub_never("ranges out of order");
	for (unsigned int i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		lend_iommu_map(iommu, places[i], (void *)0x10000, 0x1000,
			       LEND_DMA_READ);
	use_free_addresses(iommu, ranges, count);
	lend_iommu_unmap(iommu, 0x1000, 0x1000);
	lend_iommu_unmap(iommu, 0, UINT64_MAX);
	lend_iommu_unmap_all(iommu);
}

/* The same for a container, whose answer is a capability chain. */
static void ask_container(struct stub *stub)
{
	struct lend_iommu iommu = {.ctx = stub->ctx, .fd = STUB_IOMMUFD};
	struct iommu_info info = {0};

	if (!type1_ops.info(&iommu, "device", &info) &&
	    (!info.page_size || info.page_size & (info.page_size - 1)))
		stub_never("a page size that is none");
	free(info.ranges);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lend_iommu_options options = LEND_IOMMU_OPTIONS_INIT;
	struct input input = {data, size};
	struct lend_device *device;
	struct stub *stub = stub_get();
	struct lend_iommu *iommu;
	uint8_t how;

	stub->ioctl = answers_ioctl;
	stub->read = answers_read_bytes;
	stub->input = &input;
	how = (uint8_t)input_take(&input, 1);
	stub_faults_set(stub, how & 2 ? &input : NULL);
	if (how & 1) {
		ask_container(stub);
		return 0;
	}
	options.backend = LEND_BACKEND_IOMMUFD;
	options.iommufd = STUB_IOMMUFD;
	if (lend_iommu_new(stub->ctx, &options, &iommu))
		return 0;
	if (!lend_device_open_fd(iommu, STUB_DEVICE, "device", NULL, &device)) {
		use_device(device);
		use_space(iommu);
		lend_device_unref(device);
	}
	lend_iommu_unref(iommu);
	stub_check_idle(stub);
	return 0;
}
