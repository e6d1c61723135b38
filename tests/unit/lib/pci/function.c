// SPDX-License-Identifier: MIT
// A lent PCI function on a scripted kernel, with a virtual machine that logs
// its operations.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "function.h"

#define NAME "0000:02:00.0"

static void function_note(void *opaque, const char *operation)
{
	struct function *f = opaque;

	strncat(f->asked, operation, sizeof(f->asked) - strlen(f->asked) - 1);
	strncat(f->asked, "; ", sizeof(f->asked) - strlen(f->asked) - 1);
}

static void function_broken(const char *what)
{
	fail_msg("%s", what);
}

/* Writes to the device are logged too, for their order. */
static void function_config_written(struct fake_device *device,
				    unsigned int region, uint64_t offset,
				    unsigned int size)
{
	const uint8_t *bytes = device->regions[region].bytes;
	char text[64];

	if (region == LEND_PCI_REGION_CONFIG) {
		snprintf(text, sizeof(text), "config %llx/%u %x",
			 (unsigned long long)offset, size,
			 bytes[offset] |
				 (size > 1 ? bytes[offset + 1] << 8 : 0));
		function_note(device->opaque, text);
	}
}

static void function_was_reset(struct fake_device *device)
{
	function_note(device->opaque, "reset");
}

static void function_keep_message(void *opaque, enum lend_log_level level,
				  const char *text)
{
	struct function *f = opaque;

	if (level != LEND_LOG_WARNING)
		return;
	f->warnings++;
	snprintf(f->warning, sizeof(f->warning), "%s", text);
}

static struct fake_device *function_add_device(struct function *f)
{
	const uint32_t rw =
		VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	struct fake_device *device = fake_pci_add(f->fake, NAME, 7);

	image_full(device->regions[LEND_PCI_REGION_CONFIG].bytes);
	fake_region_set(device, 0, 0x4000, rw | VFIO_REGION_INFO_FLAG_MMAP);
	fake_region_set(device, 2, 0x20, rw);
	fake_region_set(device, 4, 0x10000, rw | VFIO_REGION_INFO_FLAG_MMAP);
	fake_region_set(device, 6, 0x10000, VFIO_REGION_INFO_FLAG_READ);
	device->regions[0].msix_mappable = true;
	fake_irq_set(device, LEND_PCI_IRQ_MSI, 4,
		     VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE);
	fake_irq_set(device, LEND_PCI_IRQ_MSIX, 8, VFIO_IRQ_INFO_EVENTFD);
	device->written = function_config_written;
	device->was_reset = function_was_reset;
	device->opaque = f;
	return device;
}

int pci_function_setup(void **state)
{
	static struct function function;
	struct function *f = &function;

	memset(f, 0, sizeof(*f));
	*state = f;
	f->vm = (struct fake_vm){
		.log = function_note,
		.opaque = f,
		.broken = function_broken,
	};
	f->fake = fake_kernel_new();
	if (!f->fake)
		return -1;
	f->host = function_add_device(f);
	if (fake_ctx_new(f->fake, &f->ctx))
		return -1;
	f->ctx->log = function_keep_message;
	f->ctx->log_opaque = f;
	return 0;
}

int function_present(struct function *f, const struct lend_pci_options *options)
{
	return lend_pci_new(f->device, options, &fake_vm_ops, &f->vm, &f->pci);
}

int function_open(struct function *f, const struct lend_pci_options *options)
{
	struct lend_address *address;
	int err;

	err = lend_address_find_host(f->ctx, LEND_BUS_PCI, NAME, &address);
	if (err)
		return err;
	err = lend_iommu_new(f->ctx, NULL, &f->iommu);
	if (!err)
		err = lend_device_open(f->iommu, address, NULL, &f->device);
	lend_address_unref(address);
	return err ? err : function_present(f, options);
}

int pci_function_setup_open(void **state)
{
	struct function *f;

	if (pci_function_setup(state))
		return -1;
	f = *state;
	if (function_open(f, NULL))
		return -1;
	f->asked[0] = '\0';
	fake_log_clear(f->fake);
	return 0;
}

int pci_function_teardown(void **state)
{
	struct function *f = *state;
	char why[128] = "";
	bool idle;

	f->fake->fail_at = 0;
	lend_pci_free(f->pci);
	lend_device_unref(f->device);
	lend_iommu_unref(f->iommu);
	idle = fake_is_idle(f->fake, why, sizeof(why));
	lend_ctx_unref(f->ctx);
	fake_kernel_free(f->fake);
	if (!idle)
		fail_msg("left over: %s", why);
	return 0;
}

uint32_t cfg_get(struct function *f, unsigned int at, unsigned int size)
{
	return lend_pci_config_read(f->pci, at, size);
}

void cfg_put(struct function *f, unsigned int at, unsigned int size,
	     uint32_t value)
{
	lend_pci_config_write(f->pci, at, size, value);
}

struct fake_irq *irq_of(struct function *f, unsigned int index)
{
	return &f->host->irqs[index];
}

unsigned int irq_calls(struct function *f)
{
	return fake_count(f->fake, FAKE_IOCTL, VFIO_DEVICE_SET_IRQS);
}

void irq_fire(struct function *f, unsigned int index, unsigned int vector)
{
	static const uint64_t one = 1;

	assert_true(irq_of(f, index)->trigger[vector] >= 0);
	assert_int_equal(write(irq_of(f, index)->trigger[vector], &one, 8), 8);
}

void place_all(struct function *f)
{
	cfg_put(f, 0x10, 4, 0xc0000000);
	cfg_put(f, 0x18, 4, 0x1000);
	cfg_put(f, 0x20, 4, 0xd0000000);
	cfg_put(f, 0x3c, 1, 10);
	cfg_put(f, 0x04, 2, 0x0407);
}

void expect_asked(struct function *f, const char *want)
{
	assert_string_equal(f->asked, want);
	f->asked[0] = '\0';
}

void function_expect_calls(struct function *f, unsigned int want)
{
	assert_int_equal(f->fake->calls, want);
	fake_log_clear(f->fake);
}
