/* SPDX-License-Identifier: MIT */
/* Parses -name: the guest's name, which becomes that of the process. */
#ifndef CLI_RUN_NAME_H
#define CLI_RUN_NAME_H

struct lend_ctx;

/* Parses [guest=]NAME[,process=NAME][,debug-threads=on|off]. Replaces *@name,
 * which is to be freed, by the process's name. Returns 0 or -errno with a
 * record. */
int run_name_parse(struct lend_ctx *ctx, const char *text, char **name);

#endif
