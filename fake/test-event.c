// SPDX-License-Identifier: MIT
// What happens between a device of a scripted host and a guest: interrupts both
// ways, DMA, and the guest's accesses to memory slots.

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include <lend/iommu.h>

#include "fake/public.h"
#include "lib/base/uapi.h"

/* Takes the events of an eventfd. Returns whether there were any. */
static bool test_event_take(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	eventfd_t count;

	return poll(&ready, 1, 0) == 1 && ready.revents & POLLIN &&
	       !eventfd_read(fd, &count);
}

int lend_test_raise(struct lend_test_device *of, unsigned int index,
		    unsigned int vector)
{
	struct fake_device *device = test_device(of);
	struct fake_irq *irq;
	int err = 0;

	if (index >= FAKE_IRQS || vector >= device->irqs[index].count)
		return -EINVAL;
	test_lock(device->kernel);
	irq = &device->irqs[index];
	if (irq->masked && irq->unmask >= 0 && test_event_take(irq->unmask))
		irq->masked = false;
	if (irq->trigger[vector] < 0)
		err = -ENOTCONN;
	else if (irq->masked)
		err = -EBUSY;
	else if (eventfd_write(irq->trigger[vector], 1))
		err = -errno;
	if (!err && irq->flags & VFIO_IRQ_INFO_AUTOMASKED)
		irq->masked = true;
	test_unlock(device->kernel);
	return err;
}

/* The address space that a device is in, or NULL. */
static const struct fake_space *test_space_of(const struct fake_device *device)
{
	if (device->fd < 0)
		return NULL;
	if (device->attached)
		return &device->attached->space;
	return device->group->container ? &device->group->container->space
					: NULL;
}

static bool test_mapping_allows(const struct fake_device *device,
				const struct fake_mapping *m,
				unsigned int flags)
{
	uint32_t read = VFIO_DMA_MAP_FLAG_READ, write = VFIO_DMA_MAP_FLAG_WRITE;

	if (device->attached) {
		read = UAPI_IOAS_MAP_READABLE;
		write = UAPI_IOAS_MAP_WRITEABLE;
	}
	return (!(flags & LEND_DMA_READ) || m->flags & read) &&
	       (!(flags & LEND_DMA_WRITE) || m->flags & write);
}

static void *test_dma_find(struct fake_device *device, uint64_t iova,
			   uint64_t size, unsigned int flags)
{
	const struct fake_space *space = test_space_of(device);

	if (!space || !(test_config(device)[PCI_COMMAND] & PCI_COMMAND_MASTER))
		return NULL;
	for (unsigned int i = 0; i < space->mapping_count; i++) {
		const struct fake_mapping *m = &space->mappings[i];

		if (iova >= m->iova && iova - m->iova < m->size &&
		    size <= m->size - (iova - m->iova) &&
		    test_mapping_allows(device, m, flags))
			return (void *)(uintptr_t)(m->vaddr + iova - m->iova);
	}
	return NULL;
}

void *lend_test_dma(struct lend_test_device *of, uint64_t iova, uint64_t size,
		    unsigned int flags)
{
	struct fake_device *device = test_device(of);
	void *memory;

	test_lock(device->kernel);
	memory = test_dma_find(device, iova, size, flags);
	test_unlock(device->kernel);
	return memory;
}

void *lend_test_guest(struct lend_test *test, uint64_t address, uint64_t size)
{
	struct fake_kernel *fake = test_kernel(test);
	void *memory = NULL;

	test_lock(fake);
	for (int i = 0; i < FAKE_SLOTS; i++) {
		const struct kvm_userspace_memory_region *slot =
			&fake->vm.slots[i];
		uint64_t at = address - slot->guest_phys_addr;

		if (slot->memory_size && address >= slot->guest_phys_addr &&
		    at < slot->memory_size && size <= slot->memory_size - at)
			memory = (void *)(uintptr_t)(slot->userspace_addr + at);
	}
	test_unlock(fake);
	return memory;
}

/* KVM's own routes, which it makes with its interrupt controllers, are lines.
 */
static int test_route_follow(const struct fake_kvm *vm, unsigned int gsi,
			     uint64_t *address, uint32_t *data)
{
	const struct kvm_irq_routing_entry *route = fake_kvm_route(vm, gsi);

	*address = 0;
	*data = 0;
	if (!route && vm->route_count)
		return -ENOTCONN;
	if (route && route->type == KVM_IRQ_ROUTING_MSI) {
		*address = (uint64_t)route->u.msi.address_hi << 32 |
			   route->u.msi.address_lo;
		*data = route->u.msi.data;
	}
	return (int)gsi;
}

int lend_test_interrupt(struct lend_test *test, uint64_t *address,
			uint32_t *data)
{
	struct fake_kernel *fake = test_kernel(test);
	int result = -EAGAIN;

	test_lock(fake);
	for (int i = 0; i < FAKE_IRQFDS && result == -EAGAIN; i++) {
		const struct kvm_irqfd *irqfd = &fake->vm.irqfds[i];

		if (irqfd->fd && test_event_take((int)irqfd->fd))
			result = test_route_follow(&fake->vm, irqfd->gsi,
						   address, data);
	}
	test_unlock(fake);
	return result;
}

void lend_test_end(struct lend_test *test, unsigned int gsi)
{
	struct fake_kernel *fake = test_kernel(test);

	test_lock(fake);
	for (int i = 0; i < FAKE_IRQFDS; i++) {
		const struct kvm_irqfd *irqfd = &fake->vm.irqfds[i];

		if (irqfd->fd && irqfd->gsi == gsi &&
		    irqfd->flags & KVM_IRQFD_FLAG_RESAMPLE)
			eventfd_write((int)irqfd->resamplefd, 1);
	}
	test_unlock(fake);
}
