// SPDX-License-Identifier: MIT
// The policy of each capability: what a guest can see and write, and why.

#include <stddef.h>

#include <linux/pci_regs.h>

#include "lib/pci/policy.h"

/* As linux/pci_regs.h has it since Linux 6.16. */
#ifndef PCI_EXT_CAP_ID_VF_REBAR
#define PCI_EXT_CAP_ID_VF_REBAR 0x24
#endif

#define ALL 0xffffffffu

#define FIELDS(table)                                                          \
	{                                                                      \
		(table), sizeof(table) / sizeof((table)[0])                    \
	}

static const struct policy_field pm_fields[] = {
	/* D1 and D2 have no benefit and stop BARs like D3; the kernel does not
	 * pass PME# to the guest. */
	{.offset = PCI_PM_PMC,
	 .size = 2,
	 .keep = ALL & ~(uint32_t)(PCI_PM_CAP_D1 | PCI_PM_CAP_D2 |
				   PCI_PM_CAP_PME_MASK),
	 .zero = PCI_PM_CAP_D1 | PCI_PM_CAP_D2 | PCI_PM_CAP_PME_MASK},
	/* The kernel puts the device into the power state that is written. */
	{.offset = PCI_PM_CTRL,
	 .size = 2,
	 .keep = PCI_PM_CTRL_NO_SOFT_RESET,
	 .zero = 0xffff & ~(PCI_PM_CTRL_NO_SOFT_RESET | PCI_PM_CTRL_STATE_MASK),
	 .writable = PCI_PM_CTRL_STATE_MASK,
	 .pass = PCI_PM_CTRL_STATE_MASK},
	{.offset = PCI_PM_PPB_EXTENSIONS, .size = 2, .zero = ALL},
};

static const struct policy_field vpd_fields[] = {
	/* The flag that starts a write is not passed: a guest's write to the
	 * EEPROM would persist. */
	{.offset = PCI_VPD_ADDR, .size = 2, .pass = PCI_VPD_ADDR_MASK},
};

#define DEVCAP_HIDDEN                                                          \
	(PCI_EXP_DEVCAP_PHANTOM | PCI_EXP_DEVCAP_EXT_TAG |                     \
	 PCI_EXP_DEVCAP_ATN_BUT | PCI_EXP_DEVCAP_ATN_IND |                     \
	 PCI_EXP_DEVCAP_PWR_IND | PCI_EXP_DEVCAP_PWR_VAL |                     \
	 PCI_EXP_DEVCAP_PWR_SCL)
/* Settings for the device's own reads and writes, which are the driver's
 * choice. */
#define DEVCTL_OPEN                                                            \
	(PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN |                 \
	 PCI_EXP_DEVCTL_READRQ)
#define DEVCAP2_SHOWN                                                          \
	(PCI_EXP_DEVCAP2_COMP_TMOUT_DIS | 0xf /* timeout ranges */)

static const struct policy_field exp_fields[] = {
	{.offset = PCI_EXP_FLAGS, .size = 2, .keep = ALL},
	/* Tags beyond 5 bits and slot power belong to the host's link. */
	{.offset = PCI_EXP_DEVCAP,
	 .size = 4,
	 .keep = ALL & ~(uint32_t)DEVCAP_HIDDEN,
	 .zero = DEVCAP_HIDDEN},
	/* Payload, tags and error reporting follow the host's topology. */
	{.offset = PCI_EXP_DEVCTL,
	 .size = 2,
	 .keep = 0xffff & ~(DEVCTL_OPEN | PCI_EXP_DEVCTL_BCR_FLR),
	 .zero = PCI_EXP_DEVCTL_BCR_FLR,
	 .writable = DEVCTL_OPEN,
	 .pass = DEVCTL_OPEN},
	/* Read from the device: a driver that resets it waits for pending
	 * transactions. The kernel does not let error bits be cleared. */
	{.offset = PCI_EXP_DEVSTA, .size = 2},
	/* An endpoint on the root bus has no link, slot or root registers;
	 * express.c has those of one below a port. */
	{.offset = PCI_EXP_LNKCAP, .size = 4, .zero = ALL},
	{.offset = PCI_EXP_LNKCTL, .size = 4, .zero = ALL},
	{.offset = PCI_EXP_SLTCAP, .size = 4, .zero = ALL},
	{.offset = PCI_EXP_SLTCTL, .size = 4, .zero = ALL},
	{.offset = PCI_EXP_RTCTL, .size = 4, .zero = ALL},
	{.offset = PCI_EXP_RTSTA, .size = 4, .zero = ALL},
	/* Latency, tags, atomics and OBFF concern ports that the guest does not
	 * see. */
	{.offset = PCI_EXP_DEVCAP2,
	 .size = 4,
	 .keep = DEVCAP2_SHOWN,
	 .zero = ALL & ~(uint32_t)DEVCAP2_SHOWN},
	{.offset = PCI_EXP_DEVCTL2,
	 .size = 2,
	 .keep = PCI_EXP_DEVCTL2_COMP_TIMEOUT | PCI_EXP_DEVCTL2_COMP_TMOUT_DIS,
	 .zero = 0xffff & ~(PCI_EXP_DEVCTL2_COMP_TIMEOUT |
			    PCI_EXP_DEVCTL2_COMP_TMOUT_DIS)},
	{.offset = PCI_EXP_DEVCTL2 + 2, .size = 2, .zero = ALL},
	{.offset = PCI_EXP_LNKCAP2, .size = 4, .zero = ALL},
	{.offset = PCI_EXP_LNKCTL2, .size = 4, .zero = ALL},
	{.offset = PCI_EXP_SLTCAP2, .size = 4, .zero = ALL},
	{.offset = PCI_EXP_SLTCTL2, .size = 4, .zero = ALL},
};

