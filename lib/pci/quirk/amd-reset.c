// SPDX-License-Identifier: MIT
// AMD: Bonaire and Hawaii have no PCI reset, but a vendor-specific one.

#include <errno.h>
#include <time.h>

#include <linux/pci_regs.h>

#include <lend/region.h>

#include "lib/base/bytes.h"
#include "lib/pci/function.h"
#include "lib/pci/quirk/quirk.h"
#include "lib/pci/reset.h"

#define REGISTERS 5 /* BAR */

/* Names are those of Linux' radeon and amdgpu. */
#define SMC_IND_INDEX  0x200
#define SMC_IND_DATA   0x204
#define CONFIG_MEMSIZE 0x5428

/* Indirect registers. */
#define SMC_SYSCON_RESET_CNTL   0x80000000u
#define RESET_CNTL_RST          (1u << 0)
#define SMC_SYSCON_CLOCK_CNTL_0 0x80000004u
#define CLOCK_CNTL_0_DISABLE    (1u << 0)
#define SMC_PC_C                0x80000370u
#define SMC_PC_C_FIRMWARE       0x20100u /* start of its firmware */
#define RCU_MISC_CTRL           0xc0000010u
#define RCU_MISC_WHOLE          (1u << 1) /* inverted by a fuse */
#define CC_RCU_FUSES            0xc00c0000u
#define CC_RCU_FUSE             (1u << 6)

/* In configuration space, and what is written there. */
#define ASIC_RESET      0x7c
#define ASIC_RESET_DATA 0x39d5e86bu

#define MICROSECOND 1000L
#define WAKE_STEPS  1000 /* of 100 microseconds */

static int amd_get(struct lend_pci *pci, unsigned int offset, uint32_t *value)
{
	uint8_t bytes[4];
	int err = lend_region_read(pci->device, REGISTERS, offset, bytes,
				   sizeof(bytes));

	*value = err ? 0xffffffff : (uint32_t)bytes_get(bytes, 4);
	return err;
}

static int amd_put(struct lend_pci *pci, unsigned int region,
		   unsigned int offset, unsigned int size, uint32_t value)
{
	uint8_t bytes[4];

	bytes_put(bytes, sizeof(bytes), value);
	return lend_region_write(pci->device, region, offset, bytes, size);
}

static int amd_smc_get(struct lend_pci *pci, uint32_t index, uint32_t *value)
{
	int err = amd_put(pci, REGISTERS, SMC_IND_INDEX, 4, index);

	return err ? err : amd_get(pci, SMC_IND_DATA, value);
}

/* Sets or clears @bits. */
static int amd_smc_change(struct lend_pci *pci, uint32_t index, uint32_t bits,
			  bool set)
{
	uint32_t value;
	int err = amd_smc_get(pci, index, &value);

	if (err)
		return err;
	return amd_put(pci, REGISTERS, SMC_IND_DATA, 4,
		       set ? value | bits : value & ~bits);
}

/* The firmware carries out the reset, so it must be running. */
static int check_running(struct lend_pci *pci)
{
	uint32_t clock, pc;
	int err = amd_smc_get(pci, SMC_SYSCON_CLOCK_CNTL_0, &clock);

	if (!err)
		err = amd_smc_get(pci, SMC_PC_C, &pc);
	if (err)
		return err;
	return !(clock & CLOCK_CNTL_0_DISABLE) && pc >= SMC_PC_C_FIRMWARE
		       ? 0
		       : -ENOTSUP;
}

/* Resets only the graphics function: a fuse inverts the meaning of the bit. */
static int choose_graphics(struct lend_pci *pci)
{
	uint32_t fuses;
	int err = amd_smc_get(pci, CC_RCU_FUSES, &fuses);

	return err ? err
		   : amd_smc_change(pci, RCU_MISC_CTRL, RCU_MISC_WHOLE,
				    !(fuses & CC_RCU_FUSE));
}

/* Registers read all ones until the reset is complete. */
static void wait_for_registers(struct lend_pci *pci)
{
	const struct timespec step = {.tv_nsec = 100 * MICROSECOND};
	uint32_t size = 0xffffffff;
	unsigned int i;

	for (i = 0; i < WAKE_STEPS && size == 0xffffffff; i++) {
		nanosleep(&step, NULL);
		if (amd_get(pci, CONFIG_MEMSIZE, &size))
			return;
	}
}

static int reset_awake(struct lend_pci *pci)
{
	int err = check_running(pci);

	if (!err)
		err = choose_graphics(pci);
	if (!err)
		err = amd_put(pci, LEND_PCI_REGION_CONFIG, ASIC_RESET, 4,
			      ASIC_RESET_DATA);
	if (err)
		return err;
	wait_for_registers(pci);
	/* The driver loads the firmware again, and expects it to be stopped. */
	err = amd_smc_change(pci, SMC_SYSCON_RESET_CNTL, RESET_CNTL_RST, true);
	if (!err)
		err = amd_smc_change(pci, SMC_SYSCON_CLOCK_CNTL_0,
				     CLOCK_CNTL_0_DISABLE, true);
	return err;
}

static int amd_reset(struct lend_pci *pci)
{
	int err = amd_put(pci, LEND_PCI_REGION_CONFIG, PCI_COMMAND, 2,
			  PCI_COMMAND_MEMORY);

	if (!err)
		err = reset_awake(pci);
	reset_quiet(pci);
	return err;
}

/* The reset requires the register BAR. */
static int amd_has_registers(struct lend_pci *pci, const uint8_t *image,
			     const struct lend_pci_options *options)
{
	const struct lend_pci_bar *bar = lend_pci_bar(pci, REGISTERS);

	(void)image;
	(void)options;
	return !bar->io && bar->size >= CONFIG_MEMSIZE + 4;
}

static const struct quirk_id ids[] = {
	/* Bonaire */
	{0x6649, 0xffff},
	{0x6650, 0xffff},
	{0x6651, 0xffff},
	{0x6658, 0xffff},
	{0x665c, 0xffff},
	{0x665d, 0xffff},
	/* Hawaii */
	{0x67a0, 0xffff},
	{0x67a1, 0xffff},
	{0x67a2, 0xffff},
	{0x67a8, 0xffff},
	{0x67a9, 0xffff},
	{0x67aa, 0xffff},
	{0x67b0, 0xffff},
	{0x67b1, 0xffff},
	{0x67b8, 0xffff},
	{0x67b9, 0xffff},
	{0x67ba, 0xffff},
	{0x67be, 0xffff},
};

const struct quirk quirk_amd_reset = {
	.public =
		{
			.name = "amd-smc-reset",
			.why = "the card has no PCI reset, and its driver "
			       "fails on state left by the previous guest; the "
			       "card's own reset is used where VFIO has none",
			.source = "Linux, drivers/gpu/drm/radeon: cikd.h, "
				  "ci_smc.c, radeon_pci_config_reset(); QEMU's "
				  "behaviour: the order",
		},
	.vendor = QUIRK_VENDOR_ATI,
	.ids = QUIRK_IDS(ids),
	.physical = true,
	.present = amd_has_registers,
	.reset = amd_reset,
};
