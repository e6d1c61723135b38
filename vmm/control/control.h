/* SPDX-License-Identifier: MIT */
/* The control socket: a client asks and commands, in QEMU's protocol. */
#ifndef VMM_CONTROL_CONTROL_H
#define VMM_CONTROL_CONTROL_H

#include <poll.h>
#include <stdbool.h>

#include "vmm/control/descriptors.h"
#include "vmm/control/path.h"
#include "vmm/control/writer.h"

struct command_call;
struct frame;
struct lend_ctx;
struct user_identity;
struct warnings;

#define CONTROL_POLLED 2 /* entries that control_poll() fills in */

/* The ID of the run's own iommufd, where a client names none. */
#define CONTROL_OWN_IOMMUFD "auto"

/* The machine that is controlled. Calls come from the main loop. */
struct control_ops {
	bool (*is_paused)(void *opaque);
	/* Stop the vCPUs, and let them go on. */
	void (*pause)(void *opaque);
	void (*go_on)(void *opaque);
	void (*press_power)(void *opaque);
	void (*reset)(void *opaque);
	void (*quit)(void *opaque);
	/* Write the entries of the array that query-cpus-fast returns. */
	void (*list_cpus)(void *opaque, struct writer *out);
	/* The same for query-pci; false: not now. */
	bool (*list_pci)(void *opaque, struct writer *out);
	/*
	 * Plug a device, or refuse @call. @text is a -device string in JSON,
	 * with the number of a descriptor that stays open for the call.
	 */
	void (*plug)(void *opaque, const char *text, struct command_call *call);
	/* Have the guest release the device, or refuse @call. */
	void (*unplug)(void *opaque, const char *id, struct command_call *call);
};

struct control_host {
	struct lend_ctx *ctx;
	const char *name;          /* of the guest, or NULL */
	struct warnings *warnings; /* that become events; or NULL */
	const struct control_ops *ops;
	void *opaque;
};

struct control {
	struct control_host host; /* all borrowed */
	struct control_path path;
	int listener;        /* or -1: there is no control socket */
	int client;          /* or -1 */
	bool is_ready;       /* the client negotiated capabilities */
	bool is_leaving;     /* it sends nothing more */
	bool has_quit;       /* SHUTDOWN was sent */
	struct frame *frame; /* what it sent */
	struct writer out;   /* what it has not taken yet */
	struct passed passed;
};

/* No socket; control_close() is allowed. */
void control_init(struct control *control);

/* See control_path_listen(). Returns 0, or a recorded error. */
int control_open(struct control *control, const struct control_host *host,
		 const char *path, const struct user_identity *identity);
void control_close(struct control *control);

/* The run has ended: send what the client takes at once. */
void control_finish(struct control *control);

/* Fill in the descriptors to poll; unused entries get fd -1. */
void control_poll(const struct control *control, struct pollfd *fds);

/* Serve the client after poll(). Never blocks: one that does not read what it
 * is sent is disconnected. */
void control_turn(struct control *control, const struct pollfd *fds);

/*
 * Send an event: between control_begin_event() and control_end_event(), data
 * may be added by writer functions with a name. The first returns false if
 * nobody listens.
 */
bool control_begin_event(struct control *control, const char *name,
			 bool has_data);
void control_end_event(struct control *control, bool has_data);

/* Events of QEMU: one without data; RESET or SHUTDOWN, with its cause. */
void control_event(struct control *control, const char *name);
void control_event_cause(struct control *control, const char *name,
			 bool by_guest, const char *reason);

/* lend's own: @device, or NULL or "" for none. */
void control_event_message(struct control *control, const char *name,
			   const char *device, const char *message);

/* In an event: a device, by its ID or NULL, its path in QEMU's tree of objects
 * if it has an ID, and its name on the host. */
void control_write_device(struct control *control, const char *id,
			  const char *name);

#endif
