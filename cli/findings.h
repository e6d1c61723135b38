/* SPDX-License-Identifier: MIT */
/* Findings: how preconditions stand, as facts and for people. */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include "cli/command.h"
#include "cli/json.h"

/* Adds a finding to the array @findings: the callback of lend_check(). */
void findings_add(void *findings, const struct lend_finding *finding);

/* Adds to @document how many of @findings have failed, these, and the remedies
 * of those: each once, what covers most first. Returns how many have failed. */
unsigned int findings_conclude(struct json_object *document,
			       struct json_object *findings);

/* Prints each of the document's findings. */
void findings_print(const struct json_object *document);

/* Prints the document's remedies, if any. */
void findings_print_remedy(const struct json_object *document);

#endif
