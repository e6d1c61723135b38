// SPDX-License-Identifier: MIT
// The machine a scripted kernel runs on: its devices, its sysfs in a temporary
// directory, and what tests ask of it.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/vfio.h>

#include <lend/version.h>

#include "fake/internal.h"

void fake_kernel_file(struct fake_kernel *fake, const char *path,
		      const char *text)
{
	tree_file(fake->root, path, text);
}

static void fake_container_init(struct fake_container *c)
{
	c->fd = -1;
	c->has_v2 = true;
	c->has_v1 = true;
	c->has_unmap_all = true;
	c->has_info = true;
	c->dma_avail = 65535;
	fake_space_init(&c->space);
}

static void fake_paths_name(struct fake_kernel *fake)
{
	snprintf(fake->sysfs, sizeof(fake->sysfs), "%s/sys", fake->root);
	snprintf(fake->dev, sizeof(fake->dev), "%s/dev", fake->root);
	snprintf(fake->proc, sizeof(fake->proc), "%s/proc", fake->root);
	snprintf(fake->state, sizeof(fake->state), "%s/run", fake->root);
}

struct fake_kernel *fake_kernel_new(void)
{
	struct fake_kernel *fake = calloc(1, sizeof(*fake));

	if (!fake)
		return NULL;
	fake_calls_init(&fake->kernel);
	fake->seam = (struct lend_kernel){
		.size = sizeof(fake->kernel),
		.version = LEND_VERSION_NUMBER(LEND_VERSION_MAJOR,
					       LEND_VERSION_MINOR,
					       LEND_VERSION_MICRO),
		.calls = &fake->kernel,
	};
	fake_log_init(fake);
	tree_make(fake->root);
	fake_paths_name(fake);
	for (int i = 0; i < FAKE_CONTAINERS; i++)
		fake_container_init(&fake->containers[i]);
	for (int i = 0; i < FAKE_IOMMUFDS; i++)
		fake_iommufd_init(&fake->iommufds[i]);
	for (int i = 0; i < FAKE_GROUPS; i++) {
		fake->groups[i].number = -1;
		fake->groups[i].fd = -1;
	}
	fake_kernel_file(fake, "dev/vfio/vfio", "");
	fake_kernel_file(fake, "sys/bus/pci/drivers/vfio-pci/bind", "");
	fake_kernel_file(fake, "sys/class/iommu/.keep", "");
	fake_kernel_file(fake, "proc/self/status",
			 "VmLck:\t       0 kB\nCapEff:\t0000000000000000\n");
	return fake;
}

void fake_kernel_free(struct fake_kernel *fake)
{
	if (!fake)
		return;
	for (unsigned int i = 0; i < fake->device_count; i++) {
		struct fake_device *device = &fake->devices[i];

		for (int r = 0; r < FAKE_REGIONS; r++)
			if (device->regions[r].bytes)
				munmap(device->regions[r].bytes,
				       device->regions[r].bytes_size);
		close(device->file);
	}
	if (fake->vm_fd > 0)
		close(fake->vm_fd);
	tree_remove(fake->root, "");
	fake_log_destroy(fake);
	free(fake);
}

int fake_options(struct fake_kernel *fake, struct lend_ctx_options *options)
{
	if (options->size <
	    offsetof(struct lend_ctx_options, kernel) + sizeof(options->kernel))
		return -EINVAL;
	options->kernel = &fake->seam;
	options->sysfs = fake->sysfs;
	options->dev = fake->dev;
	options->proc = fake->proc;
	options->state = fake->state;
	return 0;
}

int fake_ctx_new(struct fake_kernel *fake, struct lend_ctx **ctx)
{
	struct lend_ctx_options options = {.size = sizeof(options)};

	fake_options(fake, &options);
	return lend_ctx_new(&options, ctx);
}

static struct fake_group *fake_group_add(struct fake_kernel *fake, int number)
{
	char path[64];

	for (int i = 0; i < FAKE_GROUPS; i++) {
		struct fake_group *group = &fake->groups[i];

		if (group->number == number)
			return group;
		if (group->number >= 0)
			continue;
		group->number = number;
		snprintf(path, sizeof(path), "dev/vfio/%d", number);
		fake_kernel_file(fake, path, "");
		return group;
	}
	abort();
}

static void device_dir(const char *name, char *path, size_t size)
{
	snprintf(path, size, "sys/devices/pci0000:00/%s", name);
}

