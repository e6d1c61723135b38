/* SPDX-License-Identifier: MIT */
/* Collects and prints findings of checks, with their remedies. */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include "cli/command.h"
#include "cli/json.h"

/* Adds a finding to the array @findings: the callback of lend_check(). */
void findings_add(void *findings, const struct lend_finding *finding);

/* Adds to @document the number of failed findings, all @findings, and the
 * remedies of the failed ones: each once, the most general first. Returns the
 * number of failed findings. */
unsigned int findings_conclude(struct json_object *document,
			       struct json_object *findings);

/* Prints each of the document's findings, and the name of its check if asked
 * to. */
void findings_print(const struct json_object *document, bool with_names);

/* Prints the document's remedies, if any. */
void findings_print_remedy(const struct json_object *document);

#endif
