// SPDX-License-Identifier: MIT
// Whether the DMA of an open virtio function goes through the IOMMU, by the
// features that it offers.

#include <linux/pci_regs.h>

#include <lend/capability.h>
#include <lend/region.h>

#include "lib/base/bytes.h"
#include "lib/base/context.h"
#include "lib/iommu/bypass.h"
#include "lib/pci/config.h"
#include "lib/pci/function.h"
#include "lib/pci/virtio.h"

/* A virtio capability: type, BAR, offset; from the VIRTIO specification. */
#define CAP_TYPE   3
#define CAP_BAR    4
#define CAP_OFFSET 8
#define CAP_LENGTH 16
#define CAP_COMMON 1

/* Registers of the common configuration. */
#define FEATURE_SELECT 0
#define FEATURE        4

struct virtio_common {
	unsigned int bar;
	uint64_t offset;
};

/* Finds the common configuration, which only devices of before VIRTIO 1.0 lack.
 */
static bool virtio_find_common(const uint8_t *image,
			       struct virtio_common *common)
{
	struct lend_pci_capability found[LEND_PCI_LIST_STANDARD_MAX];
	unsigned int count = lend_pci_capabilities(
		image, CONFIG_STD_SIZE, LEND_PCI_LIST_STANDARD, found,
		LEND_PCI_LIST_STANDARD_MAX, NULL);

	for (unsigned int i = 0; i < count; i++) {
		unsigned int at = found[i].offset;

		if (found[i].id != PCI_CAP_ID_VNDR ||
		    at + CAP_LENGTH > CONFIG_STD_SIZE ||
		    image[at + CAP_TYPE] != CAP_COMMON)
			continue;
		common->bar = image[at + CAP_BAR];
		common->offset = bytes_get(image + at + CAP_OFFSET, 4);
		return true;
	}
	return false;
}

/* Returns the features' word, or -errno. */
static int64_t virtio_read_word(struct lend_pci *pci,
				const struct virtio_common *common,
				uint32_t word)
{
	uint8_t bytes[4];
	int err;

	bytes_put(bytes, 4, word);
	err = lend_region_write(pci->device, common->bar,
				common->offset + FEATURE_SELECT, bytes, 4);
	if (!err)
		err = lend_region_read(pci->device, common->bar,
				       common->offset + FEATURE, bytes, 4);
	return err ? err : (int64_t)bytes_get(bytes, 4);
}

/* Its memory must decode meanwhile. */
static int64_t virtio_read_features(struct lend_pci *pci, const uint8_t *image,
				    const struct virtio_common *common)
{
	uint8_t command[2] = {image[PCI_COMMAND] | PCI_COMMAND_MEMORY,
			      image[PCI_COMMAND + 1]};
	int64_t features;
	int err;

	if (common->bar >= LEND_PCI_BAR_ROM)
		return -1;
	err = lend_region_write(pci->device, LEND_PCI_REGION_CONFIG,
				PCI_COMMAND, command, sizeof(command));
	if (err)
		return err;
	features = virtio_read_word(pci, common, BYPASS_FEATURE / 32);
	virtio_read_word(pci, common, 0);
	lend_region_write(pci->device, LEND_PCI_REGION_CONFIG, PCI_COMMAND,
			  image + PCI_COMMAND, sizeof(command));
	return features;
}

int virtio_check(struct lend_pci *pci, const uint8_t *image)
{
	struct virtio_common common = {0};
	const char *name = lend_pci_name(pci);
	int64_t features;

	if (!bypass_is_virtio(bytes_get(image + PCI_VENDOR_ID, 2),
			      bytes_get(image + PCI_DEVICE_ID, 2)) ||
	    !bypass_is_possible(pci->ctx))
		return 0;
	if (!virtio_find_common(image, &common))
		return bypass_explain(pci->ctx, name,
				      "it has the legacy interface alone");
	features = virtio_read_features(pci, image, &common);
	if (features < 0) {
		lend_log(pci->ctx, LEND_LOG_WARNING,
			 "%s: its virtio features cannot be read: whether its "
			 "DMA goes through the IOMMU is unknown",
			 name);
		return 0;
	}
	if (features >> BYPASS_FEATURE % 32 & 1)
		return 0;
	return bypass_explain(pci->ctx, name,
			      "its device_feature register has bit 33 clear");
}
