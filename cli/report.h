/* SPDX-License-Identifier: MIT */
/* How the command line tells a person what happened. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/command.h"

struct json_object;

/* Prints the record of the last failure: fact, evidence, fix; to stderr, or
 * with
 * --json to stdout, so that there is one document in every case. */
void report_error(const struct cli *cli);

/* The record as an object. */
struct json_object *report_json_error(const struct lend_ctx *ctx);

/* A lend_ctx_options.log; opaque is the struct cli. Warnings always, what was
 * chosen with -v, what goes on inside with -v -v; to stderr. */
void report_log(void *opaque, enum lend_log_level level, const char *text);

#endif
