/* SPDX-License-Identifier: MIT */
/* The context: what the library keeps between calls. */
#ifndef LIB_BASE_CONTEXT_H
#define LIB_BASE_CONTEXT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include <lend/context.h>
#include <lend/error.h>

#include "lib/base/kernel.h"

/* The default path of sysfs. */
#define CTX_SYSFS "/sys"

struct error_record {
	struct lend_error public; /* its strings are those below */
	char device[128];
	char what[512];
	char evidence[4096];
	char remedy[1024];
};

/* A thread's record. It stays in the list until the context is freed; a thread
 * that has none yet takes over that of a thread which has ended. */
struct error_slot {
	struct error_record record;
	pthread_t owner;
	pid_t thread; /* 0: nobody's */
	struct error_slot *next;
};

struct lend_ctx {
	_Atomic unsigned int refs;
	const struct kernel *kernel;
	char *sysfs;
	char *dev;
	char *proc;
	char *state;
	const char *modules;     /* the kernels' modules; tests replace it */
	_Atomic(char *) aliases; /* of VFIO's drivers, once read; or NULL */
	atomic_bool is_confined; /* no path may be opened */
	void (*log)(void *opaque, enum lend_log_level level, const char *text);
	void *log_opaque;

	pthread_mutex_t error_lock; /* guards what follows */
	struct error_slot error;    /* of the first thread; head of a list */
	bool error_is_lost;         /* there was no memory for a record */

	pthread_mutex_t survey_lock; /* guards what follows */
	struct survey *survey;       /* under way, or NULL */
	pthread_t surveyor;          /* its thread */

	pthread_mutex_t open_lock;   /* guards what follows */
	struct lend_device *devices; /* open in this context, a list */
	struct group *groups;        /* open in this context, a list */
};

/* lend_ctx_new() with a kernel for a context whose options have none. The
 * kernel must outlive the context. */
int ctx_new(const struct lend_ctx_options *options, const struct kernel *kernel,
	    struct lend_ctx **ctx);

/* lend_error_set() with the errno and its text as evidence of a system call
 * that failed: "open /dev/vfio/7: Permission denied". */
int error_system(struct lend_ctx *ctx, int err, const char *device,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Records that an allocation failed, as LEND_ERROR_MEMORY: every one of the
 * library's has this kind and this text.
 * @device: name of the device the memory was for, or NULL
 * Returns -ENOMEM. */
int error_no_memory(struct lend_ctx *ctx, const char *device);

/* Prepare and free the records of a context's threads. */
void error_open(struct lend_ctx *ctx);
void error_close(struct lend_ctx *ctx);

/* Save the thread's error record before further calls that may fail, and
 * restore it after them. */
void error_save(struct lend_ctx *ctx, struct error_record *saved);
void error_reinstate(struct lend_ctx *ctx, const struct error_record *saved);

#endif
