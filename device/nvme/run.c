// SPDX-License-Identifier: MIT
// Carries out commands, in threads of their own: the client's accesses to
// registers never wait for the disk.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lend/context.h>
#include <lend/error.h>

#include "device/nvme/controller.h"

/* Commands are in flight as long as they use the memory. */
void nvme_pause(struct nvme *nvme)
{
	nvme->paused++;
	while (nvme->in_flight)
		pthread_cond_wait(&nvme->idle, &nvme->lock);
}

void nvme_resume(struct nvme *nvme)
{
	nvme->paused--;
	pthread_cond_broadcast(&nvme->work);
}

static void run_leave(struct nvme *nvme)
{
	nvme->in_flight--;
	nvme_settle(nvme);
	pthread_cond_broadcast(&nvme->idle);
}

static void run_complete(struct nvme *nvme, const struct nvme_request *request,
			 uint16_t status)
{
	struct nvme_sq *sq = &nvme->sqs[request->queue];
	const struct nvme_completion completion = {
		.result = request->result,
		.head = (uint16_t)sq->head,
		.queue = (uint16_t)request->queue,
		.id = request->command.id,
		.status = status,
	};

	sq->in_flight--;
	nvme->cqs[sq->cq].reserved--;
	if (nvme->is_on && !nvme->must_reset && !request->is_held) {
		if (status)
			nvme_log_error(nvme, request, status);
		nvme_cq_post(nvme, sq->cq, &completion);
	}
	nvme_events_deliver(nvme);
	run_leave(nvme);
}

/* The lock is held before and after; the disk is waited for without. */
static void run_request(struct nvme *nvme, struct nvme_request *request)
{
	const struct nvme_sq *sq = &nvme->sqs[request->queue];
	uint16_t status;

	if (!request->queue) {
		status = nvme_admin(nvme, request);
	} else {
		/* Another thread may take what comes next. */
		if (sq->head != sq->tail)
			pthread_cond_signal(&nvme->work);
		pthread_mutex_unlock(&nvme->lock);
		status = nvme_io(nvme, request);
		pthread_mutex_lock(&nvme->lock);
		nvme_io_count(nvme, request, status);
	}
	run_complete(nvme, request, status);
}

/* The guest waits for CSTS.SHST before it turns the machine off. */
static void run_shutdown(struct nvme *nvme)
{
	int err;

	nvme->is_shutting_down = false;
	nvme->in_flight++;
	pthread_mutex_unlock(&nvme->lock);
	err = image_flush(nvme->image);
	pthread_mutex_lock(&nvme->lock);
	if (err)
		lend_log(nvme->ctx, LEND_LOG_WARNING, "%s: flush: %s",
			 nvme->name, strerror(-err));
	nvme->csts = (nvme->csts & ~NVME_CSTS_SHST) | NVME_CSTS_SHST_DONE;
	run_leave(nvme);
}

static bool run_one(struct nvme *nvme, struct nvme_request *request)
{
	if (nvme_fetch(nvme, request))
		run_request(nvme, request);
	else if (nvme->is_shutting_down && !nvme->in_flight && !nvme->paused)
		run_shutdown(nvme);
	else
		return false;
	return true;
}

bool nvme_step(struct nvme *nvme)
{
	struct nvme_request request;
	bool has_run;

	pthread_mutex_lock(&nvme->lock);
	has_run = run_one(nvme, &request);
	pthread_mutex_unlock(&nvme->lock);
	return has_run;
}

static void *run_in_thread(void *opaque)
{
	struct nvme_request request;
	struct nvme *nvme = opaque;

	pthread_mutex_lock(&nvme->lock);
	while (!nvme->must_stop)
		if (!run_one(nvme, &request))
			pthread_cond_wait(&nvme->work, &nvme->lock);
	pthread_mutex_unlock(&nvme->lock);
	return NULL;
}

int nvme_start_threads(struct nvme *nvme)
{
	while (nvme->thread_count < NVME_THREADS) {
		pthread_t *thread = &nvme->threads[nvme->thread_count];
		int err = pthread_create(thread, NULL, run_in_thread, nvme);

		if (err)
			return lend_error_set(nvme->ctx, LEND_ERROR_SYSTEM, err,
					      nvme->name, "create a thread: %s",
					      strerror(err));
		nvme->thread_count++;
	}
	return 0;
}
