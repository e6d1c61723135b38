/* SPDX-License-Identifier: MIT */
/* The MSI and MSI-X capabilities of a view. Pure. */
#ifndef LIB_PCI_MESSAGE_H
#define LIB_PCI_MESSAGE_H

#include "lib/pci/config.h"

/* The location of the MSI-X table and pending bits, from the device's
 * capability. */
struct msix_layout {
	unsigned int count; /* vectors; 0 where there is no usable MSI-X */
	unsigned int table_bar;
	unsigned int pba_bar;
	uint64_t table;
	uint64_t pba;
};

#define MSIX_ENTRY_SIZE 16

static inline uint64_t msix_table_size(const struct msix_layout *layout)
{
	return (uint64_t)layout->count * MSIX_ENTRY_SIZE;
}

/* A bit for each vector, in whole 8 bytes. */
static inline uint64_t msix_pba_size(const struct msix_layout *layout)
{
	return (layout->count + 63ull) / 64 * 8;
}

/* Add a capability to the view. Return NULL, or why it must be hidden. */
const char *message_build_msi(struct config *config,
			      const struct config_source *source,
			      unsigned int at);
const char *message_build_msix(struct config *config,
			       const struct config_source *source,
			       const struct bar bars[BAR_COUNT],
			       unsigned int at);

/* Reads the layout from the view's MSI-X capability. */
void message_msix_layout(const struct config *config,
			 struct msix_layout *layout);

/* Registers of the view's MSI capability. */
bool message_msi_enabled(const struct config *config);
unsigned int message_msi_count(const struct config *config);
void message_msi_get(const struct config *config, unsigned int vector,
		     uint64_t *address, uint32_t *data, bool *masked);
/* Offset of the pending bits, 0 if there are none. */
unsigned int message_msi_pending(const struct config *config);

bool message_msix_enabled(const struct config *config);
bool message_msix_masked(const struct config *config);

#endif
