/* SPDX-License-Identifier: MIT */
/* Plugs a device into a run: opens it here, and passes it in. */
#ifndef CLI_CTL_PLUG_H
#define CLI_CTL_PLUG_H

struct cli;
struct client;
struct json_object;

/* @text is a -device string. Returns 0 with the answer, which json_object_put()
 * releases, or a recorded error. */
int ctl_plug(struct cli *cli, struct client *client, const char *text,
	     struct json_object **result);

#endif
