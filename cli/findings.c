// SPDX-License-Identifier: MIT
// Collects and prints findings of checks, with their remedies.

#include <stdio.h>
#include <string.h>

#include "cli/findings.h"

static const char *const status_words[] = {
	[LEND_CHECK_OK] = "ok",
	[LEND_CHECK_WARNING] = "warn",
	[LEND_CHECK_FAILED] = "FAIL",
};

void findings_add(void *findings, const struct lend_finding *finding)
{
	struct json_object *o = json_object_new_object();

	json_add_text(o, "check", finding->check);
	json_add_text(o, "status", status_words[finding->status]);
	json_add_text(o, "code",
		      finding->status == LEND_CHECK_FAILED
			      ? lend_error_code_name(finding->code)
			      : NULL);
	json_add_text(o, "device", finding->device);
	json_add_text(o, "what", finding->what);
	json_add_lines(o, "evidence", finding->evidence);
	json_add_lines(o, "remedy", finding->remedy);
	json_object_array_add(findings, o);
}

static bool has_failed(const struct json_object *finding)
{
	return !strcmp(json_text(finding, "status"),
		       status_words[LEND_CHECK_FAILED]);
}

static bool has_line(const struct json_object *lines, const char *line)
{
	for (size_t i = 0; i < json_length(lines); i++)
		if (!strcmp(json_object_get_string(json_at(lines, i)), line))
			return true;
	return false;
}

/* Binding a device is part of binding its group. */
static bool is_covered(const struct json_object *lines, const char *line)
{
	static const char bind[] = "lend bind ";
	char wider[512];

	if (strncmp(line, bind, strlen(bind)))
		return has_line(lines, line);
	snprintf(wider, sizeof(wider), "%s--group %s", bind,
		 line + strlen(bind));
	return has_line(lines, line) || has_line(lines, wider);
}

static struct json_object *findings_remedies(const struct json_object *findings)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = json_length(findings); i-- > 0;) {
		const struct json_object *f = json_at(findings, i);
		const struct json_object *lines = json_get(f, "remedy");

		for (size_t n = 0; n < json_length(lines); n++) {
			struct json_object *line = json_at(lines, n);

			if (!has_failed(f) ||
			    is_covered(all, json_object_get_string(line)))
				continue;
			json_object_array_add(all, json_object_get(line));
		}
	}
	return all;
}

unsigned int findings_conclude(struct json_object *document,
			       struct json_object *findings)
{
	unsigned int failed = 0;

	for (size_t i = 0; i < json_length(findings); i++)
		failed += has_failed(json_at(findings, i));
	json_add_number(document, "failed", failed);
	json_add(document, "findings", findings);
	json_add(document, "remedy", findings_remedies(findings));
	return failed;
}

static void findings_print_lines(const struct json_object *lines,
				 const char *prefix)
{
	for (size_t i = 0; i < json_length(lines); i++)
		printf("%s%s\n", prefix,
		       json_object_get_string(json_at(lines, i)));
}

void findings_print(const struct json_object *document, bool with_names)
{
	const struct json_object *findings = json_get(document, "findings");

	for (size_t i = 0; i < json_length(findings); i++) {
		const struct json_object *f = json_at(findings, i);
		const char *device = json_text(f, "device");

		printf("%-4s  ", json_text(f, "status"));
		if (with_names)
			printf("%-12s  ", json_text(f, "check"));
		printf("%s%s%s\n", device, device[0] ? ": " : "",
		       json_text(f, "what"));
		findings_print_lines(json_get(f, "evidence"), "        ");
	}
}

void findings_print_remedy(const struct json_object *document)
{
	if (!json_length(json_get(document, "remedy")))
		return;
	puts("Fix:");
	findings_print_lines(json_get(document, "remedy"), "  ");
}
