// SPDX-License-Identifier: MIT
// A machine with a device on a scripted KVM and a scripted VFIO, from its
// creation to its end.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/vfio.h>

#include <lend/lend.h>

#include "fake/public.h"
#include "faults.h"
#include "life.h"
#include "tests/unit/vmm/x86/bzimage.h"

#define NAME     "0000:00:05.0"
#define RAM      (16 << 20)
#define ROOM     0x200000 /* of the kernel, and its address */
#define REGION   0x10000
#define PATIENCE 600 /* seconds for a guest to shut down */

static const struct lend_iommu_options iommu = LEND_IOMMU_OPTIONS_INIT;

static struct lend_test_device *life_device(const struct life *life)
{
	return (struct lend_test_device *)life->lent;
}

static int life_write_file(char name[40], const void *bytes, size_t size)
{
	int fd;

	strcpy(name, "/tmp/test-life-XXXXXX");
	fd = mkstemp(name);
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		return -1;
	return close(fd);
}

static int life_write_files(struct life *life)
{
	uint8_t image[BZIMAGE_SIZE];

	bzimage_make(image);
	bzimage_header(image)->init_size = ROOM;
	bzimage_header(image)->pref_address = ROOM;
	return life_write_file(life->kernel, image, sizeof(image)) ||
			       life_write_file(life->initrd, "any bytes", 9)
		       ? -1
		       : 0;
}

int life_open(struct life *life)
{
	memset(life, 0, sizeof(*life));
	life->fake = fake_kernel_new();
	if (!life->fake || life_write_files(life))
		return -1;
	seam_set(life->fake);
	fake_iommufd_add(life->fake);
	life->lent = fake_pci_add(life->fake, NAME, 7);
	fake_region_set(life->lent, 0, REGION,
			VFIO_REGION_INFO_FLAG_READ |
				VFIO_REGION_INFO_FLAG_WRITE |
				VFIO_REGION_INFO_FLAG_MMAP);
	fake_irq_set(life->lent, LEND_PCI_IRQ_ERR, 1, VFIO_IRQ_INFO_EVENTFD);
	fake_irq_set(life->lent, LEND_PCI_IRQ_REQ, 1, VFIO_IRQ_INFO_EVENTFD);
	return lend_test_add_msi(life_device(life), 1) == (LIFE_MSI & 0xff)
		       ? 0
		       : -1;
}

void life_close(struct life *life)
{
	unlink(life->kernel);
	unlink(life->initrd);
	fake_kernel_free(life->fake);
}

int life_begin(struct life *life, struct lend_ctx *ctx)
{
	static char name[] = NAME;
	int err;

	life->function = (struct assign_pci_config){
		.fd = -1,
		.name = name,
		.id = LIFE_ID,
		.socket = life->socket,
		.place = {.port = life->port,
			  .slot = life->port ? 0 : LIFE_SLOT},
		.quirks.no_opregion = true,
	};
	life->device = (struct machine_device_config){
		.open = assign_pci_open,
		.create = assign_pci_create,
		.config = &life->function,
		.shares_ram = life->socket,
	};
	life->config = (struct machine_config){
		.kernel = life->kernel,
		.initrd = life->initrd,
		.append = "console=ttyS0",
		.ram = RAM,
		.mem_path = life->mem_path,
		.cpus = LIFE_CPUS,
		.sandbox.mode = life->is_free ? SANDBOX_OFF : SANDBOX_ON,
		.iommu = &iommu,
		.unplug_timeout = PATIENCE,
		.control = life->control,
		.topology = life->topology,
		.devices = &life->device,
		.device_count = 1,
	};
	err = lend_address_find_host(ctx, LEND_BUS_PCI, NAME,
				     &life->function.address);
	return err ? err : machine_create(&life->machine, ctx, &life->config);
}

void life_request(struct life *life)
{
	int err;

	faults_enter();
	err = lend_test_raise(life_device(life), LEND_PCI_IRQ_REQ, 0);
	faults_leave();
	if (err && err != -ENOTCONN)
		abort();
}

void life_end(struct life *life)
{
	machine_destroy(life->machine);
	life->machine = NULL;
	lend_address_unref(life->function.address);
}
