// SPDX-License-Identifier: MIT
// Classifies a node's properties: copied as they are, generated, or holding
// phandles.

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/platform/host.h"
#include "lib/platform/number.h"
#include "lib/platform/reference.h"
#include "lib/platform/tree.h"

/*
 * The first match counts; a leading '*' matches any prefix, a trailing '#' a
 * number. A property that is not listed is a list if plural_cells() applies,
 * and unknown if it is not named as a number is. Sources: the Devicetree
 * Specification 0.4, chapter 2; drivers/of/property.c and scripts/dtc/checks.c
 * of Linux 6.12.
 */
static const struct rule {
	const char *name;
	enum reference kind;
	enum reference in_child;
	const char *cells;
	const char *why;
} rules[] = {
	{"name", REFERENCE_MADE, REFERENCE_MADE, NULL,
	 "a flat tree keeps it as the node's name"},
	{"phandle", REFERENCE_MADE, REFERENCE_MADE, NULL,
	 "numbers the host's nodes"},
	{"linux,phandle", REFERENCE_MADE, REFERENCE_MADE, NULL,
	 "an old name of phandle"},
	{"reg", REFERENCE_MADE, REFERENCE_NONE, NULL,
	 "the regions' guest addresses; a child's are relative to the device"},
	{"interrupts", REFERENCE_MADE, REFERENCE_OPAQUE, NULL,
	 "the guest's interrupts; those of a child are not lent"},
	{"interrupts-extended", REFERENCE_MADE, REFERENCE_OPAQUE, NULL,
	 "another form of interrupts"},
	{"interrupt-parent", REFERENCE_MADE, REFERENCE_OPAQUE, NULL,
	 "all interrupts are the guest's controller's"},
	{"iommus", REFERENCE_MADE, REFERENCE_OPAQUE, NULL,
	 "the host's IOMMU needs no driver in the guest"},
	{"iommu-map", REFERENCE_MADE, REFERENCE_OPAQUE, NULL, "as iommus"},
	{"iommu-map-mask", REFERENCE_MADE, REFERENCE_OPAQUE, NULL, "as iommus"},
	{"dma-coherent", REFERENCE_MADE, REFERENCE_NONE, NULL,
	 "may be inherited from a bus that the guest does not have"},
	{"dma-noncoherent", REFERENCE_MADE, REFERENCE_NONE, NULL,
	 "as dma-coherent"},
	{"ranges", REFERENCE_HOST, REFERENCE_NONE, NULL,
	 "maps children's addresses to the host's"},
	{"dma-ranges", REFERENCE_HOST, REFERENCE_NONE, NULL,
	 "maps children's DMA to the host's addresses"},

	{"clocks", REFERENCE_LIST, REFERENCE_LIST, "#clock-cells", ""},
	{"assigned-clocks", REFERENCE_LIST, REFERENCE_LIST, "#clock-cells", ""},
	{"assigned-clock-parents", REFERENCE_LIST, REFERENCE_LIST,
	 "#clock-cells", ""},
	{"resets", REFERENCE_LIST, REFERENCE_LIST, "#reset-cells", ""},
	{"dmas", REFERENCE_LIST, REFERENCE_LIST, "#dma-cells", ""},
	{"phys", REFERENCE_LIST, REFERENCE_LIST, "#phy-cells", ""},
	{"mboxes", REFERENCE_LIST, REFERENCE_LIST, "#mbox-cells", ""},
	{"power-domains", REFERENCE_LIST, REFERENCE_LIST, "#power-domain-cells",
	 ""},
	{"io-channels", REFERENCE_LIST, REFERENCE_LIST, "#io-channel-cells",
	 ""},
	{"io-backends", REFERENCE_LIST, REFERENCE_LIST, "#io-backend-cells",
	 ""},
	{"interconnects", REFERENCE_LIST, REFERENCE_LIST, "#interconnect-cells",
	 ""},
	{"hwlocks", REFERENCE_LIST, REFERENCE_LIST, "#hwlock-cells", ""},
	{"nvmem-cells", REFERENCE_LIST, REFERENCE_LIST, "#nvmem-cell-cells",
	 ""},
	{"mux-controls", REFERENCE_LIST, REFERENCE_LIST, "#mux-control-cells",
	 ""},
	{"thermal-sensors", REFERENCE_LIST, REFERENCE_LIST,
	 "#thermal-sensor-cells", ""},
	{"cooling-device", REFERENCE_LIST, REFERENCE_LIST, "#cooling-cells",
	 ""},
	{"sound-dai", REFERENCE_LIST, REFERENCE_LIST, "#sound-dai-cells", ""},
	{"access-controllers", REFERENCE_LIST, REFERENCE_LIST,
	 "#access-controller-cells", ""},
	{"pses", REFERENCE_LIST, REFERENCE_LIST, "#pse-cells", ""},
	{"pwms", REFERENCE_LIST, REFERENCE_LIST, "#pwm-cells", ""},
	{"msi-parent", REFERENCE_LIST, REFERENCE_LIST, "#msi-cells", ""},
	{"trigger-sources", REFERENCE_LIST, REFERENCE_LIST,
	 "#trigger-source-cells", ""},

	{"nr-gpios", REFERENCE_NONE, REFERENCE_NONE, NULL, "a number"},
	{"*,nr-gpios", REFERENCE_NONE, REFERENCE_NONE, NULL, "a number"},
	{"gpio", REFERENCE_LIST, REFERENCE_LIST, "#gpio-cells", ""},
	{"gpios", REFERENCE_LIST, REFERENCE_LIST, "#gpio-cells", ""},
	{"*-gpio", REFERENCE_LIST, REFERENCE_LIST, "#gpio-cells", ""},
	{"*-gpios", REFERENCE_LIST, REFERENCE_LIST, "#gpio-cells", ""},

	{"*-supply", REFERENCE_LIST, REFERENCE_LIST, "", "a regulator"},
	{"pinctrl-#", REFERENCE_LIST, REFERENCE_LIST, "", "pin states"},
	{"memory-region", REFERENCE_LIST, REFERENCE_LIST, "",
	 "reserved memory"},
	{"phy-handle", REFERENCE_LIST, REFERENCE_LIST, "", "an Ethernet PHY"},
	{"phy-device", REFERENCE_LIST, REFERENCE_LIST, "", "as phy-handle"},
	{"*-handle", REFERENCE_LIST, REFERENCE_LIST, "", "as phy-handle"},
	{"snps,axi-config", REFERENCE_LIST, REFERENCE_LIST, "", "a child"},
	{"snps,mtl-rx-config", REFERENCE_LIST, REFERENCE_LIST, "", "a child"},
	{"snps,mtl-tx-config", REFERENCE_LIST, REFERENCE_LIST, "", "a child"},
	{"usb-phy", REFERENCE_LIST, REFERENCE_LIST, "", "a USB PHY"},
	{"mmc-pwrseq", REFERENCE_LIST, REFERENCE_LIST, "", "a card's power"},
	{"peer-hub", REFERENCE_LIST, REFERENCE_LIST, "", "the same hub"},
	{"required-opps", REFERENCE_LIST, REFERENCE_LIST, "",
	 "a table's entries"},
	{"shmem", REFERENCE_LIST, REFERENCE_LIST, "", "shared memory"},
	{"sfp", REFERENCE_LIST, REFERENCE_LIST, "", "a module's cage"},
	{"mdio-parent-bus", REFERENCE_LIST, REFERENCE_LIST, "", "a bus"},
	{"i2c-bus", REFERENCE_LIST, REFERENCE_LIST, "", "a bus"},
	{"i2c-parent", REFERENCE_LIST, REFERENCE_LIST, "", "a bus"},
	{"ddc-i2c-bus", REFERENCE_LIST, REFERENCE_LIST, "", "a bus"},
	{"nvmem", REFERENCE_LIST, REFERENCE_LIST, "", "non-volatile memory"},
	{"sram", REFERENCE_LIST, REFERENCE_LIST, "", "on-chip memory"},
	{"extcon", REFERENCE_LIST, REFERENCE_LIST, "", "a connector"},
	{"leds", REFERENCE_LIST, REFERENCE_LIST, "", ""},
	{"backlight", REFERENCE_LIST, REFERENCE_LIST, "", ""},
	{"panel", REFERENCE_LIST, REFERENCE_LIST, "", ""},
	{"power-supplies", REFERENCE_LIST, REFERENCE_LIST, "", ""},
	{"wakeup-parent", REFERENCE_LIST, REFERENCE_LIST, "",
	 "an interrupt controller"},
	{"post-init-providers", REFERENCE_LIST, REFERENCE_LIST, "",
	 "nodes to be probed first"},
	{"remote-endpoint", REFERENCE_LIST, REFERENCE_LIST, "",
	 "the other end of a graph link"},
	{"operating-points-v2", REFERENCE_LIST, REFERENCE_LIST, "",
	 "a table of frequencies"},
	{"next-level-cache", REFERENCE_LIST, REFERENCE_LIST, "", ""},

	{"msi-map", REFERENCE_OPAQUE, REFERENCE_OPAQUE, NULL, ""},
	{"interrupt-map", REFERENCE_OPAQUE, REFERENCE_OPAQUE, NULL, ""},
	{"gpio-ranges", REFERENCE_OPAQUE, REFERENCE_OPAQUE, NULL, ""},
	{"syscon", REFERENCE_OPAQUE, REFERENCE_OPAQUE, NULL,
	 "registers that several devices share"},
	{"*-syscon", REFERENCE_OPAQUE, REFERENCE_OPAQUE, NULL, "as syscon"},
	{"*,syscon", REFERENCE_OPAQUE, REFERENCE_OPAQUE, NULL, "as syscon"},
	{"*,sysreg", REFERENCE_OPAQUE, REFERENCE_OPAQUE, NULL, "as syscon"},
	{"*-phandle", REFERENCE_OPAQUE, REFERENCE_OPAQUE, NULL, ""},
	{"*,grf", REFERENCE_OPAQUE, REFERENCE_OPAQUE, NULL, "as syscon"},
	{"regmap", REFERENCE_OPAQUE, REFERENCE_OPAQUE, NULL, "as syscon"},
};

