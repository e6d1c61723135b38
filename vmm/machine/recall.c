// SPDX-License-Identifier: MIT
// The host requests a device back that cannot leave the guest alone: the guest
// is asked to shut down, and the run ends at a deadline.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <lend/context.h>
#include <lend/error.h>

#include "vmm/machine/recall.h"

void recall_init(struct recall *recall, const struct recall_host *host)
{
	*recall = (struct recall){
		.host = *host,
		.deadline = DEADLINE_NONE,
	};
}

void recall_close(struct recall *recall)
{
	deadline_clear(&recall->deadline, recall->host.watch);
}

static void recall_end_run(void *opaque)
{
	struct recall *recall = opaque;
	struct lend_ctx *ctx = recall->host.ctx;
	int err;

	recall_close(recall);
	err = lend_error_set(ctx, LEND_ERROR_GUEST, ETIMEDOUT, recall->device,
			     "the host requested this device back, and the "
			     "guest did not shut down within %u s",
			     recall->seconds);
	if (recall->why)
		lend_error_evidence(ctx, "%s", recall->why);
	lend_error_evidence(ctx,
			    "the guest's power button was pressed; the run "
			    "ends and all devices are released");
	lend_error_remedy(ctx, "let the guest handle its power button "
			       "(systemd-logind and acpid do)");
	lend_error_remedy(ctx,
			  "or allow more time with -unplug-timeout SECONDS");
	recall->host.fail(recall->host.opaque, err);
}

void recall_device(struct recall *recall, const char *device, const char *why,
		   unsigned int seconds)
{
	const struct recall_host *host = &recall->host;
	int err = 0;

	host->press_power(host->opaque);
	if (recall->is_on)
		return;
	recall->is_on = true;
	snprintf(recall->device, sizeof(recall->device), "%s", device);
	recall->why = why;
	recall->seconds = seconds;
	lend_log(host->ctx, LEND_LOG_WARNING,
		 "%s: the host requested this device back; the "
		 "guest's power button was pressed; the run ends "
		 "within %u s%s%s",
		 device, seconds, why ? ": " : "", why ? why : "");
	err = deadline_set(&recall->deadline, host->watch, seconds,
			   recall_end_run, recall);
	if (err)
		host->fail(host->opaque,
			   lend_error_set(host->ctx, LEND_ERROR_SYSTEM, -err,
					  device,
					  "the host requested this device "
					  "back, and no timer "
					  "is available for the deadline: %s",
					  strerror(-err)));
}
