// SPDX-License-Identifier: MIT
// A lent PCI function: any configuration space, BARs of any size, and any
// accesses of a guest.

#include <errno.h>
#include <linux/vfio.h>

#include <lend/lend.h>

#include "stub-function.h"
#include "tests/unit/fake/vm.h"

/* The device from the input, and the state of the virtual machine. */
static struct {
	struct stub_function function;
	struct fake_vm vm;
} d;

static int function_fuzz_ioctl(struct stub *stub, int fd, unsigned long request,
			       void *argument)
{
	(void)stub;
	(void)fd;
	if (request == VFIO_DEVICE_SET_IRQS && d.vm.refusal)
		return -ENOSPC;
	return stub_function_ioctl(&d.function, request, argument);
}

static void function_fuzz_read_bytes(struct stub *stub, int fd, uint64_t offset,
				     void *data, size_t size)
{
	(void)stub;
	(void)fd;
	stub_function_read(&d.function, offset, data, size);
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
	uint8_t act = (uint8_t)input_take(input, 1);

	if (act >= 0xf0) {
		stub_faults_set(stub_get(), act & 1 ? input : NULL);
		return;
	}
	switch (act & 0xf) {
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

	memset(&d.vm, 0, sizeof(d.vm));
	d.vm.broken = stub_never;
	stub_function_make(&d.function, &input);
	stub_faults_set(stub, d.function.is_faulty ? &input : NULL);
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
