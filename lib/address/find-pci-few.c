// SPDX-License-Identifier: MIT
// Finds a PCI device by a name that several may share.

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/address/address.h"
#include "lib/address/bdf.h"
#include "lib/address/find-pci-few.h"
#include "lib/address/find-pci.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"

/* A longer list helps nobody. */
enum { SHOWN_MAX = 6 };

/* What devices are compared with: IDs, or a slot. */
struct few_wanted {
	char vendor[sizeof("0x1234")]; /* "" for a slot */
	char device[sizeof("0x1234")];
	struct bdf slot;
};

static bool few_is_hex(const char *text, size_t digits)
{
	for (size_t i = 0; i < digits; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* Parses "10de:26ba". */
static bool few_parse_ids(const char *text, struct few_wanted *wanted)
{
	if (strlen(text) != 9 || text[4] != ':' || !few_is_hex(text, 4) ||
	    !few_is_hex(text + 5, 4))
		return false;
	snprintf(wanted->vendor, sizeof(wanted->vendor), "0x%.4s", text);
	snprintf(wanted->device, sizeof(wanted->device), "0x%.4s", text + 5);
	return true;
}

/* Parses "89:00" or "0000:89:00": an address but for its function. */
static bool few_parse_slot(const char *text, struct few_wanted *wanted)
{
	char whole[32];

	if (strchr(text, '.') || strlen(text) + 3 > sizeof(whole))
		return false;
	snprintf(whole, sizeof(whole), "%s.0", text);
	return !bdf_parse(whole, &wanted->slot);
}

static bool few_has_id(struct lend_ctx *ctx, const char *name,
		       const char *attribute, const char *wanted)
{
	char path[SYSFS_PATH], id[16];

	return !sysfs_path(path, "%s/bus/pci/devices/%s/%s", ctx->sysfs, name,
			   attribute) &&
	       sysfs_read(ctx, path, id, sizeof(id)) > 0 &&
	       !strcasecmp(id, wanted);
}

static bool few_matches(struct lend_ctx *ctx, const char *name,
			const struct few_wanted *wanted)
{
	struct bdf bdf;

	if (*wanted->vendor)
		return few_has_id(ctx, name, "vendor", wanted->vendor) &&
		       few_has_id(ctx, name, "device", wanted->device);
	if (bdf_parse(name, &bdf))
		return false;
	bdf.function = 0;
	return !bdf_difference(&bdf, &wanted->slot);
}

static int few_refuse_none(struct lend_ctx *ctx, const char *text)
{
	lend_error_set(ctx, LEND_ERROR_NO_DEVICE, ENODEV, text,
		       "no such device");
	return lend_error_remedy(ctx, "lend list shows the devices");
}

/* Records the devices that match, of which names->names[first] is one. */
static int few_refuse_many(struct lend_ctx *ctx, const char *text,
			   const struct sysfs_names *names,
			   const struct few_wanted *wanted)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < names->count; i++)
		count += few_matches(ctx, names->names[i], wanted);
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "'%s' names %u devices", text, count);
	count = 0;
	for (unsigned int i = 0; i < names->count && count < SHOWN_MAX; i++) {
		if (!few_matches(ctx, names->names[i], wanted))
			continue;
		find_pci_add_evidence(ctx, names->names[i]);
		count++;
	}
	return lend_error_remedy(ctx, "name one of them by its address, or "
				      "several one by one");
}

static int few_find(struct lend_ctx *ctx, const char *text,
		    const struct few_wanted *wanted,
		    const struct sysfs_names *names,
		    struct lend_address **address)
{
	const char *found = NULL;

	for (unsigned int i = 0; i < names->count; i++) {
		if (!few_matches(ctx, names->names[i], wanted))
			continue;
		if (found)
			return few_refuse_many(ctx, text, names, wanted);
		found = names->names[i];
	}
	if (!found)
		return few_refuse_none(ctx, text);
	lend_log(ctx, LEND_LOG_INFO, "%s is %s", text, found);
	return find_pci(ctx, found, address);
}

int find_pci_few(struct lend_ctx *ctx, const char *text,
		 struct lend_address **address)
{
	struct few_wanted wanted = {0};
	struct sysfs_names names = {0};
	char path[SYSFS_PATH];
	int err;

	if (!few_parse_ids(text, &wanted) && !few_parse_slot(text, &wanted))
		return 1;
	err = sysfs_path(path, "%s/bus/pci/devices", ctx->sysfs);
	if (!err)
		err = sysfs_list(ctx, path, &names);
	if (err)
		return few_refuse_none(ctx, text);
	err = few_find(ctx, text, &wanted, &names, address);
	sysfs_names_free(&names);
	return err;
}
