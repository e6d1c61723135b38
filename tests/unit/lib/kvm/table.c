// SPDX-License-Identifier: MIT
// KVM as a table behind the seam to the kernel, which refuses what KVM would.

#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int table_set_slot(struct table *t,
			  const struct kvm_userspace_memory_region *region)
{
	uint64_t last = region->guest_phys_addr + (region->memory_size - 1);

	assert_in_range(region->slot, 0, TABLE_MAX - 1);
	for (unsigned int i = 0; region->memory_size && i < TABLE_MAX; i++) {
		const struct kvm_userspace_memory_region *other = &t->slots[i];

		if (i != region->slot && other->memory_size &&
		    other->guest_phys_addr <= last &&
		    region->guest_phys_addr <=
			    other->guest_phys_addr + (other->memory_size - 1))
			return -EEXIST;
	}
	t->slots[region->slot] = *region;
	return 0;
}

static int table_set_routes(struct table *t,
			    const struct kvm_irq_routing *routing)
{
	if (routing->nr > LEND_KVM_GSIS)
		return -EINVAL;
	for (unsigned int i = 0; i < routing->nr; i++)
		if (routing->entries[i].gsi >= LEND_KVM_GSIS)
			return -EINVAL;
	t->route_count = routing->nr;
	memcpy(t->routes, routing->entries, routing->nr * sizeof(t->routes[0]));
	return 0;
}

static int table_set_irqfd(struct table *t, const struct kvm_irqfd *irqfd)
{
	bool add = !(irqfd->flags & KVM_IRQFD_FLAG_DEASSIGN);

	for (unsigned int i = 0; i < TABLE_MAX; i++) {
		struct kvm_irqfd *there = &t->irqfds[i];

		if (there->fd != (add ? 0 : irqfd->fd)) {
			if (add && there->fd == irqfd->fd)
				return -EBUSY;
			continue;
		}
		if (!add)
			assert_int_equal(there->gsi, irqfd->gsi);
		*there = add ? *irqfd : (struct kvm_irqfd){0};
		return 0;
	}
	fail_msg("an irqfd that does not exist is removed, or there are many");
	return -EINVAL;
}

static int table_set_file(struct table *t, const struct kvm_device_attr *attr)
{
	assert_int_equal(attr->group, KVM_DEV_VFIO_GROUP);
	t->files += attr->attr == KVM_DEV_VFIO_GROUP_ADD ? 1 : -1;
	return 0;
}

static int table_ioctl(const struct kernel *k, int fd, unsigned long request,
		       void *argument)
{
	struct table *t = (struct table *)(uintptr_t)k;

	t->calls++;
	if (fd == -1)
		return -EBADF;
	if (t->fail == request && !t->after)
		return -t->err;
	t->after -= t->fail == request;
	assert_int_equal(fd, request == KVM_SET_DEVICE_ATTR ? TABLE_VFIO
							    : TABLE_VM);
	switch (request) {
	case KVM_SET_USER_MEMORY_REGION:
		return table_set_slot(t, argument);
	case KVM_SET_GSI_ROUTING:
		return table_set_routes(t, argument);
	case KVM_IRQFD:
		return table_set_irqfd(t, argument);
	case KVM_CREATE_DEVICE:
		t->opened++;
		((struct kvm_create_device *)argument)->fd = TABLE_VFIO;
		return 0;
	case KVM_SET_DEVICE_ATTR:
		return table_set_file(t, argument);
	default:
		fail_msg("unexpected ioctl %#lx", request);
		return -ENOTTY;
	}
}

static int table_close(const struct kernel *k, int fd)
{
	struct table *t = (struct table *)(uintptr_t)k;

	assert_int_equal(fd, TABLE_VFIO);
	t->closed++;
	return 0;
}

static void table_log(void *opaque, enum lend_log_level level, const char *text)
{
	struct table *t = opaque;

	if (level != LEND_LOG_WARNING)
		return;
	t->warnings++;
	snprintf(t->warning, sizeof(t->warning), "%s", text);
}

int table_setup(void **state)
{
	static struct table t;
	const struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = table_log,
		.log_opaque = &t,
	};

	memset(&t, 0, sizeof(t));
	t.kernel = *kernel_real();
	t.kernel.ioctl = table_ioctl;
	t.kernel.close = table_close;
	*state = &t;
	if (ctx_new(&options, &t.kernel, &t.ctx))
		return -1;
	return lend_kvm_new(t.ctx, TABLE_VM, NULL, &t.kvm);
}

int table_teardown(void **state)
{
	struct table *t = *state;

	lend_kvm_free(t->kvm);
	lend_ctx_unref(t->ctx);
	assert_int_equal(t->opened, t->closed);
	return 0;
}

void table_expect(struct table *t, unsigned int calls)
{
	assert_int_equal(t->calls, calls);
	t->calls = 0;
}

unsigned int table_slots(const struct table *t)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < TABLE_MAX; i++)
		count += t->slots[i].memory_size != 0;
	return count;
}

const struct kvm_irqfd *table_irqfd(const struct table *t, int fd)
{
	for (unsigned int i = 0; i < TABLE_MAX; i++)
		if (t->irqfds[i].fd == (__u32)fd)
			return &t->irqfds[i];
	return NULL;
}

unsigned int table_irqfds(const struct table *t)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < TABLE_MAX; i++)
		count += t->irqfds[i].fd != 0;
	return count;
}

const struct kvm_irq_routing_entry *table_route(const struct table *t,
						uint64_t address, uint32_t data)
{
	for (unsigned int i = 0; i < t->route_count; i++) {
		const struct kvm_irq_routing_entry *entry = &t->routes[i];

		if (entry->type == KVM_IRQ_ROUTING_MSI &&
		    entry->u.msi.address_lo == (__u32)address &&
		    entry->u.msi.address_hi == (__u32)(address >> 32) &&
		    entry->u.msi.data == data)
			return entry;
	}
	return NULL;
}
