/* SPDX-License-Identifier: MIT */
/* A seccomp filter, made of the tables for one kind of thread. */
#ifndef VMM_SANDBOX_FILTER_H
#define VMM_SANDBOX_FILTER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/filter.h>

#include "vmm/sandbox/table.h"

#define SANDBOX_FILTER_MAX 512

/* The threads that a filter is for. */
struct sandbox_subject {
	enum sandbox_thread thread;
	pid_t pid;        /* of their process */
	uint32_t denied;  /* SECCOMP_RET value for what is not in the tables */
	bool has_control; /* the run has a control socket */
	bool has_plug;    /* and slots for devices that its client plugs */
	bool has_remote;  /* devices behind sockets */
	bool is_server;   /* it serves a device, and is no machine */
	bool is_disk;     /* which is a disk of its own */
};

struct sandbox_filter {
	struct sock_filter code[SANDBOX_FILTER_MAX];
	unsigned int length;
	int err; /* < 0: it did not fit */
};

/* Make the filter for threads. Returns 0, or -E2BIG. */
int sandbox_filter_build(struct sandbox_filter *filter,
			 const struct sandbox_subject *subject);

#endif
