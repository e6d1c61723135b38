/* SPDX-License-Identifier: MIT */
/* Whether the framebuffer that the firmware set up is in a BAR of a device. */
#ifndef LIB_CHECK_FRAMEBUFFER_H
#define LIB_CHECK_FRAMEBUFFER_H

#include "lib/check/report.h"

void check_framebuffer(struct check *check, const struct lend_address *address);

#endif
