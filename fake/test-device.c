// SPDX-License-Identifier: MIT
// PCI devices of a scripted host: their parts, as tests of other programs add
// them.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "fake/public.h"

/* Whether the text is a PCI address as sysfs has it. */
static bool test_name_is_valid(const char *name)
{
	static const char form[] = "xxxx:xx:xx.7";

	if (strlen(name) != strlen(form))
		return false;
	for (int i = 0; form[i]; i++)
		if (form[i] == 'x'   ? !strchr("0123456789abcdef", name[i])
		    : form[i] == '7' ? name[i] < '0' || name[i] > form[i]
				     : name[i] != form[i])
			return false;
	return name[8] == '0' || name[8] == '1';
}

static bool test_name_is_free(const struct fake_kernel *fake, const char *name)
{
	for (unsigned int i = 0; i < fake->device_count; i++)
		if (!strcmp(fake->devices[i].name, name))
			return false;
	return true;
}

struct lend_test_device *lend_test_add_pci(struct lend_test *test,
					   const char *name, unsigned int group)
{
	struct fake_kernel *fake = test_kernel(test);
	struct fake_device *device = NULL;

	test_lock(fake);
	if (test_name_is_valid(name) && test_name_is_free(fake, name) &&
	    group <= INT32_MAX && fake->device_count < FAKE_DEVICES) {
		device = fake_pci_add(fake, name, (int)group);
		for (unsigned int i = VFIO_PCI_ERR_IRQ_INDEX;
		     i <= VFIO_PCI_REQ_IRQ_INDEX; i++)
			fake_irq_set(device, i, 1,
				     VFIO_IRQ_INFO_EVENTFD |
					     VFIO_IRQ_INFO_NORESIZE);
	}
	test_unlock(fake);
	return (struct lend_test_device *)device;
}

static void test_config_put(struct fake_device *device, unsigned int at,
			    unsigned int size, uint64_t value)
{
	for (unsigned int i = 0; i < size; i++)
		test_config(device)[at + i] = (uint8_t)(value >> 8 * i);
}

static bool test_bar_is_valid(const struct fake_device *device,
			      unsigned int bar, uint64_t size,
			      unsigned int flags)
{
	bool io = flags & LEND_TEST_BAR_IO;
	unsigned int more = flags & LEND_TEST_BAR_64BIT ? 1 : 0;

	if (flags & ~(LEND_TEST_BAR_IO | LEND_TEST_BAR_64BIT |
		      LEND_TEST_BAR_PREFETCHABLE | LEND_TEST_BAR_NO_MMAP))
		return false;
	if (io && flags & (LEND_TEST_BAR_64BIT | LEND_TEST_BAR_PREFETCHABLE))
		return false;
	if (bar > 5 || bar + more > 5 || device->regions[bar].size ||
	    device->regions[bar + more].size)
		return false;
	/* The upper half of a BAR has no region of its own. */
	if (bar && device->regions[bar - 1].size &&
	    device->regions[VFIO_PCI_CONFIG_REGION_INDEX]
			    .bytes[PCI_BASE_ADDRESS_0 + 4 * (bar - 1)] &
		    PCI_BASE_ADDRESS_MEM_TYPE_64)
		return false;
	return !(size & (size - 1)) && size >= (io ? 4 : 16) &&
	       size <= (io ? 256 : 1ull << 38);
}

int lend_test_add_bar(struct lend_test_device *to, unsigned int bar,
		      uint64_t size, unsigned int flags)
{
	struct fake_device *device = test_device(to);
	bool io = flags & LEND_TEST_BAR_IO;
	uint32_t access =
		VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	uint32_t bits = io ? PCI_BASE_ADDRESS_SPACE_IO : 0;

	if (!test_bar_is_valid(device, bar, size, flags))
		return -EINVAL;
	if (!io && size >= 4096 && !(flags & LEND_TEST_BAR_NO_MMAP))
		access |= VFIO_REGION_INFO_FLAG_MMAP;
	if (flags & LEND_TEST_BAR_64BIT)
		bits |= PCI_BASE_ADDRESS_MEM_TYPE_64;
	if (flags & LEND_TEST_BAR_PREFETCHABLE)
		bits |= PCI_BASE_ADDRESS_MEM_PREFETCH;
	fake_region_set(device, bar, size, access);
	test_config_put(device, PCI_BASE_ADDRESS_0 + 4 * bar, 4, bits);
	return 0;
}

