// SPDX-License-Identifier: MIT
// A lent PCI function on a scripted kernel, with a virtual machine that logs
// its operations.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "function.h"

#define NAME "0000:02:00.0"

static void function_ask(struct function *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void function_ask(struct function *f, const char *fmt, ...)
{
	size_t used = strlen(f->asked);
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->asked + used, sizeof(f->asked) - used, fmt, args);
	va_end(args);
	strncat(f->asked, "; ", sizeof(f->asked) - strlen(f->asked) - 1);
}

static int function_bar_place(void *opaque, unsigned int bar, uint64_t base)
{
	struct function *f = opaque;

	function_ask(f, "place %u %llx", bar, (unsigned long long)base);
	assert_false(f->placed[bar]);
	f->placed[bar] = !f->refusal;
	return f->refusal;
}

static void function_bar_drop(void *opaque, unsigned int bar)
{
	struct function *f = opaque;

	function_ask(f, "drop %u", bar);
	assert_true(f->placed[bar]);
	f->placed[bar] = false;
}

static int function_window_map(void *opaque, unsigned int window, uint64_t base,
			       uint64_t size, void *vaddr)
{
	struct function *f = opaque;

	assert_non_null(vaddr);
	assert_true(window < LEND_PCI_WINDOWS);
	function_ask(f, "map %u %llx+%llx", window, (unsigned long long)base,
		     (unsigned long long)size);
	assert_false(f->mapped[window]);
	f->mapped[window] = !f->window_refusal;
	return f->window_refusal;
}

static void function_window_unmap(void *opaque, unsigned int window)
{
	struct function *f = opaque;

	function_ask(f, "unmap %u", window);
	assert_true(f->mapped[window]);
	f->mapped[window] = false;
}

static int function_intx_connect(void *opaque, int trigger, int resample)
{
	struct function *f = opaque;

	assert_true(trigger >= 0);
	function_ask(f, "intx %s", resample >= 0 ? "both ways" : "one way");
	assert_false(f->intx);
	f->intx = !f->refusal;
	return f->refusal;
}

static void function_intx_disconnect(void *opaque, int trigger, int resample)
{
	struct function *f = opaque;

	(void)resample;
	assert_true(trigger >= 0);
	function_ask(f, "intx off");
	assert_true(f->intx);
	f->intx = false;
}

static int function_msi_connect(void *opaque, unsigned int vector, int fd,
				uint64_t address, uint32_t data)
{
	struct function *f = opaque;

	assert_true(fd >= 0);
	function_ask(f, "on %u %llx %x", vector, (unsigned long long)address,
		     data);
	assert_false(f->intx);
	if (!f->refusal)
		f->connected[vector] = f->known[vector] = true;
	if (f->moved && !f->refusal)
		f->moved(f, vector, fd, true);
	return f->refusal;
}

static void function_msi_disconnect(void *opaque, unsigned int vector, int fd)
{
	struct function *f = opaque;

	assert_true(fd >= 0);
	function_ask(f, "off %u", vector);
	assert_true(f->connected[vector]);
	f->connected[vector] = false;
	if (f->moved)
		f->moved(f, vector, fd, false);
}

static void function_msi_release(void *opaque, unsigned int vector)
{
	struct function *f = opaque;

	function_ask(f, "release %u", vector);
	assert_true(f->known[vector]);
	assert_false(f->connected[vector]);
	f->known[vector] = false;
}

const struct lend_pci_ops function_ops = {
	.size = sizeof(function_ops),
	.bar_place = function_bar_place,
	.bar_drop = function_bar_drop,
	.window_map = function_window_map,
	.window_unmap = function_window_unmap,
	.intx_connect = function_intx_connect,
	.intx_disconnect = function_intx_disconnect,
	.msi_connect = function_msi_connect,
	.msi_disconnect = function_msi_disconnect,
	.msi_release = function_msi_release,
};

/* Writes to the device are logged too, for their order. */
static void function_config_written(struct fake_device *device,
				    unsigned int region, uint64_t offset,
				    unsigned int size)
{
	const uint8_t *bytes = device->regions[region].bytes;

	if (region == LEND_PCI_REGION_CONFIG)
		function_ask(device->opaque, "config %llx/%u %x",
			     (unsigned long long)offset, size,
			     bytes[offset] |
				     (size > 1 ? bytes[offset + 1] << 8 : 0));
}

static void function_was_reset(struct fake_device *device)
{
	function_ask(device->opaque, "reset");
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
	return lend_pci_new(f->device, options, &function_ops, f, &f->pci);
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
