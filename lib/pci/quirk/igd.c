// SPDX-License-Identifier: MIT
// Intel integrated graphics: registers in configuration space that hold
// addresses of host memory.

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/base/context.h"
#include "lib/pci/config.h"
#include "lib/pci/function.h"
#include "lib/pci/opregion.h"
#include "lib/pci/quirk/quirk.h"

/* Linux' names: graphics control, base of stolen memory. */
#define GMCH_CTRL 0x50
#define BSM       0x5c    /* 32 bits */
#define GEN11_BSM 0xc0    /* 64 bits */
#define GMS_GEN6  0x00f8u /* size of stolen memory */
#define GMS_GEN8  0xff00u
#define MMIO_GMCH 0x108040 /* in BAR 0 */
#define MMIO_BSM  0x1080c0

/* By the rule of Linux, vfio_pci_igd_opregion_init(): only then does VFIO offer
 * its region. */
static bool igd_has_opregion(const struct bar bars[BAR_COUNT],
			     const uint8_t *image)
{
	uint32_t address = (uint32_t)bytes_get(image + OPREGION_REGISTER, 4);

	(void)bars;
	return address && ~address;
}

static int hide_opregion(struct lend_pci *pci, const uint8_t *image,
			 const struct lend_pci_options *options)
{
	(void)image;
	config_set_constant(&pci->config, OPREGION_REGISTER, 4, 0);
	opregion_find(pci, options);
	return 1;
}

/* Keeps the size of the graphics page table. */
static void hide_size(struct lend_pci *pci, const uint8_t *image, uint32_t size)
{
	uint32_t control = (uint32_t)bytes_get(image + GMCH_CTRL, 2);

	config_set_constant(&pci->config, GMCH_CTRL, 2, control & ~size);
}

static int hide_stolen(struct lend_pci *pci, const uint8_t *image,
		       const struct lend_pci_options *options)
{
	unsigned int device = bytes_get(image + PCI_DEVICE_ID, 2);
	bool is_before_gen8 = device < 0x1000 && device != 0x0a84;

	(void)options;
	hide_size(pci, image, is_before_gen8 ? GMS_GEN6 : GMS_GEN8);
	config_set_constant(&pci->config, BSM, 4, 0);
	return 1;
}

static int hide_stolen_64(struct lend_pci *pci, const uint8_t *image,
			  const struct lend_pci_options *options)
{
	(void)options;
	hide_size(pci, image, GMS_GEN8);
	config_set_constant(&pci->config, GEN11_BSM, 4, 0);
	config_set_constant(&pci->config, GEN11_BSM + 4, 4, 0);
	return 1;
}

/* Linux, include/drm/i915_pciids.h; scripts/quirk-ids compares them. */
#define GEN6_TO_10                                                             \
	{0x0100, 0xffc0},         /* Sandy Bridge */                           \
		{0x0140, 0xffc0}, /* Ivy Bridge, Valley View */                \
		{0x0400, 0xff00}, /* Haswell */                                \
		{0x0a00, 0xff00}, /* Haswell, Broxton */                       \
		{0x0c00, 0xff00}, {0x0d00, 0xff00},                            \
		{0x0f30, 0xfffc},                   /* Valley View */          \
		{0x1600, 0xff00},                   /* Broadwell */            \
		{0x1900, 0xff00},                   /* Skylake */              \
		{0x1a84, 0xfffe},                   /* Broxton */              \
		{0x22b0, 0xfffc},                   /* Cherry View */          \
		{0x3184, 0xfffe},                   /* Gemini Lake */          \
		{0x3e00, 0xff00},                   /* Coffee Lake */          \
		{0x5900, 0xff00},                   /* Kaby Lake */            \
		{0x5a00, 0xff00},                   /* Cannon Lake, Broxton */ \
		{0x87c0, 0xfff0}, {0x9b00, 0xff00}, /* Comet Lake */

#define GEN11_TO_12                                                            \
	{0x4500, 0xff00}, {0x4e00, 0xff00}, /* Elkhart, Jasper Lake */         \
		{0x4600, 0xff00},           /* Alder Lake */                   \
		{0x4c00, 0xff00},           /* Rocket Lake */                  \
		{0x8a00, 0xff00},           /* Ice Lake */                     \
		{0x9a00, 0xff00},           /* Tiger Lake */                   \
		{0xa700, 0xff00},           /* Raptor Lake */

static const struct quirk_id gen6_to_10[] = {GEN6_TO_10};

static const struct quirk_id gen11_to_12[] = {GEN11_TO_12};

const struct quirk quirk_igd_opregion = {
	.public =
		{
			.name = "igd-opregion",
			.why = "the driver reads its displays from a table in "
			       "memory, whose host address is meaningless to "
			       "the guest: the guest gets a copy in its own "
			       "memory, or no table",
			.source = "Intel, ACPI IGD OpRegion Specification; "
				  "Linux, drivers/vfio/pci/vfio_pci_igd.c",
		},
	.vendor = QUIRK_VENDOR_INTEL,
	.class = QUIRK_DISPLAY,
	.physical = true,
	.fits = igd_has_opregion,
	.present = hide_opregion,
};

#define STOLEN_WHY                                                             \
	"the host's firmware reserves stolen memory for graphics, and a "      \
	"guest has none: it must not use the host's address"
#define STOLEN_SOURCE                                                          \
	"Linux, arch/x86/kernel/early-quirks.c and include/drm/"               \
	"i915_drm.h; its mirror in BAR 0: drivers/gpu/drm/i915, "              \
	"GGC and GEN6_DSMBASE"

static const struct quirk_trap mirrors[] = {
	QUIRK_MIRROR(0, MMIO_GMCH, 2, GMCH_CTRL),
	QUIRK_MIRROR(0, MMIO_BSM, 4, BSM),
};

const struct quirk quirk_igd_stolen = {
	.public =
		{
			.name = "igd-stolen-memory",
			.why = STOLEN_WHY,
			.source = STOLEN_SOURCE,
		},
	.vendor = QUIRK_VENDOR_INTEL,
	.ids = QUIRK_IDS(gen6_to_10),
	.class = QUIRK_DISPLAY,
	.physical = true,
	.traps = mirrors,
	.trap_count = 2,
	.present = hide_stolen,
};

static const struct quirk_trap mirrors_64[] = {
	QUIRK_MIRROR(0, MMIO_GMCH, 2, GMCH_CTRL),
	QUIRK_MIRROR(0, MMIO_BSM, 8, GEN11_BSM),
};

const struct quirk quirk_igd_stolen_64 = {
	.public =
		{
			.name = "igd-stolen-memory",
			.why = STOLEN_WHY,
			.source = STOLEN_SOURCE,
		},
	.vendor = QUIRK_VENDOR_INTEL,
	.ids = QUIRK_IDS(gen11_to_12),
	.class = QUIRK_DISPLAY,
	.physical = true,
	.traps = mirrors_64,
	.trap_count = 2,
	.present = hide_stolen_64,
};