/* The node of a device that VFIO serves, with its number in sysfs. */
static void device_node(const struct fake_device *device)
{
	char dir[128], path[256], text[32];

	if (!device->kernel->has_iommufd)
		return;
	device_dir(device->name, dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/vfio-dev/vfio%u/dev", dir,
		 device->number);
	snprintf(text, sizeof(text), "511:%u\n", device->number);
	fake_kernel_file(device->kernel, path, text);
	*strrchr(path, '/') = '\0';
	snprintf(text, sizeof(text), "sys/dev/char/511:%u", device->number);
	tree_link(device->kernel->root, text, path);
	snprintf(path, sizeof(path), "dev/vfio/devices/vfio%u", device->number);
	fake_kernel_file(device->kernel, path, "");
}

static void remove_node(const struct fake_device *device)
{
	char dir[128], path[256];

	device_dir(device->name, dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/vfio-dev", dir);
	tree_remove(device->kernel->root, path);
}

void fake_driver_set(struct fake_device *device, const char *driver)
{
	char dir[128], link[160], target[256];

	remove_node(device);
	if (driver && strstr(driver, "vfio"))
		device_node(device);
	device_dir(device->name, dir, sizeof(dir));
	snprintf(link, sizeof(link), "%s/driver", dir);
	if (driver) {
		snprintf(target, sizeof(target), "sys/bus/pci/drivers/%s/bind",
			 driver);
		fake_kernel_file(device->kernel, target, "");
		*strrchr(target, '/') = '\0';
		tree_link(device->kernel->root, link, target);
		return;
	}
	snprintf(target, sizeof(target), "%s/%s", device->kernel->root, link);
	unlink(target);
}

static void virtual_file(const struct fake_device *device, const char *name,
			 const char *text)
{
	char dir[128], path[160];

	device_dir(device->name, dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fake_kernel_file(device->kernel, path, text);
}

/* Its header as it reads on the bus. */
static void virtual_write_config(const struct fake_device *device,
				 const uint8_t *config)
{
	char dir[128], path[256];
	uint8_t header[64];
	FILE *file;

	memcpy(header, config, sizeof(header));
	memset(header, 0xff, 4);
	memset(header + 0x10, 0, 24);
	virtual_file(device, "config", "");
	device_dir(device->name, dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/%s/config", device->kernel->root, dir);
	file = fopen(path, "we");
	if (!file || fwrite(header, sizeof(header), 1, file) != 1)
		abort();
	fclose(file);
}

void fake_virtual_set(struct fake_device *device)
{
	uint8_t *config = device->regions[VFIO_PCI_CONFIG_REGION_INDEX].bytes;
	char dir[128], text[512] = "";

	config[0x3d] = 0;
	fake_irq_set(device, VFIO_PCI_INTX_IRQ_INDEX, 0, 0);
	virtual_write_config(device, config);
	snprintf(text, sizeof(text), "0x%04x\n", config[0] | config[1] << 8);
	virtual_file(device, "vendor", text);
	snprintf(text, sizeof(text), "0x%04x\n", config[2] | config[3] << 8);
	virtual_file(device, "device", text);
	text[0] = '\0';
	for (int i = 0; i < 6; i++) {
		uint64_t size = device->regions[i].size;

		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "0x%x 0x%llx 0x%x\n", 0x1000,
			 0xfffull + (unsigned long long)size, size ? 0x200 : 0);
	}
	virtual_file(device, "resource", text);
	device_dir(device->name, dir, sizeof(dir));
	snprintf(text, sizeof(text), "%s/physfn", dir);
	tree_link(device->kernel->root, text, "sys/devices/pci0000:00");
}

void fake_iommufd_add(struct fake_kernel *fake)
{
	fake->has_iommufd = true;
	fake_kernel_file(fake, "dev/iommu", "");
	for (unsigned int i = 0; i < fake->device_count; i++)
		device_node(&fake->devices[i]);
}

void fake_noiommu_set(struct fake_device *device)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/dev/vfio/%d", device->kernel->root,
		 device->group->number);
	unlink(path);
	snprintf(path, sizeof(path), "dev/vfio/noiommu-%d",
		 device->group->number);
	fake_kernel_file(device->kernel, path, "");
	device->group->is_noiommu = true;
	for (int i = 0; i < FAKE_CONTAINERS; i++) {
		device->kernel->containers[i].has_v1 = false;
		device->kernel->containers[i].has_v2 = false;
		device->kernel->containers[i].has_noiommu = true;
	}
}

