// SPDX-License-Identifier: MIT
// Files that commands read: rules of the next boot, devices of containers,
// options, records of settings, and documents of reports.

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/stat.h>

#include <lend/lend.h>

#include "cli/cdi-file.h"
#include "cli/json.h"
#include "cli/persist-rules.h"
#include "cli/redact.h"
#include "cli/run/file.h"
#include "cli/vf-record.h"
#include "input.h"
#include "stub.h"

#define DEVICE "0000:02:10.0"

/* Which file the rest of an input is. */
enum { FILES_RULES, FILES_CDI, FILES_OPTIONS, FILES_RECORD, FILES_REPORT };

/* A directory that has what is in /etc and /run. */
struct files {
	char root[32];
	struct cli cli;
};

static const char *const directories[] = {"udev", "udev/rules.d", "cdi", "lend",
					  "lend/vf"};
static const char *const paths[] = {
	[FILES_RULES] = "udev/rules.d/05-lend-bind.rules",
	[FILES_CDI] = "cdi/lend.json",
	[FILES_OPTIONS] = "options",
	[FILES_RECORD] = "lend/vf/0000:02:10.0",
};

enum {
	DIRECTORIES = sizeof(directories) / sizeof(directories[0]),
	PATHS = sizeof(paths) / sizeof(paths[0]),
};

static void files_join(const struct files *files, const char *name,
		       char path[128])
{
	snprintf(path, 128, "%s/%s", files->root, name);
}

static void files_make(struct files *files)
{
	char path[128];

	/* What is written is synced. */
	strcpy(files->root, access("/dev/shm", W_OK) ? "/tmp/fuzz-XXXXXX"
						     : "/dev/shm/fuzz-XXXXXX");
	if (!mkdtemp(files->root))
		stub_never("no directory");
	for (unsigned int i = 0; i < DIRECTORIES; i++) {
		files_join(files, directories[i], path);
		if (mkdir(path, 0700))
			stub_never("no directory");
	}
	files->cli = (struct cli){
		.ctx = stub_get()->ctx, .etc = files->root, .run = files->root};
}

static void files_remove(const struct files *files)
{
	char path[128];

	for (unsigned int i = 0; i < PATHS; i++) {
		files_join(files, paths[i], path);
		unlink(path);
	}
	for (unsigned int i = DIRECTORIES; i-- > 0;) {
		files_join(files, directories[i], path);
		rmdir(path);
	}
	if (rmdir(files->root))
		stub_never("a file that was left behind");
}

static void files_write(const struct files *files, const char *name,
			const uint8_t *data, size_t size)
{
	char path[128];
	FILE *file;

	files_join(files, name, path);
	file = fopen(path, "we");
	if (!file || (size && fwrite(data, size, 1, file) != 1) || fclose(file))
		stub_never("a file that cannot be written");
}

/* Rules are what is written again. */
static void files_read_rules(struct files *files)
{
	struct persist_rules rules, again;
	int err = persist_rules_open(&files->cli, true, &rules);

	if (err && !*lend_ctx_error(files->cli.ctx)->what)
		stub_never("a refusal without a reason");
	if (!err && persist_rules_save(&files->cli, &rules))
		stub_never("rules that cannot be written");
	if (!err) {
		if (persist_rules_open(&files->cli, false, &again) ||
		    again.count != rules.count ||
		    (rules.count && memcmp(again.rules, rules.rules,
					   rules.count * sizeof(*rules.rules))))
			stub_never("rules that are others when written");
		persist_rules_close(&again);
	}
	persist_rules_close(&rules);
}

/* No device is bound: a file of lend cdi goes, any other stays. Escapes may
 * spell the kind. */
static void files_read_cdi(struct files *files, const uint8_t *data,
			   size_t size)
{
	bool may_be_ours = memmem(data, size, CDI_KIND, strlen(CDI_KIND)) ||
			   memchr(data, '\\', size);
	int err = cdi_prune(&files->cli);
	char path[128];

	files_join(files, paths[FILES_CDI], path);
	if (!err == !access(path, F_OK))
		stub_never("a refused file that is gone, or one that is left");
	if (!err && !may_be_ours)
		stub_never("a file of another program that is gone");
}

static void files_read_options(struct files *files, size_t size)
{
	char name[] = "run", at[130] = "@", *argv[] = {name, at, NULL};
	struct run_file file;
	size_t length = 0;

	files_join(files, paths[FILES_OPTIONS], at + 1);
	if (!run_file_expand(files->cli.ctx, 2, argv, &file))
		for (int i = 1; i < file.argc; i++) {
			if (!*file.argv[i] || strchr(file.argv[i], '\n'))
				stub_never("an option that is no word");
			length += strlen(file.argv[i]) + 1;
		}
	if (length > size + 1)
		stub_never("options longer than their file");
	run_file_free(&file);
}

static void files_read_record(struct files *files)
{
	struct vf_record record, again;

	if (vf_record_read(&files->cli, DEVICE, &record))
		return;
	if (record.set.known != record.before.known)
		stub_never("a setting without the one before");
	if (vf_record_write(&files->cli, DEVICE, &record) ||
	    vf_record_read(&files->cli, DEVICE, &again))
		stub_never("a record that cannot be written");
	for (enum vf_field field = 0; field < VF_FIELDS; field++)
		if (vf_knows(&record.set, field) &&
		    (strcmp(vf_field_text(&record.set, field).text,
			    vf_field_text(&again.set, field).text) != 0 ||
		     strcmp(vf_field_text(&record.before, field).text,
			    vf_field_text(&again.before, field).text) != 0))
			stub_never("a record that is another when written");
}

static void files_read_report(const char *text)
{
	size_t size = strlen(text) + 1;
	struct json_object *document;
	char *out = malloc(size);

	if (!out)
		return;
	redact_text(text, "host", out, size);
	if (strnlen(out, size) == size)
		stub_never("a text without an end");
	free(out);
	document = json_tokener_parse(text);
	if (document)
		redact_document(document, "host");
	json_object_put(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int kind = size ? data[0] % (FILES_REPORT + 1) : FILES_RULES;
	struct files files;
	char *text;

	data += !!size;
	size -= !!size;
	if (kind == FILES_REPORT) {
		text = strndup((const char *)data, size);
		if (text)
			files_read_report(text);
		free(text);
		return 0;
	}
	files_make(&files);
	files_write(&files, paths[kind], data, size);
	if (kind == FILES_RULES)
		files_read_rules(&files);
	else if (kind == FILES_CDI)
		files_read_cdi(&files, data, size);
	else if (kind == FILES_OPTIONS)
		files_read_options(&files, size);
	else
		files_read_record(&files);
	files_remove(&files);
	return 0;
}
