/* SPDX-License-Identifier: MIT */
/* lend run --dry-run: the planned machine, and whether it fits the host. */
#ifndef CLI_PLAN_PLAN_H
#define CLI_PLAN_PLAN_H

struct cli;
struct machine_config;
struct run_devices;

/*
 * Plans the machine of @config with @devices, and starts nothing. Prints the
 * document, or text made from it, and sets cli->failed where the machine does
 * not fit. Returns 0, or -errno with a record.
 */
int plan_run(struct cli *cli, const struct machine_config *config,
	     struct run_devices *devices);

#endif
