// SPDX-License-Identifier: MIT
// Lays out the configuration space of a function: values, and what can be
// written.

#include <string.h>

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/function/function.h"

/* Where the capabilities are. */
#define POWER   0x40u
#define MSI     0x50u
#define MSIX    0x70u
#define EXPRESS 0x80u

#define MSI_MAX        32u
#define MSIX_MAX       2048u
#define MSIX_ENTRY     16u
#define EXPRESS_LENGTH 0x3cu

/* A field of configuration space. */
static void build_field(struct lend_function *function, unsigned int at,
			unsigned int size, uint32_t value, uint32_t writable)
{
	bytes_put(function->first + at, size, value);
	bytes_put(function->writable + at, size, writable);
}

static bool bar_is_last(const struct lend_function_options *options,
			unsigned int number)
{
	return number + 1 == LEND_FUNCTION_BARS ||
	       options->bars[number + 1].size;
}

static bool bar_is_valid(const struct lend_function_options *options,
			 unsigned int number)
{
	const struct lend_function_bar *bar = &options->bars[number];
	bool is_io = bar->flags & LEND_FUNCTION_BAR_IO;
	bool is_wide = bar->flags & LEND_FUNCTION_BAR_64;

	if (!bar->size)
		return !bar->flags;
	if (bar->size & (bar->size - 1) || bar->size < (is_io ? 4 : 16) ||
	    bar->reserved)
		return false;
	if (bar->flags & ~(LEND_FUNCTION_BAR_IO | LEND_FUNCTION_BAR_64 |
			   LEND_FUNCTION_BAR_PREFETCH))
		return false;
	if (is_io)
		return bar->flags == LEND_FUNCTION_BAR_IO && bar->size <= 256;
	return is_wide ? !bar_is_last(options, number)
		       : bar->size <= UINT64_C(1) << 31;
}

/* Whether @size bytes at @at are within the BAR of the MSI-X table. */
static bool msix_fits(const struct lend_function_options *options, uint64_t at,
		      uint64_t size)
{
	const struct lend_function_bar *bar = &options->bars[options->msix_bar];

	return !(at & 7) && !(bar->flags & LEND_FUNCTION_BAR_IO) &&
	       at <= bar->size && size <= bar->size - at;
}

const char *function_options_fault(const struct lend_function_options *options)
{
	uint64_t bits = (options->msix + UINT64_C(63)) / 64 * 8;

	for (unsigned int i = 0; i < LEND_FUNCTION_BARS; i++)
		if (!bar_is_valid(options, i))
			return "bars";
	if (options->class_code >> 24)
		return "class_code";
	if (options->msi > MSI_MAX || options->msi & (options->msi - 1))
		return "msi";
	if (options->msix > MSIX_MAX)
		return "msix";
	if (options->msix_bar >= LEND_FUNCTION_BARS)
		return "msix_bar";
	if (!options->msix)
		return NULL;
	if (!msix_fits(options, options->msix_table,
		       UINT64_C(1) * options->msix * MSIX_ENTRY))
		return "msix_table";
	return msix_fits(options, options->msix_pba, bits) ? NULL : "msix_pba";
}

static void build_bar_fields(struct lend_function *function)
{
	for (unsigned int i = 0; i < LEND_FUNCTION_BARS; i++) {
		const struct lend_function_bar *bar =
			&function->options.bars[i];
		unsigned int at = PCI_BASE_ADDRESS_0 + 4 * i;
		uint64_t writable = ~(bar->size - 1);
		uint32_t type = 0;

		if (!bar->size)
			continue;
		if (bar->flags & LEND_FUNCTION_BAR_IO)
			type = PCI_BASE_ADDRESS_SPACE_IO;
		if (bar->flags & LEND_FUNCTION_BAR_64)
			type |= PCI_BASE_ADDRESS_MEM_TYPE_64;
		if (bar->flags & LEND_FUNCTION_BAR_PREFETCH)
			type |= PCI_BASE_ADDRESS_MEM_PREFETCH;
		build_field(function, at, 4, type, (uint32_t)writable);
		if (bar->flags & LEND_FUNCTION_BAR_64)
			build_field(function, at + 4, 4, 0,
				    (uint32_t)(writable >> 32));
	}
}

static uint16_t build_command_bits(const struct lend_function_options *options)
{
	uint16_t bits = PCI_COMMAND_MASTER | PCI_COMMAND_PARITY |
			PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE;

	for (unsigned int i = 0; i < LEND_FUNCTION_BARS; i++)
		if (options->bars[i].size)
			bits |= options->bars[i].flags & LEND_FUNCTION_BAR_IO
					? PCI_COMMAND_IO
					: PCI_COMMAND_MEMORY;
	return bits;
}

