// SPDX-License-Identifier: MIT
// KVM behind the seam to the kernel: the scripted one, with some failures.

#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int table_ioctl(const struct kernel *k, int fd, unsigned long request,
		       void *argument)
{
	struct table *t = (struct table *)(uintptr_t)k;
	int err;

	t->calls++;
	if (fd == -1)
		return -EBADF;
	if (t->fail == request && !t->after)
		return -t->err;
	t->after -= t->fail == request;
	assert_int_equal(fd, request == KVM_SET_DEVICE_ATTR ? TABLE_VFIO
							    : TABLE_VM);
	if (request == KVM_CREATE_DEVICE) {
		t->opened++;
		((struct kvm_create_device *)argument)->fd = TABLE_VFIO;
		return 0;
	}
	err = fake_kvm_ioctl(&t->vm, request, argument);
	if (t->vm.misuse)
		fail_msg("%s", t->vm.misuse);
	assert_int_not_equal(err, -ENOTTY);
	return err;
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

const struct kvm_irq_routing_entry *table_route(const struct table *t,
						uint64_t address, uint32_t data)
{
	for (unsigned int i = 0; i < t->vm.route_count; i++) {
		const struct kvm_irq_routing_entry *entry = &t->vm.routes[i];

		if (entry->type == KVM_IRQ_ROUTING_MSI &&
		    entry->u.msi.address_lo == (__u32)address &&
		    entry->u.msi.address_hi == (__u32)(address >> 32) &&
		    entry->u.msi.data == data)
			return entry;
	}
	return NULL;
}
