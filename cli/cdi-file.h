/* SPDX-License-Identifier: MIT */
/* The file by which container engines give devices to containers, in the form
 * of the Container Device Interface. */
#ifndef CLI_CDI_FILE_H
#define CLI_CDI_FILE_H

#include "cli/devices.h"

/* What a container is to be given the device by. */
#define CDI_KIND "lend.local/vfio"

/* All return 0, or -errno with a record. */

/* Writes the path of the file that engines read. */
void cdi_default_path(const struct cli *cli, char *path, size_t size);

/* Replaces the file at @path, "-" for stdout, by one with @devices, each bound
 * to VFIO; without any, removes the file. @has_api_node: it names the node of
 * the container or of iommufd too. */
int cdi_write(struct cli *cli, const char *path, const struct devices *devices,
	      bool has_api_node);

/* The same of the file that engines read. */
int cdi_replace(struct cli *cli, const struct devices *devices,
		bool has_api_node);

/* Adds devices to the file that engines read. */
int cdi_add(struct cli *cli, const struct devices *devices);

/* Removes devices that are no longer bound from that file. */
int cdi_prune(struct cli *cli);

#endif
