/* SPDX-License-Identifier: MIT */
/* Parses a command line of `lend run` that is written as one string. */
#ifndef TESTS_UNIT_CLI_RUN_LINE_H
#define TESTS_UNIT_CLI_RUN_LINE_H

#include "cli/run/options.h"

/* Parses words separated by '|', after the command's name, and reports what is
 * refused. The caller calls run_options_free(); the options borrow from a text
 * that lasts until the next call. */
int line_parse(struct cli *cli, const char *line, struct run_options *options);

#endif
