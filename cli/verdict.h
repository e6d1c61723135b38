/* SPDX-License-Identifier: MIT */
/* Sums up in a few words whether a device can be lent. */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H

#include "cli/command.h"

struct verdict {
	const char *word; /* stable, for programs */
	const char *text; /* for people */
	char detail[128]; /* who has it, or what the host uses it for; or "" */
};

struct verdict verdict_of(struct lend_ctx *ctx, struct lend_address *address);

#endif
