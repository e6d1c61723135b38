/* SPDX-License-Identifier: MIT */
/* Prints devices as a tree of what they are behind. */
#ifndef CLI_TREE_H
#define CLI_TREE_H

#include <stdbool.h>

#include "cli/json.h"

/* Whether the locale in the environment has UTF-8. */
bool tree_has_utf8(void);

/* Prints the facts of lend list: bridges, functions, virtual functions and
 * mediated devices below each root. Returns 0, or -ENOMEM without a record. */
int tree_print(const struct json_object *devices, bool is_utf8);

#endif
