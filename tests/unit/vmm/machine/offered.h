/* SPDX-License-Identifier: MIT */
/* A PCI function behind a server of vfio-user, which runs in a thread and ends
 * in any way that a test wants. */
#ifndef TESTS_UNIT_VMM_MACHINE_OFFERED_H
#define TESTS_UNIT_VMM_MACHINE_OFFERED_H

#include <stdbool.h>
#include <stdint.h>

#define OFFERED_ID     0x11121314 /* device and vendor */
#define OFFERED_VALUE  0x15161718 /* of each register */
#define OFFERED_PORTS  32         /* bytes of BAR 0, I/O ports */
#define OFFERED_MEMORY 4096       /* bytes of BAR 1 */

/* BAR 1 is a file that clients may map, if it cannot shrink. */
struct offered_options {
	const char *path; /* of the socket */
	int seals;        /* of the file */
};

struct lend_device;
struct offered;

/* The program aborts if it cannot be made. */
struct offered *offered_open(const struct offered_options *options);

/* What the server is to do next. Each returns when it has done so, and may be
 * called by any thread. */
void offered_die(struct offered *offered);
void offered_fall_silent(struct offered *offered);
void offered_answer_late(struct offered *offered);
void offered_send_garbage(struct offered *offered);

/* Returns whether the file has shrunk. */
bool offered_shrink(struct offered *offered);

/* The client waits a millisecond for each reply from now on. */
void offered_be_impatient(struct lend_device *device);

bool offered_has_client(struct offered *offered);

/* Accesses to its ports and memory, by message. */
unsigned int offered_accesses(const struct offered *offered);

/* NULL is allowed. */
void offered_close(struct offered *offered);

#endif