static const struct policy_field af_fields[] = {
	{.offset = PCI_AF_LENGTH, .size = 2, .keep = ALL},
	/* The reset bit triggers a reset and is never stored. */
	{.offset = PCI_AF_CTRL, .size = 1, .zero = ALL},
};

static const struct policy standard[] = {
	{.id = PCI_CAP_ID_PM,
	 .verdict = POLICY_KEEP,
	 .size = PCI_PM_SIZEOF,
	 .fields = FIELDS(pm_fields),
	 .why = "drivers and reset code use power states"},
	{.id = PCI_CAP_ID_VPD,
	 .verdict = POLICY_KEEP,
	 .size = 8,
	 .fields = FIELDS(vpd_fields),
	 .why = "read-only: tools read serial numbers"},
	{.id = PCI_CAP_ID_MSI,
	 .verdict = POLICY_KEEP,
	 .length = POLICY_MSI,
	 .why = "emulated: the kernel owns the device's registers"},
	{.id = PCI_CAP_ID_PCIX,
	 .verdict = POLICY_KEEP,
	 .size = 8,
	 .why = "read-only: the host owns bus parameters"},
	{.id = PCI_CAP_ID_VNDR,
	 .verdict = POLICY_PASS,
	 .length = POLICY_IN_BYTE,
	 .why = "vendor-specific registers that its driver uses"},
	{.id = PCI_CAP_ID_DBG,
	 .verdict = POLICY_CONSTANT,
	 .size = 4,
	 .why = "location of the debug port"},
	{.id = PCI_CAP_ID_EXP,
	 .verdict = POLICY_KEEP,
	 .length = POLICY_EXPRESS,
	 .fields = FIELDS(exp_fields),
	 .why = "identifies a PCI Express function, which its driver expects"},
	{.id = PCI_CAP_ID_MSIX,
	 .verdict = POLICY_KEEP,
	 .size = PCI_CAP_MSIX_SIZEOF,
	 .why = "emulated: the kernel owns the device's table"},
	{.id = PCI_CAP_ID_SATA,
	 .verdict = POLICY_CONSTANT,
	 .size = 8,
	 .why = "says where the index/data pair is"},
	{.id = PCI_CAP_ID_AF,
	 .verdict = POLICY_KEEP,
	 .size = PCI_CAP_AF_SIZEOF,
	 .fields = FIELDS(af_fields),
	 .why = "the kernel carries out a guest's reset"},
	/* Hidden, with a known size, so that their registers read 0. */
	{.id = PCI_CAP_ID_SLOTID, .size = 4, .why = "for bridges only"},
	{.id = PCI_CAP_ID_CHSWP, .size = 4, .why = "the host owns the slot"},
	{.id = PCI_CAP_ID_HT,
	 .size = 4,
	 .grows = true,
	 .why = "the host owns the link"},
	{.id = PCI_CAP_ID_SHPC, .size = 8, .why = "the host owns the slot"},
	{.id = PCI_CAP_ID_EA,
	 .size = 4,
	 .grows = true,
	 .why = "fixes BARs at host addresses"},
};

/* Links, slots, topology, translation and isolation belong to the host: such
 * capabilities are not listed, and so hidden. What has no size here takes all
 * until the next one. */
