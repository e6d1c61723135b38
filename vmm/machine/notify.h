/* SPDX-License-Identifier: MIT */
/* Reports the state of a run to the service manager: sd_notify(3). */
#ifndef VMM_MACHINE_NOTIFY_H
#define VMM_MACHINE_NOTIFY_H

/* The text is bounded, as the socket takes it whole. */
#define NOTIFY_MAX 512

struct notify {
	int fd; /* or -1: nobody asked */
};

/* Connect to @address, $NOTIFY_SOCKET or NULL; what fails is ignored, as a
 * run does not depend on it. */
void notify_open(struct notify *notify, const char *address);
void notify_close(struct notify *notify);

/* Send assignments such as "READY=1\nSTATUS=...". Never blocks. */
void notify_send(const struct notify *notify, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
