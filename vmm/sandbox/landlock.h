/* SPDX-License-Identifier: MIT */
/* Takes every right that Landlock knows away from this thread. */
#ifndef VMM_SANDBOX_LANDLOCK_H
#define VMM_SANDBOX_LANDLOCK_H

/* Returns 0 or -errno: -ENOSYS or -EOPNOTSUPP if the kernel has no Landlock.
 * no_new_privs must be set. The caller closes *@rules, if it is not -1, when it
 * has time. */
int landlock_close_all(int *rules);

#endif
