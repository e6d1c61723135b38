// SPDX-License-Identifier: MIT
// VFIO's part of a platform device, in place of liblend's functions.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>

#include <cmocka.h>

#include "platform-device.h"

/* A page that can be mapped, a page and more that cannot, a few registers. */
static const struct lend_area area = {.size = 0x1000};
static const struct lend_region regions[REGIONS] = {
	{.size = 0x1000, .flags = 7, .area_count = 1, .areas = &area},
	{.size = 0x20000, .flags = 3},
	{.size = 0x10, .flags = 3},
};

char platform_device_page[0x1000] __attribute__((aligned(0x1000)));
struct platform_device platform_device;

const struct lend_region *lend_device_region(const struct lend_device *device,
					     unsigned int index)
{
	(void)device;
	return &regions[index];
}

const struct lend_irq *lend_device_irq(const struct lend_device *device,
				       unsigned int index)
{
	(void)device;
	return &platform_device.irqs[index];
}

const char *lend_device_name(const struct lend_device *device)
{
	(void)device;
	return "1000.dev";
}

struct lend_ctx *lend_device_ctx(const struct lend_device *device)
{
	(void)device;
	return NULL;
}

const struct lend_platform_region *
lend_platform_region(const struct lend_platform *platform, unsigned int index)
{
	static const struct lend_platform_region at[REGIONS] = {
		{.host = 0x50000000, .size = 0x1000},
		{.host = 0x60000000, .size = 0x20000},
		{.host = 0x70000800, .size = 0x10}};

	(void)platform;
	return &at[index];
}

int lend_region_map(struct lend_device *device, unsigned int index,
		    uint64_t offset, uint64_t size, void **vaddr)
{
	(void)device;
	assert_int_equal(index, 0);
	assert_int_equal(offset, 0);
	assert_int_equal(size, sizeof(platform_device_page));
	*vaddr = platform_device_page;
	return 0;
}

int lend_region_read(struct lend_device *device, unsigned int index,
		     uint64_t offset, void *data, size_t size)
{
	(void)device;
	platform_device.index = index;
	platform_device.offset = offset;
	platform_device.size = (unsigned int)size;
	memset(data, 0x5a, size);
	return platform_device.err;
}

int lend_region_write(struct lend_device *device, unsigned int index,
		      uint64_t offset, const void *data, size_t size)
{
	(void)device;
	platform_device.index = index;
	platform_device.offset = offset;
	platform_device.size = (unsigned int)size;
	platform_device.written = 0;
	memcpy(&platform_device.written, data, size);
	return 0;
}

int lend_irq_set(struct lend_device *device, unsigned int index,
		 unsigned int start, unsigned int count, const int *fds)
{
	(void)device;
	assert_int_equal(start, 0);
	assert_int_equal(count, 1);
	if (platform_device.no_trigger)
		return -platform_device.no_trigger;
	platform_device.triggers[index] = fds[0];
	return 0;
}

int lend_irq_unmask_fd(struct lend_device *device, unsigned int index,
		       unsigned int start, int fd)
{
	(void)device;
	(void)start;
	if (platform_device.no_unmask_fd && fd >= 0)
		return -platform_device.no_unmask_fd;
	platform_device.unmask_fds[index] = fd;
	return 0;
}

int lend_irq_unmask(struct lend_device *device, unsigned int index,
		    unsigned int start)
{
	(void)device;
	(void)start;
	platform_device.unmasks[index]++;
	if (platform_device.asserts[index])
		assert_int_equal(
			eventfd_write(platform_device.triggers[index], 1), 0);
	return 0;
}

int lend_irq_disable(struct lend_device *device, unsigned int index)
{
	(void)device;
	platform_device.triggers[index] = -1;
	platform_device.disables++;
	return 0;
}
