// SPDX-License-Identifier: MIT
// The file by which container engines give devices to containers, in the form
// of the Container Device Interface.

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cdi-file.h"
#include "cli/json.h"
#include "cli/nodes.h"
#include "cli/whole-file.h"

/* Engines of Debian 12 take 0.3.0 and 0.5.0; newer ones require 0.5.0 for a
 * name that begins with a digit. An unknown member makes them ignore the file.
 */
#define CDI_VERSION "0.5.0"

enum { CDI_SIZE_MAX = 1 << 20 };

void cdi_default_path(const struct cli *cli, char *path, size_t size)
{
	snprintf(path, size, "%s/cdi/lend.json", cli->run ? cli->run : "/run");
}

static int cdi_failed(const struct cli *cli, const char *path, int err)
{
	static const struct whole_file_advice advice = {
		.read_only = "lend cdi --output - prints the file, for where "
			     "the host keeps it",
	};

	return whole_file_failed(cli, path, err, &advice);
}

/* Names begin and end with a letter or a digit. */
static bool cdi_is_name(const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) &&
		    !strchr("_-:.", name[i]))
			return false;
	return length && isalnum((unsigned char)name[0]) &&
	       isalnum((unsigned char)name[length - 1]);
}

static int cdi_check(const struct cli *cli, struct lend_address *address)
{
	const char *name = lend_address_name(address);
	struct nodes nodes;

	nodes_of(address, &nodes);
	if (!nodes_is_bound(address)) {
		lend_error_set(cli->ctx, LEND_ERROR_HOST_DRIVER, EINVAL, name,
			       "it is not bound to VFIO");
		return lend_error_remedy(cli->ctx, "lend bind --cdi %s", name);
	}
	if (nodes.group < 0)
		return nodes.group;
	if (nodes.is_unsafe)
		return lend_error_set(cli->ctx, LEND_ERROR_NO_IOMMU, EINVAL,
				      name,
				      "no IOMMU confines its DMA: a container "
				      "with it could write all memory");
	if (!cdi_is_name(name))
		return lend_error_set(cli->ctx, LEND_ERROR_DEVICE, EINVAL, name,
				      "its name has characters that container "
				      "engines refuse");
	return 0;
}

/* {"deviceNodes": [{"path": …, "permissions": "rw"}]} */
static struct json_object *cdi_make_edits(const char *path)
{
	struct json_object *edits = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct json_object *node = json_object_new_object();

	json_add_text(node, "path", path);
	json_add_text(node, "permissions", "rw");
	json_object_array_add(list, node);
	json_add(edits, "deviceNodes", list);
	return edits;
}

static struct json_object *cdi_make_device(struct lend_address *address,
					   bool has_iommufd)
{
	struct json_object *device = json_object_new_object();
	struct nodes nodes;
	char path[128];

	nodes_of(address, &nodes);
	if (has_iommufd)
		snprintf(path, sizeof(path), "/dev/vfio/devices/%s",
			 nodes.device);
	else
		snprintf(path, sizeof(path), "/dev/vfio/%d", nodes.group);
	json_add_text(device, "name", lend_address_name(address));
	json_add(device, "containerEdits", cdi_make_edits(path));
	return device;
}

/* All devices of a container must be opened by one back end. */
static bool cdi_has_iommufd(const struct devices *devices)
{
	struct nodes nodes;

	for (unsigned int i = 0; i < devices->count; i++) {
		nodes_of(devices->addresses[i], &nodes);
		if (!nodes.device[0])
			return false;
	}
	return true;
}

static struct json_object *cdi_make(const struct devices *devices,
				    bool has_api_node)
{
	bool has_iommufd = cdi_has_iommufd(devices);
	struct json_object *document = json_object_new_object();
	struct json_object *list = json_object_new_array();

	json_add_text(document, "cdiVersion", CDI_VERSION);
	json_add_text(document, "kind", CDI_KIND);
	if (has_api_node)
		json_add(document, "containerEdits",
			 cdi_make_edits(has_iommufd ? "/dev/iommu"
						    : "/dev/vfio/vfio"));
	for (unsigned int i = 0; i < devices->count; i++)
		json_object_array_add(
			list,
			cdi_make_device(devices->addresses[i], has_iommufd));
	json_add(document, "devices", list);
	return document;
}

static void cdi_put(FILE *file, const void *opaque)
{
	/* json-c keeps the text in the object. */
	struct json_object *document = (struct json_object *)opaque;

	fprintf(file, "%s\n",
		json_object_to_json_string_ext(
			document, JSON_C_TO_STRING_PRETTY |
					  JSON_C_TO_STRING_SPACED |
					  JSON_C_TO_STRING_NOSLASHESCAPE));
}

