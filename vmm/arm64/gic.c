// SPDX-License-Identifier: MIT
// The in-kernel interrupt controller: a GICv3 with an ITS, or a GICv2.
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

#include <lend/context.h>
#include <lend/error.h>

#include "vmm/arm64/gic.h"
#include "vmm/irq/irq.h"
#include "vmm/kvm/vm.h"
#include "vmm/memory/layout.h"

#define PRIVATE_IRQS 32 /* private to each vCPU: numbers 0 to 31 */

static int gic_create_device(int vm_fd, unsigned int type)
{
	struct kvm_create_device device = {.type = type};

	if (ioctl(vm_fd, KVM_CREATE_DEVICE, &device) < 0)
		return -errno;
	return (int)device.fd;
}

static int gic_set_attr(struct lend_ctx *ctx, int fd, unsigned int group,
			uint64_t attr, const void *value)
{
	const struct kvm_device_attr request = {
		.group = group,
		.attr = attr,
		.addr = (uintptr_t)value,
	};

	if (ioctl(fd, KVM_SET_DEVICE_ATTR, &request) < 0)
		return vm_error(ctx, "KVM_SET_DEVICE_ATTR on the guest's "
				     "interrupt controller");
	return 0;
}

static int set_address(struct lend_ctx *ctx, int fd, uint64_t what,
		       uint64_t address)
{
	return gic_set_attr(ctx, fd, KVM_DEV_ARM_VGIC_GRP_ADDR, what, &address);
}

static int gic_place(const struct gic *gic, struct lend_ctx *ctx)
{
	int err;

	if (gic->version == 3) {
		err = set_address(ctx, gic->fd, KVM_VGIC_V3_ADDR_TYPE_DIST,
				  LAYOUT_GICD_BASE);
		return err ? err
			   : set_address(ctx, gic->fd,
					 KVM_VGIC_V3_ADDR_TYPE_REDIST,
					 LAYOUT_GICR_BASE);
	}
	err = set_address(ctx, gic->fd, KVM_VGIC_V2_ADDR_TYPE_DIST,
			  LAYOUT_GICD_BASE);
	return err ? err
		   : set_address(ctx, gic->fd, KVM_VGIC_V2_ADDR_TYPE_CPU,
				 LAYOUT_GICC_BASE);
}

int gic_create(struct gic *gic, struct lend_ctx *ctx, int vm_fd)
{
	const uint32_t irqs = PRIVATE_IRQS + IRQ_PINS;
	int err;

	*gic = (struct gic){.its_fd = -1, .version = 3};
	gic->fd = gic_create_device(vm_fd, KVM_DEV_TYPE_ARM_VGIC_V3);
	if (gic->fd < 0) {
		gic->version = 2;
		gic->fd = gic_create_device(vm_fd, KVM_DEV_TYPE_ARM_VGIC_V2);
	}
	if (gic->fd < 0) {
		lend_error_set(ctx, LEND_ERROR_NO_KVM, -gic->fd, NULL,
			       "KVM cannot create an interrupt controller: "
			       "%s",
			       strerror(-gic->fd));
		return lend_error_remedy(ctx, "use a host with a GICv3, or a "
					      "GICv2 that supports "
					      "virtualisation");
	}
	err = gic_set_attr(ctx, gic->fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
			   &irqs);
	return err ? err : gic_place(gic, ctx);
}

static int add_its(struct gic *gic, struct lend_ctx *ctx, int vm_fd)
{
	int err;

	gic->its_fd = gic_create_device(vm_fd, KVM_DEV_TYPE_ARM_VGIC_ITS);
	if (gic->its_fd < 0) {
		lend_log(ctx, LEND_LOG_WARNING,
			 "KVM cannot create an ITS (%s): the guest has no MSIs",
			 strerror(-gic->its_fd));
		gic->its_fd = -1;
		return 0;
	}
	err = set_address(ctx, gic->its_fd, KVM_VGIC_ITS_ADDR_TYPE,
			  LAYOUT_ITS_BASE);
	return err ? err
		   : gic_set_attr(ctx, gic->its_fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
				  KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

int gic_finish(struct gic *gic, struct lend_ctx *ctx, int vm_fd)
{
	int err = gic_set_attr(ctx, gic->fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
			       KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);

	if (err)
		return err;
	if (gic->version == 3)
		return add_its(gic, ctx, vm_fd);
	lend_log(ctx, LEND_LOG_INFO,
		 "this host has a GICv2: the guest has no MSIs, and devices "
		 "fall back to INTx");
	return 0;
}

void gic_close(struct gic *gic)
{
	if (gic->its_fd >= 0)
		close(gic->its_fd);
	if (gic->fd >= 0)
		close(gic->fd);
	gic->fd = gic->its_fd = -1;
}
