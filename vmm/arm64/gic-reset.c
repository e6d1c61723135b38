// SPDX-License-Identifier: MIT
// Resets the interrupt controller by its registers: KVM has no call for it.
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include "vmm/arm64/gic.h"
#include "vmm/irq/irq.h"
#include "vmm/kvm/vm.h"

/* Consecutive registers that get the same value. The first 32 interrupts are
 * private to a vCPU; the shared ones follow. */
struct row {
	uint32_t at;
	unsigned int words;
	uint32_t value;
};

#define ALL    UINT32_MAX
#define SGIS   0xffff          /* inter-processor: always enabled */
#define EDGES  0xaaaaaaaa      /* every line edge-triggered */
#define CACHED 0x580           /* inner shareable, read and write allocate */
#define BITS   (IRQ_PINS / 32) /* words with a bit for each interrupt */
#define PAIRS  (IRQ_PINS / 16)
#define BYTES  (IRQ_PINS / 4)

/* GICv3: all interrupts are in group 1, as KVM initialises them. */
static const struct row v3_distributor[] = {
	{0x0000, 1, 0},            /* CTLR */
	{0x0184, BITS, ALL},       /* ICENABLER */
	{0x0384, BITS, ALL},       /* ICACTIVER */
	{0x0204, BITS, 0},         /* ISPENDR: KVM also clears bits */
	{0x0084, BITS, ALL},       /* IGROUPR */
	{0x0420, BYTES, 0},        /* IPRIORITYR */
	{0x0c08, PAIRS, EDGES},    /* ICFGR */
	{0x6100, IRQ_PINS * 2, 0}, /* IROUTER */
	{0},
};
static const struct row v3_redistributor[] = {
	{0x00000, 1, 0},      /* CTLR: disable LPIs first */
	{0x00070, 1, CACHED}, /* PROPBASER */
	{0x00074, 1, 0},
	{0x00078, 1, CACHED}, /* PENDBASER */
	{0x0007c, 1, 0},
	{0x10180, 1, ALL},  /* ICENABLER0 */
	{0x10100, 1, SGIS}, /* ISENABLER0 */
	{0x10380, 1, ALL},  /* ICACTIVER0 */
	{0x10200, 1, 0},    /* ISPENDR0 */
	{0x10080, 1, ALL},  /* IGROUPR0 */
	{0x10400, 8, 0},    /* IPRIORITYR */
	{0x10c04, 1, 0},    /* ICFGR1 */
	{0},
};
static const struct row v2_distributor[] = {
	{0x000, 1, 0},         /* CTLR */
	{0x184, BITS, ALL},    /* ICENABLER */
	{0x384, BITS, ALL},    /* ICACTIVER */
	{0x284, BITS, ALL},    /* ICPENDR */
	{0x084, BITS, 0},      /* IGROUPR */
	{0x420, BYTES, 0},     /* IPRIORITYR */
	{0x820, BYTES, 0},     /* ITARGETSR */
	{0xc08, PAIRS, EDGES}, /* ICFGR */
	{0},
};
static const struct row v2_banked[] = {
	{0x180, 1, ALL},  /* ICENABLER0 */
	{0x100, 1, SGIS}, /* ISENABLER0 */
	{0x380, 1, ALL},  /* ICACTIVER0 */
	{0x280, 1, ALL},  /* ICPENDR0 */
	{0x080, 1, 0},    /* IGROUPR0 */
	{0x400, 8, 0},    /* IPRIORITYR */
	{0},
};
static const struct row v2_interface[] = {
	{0x00, 1, 0}, /* CTLR */
	{0x04, 1, 0}, /* PMR */
	{0x08, 1, 0}, /* BPR */
	{0},
};

/* KVM's encoding of the GICv3 CPU interface registers. */
#define ICC(crn, crm, op2) (3 << 14 | (crn) << 7 | (crm) << 3 | (op2))
#define ICC_CTLR           ICC(12, 12, 4)
#define ICC_CTLR_CHOICES   3 /* CBPR and EOImode; the rest is read-only */

static const uint32_t v3_interface[] = {
	ICC(12, 12, 6), /* IGRPEN0 */
	ICC(12, 12, 7), /* IGRPEN1 */
	ICC(4, 6, 0),   /* PMR */
	ICC(12, 8, 3),  /* BPR0 */
	ICC(12, 12, 3), /* BPR1 */
	ICC(12, 8, 4),  /* AP0R0 */
	ICC(12, 9, 0),  /* AP1R0 */
};

static int access_attr(int fd, unsigned long call, unsigned int group,
		       uint64_t attr, void *value)
{
	struct kvm_device_attr request = {
		.group = group,
		.attr = attr,
		.addr = (uintptr_t)value,
	};

	return ioctl(fd, call, &request);
}

static int write_rows(int fd, unsigned int group, uint64_t who,
		      const struct row *row)
{
	for (; row->words; row++) {
		uint32_t value = row->value;

		for (unsigned int i = 0; i < row->words; i++)
			if (access_attr(fd, KVM_SET_DEVICE_ATTR, group,
					who | (row->at + 4 * i), &value) < 0)
				return -1;
	}
	return 0;
}

static int reset_interface(int fd, uint64_t who)
{
	const unsigned int group = KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS;
	uint64_t value;

	for (unsigned int i = 0;
	     i < sizeof(v3_interface) / sizeof(v3_interface[0]); i++) {
		value = 0;
		if (access_attr(fd, KVM_SET_DEVICE_ATTR, group,
				who | v3_interface[i], &value) < 0)
			return -1;
	}
	if (access_attr(fd, KVM_GET_DEVICE_ATTR, group, who | ICC_CTLR,
			&value) < 0)
		return -1;
	value &= ~(uint64_t)ICC_CTLR_CHOICES;
	return access_attr(fd, KVM_SET_DEVICE_ATTR, group, who | ICC_CTLR,
			   &value);
}

static int reset_v3(const struct gic *gic, const uint64_t *mpidr,
		    unsigned int cpus)
{
	if (gic->its_fd >= 0 &&
	    access_attr(gic->its_fd, KVM_SET_DEVICE_ATTR,
			KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_ITS_CTRL_RESET,
			NULL) < 0)
		return -1;
	for (unsigned int i = 0; i < cpus; i++) {
		/* Four affinity fields, without the gap before Aff3. */
		uint64_t who =
			(mpidr[i] >> 8 & 0xff000000) | (mpidr[i] & 0xffffff);

		who <<= KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT;
		if (write_rows(gic->fd, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, who,
			       v3_redistributor) < 0 ||
		    reset_interface(gic->fd, who) < 0)
			return -1;
	}
	return write_rows(gic->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0,
			  v3_distributor);
}

static int reset_v2(const struct gic *gic, unsigned int cpus)
{
	for (unsigned int i = 0; i < cpus; i++) {
		uint64_t who = (uint64_t)i << KVM_DEV_ARM_VGIC_CPUID_SHIFT;

		if (write_rows(gic->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, who,
			       v2_banked) < 0 ||
		    write_rows(gic->fd, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, who,
			       v2_interface) < 0)
			return -1;
	}
	return write_rows(gic->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0,
			  v2_distributor);
}

int gic_reset(const struct gic *gic, struct lend_ctx *ctx,
	      const uint64_t *mpidr, unsigned int cpus)
{
	int err = gic->version == 3 ? reset_v3(gic, mpidr, cpus)
				    : reset_v2(gic, cpus);

	return err < 0 ? vm_error(ctx, "reset of the guest's interrupt "
				       "controller")
		       : 0;
}
