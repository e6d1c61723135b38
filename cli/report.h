/* SPDX-License-Identifier: MIT */
/* Prints errors and log messages. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/command.h"

struct json_object;

/* Finds out whether stderr is a terminal. */
void report_find_watcher(struct cli *cli);

/* Prints the record of the last failure: fact, evidence, fix; to stderr, or
 * with --json to stdout, so that there is always one document. */
void report_error(const struct cli *cli);

/* The record as an object. */
struct json_object *report_json_error(const struct lend_ctx *ctx);

/* A lend_ctx_options.log; opaque is the struct cli. To stderr: warnings always,
 * decisions with -v, details with -v -v, progress on a terminal or with three
 * -v. */
void report_log(void *opaque, enum lend_log_level level, const char *text);

#endif
