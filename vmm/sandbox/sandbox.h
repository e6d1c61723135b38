/* SPDX-License-Identifier: MIT */
/* Confines the machine before the guest's first instruction: no privileges, no
 * path, and no system call that a running machine does not make. */
#ifndef VMM_SANDBOX_SANDBOX_H
#define VMM_SANDBOX_SANDBOX_H

#include <stdbool.h>

#include "vmm/sandbox/filter.h"

struct lend_ctx;

enum sandbox_mode {
	SANDBOX_DEFAULT, /* as far as the kernel can; what it cannot is logged
			  */
	SANDBOX_ON,      /* refuse to run without */
	SANDBOX_OFF,
};

struct sandbox_options {
	enum sandbox_mode mode;
	bool report;      /* name a denied call on standard error */
	bool has_control; /* the run has a control socket */
	bool has_plug;    /* and slots for devices that its client plugs */
	bool has_remote;  /* devices behind sockets */
	bool is_server;   /* it serves a device, and is no machine */
	bool is_disk;     /* which is a disk of its own */
};

struct sandbox {
	int rules;        /* of Landlock, open until the end; or -1 */
	bool is_filtered; /* vCPUs install a filter of their own */
	struct sandbox_filter vcpu;
};

void sandbox_init(struct sandbox *sandbox);

/*
 * Confine this thread, and those that it creates from now on; no other must
 * exist. CAP_IPC_LOCK, which must be there, stays with @keep_lock. Returns 0 or
 * a recorded error.
 */
int sandbox_enter(struct sandbox *sandbox, struct lend_ctx *ctx,
		  const struct sandbox_options *options, bool keep_lock);

/* Close what it left open. What it took away does not come back. */
void sandbox_close(struct sandbox *sandbox);

/* Confine a vCPU's thread further. Returns 0 or a recorded error. */
int sandbox_enter_vcpu(const struct sandbox *sandbox, struct lend_ctx *ctx);

#endif
