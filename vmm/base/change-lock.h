/* SPDX-License-Identifier: MIT */
/* A lock of what vCPUs use all the time and the main loop changes rarely. */
#ifndef VMM_BASE_CHANGE_LOCK_H
#define VMM_BASE_CHANGE_LOCK_H

#include <pthread.h>

/* Initialise @lock so that a guest that takes it all the time cannot keep the
 * main loop from a change; no thread takes it twice. */
void change_lock_init(pthread_rwlock_t *lock);

#endif
