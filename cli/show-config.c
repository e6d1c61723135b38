// SPDX-License-Identifier: MIT
// Reads a PCI device's quirks and capabilities from sysfs.

#include <stdio.h>
#include <string.h>

#include <lend/preview.h>

#include "cli/show.h"

enum {
	CONFIG_SIZE = 4096,
	STANDARD_SIZE = 256,
};

/* PCI Code and ID Assignment Specification, section 2 and 3. */
static const char *const standard_names[] = {
	[0x01] = "Power Management",
	[0x02] = "AGP",
	[0x03] = "VPD",
	[0x04] = "Slot ID",
	[0x05] = "MSI",
	[0x06] = "CompactPCI Hot Swap",
	[0x07] = "PCI-X",
	[0x08] = "HyperTransport",
	[0x09] = "Vendor Specific",
	[0x0a] = "Debug Port",
	[0x0b] = "CompactPCI Control",
	[0x0c] = "Hot-Plug",
	[0x0d] = "Bridge Subsystem ID",
	[0x0e] = "AGP 8x",
	[0x0f] = "Secure Device",
	[0x10] = "PCI Express",
	[0x11] = "MSI-X",
	[0x12] = "SATA",
	[0x13] = "Advanced Features",
	[0x14] = "Enhanced Allocation",
};

static const char *const extended_names[] = {
	[0x01] = "Advanced Error Reporting",
	[0x02] = "Virtual Channel",
	[0x03] = "Device Serial Number",
	[0x04] = "Power Budgeting",
	[0x05] = "Root Complex Link Declaration",
	[0x09] = "Virtual Channel (MFVC)",
	[0x0b] = "Vendor Specific",
	[0x0d] = "ACS",
	[0x0e] = "ARI",
	[0x0f] = "ATS",
	[0x10] = "SR-IOV",
	[0x12] = "Multicast",
	[0x13] = "Page Request",
	[0x15] = "Resizable BAR",
	[0x16] = "Dynamic Power Allocation",
	[0x17] = "TPH Requester",
	[0x18] = "Latency Tolerance Reporting",
	[0x19] = "Secondary PCI Express",
	[0x1b] = "PASID",
	[0x1d] = "Downstream Port Containment",
	[0x1e] = "L1 PM Substates",
	[0x1f] = "Precision Time Measurement",
	[0x23] = "Designated Vendor Specific",
	[0x24] = "VF Resizable BAR",
	[0x25] = "Data Link Feature",
	[0x26] = "Physical Layer 16 GT/s",
	[0x27] = "Lane Margining",
	[0x2a] = "Physical Layer 32 GT/s",
	[0x2e] = "Data Object Exchange",
};

/* NULL if there is none. */
static const char *show_config_name(const char *const *names, size_t count,
				    unsigned int id)
{
	return id < count ? names[id] : NULL;
}

static void add_capability(struct json_object *list, const char *name,
			   unsigned int id, unsigned int offset, bool extended)
{
	struct json_object *o = json_object_new_object();

	json_add_text(o, "name", name);
	json_add_number(o, "id", id);
	json_add_number(o, "offset", offset);
	json_add_bool(o, "extended", extended);
	json_object_array_add(list, o);
}

static void config_add_standard(struct json_object *list, const uint8_t *config,
				size_t size)
{
	struct lend_pci_capability found[LEND_PCI_LIST_STANDARD_MAX];
	unsigned int count =
		lend_pci_capabilities(config, size, LEND_PCI_LIST_STANDARD,
				      found, LEND_PCI_LIST_STANDARD_MAX, NULL);

	for (unsigned int i = 0; i < count; i++)
		add_capability(
			list,
			show_config_name(standard_names,
					 sizeof(standard_names) /
						 sizeof(standard_names[0]),
					 found[i].id),
			found[i].id, found[i].offset, false);
}

/* A null capability, of ID 0, is a mere link. */
static void config_add_extended(struct json_object *list, const uint8_t *config,
				size_t size)
{
	struct lend_pci_capability found[LEND_PCI_LIST_EXTENDED_MAX];
	unsigned int count =
		lend_pci_capabilities(config, size, LEND_PCI_LIST_EXTENDED,
				      found, LEND_PCI_LIST_EXTENDED_MAX, NULL);

	for (unsigned int i = 0; i < count; i++)
		if (found[i].id)
			add_capability(
				list,
				show_config_name(
					extended_names,
					sizeof(extended_names) /
						sizeof(extended_names[0]),
					found[i].id),
				found[i].id, found[i].offset, true);
}

static void add_quirks(struct json_object *facts,
		       const struct lend_address *address)
{
	struct json_object *list = json_object_new_array();
	struct lend_pci_preview *preview = NULL;
	const struct lend_pci_quirk *quirk = NULL;

	if (!lend_pci_preview_new(address, &preview))
		quirk = lend_pci_preview_quirk(preview, 0);
	for (unsigned int i = 0; quirk;
	     quirk = lend_pci_preview_quirk(preview, ++i)) {
		struct json_object *o = json_object_new_object();

		json_add_text(o, "name", quirk->name);
		json_add_text(o, "why", quirk->why);
		json_add_text(o, "source", quirk->source);
		json_add_text(o, "when", quirk->when);
		json_object_array_add(list, o);
	}
	lend_pci_preview_free(preview);
	json_add(facts, "quirks", list);
}

void show_add_config(struct json_object *facts,
		     const struct lend_address *address)
{
	uint8_t config[CONFIG_SIZE] = {0};
	struct json_object *list;
	int size =
		lend_attribute_bytes(address, "config", config, sizeof(config));

	add_quirks(facts, address);
	if (size < STANDARD_SIZE) {
		json_add(facts, "capabilities", NULL);
		return;
	}
	list = json_object_new_array();
	config_add_standard(list, config, (size_t)size);
	config_add_extended(list, config, (size_t)size);
	json_add(facts, "capabilities", list);
}
