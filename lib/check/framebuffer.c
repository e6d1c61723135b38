// SPDX-License-Identifier: MIT
// Whether something else than a device's driver holds a part of its BARs, such
// as the framebuffer of the firmware: it keeps it after the device is bound to
// another driver.

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/attribute.h>

#include "lib/address/address.h"
#include "lib/address/group.h"
#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/base/sysfs.h"
#include "lib/check/framebuffer.h"

struct memory_range {
	uint64_t first;
	uint64_t last;
};

/* The six BARs are the first lines of the resource attribute. */
enum { BARS = 6, RESOURCE_MAX = 4096 };

static unsigned int framebuffer_read_bars(const struct lend_address *address,
					  struct memory_range bars[BARS])
{
	char text[RESOURCE_MAX];
	char *rest = text, *line;
	unsigned int count = 0;

	if (lend_attribute_read(address, "resource", text, sizeof(text)) < 0)
		return 0;
	for (unsigned int i = 0; i < BARS && (line = procfs_next_line(&rest));
	     i++) {
		struct memory_range *bar = &bars[count];

		if (sscanf(line, "%" SCNx64 " %" SCNx64, &bar->first,
			   &bar->last) == 2 &&
		    bar->last > bar->first)
			count++;
	}
	return count;
}

/* Writes a driver's or a resource's name without what their writers vary:
 * "xhci-hcd" and "xhci_hcd". */
static void framebuffer_plain_name(const char *name, char plain[64])
{
	size_t length = 0;

	for (; *name && length < 63; name++)
		if (isalnum((unsigned char)*name))
			plain[length++] = (char)tolower((unsigned char)*name);
	plain[length] = '\0';
}

/* Whether a host driver claimed a range under its own name or a similar one. */
static bool framebuffer_is_own(const char *driver, const char *name)
{
	char a[64], b[64];

	framebuffer_plain_name(driver, a);
	framebuffer_plain_name(name, b);
	return a[0] && b[0] && (strstr(a, b) || strstr(b, a));
}

/* What holds a part of a BAR stays there when the device's driver goes, unless
 * it is of that driver. Without a host driver that is everything. A host driver
 * claims whole BARs, under names that vary, and parts under its own name; a
 * screen of the firmware is in a part of a display controller's BAR. */
struct framebuffer {
	const struct lend_address *address;
	struct memory_range bars[BARS];
	unsigned int count;
	char driver[SYSFS_NAME];
	bool is_lent;
	bool is_display;
	bool is_below[BARS]; /* the BAR's own line has been read */
};

static bool framebuffer_is_foreign(const struct framebuffer *fb,
				   const char *name, bool is_whole)
{
	if (framebuffer_is_own(fb->driver, name))
		return false;
	if (!fb->driver[0] || fb->is_lent)
		return true;
	return fb->is_display && !is_whole;
}

/* Whether a line of /proc/iomem, "  e0000000-e02fffff : BOOTFB", is of
 * something else in a BAR. Lines of buses and windows around a BAR come before
 * it. */
static bool framebuffer_is_in_way(struct framebuffer *fb, const char *line)
{
	const char *name = strstr(line, " : ");
	struct memory_range r;

	if (!name ||
	    sscanf(line, " %" SCNx64 "-%" SCNx64, &r.first, &r.last) != 2)
		return false;
	name += strlen(" : ");
	for (unsigned int i = 0; i < fb->count; i++) {
		const struct memory_range *bar = &fb->bars[i];
		bool is_whole = r.first == bar->first && r.last == bar->last;

		if (r.first > bar->last || r.last < bar->first)
			continue;
		if (!strcmp(name, fb->address->name))
			fb->is_below[i] = true;
		else if (r.first <= bar->first && r.last >= bar->last &&
			 !(is_whole && fb->is_below[i]))
			continue;
		else if (framebuffer_is_foreign(fb, name, is_whole))
			return true;
	}
	return false;
}

/* Without privileges, the kernel shows every address as 0. */
static bool is_hidden(const char *text)
{
	const char *dash = strchr(text, '-');

	return text[strspn(text, " 0")] == '-' && dash &&
	       dash[1 + strspn(dash + 1, "0")] == ' ';
}

static void framebuffer_fail(struct check *check,
			     const struct lend_address *address,
			     const char *line)
{
	const char *name = strstr(line, " : ") + strlen(" : ");

	lend_error_set(check->ctx, LEND_ERROR_IN_USE, EBUSY, address->name,
		       "%s holds a part of one of its BARs", name);
	lend_error_evidence(check->ctx, "/proc/iomem: %s",
			    line + strspn(line, " "));
	lend_error_remedy(check->ctx,
			  "if it is the framebuffer of the firmware, boot the "
			  "host with video=efifb:off,vesafb:off or "
			  "initcall_blacklist=sysfb_init");
	report_failure(check, "framebuffer");
}

static void framebuffer_read_device(struct framebuffer *fb,
				    const struct lend_address *address)
{
	char class[16];

	fb->address = address;
	fb->count = framebuffer_read_bars(address, fb->bars);
	lend_address_driver(address, fb->driver, sizeof(fb->driver));
	fb->is_lent = group_is_vfio_driver(fb->driver);
	/* Base class 3; the class of devices older than classes has VGA too. */
	fb->is_display = lend_attribute_read(address, "class", class,
					     sizeof(class)) < 0 ||
			 !strncmp(class, "0x03", strlen("0x03")) ||
			 !strncmp(class, "0x0001", strlen("0x0001"));
}

void check_framebuffer(struct check *check, const struct lend_address *address)
{
	struct framebuffer fb = {0};
	char *text, *rest, *line;

	framebuffer_read_device(&fb, address);
	if (!fb.count)
		return;
	text = procfs_read_all(check->ctx, "iomem");
	if (!text || is_hidden(text)) {
		report_warning(check, "framebuffer", address->name,
			       "run lend check as root",
			       "requires root to know whether something else, "
			       "such as the framebuffer of the firmware, holds "
			       "a part of its BARs");
		free(text);
		return;
	}
	rest = text;
	while ((line = procfs_next_line(&rest)))
		if (framebuffer_is_in_way(&fb, line))
			break;
	if (line)
		framebuffer_fail(check, address, line);
	else
		report_ok(check, "framebuffer", address->name,
			  "nothing but its driver holds a part of its "
			  "BARs");
	free(text);
}
