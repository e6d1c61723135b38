/* SPDX-License-Identifier: MIT */
/* The machine of `lend run`: create, run, destroy. */
#ifndef VMM_MACHINE_MACHINE_H
#define VMM_MACHINE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/sandbox/privileges.h"
#include "vmm/sandbox/sandbox.h"

struct layout;
struct lend_ctx;
struct lend_iommu_options;
struct machine;
struct machine_device_config;
struct topology;
struct warnings;

/*
 * Configures the devices that the client of the control socket plugs. Called on
 * the main thread, within machine_run().
 */
struct machine_plugger {
	/*
	 * Plug the device of a -device string, whose descriptor is the
	 * caller's, by machine_plug(). Returns 0, or a recorded error.
	 */
	int (*plug)(void *opaque, struct machine *machine, const char *text);
	/* The device of that name has left, and is closed. */
	void (*gone)(void *opaque, const char *device);
	void *opaque;
};

/* The control socket of a run, and how other programs learn of its state. */
struct machine_control {
	const char *path;          /* of the socket; NULL: there is none */
	const char *name;          /* of the guest, or NULL */
	struct warnings *warnings; /* or NULL */
	const char *notify_socket; /* of the service manager; or NULL */
	const struct machine_plugger *plugger; /* or NULL: none is plugged */
};

struct machine_config {
	const char *kernel;   /* bzImage; required */
	const char *initrd;   /* or NULL */
	const char *append;   /* or NULL */
	uint64_t ram;         /* bytes, in whole pages; 0: 128 MiB */
	unsigned int cpus;    /* 0: 1 */
	const char *cpu;      /* "host[,+feature][,-feature]..."; or NULL */
	const char *mem_path; /* directory, or NULL */
	bool mem_prealloc;
	bool no_reboot;
	unsigned int unplug_timeout; /* seconds, up to RECALL_SECONDS_MAX */
	bool detach_on_error; /* a device that fails leaves alone, if it can */
	unsigned int shutdown_timeout; /* the same, for SIGTERM; 0: at once */
	struct machine_control control;
	bool may_plug; /* the client of that socket may plug devices */
	struct sandbox_options sandbox;
	struct user_identity identity; /* from the first instruction on */
	const struct lend_iommu_options *iommu; /* or NULL: any */
	const struct topology *topology;        /* or NULL: no root ports */
	const struct machine_device_config *devices;
	size_t device_count;
	/* What devices can reach, for a plan; none: not known. */
	const struct lend_iova_range *usable;
	unsigned int usable_count;
};

/* Why a run ended without error. */
enum machine_end {
	MACHINE_END_POWEROFF, /* the guest switched off */
	MACHINE_END_RESET,    /* the guest reset, and -no-reboot was given */
	MACHINE_END_QUIT,     /* the user typed Ctrl-a x, or sent quit */
	MACHINE_END_SIGNAL,   /* SIGINT, SIGTERM, SIGHUP or SIGQUIT arrived */
};

/*
 * Build everything up to the first guest instruction. On failure the error is
 * recorded and *machine is NULL.
 */
int machine_create(struct machine **machine, struct lend_ctx *ctx,
		   const struct machine_config *config);

/*
 * Plan the machine without starting it: opens the guest's files and /dev/kvm,
 * measures the devices, and fills in RAM, vCPUs and layout. It fails as
 * machine_create() does; machine_destroy() is due.
 */
int machine_plan(struct machine **machine, struct lend_ctx *ctx,
		 const struct machine_config *config);

/* Run to the end. Returns an enum machine_end, or a recorded error. */
int machine_run(struct machine *machine);

/* Facts of a machine that machine_create() or machine_plan() returned: the
 * guest's address map, bytes of RAM, vCPUs, and interrupt lines reserved for
 * platform devices. */
const struct layout *machine_layout(const struct machine *machine);
uint64_t machine_ram(const struct machine *machine);
unsigned int machine_cpus(const struct machine *machine);
unsigned int machine_lines_taken(const struct machine *machine);

/* The signal that ended the run, after MACHINE_END_SIGNAL. */
int machine_signal(const struct machine *machine);

/* Stop and close everything; NULL is allowed. */
void machine_destroy(struct machine *machine);

#endif
