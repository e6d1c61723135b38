// SPDX-License-Identifier: MIT
// Reports why a device failed: PCI Express status, Advanced Error Reporting and
// the kernel's error counters.

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <linux/pci_regs.h>

#include <lend/attribute.h>
#include <lend/client.h>
#include <lend/fault.h>

#include "lib/base/bytes.h"
#include "lib/base/capability-walk.h"
#include "lib/base/context.h"
#include "lib/device/device.h"
#include "lib/device/reach.h"

struct bit {
	uint32_t mask;
	const char *name;
};

static const struct bit status_bits[] = {
	{PCI_EXP_DEVSTA_FED, "fatal error"},
	{PCI_EXP_DEVSTA_NFED, "non-fatal error"},
	{PCI_EXP_DEVSTA_CED, "correctable error"},
	{PCI_EXP_DEVSTA_URD, "unsupported request"},
	{0, NULL},
};

/* PCI Express Base 5.0, section 7.8.4.2. */
static const struct bit uncorrectable_bits[] = {
	{PCI_ERR_UNC_DLP, "data link protocol error"},
	{PCI_ERR_UNC_SURPDN, "surprise down"},
	{PCI_ERR_UNC_POISON_TLP, "poisoned TLP"},
	{PCI_ERR_UNC_FCP, "flow control protocol error"},
	{PCI_ERR_UNC_COMP_TIME, "completion timeout"},
	{PCI_ERR_UNC_COMP_ABORT, "completer abort"},
	{PCI_ERR_UNC_UNX_COMP, "unexpected completion"},
	{PCI_ERR_UNC_RX_OVER, "receiver overflow"},
	{PCI_ERR_UNC_MALF_TLP, "malformed TLP"},
	{PCI_ERR_UNC_ECRC, "ECRC error"},
	{PCI_ERR_UNC_UNSUP, "unsupported request"},
	{PCI_ERR_UNC_ACSV, "ACS violation"},
	{PCI_ERR_UNC_INTN, "uncorrectable internal error"},
	{PCI_ERR_UNC_MCBTLP, "multicast TLP blocked"},
	{PCI_ERR_UNC_ATOMEG, "AtomicOp egress blocked"},
	{PCI_ERR_UNC_TLPPRE, "TLP prefix blocked"},
	{0x04000000, "poisoned TLP egress blocked"},
	{0, NULL},
};

static void fault_add_word(char *text, size_t size, const char *word)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%s", used ? ", " : "", word);
}

/* Names the bits of a register that are set. */
static void name_bits(const struct bit *bits, uint32_t value, char *text,
		      size_t size)
{
	text[0] = '\0';
	for (; bits->name; bits++)
		if (value & bits->mask)
			fault_add_word(text, size, bits->name);
	if (value && !text[0])
		fault_add_word(text, size, "unknown");
}

static void fault_add_status(struct lend_ctx *ctx, const uint8_t *image)
{
	unsigned int at = capabilities_find(image, PCI_CAP_ID_EXP);
	uint16_t status;
	char text[128];

	if (!at || at + PCI_EXP_DEVSTA + 2 > CAPABILITIES_STANDARD_SIZE)
		return;
	status = (uint16_t)bytes_get(image + at + PCI_EXP_DEVSTA, 2);
	name_bits(status_bits, status, text, sizeof(text));
	lend_error_evidence(ctx, "PCI Express device status 0x%04x: %s", status,
			    text[0] ? text : "no error");
}

static void fault_add_uncorrectable(struct lend_ctx *ctx, const uint8_t *image)
{
	unsigned int at = capabilities_find_extended(image, PCI_EXT_CAP_ID_ERR);
	uint32_t status, severity;
	char text[512];

	if (!at || at + PCI_ERR_HEADER_LOG + 16 > CAPABILITIES_SIZE)
		return;
	status = (uint32_t)bytes_get(image + at + PCI_ERR_UNCOR_STATUS, 4);
	severity = (uint32_t)bytes_get(image + at + PCI_ERR_UNCOR_SEVER, 4);
	name_bits(uncorrectable_bits, status, text, sizeof(text));
	if (!status) {
		lend_error_evidence(ctx,
				    "AER uncorrectable error status is clear; "
				    "the kernel clears it during recovery");
		return;
	}
	lend_error_evidence(
		ctx, "AER uncorrectable error status 0x%08" PRIx32 ": %s (%s)",
		status, text, status & severity ? "fatal" : "non-fatal");
	at += PCI_ERR_HEADER_LOG;
	lend_error_evidence(ctx, "TLP header %08x %08x %08x %08x",
			    (unsigned int)bytes_get(image + at, 4),
			    (unsigned int)bytes_get(image + at + 4, 4),
			    (unsigned int)bytes_get(image + at + 8, 4),
			    (unsigned int)bytes_get(image + at + 12, 4));
}

/* The kernel's counters: lines of a name and a number; the last line is the
 * sum. */
static void fault_add_counts(struct lend_device *device, const char *attribute,
			     const char *kind)
{
	char lines[1024], text[512] = "";
	char *rest = lines;
	char *line;

	if (!device->address || lend_attribute_read(device->address, attribute,
						    lines, sizeof(lines)) < 0)
		return;
	while ((line = strsep(&rest, "\n")))
		if (strncmp(line, "TOTAL", 5) && strlen(line) > 2 &&
		    strcmp(line + strlen(line) - 2, " 0"))
			fault_add_word(text, sizeof(text), line);
	if (text[0])
		lend_error_evidence(device->ctx,
				    "%s errors since the host booted: %s", kind,
				    text);
}

static bool read_config(struct lend_device *device,
			uint8_t image[CAPABILITIES_SIZE])
{
	uint64_t size =
		lend_device_region(device, LEND_PCI_REGION_CONFIG)->size;

	if (size > CAPABILITIES_SIZE)
		size = CAPABILITIES_SIZE;
	if (size >= PCI_STD_HEADER_SIZEOF &&
	    !lend_region_read(device, LEND_PCI_REGION_CONFIG, 0, image, size))
		return true;
	return device->address &&
	       lend_attribute_bytes(device->address, "config", image,
				    CAPABILITIES_SIZE) >= PCI_STD_HEADER_SIZEOF;
}

int lend_device_fault(struct lend_device *device)
{
	struct lend_ctx *ctx = device->ctx;
	uint8_t image[CAPABILITIES_SIZE] = {0};
	bool is_read;

	if (lend_device_is_lost(device))
		return reach_explain_loss(device);
	is_read = read_config(device, image);
	lend_error_set(ctx, LEND_ERROR_DEVICE, EIO, lend_device_name(device),
		       "uncorrectable error on the device, or on another one "
		       "on its bus");
	if (!is_read) {
		lend_error_evidence(ctx, "cannot read its configuration space");
	} else if (bytes_get(image, 2) == 0xffff) {
		lend_error_evidence(ctx, "the device does not respond: its "
					 "configuration space reads all ones");
	} else {
		fault_add_status(ctx, image);
		fault_add_uncorrectable(ctx, image);
	}
	fault_add_counts(device, "aer_dev_fatal", "fatal");
	fault_add_counts(device, "aer_dev_nonfatal", "non-fatal");
	return lend_error_remedy(
		ctx,
		"check the host kernel's log for the cause: dmesg | grep %s",
		lend_device_name(device));
}
