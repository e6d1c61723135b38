// SPDX-License-Identifier: MIT
// Whether the framebuffer that the firmware set up is in a BAR of a device: its
// driver keeps the BAR, even after the device is bound to another.

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/attribute.h>

#include "lib/address/address.h"
#include "lib/base/context.h"
#include "lib/base/procfs.h"
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

static bool is_framebuffer(const char *name)
{
	static const char *const names[] = {
		"BOOTFB", "simplefb", "simpledrm",
		"efifb",  "vesafb",   "simple-framebuffer",
	};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(name, names[i], strlen(names[i])))
			return true;
	return false;
}

/* Whether a line of /proc/iomem, "  e0000000-e02fffff : BOOTFB", is a
 * framebuffer in a BAR. */
static bool framebuffer_overlaps(const char *line,
				 const struct memory_range *bars,
				 unsigned int count)
{
	const char *name = strstr(line, " : ");
	struct memory_range r;

	if (!name || !is_framebuffer(name + strlen(" : ")) ||
	    sscanf(line, " %" SCNx64 "-%" SCNx64, &r.first, &r.last) != 2)
		return false;
	for (unsigned int i = 0; i < count; i++)
		if (r.first <= bars[i].last && r.last >= bars[i].first)
			return true;
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
	lend_error_set(check->ctx, LEND_ERROR_IN_USE, EBUSY, address->name,
		       "the framebuffer of the firmware is in one of its BARs");
	lend_error_evidence(check->ctx, "/proc/iomem: %s",
			    line + strspn(line, " "));
	lend_error_remedy(check->ctx, "boot the host with "
				      "video=efifb:off,vesafb:off or "
				      "initcall_blacklist=sysfb_init");
	report_failure(check, "framebuffer");
}

void check_framebuffer(struct check *check, const struct lend_address *address)
{
	struct memory_range bars[BARS];
	unsigned int count = framebuffer_read_bars(address, bars);
	char *text, *rest, *line;

	if (!count)
		return;
	text = procfs_read_all(check->ctx, "iomem");
	if (!text || is_hidden(text)) {
		report_warning(check, "framebuffer", address->name,
			       "run lend check as root",
			       "cannot check whether a framebuffer is in one "
			       "of its BARs");
		free(text);
		return;
	}
	rest = text;
	while ((line = procfs_next_line(&rest)))
		if (framebuffer_overlaps(line, bars, count))
			break;
	if (line)
		framebuffer_fail(check, address, line);
	else
		report_ok(check, "framebuffer", address->name,
			  "no framebuffer of the firmware is in its BARs");
	free(text);
}