/* The device's directory, and the links that lead to it and away from it. */
static void device_in_sysfs(struct fake_device *device)
{
	struct fake_kernel *fake = device->kernel;
	char dir[128], path[256], target[64];

	device_dir(device->name, dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/uevent", dir);
	fake_kernel_file(fake, path, "");
	snprintf(path, sizeof(path), "%s/subsystem", dir);
	tree_link(fake->root, path, "sys/bus/pci");
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", device->name);
	tree_link(fake->root, path, dir);
	snprintf(target, sizeof(target), "sys/kernel/iommu_groups/%d",
		 device->group->number);
	snprintf(path, sizeof(path), "%s/iommu_group", dir);
	tree_link(fake->root, path, target);
	snprintf(path, sizeof(path), "%s/devices/%s", target, device->name);
	tree_link(fake->root, path, dir);
	fake_driver_set(device, "vfio-pci");
}

struct fake_device *fake_pci_add(struct fake_kernel *fake, const char *name,
				 int group)
{
	struct fake_device *device = &fake->devices[fake->device_count++];
	uint8_t *config;

	if (fake->device_count > FAKE_DEVICES)
		abort();
	device->kernel = fake;
	device->number = fake->device_count - 1 + 3;
	device->takes_token = true;
	snprintf(device->name, sizeof(device->name), "%s", name);
	device->group = fake_group_add(fake, group);
	device->flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
	device->region_count = VFIO_PCI_NUM_REGIONS;
	device->irq_count = VFIO_PCI_NUM_IRQS;
	device->fd = -1;
	device->file = memfd_create(name, MFD_CLOEXEC);
	if (device->file < 0 ||
	    ftruncate(device->file, (off_t)FAKE_REGIONS << 40))
		abort();
	for (int i = 0; i < FAKE_REGIONS; i++)
		device->regions[i].file_offset = (uint64_t)i << 40;
	for (int i = 0; i < FAKE_IRQS; i++)
		fake_irq_set(device, i, 0, 0);
	device->regions[VFIO_PCI_VGA_REGION_INDEX].err = EINVAL;

	fake_region_set(device, VFIO_PCI_CONFIG_REGION_INDEX, 4096,
			VFIO_REGION_INFO_FLAG_READ |
				VFIO_REGION_INFO_FLAG_WRITE);
	config = device->regions[VFIO_PCI_CONFIG_REGION_INDEX].bytes;
	memcpy(config, "\x36\x1b\x10\x00", 4); /* vendor 1b36, device 0010 */
	config[0x0b] = 0x01;                   /* mass storage */
	config[0x3d] = 1;                      /* INTA# */
	fake_irq_set(device, VFIO_PCI_INTX_IRQ_INDEX, 1,
		     VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_MASKABLE |
			     VFIO_IRQ_INFO_AUTOMASKED);
	device_in_sysfs(device);
	return device;
}

void fake_region_set(struct fake_device *device, unsigned int index,
		     uint64_t size, uint32_t flags)
{
	struct fake_region *region = &device->regions[index];
	void *bytes;

	if (region->bytes)
		munmap(region->bytes, region->bytes_size);
	bytes = mmap(NULL, size + 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_NORESERVE, device->file,
		     (off_t)index << 40);
	if (bytes == MAP_FAILED)
		abort();
	region->bytes = bytes;
	region->bytes_size = size + 4096;
	region->size = size;
	region->flags = flags;
}

void fake_area_add(struct fake_device *device, unsigned int index,
		   uint64_t offset, uint64_t size)
{
	struct fake_region *region = &device->regions[index];

	if (region->area_count == FAKE_AREAS)
		abort();
	region->areas[region->area_count++] = (struct fake_area){offset, size};
}

void fake_irq_set(struct fake_device *device, unsigned int index,
		  unsigned int count, uint32_t flags)
{
	struct fake_irq *irq = &device->irqs[index];

	irq->count = count;
	irq->flags = flags;
	irq->unmask = -1;
	for (int i = 0; i < FAKE_VECTORS; i++)
		irq->trigger[i] = -1;
}

bool fake_is_idle(const struct fake_kernel *fake, char *why, size_t size)
{
	for (int i = 0; i < FAKE_FDS; i++)
		if (fake->fds[i].fd && fake->fds[i].kind != FAKE_VM) {
			snprintf(why, size, "descriptor %d is open, kind %d",
				 fake->fds[i].fd, fake->fds[i].kind);
			return false;
		}
	for (int i = 0; i < FAKE_VMAS; i++)
		if (fake->vmas[i].vaddr) {
			snprintf(why, size, "%zu bytes are mapped",
				 fake->vmas[i].size);
			return false;
		}
	for (int i = 0; i < FAKE_CONTAINERS; i++)
		if (fake->containers[i].space.mapping_count ||
		    fake->containers[i].groups) {
			snprintf(why, size,
				 "container %d has %u mappings, %u "
				 "groups",
				 i, fake->containers[i].space.mapping_count,
				 fake->containers[i].groups);
			return false;
		}
	if (fake->misuses)
		snprintf(why, size, "%s", fake->misuse);
	return !fake->misuses;
}