static bool rule_matches(const char *pattern, const char *name)
{
	size_t length = strlen(pattern), has = strlen(name);

	if (pattern[0] == '*')
		return has >= length &&
		       !strcmp(name + has - (length - 1), pattern + 1);
	if (pattern[length - 1] != '#')
		return !strcmp(name, pattern);
	return !strncmp(name, pattern, length - 1) && name[length - 1] &&
	       !name[length - 1 + strspn(name + length - 1, "0123456789")];
}

static const struct rule *find_rule(const char *name)
{
	for (unsigned int i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rule_matches(rules[i].name, name))
			return &rules[i];
	return NULL;
}

/* By convention, "foos" lists nodes that have "#foo-cells", and "vendor,foos"
 * those that have "#vendor,foo-cells" or "#foo-cells". Sets @cells to the one
 * that @target has; false if it has neither. */
static bool plural_cells(const char *name, const struct dt_node *target,
			 char cells[REFERENCE_CELLS])
{
	const char *comma = strrchr(name, ',');

	for (const char *word = name; word;
	     word = comma && word == name ? comma + 1 : NULL) {
		int length = (int)strlen(word) - 1;

		if (length < 1 || word[length] != 's')
			return false;
		/* "#", "-cells" and the end */
		if (length > REFERENCE_CELLS - 8)
			continue;
		snprintf(cells, REFERENCE_CELLS, "#%.*s-cells", length, word);
		if (dt_get(target, cells))
			return true;
	}
	return false;
}