int cdi_write(struct cli *cli, const char *path, const struct devices *devices,
	      bool has_api_node)
{
	struct json_object *document;
	int err = 0;

	for (unsigned int i = 0; i < devices->count && !err; i++)
		err = cdi_check(cli, devices->addresses[i]);
	if (err)
		return err;
	/* One without devices is invalid. */
	if (!devices->count && strcmp(path, "-") != 0)
		return unlink(path) && errno != ENOENT
			       ? cdi_failed(cli, path, errno)
			       : 0;
	document = cdi_make(devices, has_api_node);
	if (strcmp(path, "-") != 0)
		err = whole_file_write(path, cdi_put, document);
	else if (devices->count)
		cdi_put(stdout, document);
	json_object_put(document);
	return err ? cdi_failed(cli, path, -err) : 0;
}

/* Two that change the file wait for each other. */
static int cdi_lock(struct cli *cli, const char *path, int *lock)
{
	char directory[256];

	snprintf(directory, sizeof(directory), "%.*s",
		 (int)(strrchr(path, '/') - path), path);
	if (mkdir(directory, 0755) && errno != EEXIST)
		return cdi_failed(cli, directory, errno);
	*lock = whole_file_lock(path);
	return *lock < 0 ? cdi_failed(cli, directory, -*lock) : 0;
}

static int cdi_refuse_file(const struct cli *cli, const char *path)
{
	lend_error_set(cli->ctx, LEND_ERROR_STATE, EBADMSG, NULL,
		       "%s is not a file of lend cdi", path);
	return lend_error_remedy(cli->ctx, "rm %s; then: lend cdi", path);
}

/* Opens what is there; NULL for no file. */
static int cdi_load(const struct cli *cli, const char *path,
		    struct json_object **document)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	*document = NULL;
	if (fd < 0)
		return errno == ENOENT ? 0 : cdi_refuse_file(cli, path);
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    st.st_size <= CDI_SIZE_MAX)
		*document = json_object_from_fd(fd);
	close(fd);
	if (!strcmp(json_text(*document, "kind"), CDI_KIND))
		return 0;
	json_object_put(*document);
	*document = NULL;
	return cdi_refuse_file(cli, path);
}

/* Adds those devices of a file that are there and bound still. */
static int cdi_keep(struct cli *cli, const struct json_object *document,
		    struct devices *devices)
{
	const struct json_object *list = json_get(document, "devices");
	int err = 0;

	for (size_t i = 0; i < json_length(list) && !err; i++) {
		struct lend_address *address;

		if (lend_address_find(cli->ctx,
				      json_text(json_at(list, i), "name"),
				      &address))
			continue;
		if (!cdi_check(cli, address))
			err = devices_add(cli->ctx, devices, address);
		lend_address_unref(address);
	}
	return err;
}

/* Replaces the file by what a change makes of it, with the lock held. */
struct cdi_change {
	const struct devices *added; /* or NULL */
	bool keeps;                  /* what the file has, if still bound */
	bool has_api_node;           /* of a new file, or if none is kept */
};

static int cdi_change(struct cli *cli, const char *path,
		      const struct cdi_change *change)
{
	bool has_api_node = change->has_api_node;
	struct json_object *document = NULL;
	struct devices all = {0};
	/* A file of another program stays what it is. */
	int err = cdi_load(cli, path, &document);

	if (!err && document && change->keeps) {
		has_api_node = json_get(document, "containerEdits");
		err = cdi_keep(cli, document, &all);
	}
	for (unsigned int i = 0;
	     change->added && i < change->added->count && !err; i++)
		err = devices_add(cli->ctx, &all, change->added->addresses[i]);
	if (!err)
		err = cdi_write(cli, path, &all, has_api_node);
	json_object_put(document);
	devices_free(&all);
	return err;
}

static int cdi_change_locked(struct cli *cli, const struct cdi_change *change)
{
	char path[256];
	int lock = -1, err;

	cdi_default_path(cli, path, sizeof(path));
	/* Nothing is made where there is nothing to remove. */
	if ((!change->added || !change->added->count) && access(path, F_OK))
		return 0;
	err = cdi_lock(cli, path, &lock);
	if (!err)
		err = cdi_change(cli, path, change);
	if (lock >= 0)
		close(lock);
	return err;
}

int cdi_replace(struct cli *cli, const struct devices *devices,
		bool has_api_node)
{
	return cdi_change_locked(
		cli, &(struct cdi_change){.added = devices,
					  .has_api_node = has_api_node});
}

int cdi_add(struct cli *cli, const struct devices *devices)
{
	return cdi_change_locked(cli,
				 &(struct cdi_change){.added = devices,
						      .keeps = true,
						      .has_api_node = true});
}

int cdi_prune(struct cli *cli)
{
	return cdi_change_locked(cli, &(struct cdi_change){.keeps = true});
}