int lend_test_add_capability(struct lend_test_device *to, unsigned int id,
			     const void *bytes, size_t size)
{
	struct fake_device *device = test_device(to);
	unsigned int at = device->list_end ? device->list_end : 0x40;
	unsigned int link =
		device->list_last ? device->list_last + 1 : PCI_CAPABILITY_LIST;

	if (id > 0xff || size > 0x100 - 2 || at + 2 + size > 0x100)
		return -ENOSPC;
	test_config(device)[at] = (uint8_t)id;
	memcpy(test_config(device) + at + 2, bytes, size);
	test_config(device)[link] = (uint8_t)at;
	test_config(device)[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	device->list_last = at;
	device->list_end = (at + 2 + (unsigned int)size + 3) & ~3u;
	return (int)at;
}

int lend_test_add_msi(struct lend_test_device *to, unsigned int vectors)
{
	/* 64-bit addresses, no mask bits. */
	uint8_t bytes[PCI_MSI_DATA_64 + 2 - 2] = {PCI_MSI_FLAGS_64BIT};
	int at;

	if (!vectors || vectors > 32 || vectors & (vectors - 1))
		return -EINVAL;
	bytes[0] |= (uint8_t)(__builtin_ctz(vectors) << 1);
	at = lend_test_add_capability(to, PCI_CAP_ID_MSI, bytes, sizeof(bytes));
	if (at >= 0)
		fake_irq_set(test_device(to), VFIO_PCI_MSI_IRQ_INDEX, vectors,
			     VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE);
	return at;
}

int lend_test_add_msix(struct lend_test_device *to, unsigned int vectors,
		       unsigned int bar, uint32_t offset)
{
	struct fake_device *device = test_device(to);
	uint8_t bytes[PCI_CAP_MSIX_SIZEOF - 2] = {0};
	uint64_t pending = (uint64_t)offset + 16ull * vectors;
	uint64_t end = pending + (vectors + 63ull) / 64 * 8;
	int at;

	if (!vectors || vectors > FAKE_VECTORS || offset % 8 || bar > 5 ||
	    end > device->regions[bar].size || end > UINT32_MAX ||
	    test_config(device)[PCI_BASE_ADDRESS_0 + 4 * bar] &
		    PCI_BASE_ADDRESS_SPACE_IO)
		return -EINVAL;
	bytes[0] = (uint8_t)(vectors - 1);
	bytes[1] = (uint8_t)((vectors - 1) >> 8);
	for (unsigned int i = 0; i < 4; i++) {
		bytes[2 + i] = (uint8_t)((offset | bar) >> 8 * i);
		bytes[6 + i] = (uint8_t)((pending | bar) >> 8 * i);
	}
	at = lend_test_add_capability(to, PCI_CAP_ID_MSIX, bytes,
				      sizeof(bytes));
	if (at < 0)
		return at;
	device->regions[bar].msix_mappable = true;
	fake_irq_set(device, VFIO_PCI_MSIX_IRQ_INDEX, vectors,
		     VFIO_IRQ_INFO_EVENTFD);
	return at;
}

uint8_t *lend_test_region(struct lend_test_device *device, unsigned int index,
			  uint64_t *size)
{
	const struct fake_region *region;

	if (index >= FAKE_REGIONS)
		return NULL;
	region = &test_device(device)->regions[index];
	if (!region->size)
		return NULL;
	if (size)
		*size = region->size;
	return region->bytes;
}

static void test_device_written(struct fake_device *device, unsigned int region,
				uint64_t offset, unsigned int size)
{
	device->on_write(device->opaque, region, offset, size);
}

void lend_test_on_write(struct lend_test_device *to,
			void (*written)(void *opaque, unsigned int region,
					uint64_t offset, unsigned int size),
			void *opaque)
{
	struct fake_device *device = test_device(to);

	test_lock(device->kernel);
	device->on_write = written;
	device->opaque = opaque;
	device->written = written ? test_device_written : NULL;
	test_unlock(device->kernel);
}

unsigned int lend_test_resets(struct lend_test_device *of)
{
	struct fake_device *device = test_device(of);
	unsigned int resets;

	test_lock(device->kernel);
	resets = device->resets + device->hot_resets;
	test_unlock(device->kernel);
	return resets;
}