uint32_t reference_candidates(const struct dt_property *property)
{
	const struct rule *rule = find_rule(property->name);

	if (!rule)
		return number_is_named(property->name) ? 0 : dt_cells(property);
	if (rule->kind == REFERENCE_LIST ||
	    !strcmp(rule->name, "interrupts-extended") ||
	    !strcmp(rule->name, "interrupt-parent"))
		return dt_cells(property);
	return rule->kind == REFERENCE_OPAQUE && dt_cells(property) ? 1 : 0;
}

const struct dt_node *reference_first(const struct host_node *host,
				      const struct dt_property *property,
				      uint32_t *phandle)
{
	const struct dt_node *target = NULL;

	for (uint32_t i = 0; i < dt_cells(property) && !target; i++) {
		*phandle = dt_cell(property, i);
		target = host_target(host, *phandle);
	}
	return target;
}

enum reference reference_find(const struct host_node *host,
			      const struct dt_property *property, bool is_child,
			      char cells[REFERENCE_CELLS])
{
	const struct rule *rule = find_rule(property->name);
	const struct dt_node *target;
	uint32_t phandle;

	cells[0] = '\0';
	if (rule) {
		snprintf(cells, REFERENCE_CELLS, "%s",
			 rule->cells ? rule->cells : "");
		return is_child ? rule->in_child : rule->kind;
	}
	if (!dt_cells(property) || number_is_named(property->name))
		return REFERENCE_NONE;
	target = host_target(host, dt_cell(property, 0));
	if (target && plural_cells(property->name, target, cells))
		return REFERENCE_LIST;
	return reference_first(host, property, &phandle) ? REFERENCE_LIKELY
							 : REFERENCE_NONE;
}
