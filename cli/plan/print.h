/* SPDX-License-Identifier: MIT */
/* A plan as text. */
#ifndef CLI_PLAN_PRINT_H
#define CLI_PLAN_PRINT_H

struct json_object;

/* Prints the document that plan_run() makes. */
void plan_print(const struct json_object *document);

#endif
