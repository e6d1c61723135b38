/* SPDX-License-Identifier: MIT */
/* How the command line tells a person what happened. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "command.h"

/* Prints the record of the last failure to stderr: fact, evidence, fix. */
void report_error(const struct lend_ctx *ctx);

/* A lend_ctx_options.log; opaque is the struct cli. Warnings always, what was
 * chosen with -v, what goes on inside with -v -v; to stderr. */
void report_log(void *opaque, enum lend_log_level level, const char *text);

#endif
