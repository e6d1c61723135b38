/* SPDX-License-Identifier: MIT */
/* Whether a PCI function can be presented to a guest. */
#ifndef LIB_CHECK_PRESENTATION_H
#define LIB_CHECK_PRESENTATION_H

#include "lib/check/report.h"

void check_presentation(struct check *check,
			const struct lend_address *address);

#endif
