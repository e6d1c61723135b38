// SPDX-License-Identifier: MIT
// Builds the capability lists of a view: applies each capability's policy and
// links those that are shown.

#include <linux/pci_regs.h>

#include <lend/capability.h>

#include "lib/base/bytes.h"
#include "lib/pci/bar.h"
#include "lib/pci/capability.h"
#include "lib/pci/config.h"
#include "lib/pci/express.h"
#include "lib/pci/list.h"
#include "lib/pci/message.h"
#include "lib/pci/policy.h"
#include "lib/pci/rebar.h"

struct list {
	struct config *config;
	const struct config_source *source;
	const struct bar *bars;
	unsigned int tail; /* last that is shown, 0 before the first */
};

/* Registers of a hidden capability read 0, as far as its length is known. */
static void list_blank(struct list *list, unsigned int at, unsigned int length)
{
	unsigned int i;

	for (i = 0; i < length; i++)
		config_set_constant(list->config, at + i, 1, 0);
}

static void clear_bits(struct config *config, unsigned int at, uint8_t bits)
{
	config->value[at] &= (uint8_t)~bits;
}

/* Makes a capability known to the rest of the view. Returns NULL, or why it
 * must be hidden. */
static const char *list_settle(struct list *list, unsigned int id,
			       unsigned int at, unsigned int length)
{
	struct config *config = list->config;

	switch (id) {
	case PCI_CAP_ID_PM:
		config->pm = at;
		/* The guest starts with the function in D0. */
		clear_bits(config, at + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK);
		return NULL;
	case PCI_CAP_ID_MSI:
		return message_build_msi(config, list->source, at);
	case PCI_CAP_ID_MSIX:
		return message_build_msix(config, list->source, list->bars, at);
	case PCI_CAP_ID_EXP:
		express_settle(config, list->source, at, length);
		if (!list->source->can_reset)
			clear_bits(config, at + PCI_EXP_DEVCAP + 3,
				   PCI_EXP_DEVCAP_FLR >> 24);
		return NULL;
	case PCI_CAP_ID_AF:
		config->af = at;
		if (!list->source->can_reset)
			clear_bits(config, at + PCI_AF_CAP, PCI_AF_CAP_FLR);
		return NULL;
	default:
		return NULL;
	}
}

static bool list_has_before(const struct lend_pci_capability *found,
			    unsigned int i)
{
	unsigned int before;

	/* Only vendor-specific capabilities may occur more than once. */
	if (found[i].id == PCI_CAP_ID_VNDR)
		return false;
	for (before = 0; before < i; before++)
		if (found[before].id == found[i].id)
			return true;
	return false;
}

/* The offset of the next capability or the end of the space: capabilities must
 * not overlap. */
static unsigned int list_end_of(const struct lend_pci_capability *found,
				unsigned int count, unsigned int at)
{
	unsigned int end = at < CONFIG_STD_SIZE ? CONFIG_STD_SIZE : CONFIG_SIZE;
	unsigned int i;

	for (i = 0; i < count; i++)
		if (found[i].offset > at && found[i].offset < end)
			end = found[i].offset;
	return end;
}

/* A capability owns its last word. */
static unsigned int list_round_up(unsigned int end)
{
	return (end + 3) & ~3u;
}

/* Hiding a capability that the policy shows is worth a warning. */
static enum lend_log_level list_level_of(const struct policy *policy)
{
	return policy->verdict == POLICY_HIDE ? LEND_LOG_INFO
					      : LEND_LOG_WARNING;
}

/* Registers of a capability whose end is unknown cannot be written. */
static void list_hide_standard(struct list *list, const struct policy *policy,
			       unsigned int at, unsigned int length,
			       unsigned int end)
{
	list_blank(list, at, length ? length : 2);
	if (!length || policy->grows)
		config_deny(list->config, at, end);
}

static const char *list_add_standard(struct list *list,
				     const struct lend_pci_capability *found,
				     unsigned int count, unsigned int i)
{
	const struct policy *policy = policy_standard(found[i].id);
	const uint8_t *image = list->source->image;
	unsigned int at = found[i].offset;
	unsigned int end = list_end_of(found, count, at);
	unsigned int length = capability_length(policy, image, at, end);
	const char *why;

	if (policy->verdict == POLICY_HIDE) {
		list_hide_standard(list, policy, at, length, end);
		return policy->why;
	}
	/* What is shown opens its own registers. */
	config_deny(list->config, at,
		    length ? list_round_up(at + length) : end);
	if (!length)
		return "it is truncated";
	if (list_has_before(found, i))
		return "it is a duplicate";
	capability_apply(list->config, policy, image,
			 (struct capability_place){at, 2, length});
	why = list_settle(list, found[i].id, at, length);
	if (why) {
		list_blank(list, at, length);
		return why;
	}
	config_set_constant(list->config, at, 2, found[i].id);
	config_set_constant(list->config,
			    list->tail ? list->tail + 1 : PCI_CAPABILITY_LIST,
			    1, at);
	list->tail = at;
	return NULL;
}

