/* SPDX-License-Identifier: MIT */
/* The settings of a virtual function, as the network interface of its physical
 * function shows and takes them. */
#ifndef CLI_VF_LINK_H
#define CLI_VF_LINK_H

#include "cli/command.h"
#include "cli/vf-settings.h"

/* A virtual function, and the interface that has its settings. */
struct vf_link {
	const char *device;  /* the function's name, borrowed */
	char physical[256];  /* that of its physical function */
	unsigned int index;  /* among the functions of that one */
	char interface[64];  /* name */
	unsigned int number; /* of the interface */
	bool is_down;        /* the interface */
};

/* Finds the interface of a virtual function, and its settings. Returns 0, or
 * -errno with a record: LEND_ERROR_WRONG_TYPE if it is no virtual function, or
 * its driver shows no settings. */
int vf_link_find(struct cli *cli, const struct lend_address *function,
		 struct vf_link *link, struct vf_settings *settings);

/* Sets one field to its value in @settings, which has the others too: the
 * kernel takes both rates at once. Returns 0, or -errno with a record that has
 * the kernel's reason. */
int vf_link_set(struct cli *cli, const struct vf_link *link,
		const struct vf_settings *settings, enum vf_field field);

#endif
