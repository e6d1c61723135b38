// SPDX-License-Identifier: MIT
// Checks and applies device-tree overlays that the user supplies.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libfdt.h>

#include <lend/error.h>

#include "lib/base/context.h"
#include "lib/platform/overlay.h"

/* The version that compilers write. libfdt trusts that names in older versions
 * are whole paths, and crashes if they are not. */
#define VERSION 17

static int overlay_check_format(const void *overlay, uint32_t size)
{
	if (size < sizeof(struct fdt_header))
		return -FDT_ERR_TRUNCATED;
	if (fdt_magic(overlay) == FDT_MAGIC && fdt_version(overlay) < VERSION)
		return -FDT_ERR_BADVERSION;
	return fdt_check_full(overlay, size);
}

int overlay_check(struct lend_ctx *ctx, const void *overlay, uint32_t size)
{
	int err = overlay_check_format(overlay, size);

	if (!err)
		return 0;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "the overlay is not a flattened device tree");
	lend_error_evidence(ctx, "%s", fdt_strerror(err));
	return lend_error_remedy(
		ctx, "compile it: dtc -@ -I dts -O dtb -o FILE.dtbo FILE.dtso");
}

/* Whether a fragment's target is the label, by "__fixups__". */
static bool is_labelled(const void *overlay, const char *fragment)
{
	int fixups = fdt_path_offset(overlay, "/__fixups__");
	char place[300];

	if (fixups < 0)
		return false;
	snprintf(place, sizeof(place), "/%s:target:0", fragment);
	return fdt_stringlist_search(overlay, fixups, OVERLAY_LABEL, place) >=
	       0;
}

static bool is_target(const void *overlay, int fragment, const char *path)
{
	const char *name = fdt_get_name(overlay, fragment, NULL);
	int length;
	const char *target =
		fdt_getprop(overlay, fragment, "target-path", &length);

	if (target && length && !target[length - 1])
		return !strcmp(target, path);
	return name && is_labelled(overlay, name);
}

bool overlay_sets(const void *overlay, const char *path, const char *name)
{
	int fragment, content;

	fdt_for_each_subnode(fragment, overlay, 0)
	{
		if (!is_target(overlay, fragment, path))
			continue;
		content = fdt_subnode_offset(overlay, fragment, "__overlay__");
		if (content >= 0 &&
		    fdt_get_property(overlay, content, name, NULL))
			return true;
	}
	return false;
}

/* Adds the label, by which the overlay finds the node. Returns whether the tree
 * had symbols before, or an error of libfdt. */
static int add_label(void *fdt, const char *path)
{
	int symbols = fdt_path_offset(fdt, "/__symbols__");
	int had = symbols >= 0;
	int err;

	if (symbols == -FDT_ERR_NOTFOUND)
		symbols = fdt_add_subnode(fdt, 0, "__symbols__");
	if (symbols < 0)
		return symbols;
	err = fdt_setprop_string(fdt, symbols, OVERLAY_LABEL, path);
	return err ? err : had;
}

static int drop_label(void *fdt, bool had_symbols)
{
	int symbols = fdt_path_offset(fdt, "/__symbols__");

	if (symbols < 0)
		return symbols;
	return had_symbols ? fdt_delprop(fdt, symbols, OVERLAY_LABEL)
			   : fdt_del_node(fdt, symbols);
}

int overlay_apply(struct lend_ctx *ctx, void *fdt, const char *path,
		  const void *overlay, uint32_t size)
{
	int had = add_label(fdt, path);
	int err = had < 0 ? had : 0;
	/* fdt_overlay_apply() damages the overlay. */
	void *copy = err ? NULL : malloc(size);

	if (!err && !copy)
		return error_no_memory(ctx, NULL);
	if (!err) {
		memcpy(copy, overlay, size);
		err = fdt_overlay_apply(fdt, copy);
		free(copy);
	}
	if (!err)
		err = drop_label(fdt, had);
	if (!err)
		return 0;
	if (err == -FDT_ERR_NOSPACE)
		return -ENOSPC;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "the overlay does not apply: %s", fdt_strerror(err));
	lend_error_evidence(ctx, "the device's node is %s, with the label %s",
			    path, OVERLAY_LABEL);
	return lend_error_remedy(
		ctx, "write &" OVERLAY_LABEL
		     " { ... }; in its source, and compile it with dtc -@");
}