void capability_build_standard(struct config *config,
			       const struct config_source *source,
			       const struct bar bars[BAR_COUNT])
{
	struct list list = {config, source, bars, 0};
	struct lend_pci_capability found[LEND_PCI_LIST_STANDARD_MAX];
	const char *cut, *why;
	unsigned int count, i;

	count = lend_pci_capabilities(source->image, source->size,
				      LEND_PCI_LIST_STANDARD, found,
				      LEND_PCI_LIST_STANDARD_MAX, &cut);
	if (cut)
		config_note(source, LEND_LOG_WARNING,
			    "capability list %s; the rest is ignored", cut);
	else
		config_open(config, PCI_STD_HEADER_SIZEOF, CONFIG_STD_SIZE);
	config_set_constant(config, PCI_CAPABILITY_LIST, 1, 0);
	for (i = 0; i < count; i++) {
		why = list_add_standard(&list, found, count, i);
		if (why)
			config_note(source,
				    list_level_of(policy_standard(found[i].id)),
				    "capability 0x%02x at 0x%02x hidden: %s",
				    found[i].id, found[i].offset, why);
	}
	config_set(config, PCI_STATUS, 1,
		   (struct config_bits){
			   .value = list.tail ? PCI_STATUS_CAP_LIST : 0,
			   .emulated = 0xff & ~PCI_STATUS_INTERRUPT});
}

static const char *list_add_extended(struct list *list,
				     const struct lend_pci_capability *found,
				     unsigned int count, unsigned int i)
{
	const struct policy *policy = policy_extended(found[i].id);
	const uint8_t *image = list->source->image;
	unsigned int at = found[i].offset;
	unsigned int end = list_end_of(found, count, at);
	unsigned int length = capability_length(policy, image, at, end);
	unsigned int head = at == CONFIG_STD_SIZE ? 0 : list->tail;
	uint32_t header = (uint32_t)bytes_get(image + at, 4);

	/* What is shown opens its own registers. */
	list_blank(list, at,
		   length ? list_round_up(at + length) - at : end - at);
	if (policy->verdict == POLICY_HIDE)
		return policy->why;
	if (length < 4)
		return "it is truncated";
	capability_apply(list->config, policy, image,
			 (struct capability_place){at, 4, length});
	if (found[i].id == PCI_EXT_CAP_ID_REBAR) {
		const char *why = rebar_settle(list->config, image, list->bars,
					       at, length);

		if (why) {
			list_blank(list, at, length);
			return why;
		}
	}
	config_set_constant(list->config, at, 4, header & 0xfffff);
	if (head)
		config_set_constant(
			list->config, head, 4,
			(config_value(list->config, head, 4) & 0xfffff) |
				at << 20);
	list->tail = at;
	return NULL;
}

void capability_build_extended(struct config *config,
			       const struct config_source *source,
			       const struct bar bars[BAR_COUNT])
{
	/* The head cannot move: if it is hidden, it becomes a null capability
	 * with a link. */
	struct list list = {config, source, bars, CONFIG_STD_SIZE};
	struct lend_pci_capability found[LEND_PCI_LIST_EXTENDED_MAX];
	const char *cut, *why;
	unsigned int count, i;

	if (source->size < CONFIG_SIZE)
		return;
	count = lend_pci_capabilities(source->image, source->size,
				      LEND_PCI_LIST_EXTENDED, found,
				      LEND_PCI_LIST_EXTENDED_MAX, &cut);
	if (cut)
		config_note(source, LEND_LOG_WARNING,
			    "extended capability list %s; the rest is ignored",
			    cut);
	else
		config_open(config, CONFIG_STD_SIZE + 4, CONFIG_SIZE);
	for (i = 0; i < count; i++) {
		why = list_add_extended(&list, found, count, i);
		if (why)
			config_note(source,
				    list_level_of(policy_extended(found[i].id)),
				    "extended capability 0x%04x at 0x%03x "
				    "hidden: %s",
				    found[i].id, found[i].offset, why);
	}
}
