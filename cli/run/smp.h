/* SPDX-License-Identifier: MIT */
/* Parses -smp: the number of processors, and QEMU's description of where they
 * are. */
#ifndef CLI_RUN_SMP_H
#define CLI_RUN_SMP_H

#include <stdbool.h>

struct lend_ctx;

/*
 * Parses [cpus=]NUMBER[,sockets=NUMBER]...; @most: most processors of a
 * machine. *@flat: whether the description is what the guest gets anyway: one
 * socket whose cores have one thread each. Returns 0, or -EINVAL with a record.
 */
int run_smp_parse(struct lend_ctx *ctx, const char *text, unsigned int most,
		  unsigned int *cpus, bool *flat);

#endif
