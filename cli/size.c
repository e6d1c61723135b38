// SPDX-License-Identifier: MIT
// Formats sizes for people.

#include <inttypes.h>
#include <stdio.h>

#include "cli/size.h"

struct size_text size_text(uint64_t bytes)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB"};
	struct size_text result;
	unsigned int unit = 0;

	while (unit < 3 && bytes && !(bytes % 1024)) {
		bytes /= 1024;
		unit++;
	}
	snprintf(result.text, sizeof(result.text), "%" PRIu64 " %s", bytes,
		 units[unit]);
	return result;
}
