// SPDX-License-Identifier: MIT
// What lend sriov set for virtual functions, and what they had before: a file
// for each function.

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/whole-file.h"
#include "cli/vf-record.h"

static const char first_line[] = "lend-vf 1\n";

static void vf_record_directory(const struct cli *cli, char path[256])
{
	snprintf(path, 256, "%s/lend/vf", cli->run ? cli->run : "/run");
}

static void vf_record_path(const struct cli *cli, const char *device,
			   char path[512])
{
	char directory[256];

	vf_record_directory(cli, directory);
	snprintf(path, 512, "%s/%s", directory, device);
}

static int vf_record_failed(const struct cli *cli, const char *path, int err)
{
	static const struct whole_file_advice advice = {
		.read_only = "run it where /run is writable, outside a "
			     "container",
	};

	return whole_file_failed(cli, path, err, &advice);
}

bool vf_record_exist(const struct cli *cli)
{
	char path[256];

	vf_record_directory(cli, path);
	return !access(path, F_OK);
}

int vf_record_lock(struct cli *cli, int *lock)
{
	char path[256], file[512], *end;
	int err = 0;

	*lock = -1;
	vf_record_directory(cli, path);
	end = strrchr(path, '/');
	*end = '\0';
	if (mkdir(path, 0755) && errno != EEXIST)
		return vf_record_failed(cli, path, errno);
	*end = '/';
	if (mkdir(path, 0755) && errno != EEXIST)
		return vf_record_failed(cli, path, errno);
	vf_record_path(cli, "lock", file);
	*lock = whole_file_lock(file);
	if (*lock < 0)
		err = vf_record_failed(cli, path, -*lock);
	return err;
}

/* Takes "mac SET BEFORE" off a line. */
static bool vf_record_parse(char *line, struct vf_record *record)
{
	const char *name = strsep(&line, " ");
	const char *set = strsep(&line, " ");
	const char *before = strsep(&line, "\n");

	if (!set || !before || !line || *line)
		return false;
	for (enum vf_field field = 0; field < VF_FIELDS; field++)
		if (!strcmp(name, vf_field_name(field)))
			return !vf_knows(&record->set, field) &&
			       !vf_field_read(&record->set, field, set) &&
			       !vf_field_read(&record->before, field, before);
	return false;
}

static bool vf_record_read_file(FILE *file, struct vf_record *record)
{
	bool is_valid = false;
	char *line = NULL;
	size_t size = 0;

	*record = (struct vf_record){0};
	if (getline(&line, &size, file) >= 0)
		is_valid = !strcmp(line, first_line);
	while (is_valid && getline(&line, &size, file) >= 0)
		is_valid = vf_record_parse(line, record);
	free(line);
	return is_valid;
}

int vf_record_read(struct cli *cli, const char *device,
		   struct vf_record *record)
{
	bool is_valid;
	char path[512];
	FILE *file;

	*record = (struct vf_record){0};
	vf_record_path(cli, device, path);
	file = fopen(path, "re");
	if (!file && errno == ENOENT)
		return 0;
	if (!file)
		return lend_error_set(cli->ctx, LEND_ERROR_SYSTEM, errno,
				      device, "read %s: %s", path,
				      strerror(errno));
	is_valid = vf_record_read_file(file, record);
	fclose(file);
	if (is_valid)
		return 0;
	lend_error_set(cli->ctx, LEND_ERROR_STATE, EBADMSG, device,
		       "the record of its settings is damaged: %s", path);
	return lend_error_remedy(cli->ctx,
				 "set them by hand (ip link), then remove that "
				 "file");
}

static void vf_record_put(FILE *file, const void *opaque)
{
	const struct vf_record *record = opaque;

	fputs(first_line, file);
	for (enum vf_field field = 0; field < VF_FIELDS; field++)
		if (vf_knows(&record->set, field))
			fprintf(file, "%s %s %s\n", vf_field_name(field),
				vf_field_text(&record->set, field).text,
				vf_field_text(&record->before, field).text);
}

int vf_record_write(struct cli *cli, const char *device,
		    const struct vf_record *record)
{
	char path[512];
	int err = 0;

	vf_record_path(cli, device, path);
	if (record->set.known)
		err = whole_file_write(path, vf_record_put, record);
	else if (unlink(path) && errno != ENOENT)
		err = -errno;
	return err ? vf_record_failed(cli, path, -err) : 0;
}

static int vf_record_is_listed(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	/* What an interrupted command left is no record. */
	return entry->d_name[0] != '.' &&
	       (length < 4 || strcmp(entry->d_name + length - 4, ".new") != 0);
}

int vf_record_each(struct cli *cli,
		   int (*each)(void *opaque, const char *device), void *opaque)
{
	struct dirent **entries;
	char path[256];
	int count, err = 0;

	vf_record_directory(cli, path);
	count = scandir(path, &entries, vf_record_is_listed, alphasort);
	if (count < 0)
		return errno == ENOENT
			       ? 0
			       : lend_error_set(cli->ctx, LEND_ERROR_SYSTEM,
						errno, NULL, "read %s: %s",
						path, strerror(errno));
	for (int i = 0; i < count; i++) {
		if (!err)
			err = each(opaque, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return err;
}
