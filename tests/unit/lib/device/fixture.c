// SPDX-License-Identifier: MIT
// The scripted machine of the tests of devices and address spaces.

#include "fixture.h"

static void fixture_keep_message(void *opaque, enum lend_log_level level,
				 const char *text)
{
	struct fixture *f = opaque;

	if (level == LEND_LOG_WARNING)
		snprintf(f->warning, sizeof(f->warning), "%s", text);
	if (level == LEND_LOG_INFO)
		snprintf(f->message, sizeof(f->message), "%s", text);
}

static struct fake_device *add_nvme(struct fake_kernel *fake)
{
	const uint32_t rwm = VFIO_REGION_INFO_FLAG_READ |
			     VFIO_REGION_INFO_FLAG_WRITE |
			     VFIO_REGION_INFO_FLAG_MMAP;
	struct fake_device *device = fake_pci_add(fake, NAME, 7);

	fake_region_set(device, 0, 0x10000, rwm);
	fake_area_add(device, 0, 0, 0x2000);
	fake_area_add(device, 0, 0x3000, 0xd000);
	fake_region_set(device, 2, 0x400000, rwm);
	fake_irq_set(device, LEND_PCI_IRQ_MSI, 8,
		     VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE);
	fake_irq_set(device, LEND_PCI_IRQ_MSIX, 64, VFIO_IRQ_INFO_EVENTFD);
	return device;
}

int fixture_setup(void **state)
{
	static struct fixture fixture;
	struct fixture *f = &fixture;

	memset(f, 0, sizeof(*f));
	*state = f;
	f->fake = fake_kernel_new();
	if (!f->fake)
		return -1;
	f->nvme = add_nvme(f->fake);
	f->options = (struct lend_iommu_options)LEND_IOMMU_OPTIONS_INIT;
	f->space = &f->fake->containers[0].space;
	f->map = VFIO_IOMMU_MAP_DMA;
	f->unmap = VFIO_IOMMU_UNMAP_DMA;
	if (fake_ctx_new(f->fake, &f->ctx))
		return -1;
	f->ctx->log = fixture_keep_message;
	f->ctx->log_opaque = f;
	return lend_address_find_host(f->ctx, LEND_BUS_PCI, NAME, &f->address);
}

int fixture_open(struct fixture *f)
{
	int err = lend_iommu_new(f->ctx, &f->options, &f->iommu);

	if (!err)
		err = lend_device_open(f->iommu, f->address, NULL, &f->device);
	return err;
}

int fixture_setup_open(void **state)
{
	int err = fixture_setup(state);

	return err ? err : fixture_open(*state);
}

int fixture_setup_iommufd(void **state)
{
	int err = fixture_setup(state);
	struct fixture *f = *state;

	if (err)
		return err;
	fake_iommufd_add(f->fake);
	f->is_iommufd = true;
	f->space = &f->fake->iommufds[0].ioas[0].space;
	f->map = UAPI_IOAS_MAP;
	f->unmap = UAPI_IOAS_UNMAP;
	return 0;
}

int fixture_setup_iommufd_open(void **state)
{
	int err = fixture_setup_iommufd(state);

	return err ? err : fixture_open(*state);
}

void fixture_remove(struct fixture *f, const char *path)
{
	char full[160];

	snprintf(full, sizeof(full), "%s/%s", f->fake->root, path);
	assert_int_equal(remove(full), 0);
}

void fixture_close(struct fixture *f)
{
	f->device = lend_device_unref(f->device);
	f->iommu = lend_iommu_unref(f->iommu);
}

int fixture_open_other(struct fixture *f, struct lend_iommu *iommu, int group,
		       struct lend_device **other)
{
	struct lend_address *address;
	int err;

	fake_pci_add(f->fake, OTHER, group);
	err = lend_address_find_host(f->ctx, LEND_BUS_PCI, OTHER, &address);
	if (!err) {
		err = lend_device_open(iommu, address, NULL, other);
		lend_address_unref(address);
	}
	return err;
}

void assert_idle(struct fixture *f)
{
	char why[128];

	if (!fake_is_idle(f->fake, why, sizeof(why)))
		fail_msg("left over: %s", why);
}

int fixture_teardown(void **state)
{
	struct fixture *f = *state;
	char why[128] = "";
	bool idle;

	fixture_close(f);
	lend_address_unref(f->address);
	idle = fake_is_idle(f->fake, why, sizeof(why));
	lend_ctx_unref(f->ctx);
	fake_kernel_free(f->fake);
	if (!idle)
		print_error("left over: %s\n", why);
	return idle ? 0 : -1;
}

void assert_error(struct fixture *f, int result, int err,
		  enum lend_error_code code)
{
	const struct lend_error *e = lend_ctx_error(f->ctx);

	if (result != err || e->code != code || e->err != -err)
		fail_msg("%d, %s, %s; expected %d, %s", result,
			 lend_error_code_name(e->code), e->what, err,
			 lend_error_code_name(code));
}

static void assert_has(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("\"%s\" lacks \"%s\"", text, words);
}

void assert_reported(struct fixture *f, const char *what, const char *evidence,
		     const char *remedy)
{
	const struct lend_error *e = lend_ctx_error(f->ctx);

	assert_has(e->what, what);
	assert_has(e->evidence, evidence);
	assert_has(e->remedy, remedy);
}
