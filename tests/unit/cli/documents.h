/* SPDX-License-Identifier: MIT */
/* Keeps each JSON document that a test's commands print. */
#ifndef TESTS_UNIT_CLI_DOCUMENTS_H
#define TESTS_UNIT_CLI_DOCUMENTS_H

/* The command whose documents follow. With LEND_DOCUMENTS in the environment,
 * json_print() writes them to that directory too, as ...-COMMAND.json: link
 * with --wrap=json_print. */
void documents_of(const char *command);

#endif
