// SPDX-License-Identifier: MIT
// The MSI and MSI-X capabilities of a view: all emulated, since the kernel owns
// the device's registers and ignores writes to them.

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/pci/bar.h"
#include "lib/pci/config.h"
#include "lib/pci/message.h"

static unsigned int msi_flags(const struct config *config)
{
	return config_value(config, config->msi + PCI_MSI_FLAGS, 2);
}

static unsigned int msi_data_at(const struct config *config)
{
	return config->msi + (msi_flags(config) & PCI_MSI_FLAGS_64BIT
				      ? PCI_MSI_DATA_64
				      : PCI_MSI_DATA_32);
}

/* The exponent of the largest power of two that is not above @count. */
static unsigned int message_exponent(unsigned int count)
{
	unsigned int n = 0;

	while (n < 5 && 2u << n <= count)
		n++;
	return n;
}

const char *message_build_msi(struct config *config,
			      const struct config_source *source,
			      unsigned int at)
{
	uint16_t device =
		(uint16_t)bytes_get(source->image + at + PCI_MSI_FLAGS, 2);
	unsigned int multiple = (device & PCI_MSI_FLAGS_QMASK) >> 1;
	uint16_t flags = device & (PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT);
	unsigned int data;

	if (!source->msi_count)
		return "the kernel offers no MSI interrupts";
	if (multiple > message_exponent(source->msi_count))
		multiple = message_exponent(source->msi_count);
	config->msi = at;
	config_set(
		config, at + PCI_MSI_FLAGS, 2,
		(struct config_bits){.value = flags | (uint32_t)multiple << 1,
				     .emulated = 0xffff,
				     .writable = PCI_MSI_FLAGS_ENABLE |
						 PCI_MSI_FLAGS_QSIZE});
	config_set_writable(config, at + PCI_MSI_ADDRESS_LO, 4, 0xfffffffc);
	if (flags & PCI_MSI_FLAGS_64BIT)
		config_set_writable(config, at + PCI_MSI_ADDRESS_HI, 4,
				    0xffffffff);
	data = msi_data_at(config);
	config_set_writable(config, data, 2, 0xffff);
	if (flags & PCI_MSI_FLAGS_MASKBIT) {
		uint32_t used = (uint32_t)((1ull << (1u << multiple)) - 1);

		config_set_constant(config, data + 2, 2, 0);
		config_set_writable(config, data + 4, 4, used);
		config_set_constant(config, data + 8, 4, 0);
	}
	return NULL;
}

static bool within_bar(const struct bar bars[BAR_COUNT], unsigned int bar,
		       uint64_t offset, uint64_t size)
{
	if (bar >= LEND_PCI_BAR_ROM || bars[bar].guest.io)
		return false;
	return offset <= bars[bar].guest.size &&
	       size <= bars[bar].guest.size - offset;
}

const char *message_build_msix(struct config *config,
			       const struct config_source *source,
			       const struct bar bars[BAR_COUNT],
			       unsigned int at)
{
	unsigned int count =
		(bytes_get(source->image + at + PCI_MSIX_FLAGS, 2) &
		 PCI_MSIX_FLAGS_QSIZE) +
		1;
	struct msix_layout layout;

	if (!source->msix_count)
		return "the kernel offers no MSI-X interrupts";
	if (count > source->msix_count)
		count = source->msix_count;
	config_set(config, at + PCI_MSIX_FLAGS, 2,
		   (struct config_bits){.value = count - 1,
					.emulated = 0xffff,
					.writable = PCI_MSIX_FLAGS_ENABLE |
						    PCI_MSIX_FLAGS_MASKALL});
	config_set_constant(
		config, at + PCI_MSIX_TABLE, 4,
		(uint32_t)bytes_get(source->image + at + PCI_MSIX_TABLE, 4));
	config_set_constant(
		config, at + PCI_MSIX_PBA, 4,
		(uint32_t)bytes_get(source->image + at + PCI_MSIX_PBA, 4));
	config->msix = at;
	message_msix_layout(config, &layout);
	config->msix = 0;
	if (!within_bar(bars, layout.table_bar, layout.table,
			msix_table_size(&layout)))
		return "its table is not within a memory BAR";
	if (!within_bar(bars, layout.pba_bar, layout.pba,
			msix_pba_size(&layout)))
		return "its pending bits are not within a memory BAR";
	if (layout.table_bar == layout.pba_bar &&
	    layout.table < layout.pba + msix_pba_size(&layout) &&
	    layout.pba < layout.table + msix_table_size(&layout))
		return "its table and pending bits overlap";
	config->msix = at;
	return NULL;
}

void message_msix_layout(const struct config *config,
			 struct msix_layout *layout)
{
	unsigned int at = config->msix;
	uint32_t table, pba;

	*layout = (struct msix_layout){0};
	if (!at)
		return;
	table = config_value(config, at + PCI_MSIX_TABLE, 4);
	pba = config_value(config, at + PCI_MSIX_PBA, 4);
	layout->count = (config_value(config, at + PCI_MSIX_FLAGS, 2) &
			 PCI_MSIX_FLAGS_QSIZE) +
			1;
	layout->table_bar = table & PCI_MSIX_TABLE_BIR;
	layout->table = table & PCI_MSIX_TABLE_OFFSET;
	layout->pba_bar = pba & PCI_MSIX_PBA_BIR;
	layout->pba = pba & PCI_MSIX_PBA_OFFSET;
}

bool message_msi_enabled(const struct config *config)
{
	return config->msi && msi_flags(config) & PCI_MSI_FLAGS_ENABLE;
}

unsigned int message_msi_count(const struct config *config)
{
	unsigned int offered = (msi_flags(config) & PCI_MSI_FLAGS_QMASK) >> 1;
	unsigned int wanted = (msi_flags(config) & PCI_MSI_FLAGS_QSIZE) >> 4;

	return 1u << (wanted < offered ? wanted : offered);
}

void message_msi_get(const struct config *config, unsigned int vector,
		     uint64_t *address, uint32_t *data, bool *masked)
{
	unsigned int at = msi_data_at(config);
	unsigned int flags = msi_flags(config);

	*address = config_value(config, config->msi + PCI_MSI_ADDRESS_LO, 4);
	if (flags & PCI_MSI_FLAGS_64BIT)
		*address |= (uint64_t)config_value(
				    config, config->msi + PCI_MSI_ADDRESS_HI, 4)
			    << 32;
	/* The function sets the low bits of the data to the vector. */
	*data = (config_value(config, at, 2) &
		 ~(message_msi_count(config) - 1)) |
		vector;
	*masked = flags & PCI_MSI_FLAGS_MASKBIT &&
		  config_value(config, at + 4, 4) >> vector & 1;
}

unsigned int message_msi_pending(const struct config *config)
{
	if (!config->msi || !(msi_flags(config) & PCI_MSI_FLAGS_MASKBIT))
		return 0;
	return msi_data_at(config) + 8;
}

static unsigned int msix_flags(const struct config *config)
{
	return config_value(config, config->msix + PCI_MSIX_FLAGS, 2);
}

bool message_msix_enabled(const struct config *config)
{
	return config->msix && msix_flags(config) & PCI_MSIX_FLAGS_ENABLE;
}

bool message_msix_masked(const struct config *config)
{
	return msix_flags(config) & PCI_MSIX_FLAGS_MASKALL;
}