static void build_header_fields(struct lend_function *function)
{
	const struct lend_function_options *options = &function->options;

	build_field(function, PCI_VENDOR_ID, 2, options->vendor, 0);
	build_field(function, PCI_DEVICE_ID, 2, options->device, 0);
	build_field(function, PCI_COMMAND, 2, 0, build_command_bits(options));
	build_field(function, PCI_STATUS, 2, PCI_STATUS_CAP_LIST, 0);
	build_field(function, PCI_REVISION_ID, 1, options->revision, 0);
	build_field(function, PCI_CLASS_PROG, 2, options->class_code & 0xffff,
		    0);
	build_field(function, PCI_CLASS_DEVICE + 1, 1,
		    options->class_code >> 16, 0);
	build_field(function, PCI_CACHE_LINE_SIZE, 1, 0, 0xff);
	build_field(function, PCI_SUBSYSTEM_VENDOR_ID, 2, options->subvendor,
		    0);
	build_field(function, PCI_SUBSYSTEM_ID, 2, options->subsystem, 0);
	build_field(function, PCI_INTERRUPT_LINE, 1, 0, 0xff);
	build_field(function, PCI_INTERRUPT_PIN, 1, options->intx, 0);
}

/* Adds a capability to the list, after the one whose pointer is at *@link. */
static void build_link(struct lend_function *function, unsigned int *link,
		       unsigned int at, uint8_t id)
{
	function->first[*link] = (uint8_t)at;
	function->first[at + PCI_CAP_LIST_ID] = id;
	*link = at + PCI_CAP_LIST_NEXT;
}

/* D0 and D3hot, which keeps the registers. */
static void build_power(struct lend_function *function, unsigned int *link)
{
	build_link(function, link, POWER, PCI_CAP_ID_PM);
	build_field(function, POWER + PCI_PM_PMC, 2, 3, 0);
	build_field(function, POWER + PCI_PM_CTRL, 2, PCI_PM_CTRL_NO_SOFT_RESET,
		    PCI_PM_CTRL_STATE_MASK);
}

/* With 64 address bits, and without mask bits: the client has masked what it
 * has given no eventfd. */
static void build_msi(struct lend_function *function, unsigned int *link)
{
	uint16_t control = PCI_MSI_FLAGS_64BIT;

	for (unsigned int i = 1; i < function->options.msi; i *= 2)
		control += 1 << 1; /* Multiple Message Capable */
	build_link(function, link, MSI, PCI_CAP_ID_MSI);
	build_field(function, MSI + PCI_MSI_FLAGS, 2, control,
		    PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE);
	build_field(function, MSI + PCI_MSI_ADDRESS_LO, 4, 0, ~UINT32_C(3));
	build_field(function, MSI + PCI_MSI_ADDRESS_HI, 4, 0, ~UINT32_C(0));
	build_field(function, MSI + PCI_MSI_DATA_64, 2, 0, 0xffff);
}

static void build_msix(struct lend_function *function, unsigned int *link)
{
	const struct lend_function_options *options = &function->options;

	build_link(function, link, MSIX, PCI_CAP_ID_MSIX);
	build_field(function, MSIX + PCI_MSIX_FLAGS, 2, options->msix - 1u,
		    PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	build_field(function, MSIX + PCI_MSIX_TABLE, 4,
		    options->msix_table | options->msix_bar, 0);
	build_field(function, MSIX + PCI_MSIX_PBA, 4,
		    options->msix_pba | options->msix_bar, 0);
}

/* A link of one lane at 2.5 GT/s, which no driver looks at for more than a
 * message. */
static void build_express(struct lend_function *function, unsigned int *link)
{
	const uint32_t lane = PCI_EXP_LNKCAP_SLS_2_5GB | 1 << 4;

	build_link(function, link, EXPRESS, PCI_CAP_ID_EXP);
	build_field(function, EXPRESS + PCI_EXP_FLAGS, 2,
		    2 | PCI_EXP_TYPE_ENDPOINT << 4, 0);
	build_field(function, EXPRESS + PCI_EXP_DEVCAP, 4,
		    PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR, 0);
	build_field(function, EXPRESS + PCI_EXP_DEVCTL, 2,
		    PCI_EXP_DEVCTL_READRQ_512B | PCI_EXP_DEVCTL_NOSNOOP_EN |
			    PCI_EXP_DEVCTL_RELAX_EN,
		    0x78ff);
	build_field(function, EXPRESS + PCI_EXP_LNKCAP, 4, lane, 0);
	build_field(function, EXPRESS + PCI_EXP_LNKCTL, 2, 0,
		    PCI_EXP_LNKCTL_RCB | PCI_EXP_LNKCTL_CCC);
	build_field(function, EXPRESS + PCI_EXP_LNKSTA, 2, lane, 0);
	build_field(function, EXPRESS + PCI_EXP_LNKCAP2, 4,
		    PCI_EXP_LNKCAP2_SLS_2_5GB, 0);
	build_field(function, EXPRESS + PCI_EXP_LNKCTL2, 2, 1, 0);
	_Static_assert(EXPRESS + EXPRESS_LENGTH <= 0x100, "in the first part");
	function->express = EXPRESS;
}

void function_build(struct lend_function *function)
{
	unsigned int link = PCI_CAPABILITY_LIST;

	build_header_fields(function);
	build_bar_fields(function);
	build_power(function, &link);
	if (function->options.msi)
		build_msi(function, &link);
	if (function->options.msix)
		build_msix(function, &link);
	build_express(function, &link);
	memcpy(function->config, function->first, sizeof(function->config));
}
