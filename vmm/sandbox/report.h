/* SPDX-License-Identifier: MIT */
/* Names on standard error the system call that the sandbox denied. */
#ifndef VMM_SANDBOX_REPORT_H
#define VMM_SANDBOX_REPORT_H

/* The name of a system call, or NULL if @number has none here. */
const char *sandbox_call_name(long number);

/* Handle the signal that a filter sends. Returns 0 or -errno. */
int sandbox_report_start(void);

#endif
