/* SPDX-License-Identifier: MIT */
/* Opens a lent device in a machine's address space, and registers it with KVM.
 */
#ifndef VMM_ASSIGN_OPEN_H
#define VMM_ASSIGN_OPEN_H

#include <stdbool.h>
#include <stdint.h>

struct lend_address;
struct lend_device;
struct machine;

struct assign_open {
	struct lend_address *address; /* may be NULL with an fd */
	int fd;               /* of the device's node, passed in; or -1 */
	bool keeps_fd;        /* it stays the caller's: a copy is used */
	const char *name;     /* its name in messages, with an fd */
	const uint8_t *token; /* 16 bytes of a VF token, or NULL */
	const char *socket;   /* of a server, instead of the others; or NULL */
};

/* All borrowed, except that a success takes the descriptor that nobody keeps.
 * Returns 0, or a recorded error. */
int assign_open(struct machine *machine, const struct assign_open *how,
		struct lend_device **device);

#endif