static const struct policy extended[] = {
	{.id = PCI_EXT_CAP_ID_DSN,
	 .verdict = POLICY_CONSTANT,
	 .size = PCI_EXT_CAP_DSN_SIZEOF,
	 .why = "drivers derive names and addresses from the serial number"},
	{.id = PCI_EXT_CAP_ID_VNDR,
	 .verdict = POLICY_PASS,
	 .length = POLICY_IN_VSEC,
	 .size = 8,
	 .why = "vendor-specific registers that its driver uses"},
	{.id = PCI_EXT_CAP_ID_ERR,
	 .size = 0x48,
	 .why = "the host handles errors, their masks and their severities"},
	{.id = PCI_EXT_CAP_ID_ARI,
	 .size = 8,
	 .why = "changes the numbering of neighbouring functions"},
	{.id = PCI_EXT_CAP_ID_ACS,
	 .why = "the host relies on it to isolate groups"},
	{.id = PCI_EXT_CAP_ID_ATS,
	 .size = 8,
	 .why = "the guest has no IOMMU that could translate"},
	{.id = PCI_EXT_CAP_ID_PRI, .size = 0x10, .why = "as ATS"},
	{.id = PCI_EXT_CAP_ID_PASID, .size = 8, .why = "as ATS"},
	{.id = PCI_EXT_CAP_ID_SRIOV,
	 .size = 0x40,
	 .why = "creates functions that are not assigned"},
	{.id = PCI_EXT_CAP_ID_REBAR,
	 .verdict = POLICY_KEEP,
	 .length = POLICY_REBAR,
	 .why = "drivers look for it; the current size is the only one"},
	{.id = PCI_EXT_CAP_ID_VF_REBAR, .why = "as SR-IOV"},
	{.id = PCI_EXT_CAP_ID_DVSEC,
	 .verdict = POLICY_KEEP,
	 .length = POLICY_IN_VSEC,
	 .size = 10,
	 .why = "read-only: drivers find features by it, and CXL's moves the "
		"host's memory"},
	{.id = PCI_EXT_CAP_ID_MRIOV, .why = "as SR-IOV"},
	{.id = PCI_EXT_CAP_ID_VC, .why = "the host owns the link"},
	{.id = PCI_EXT_CAP_ID_MFVC, .why = "the host owns the link"},
	{.id = PCI_EXT_CAP_ID_VC9, .why = "the host owns the link"},
	{.id = PCI_EXT_CAP_ID_SECPCI, .why = "the host owns the link"},
	{.id = PCI_EXT_CAP_ID_DLF,
	 .size = 0xc,
	 .why = "the host owns the link"},
	{.id = PCI_EXT_CAP_ID_PL_16GT, .why = "the host owns the link"},
	{.id = PCI_EXT_CAP_ID_DPC,
	 .why = "the host's port does the containment"},
	{.id = PCI_EXT_CAP_ID_PWR,
	 .size = 0x10,
	 .why = "the host owns the slot's power"},
	{.id = PCI_EXT_CAP_ID_DPA, .why = "the host owns the slot's power"},
	{.id = PCI_EXT_CAP_ID_MCAST,
	 .size = 0x30,
	 .why = "its groups are host addresses"},
	{.id = PCI_EXT_CAP_ID_TPH, .why = "steering tags name host processors"},
	{.id = PCI_EXT_CAP_ID_LTR,
	 .size = 8,
	 .why = "reports latencies to the host's ports"},
	{.id = PCI_EXT_CAP_ID_L1SS,
	 .size = 0x14,
	 .why = "the host owns the link"},
	{.id = PCI_EXT_CAP_ID_PTM,
	 .size = 0xc,
	 .why = "the time source is the host's port"},
	{.id = PCI_EXT_CAP_ID_DOE, .why = "a mailbox that the host uses"},
};

static const struct policy *policy_find(const struct policy *table,
					size_t count, unsigned int id)
{
	static const struct policy unknown = {
		.verdict = POLICY_HIDE,
		.why = "not known to be harmless",
	};
	size_t i;

	for (i = 0; i < count; i++)
		if (table[i].id == id)
			return &table[i];
	return &unknown;
}

const struct policy *policy_standard(unsigned int id)
{
	return policy_find(standard, sizeof(standard) / sizeof(standard[0]),
			   id);
}

const struct policy *policy_extended(unsigned int id)
{
	return policy_find(extended, sizeof(extended) / sizeof(extended[0]),
			   id);
}
