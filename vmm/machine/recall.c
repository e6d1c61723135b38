// SPDX-License-Identifier: MIT
// The host wants a device back: the guest is asked to switch off, and the run
// ends at a deadline.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <lend/context.h>
#include <lend/error.h>

#include "vmm/machine/machine.h"
#include "vmm/machine/recall.h"

void recall_init(struct recall *recall)
{
	*recall = (struct recall){.timer_fd = -1, .timer = WATCH_NONE};
}

void recall_close(struct machine *machine)
{
	struct recall *recall = &machine->recall;

	watch_remove(&machine->watch, &recall->timer);
	if (recall->timer_fd >= 0)
		close(recall->timer_fd);
	recall->timer_fd = -1;
}

static void strike(void *opaque)
{
	struct machine *machine = opaque;
	struct lend_ctx *ctx = machine->ctx;
	int err;

	recall_close(machine);
	err = lend_error_set(ctx, LEND_ERROR_GUEST, ETIMEDOUT,
			     machine->recall.device,
			     "the host wants it back, and the guest did not "
			     "switch off within %u s",
			     machine->config->unplug_timeout);
	lend_error_evidence(ctx, "its power button was pressed; the run ends, "
				 "and gives all devices back");
	lend_error_remedy(ctx, "let the guest heed its power button "
			       "(systemd-logind and acpid do)");
	lend_error_remedy(ctx,
			  "or give it more time with -unplug-timeout SECONDS");
	machine_fail(machine, err);
}

/* A time of 0 would be no deadline at all. */
static int set_deadline(struct machine *machine)
{
	const struct itimerspec when = {
		.it_value.tv_sec = machine->config->unplug_timeout,
		.it_value.tv_nsec = !machine->config->unplug_timeout,
	};
	struct recall *recall = &machine->recall;

	recall->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (recall->timer_fd < 0 ||
	    timerfd_settime(recall->timer_fd, 0, &when, NULL) < 0)
		return -errno;
	recall->timer = (struct watch_item){recall->timer_fd, strike, machine};
	return watch_add(&machine->watch, &recall->timer);
}

void recall_device(struct machine *machine, const char *device)
{
	struct recall *recall = &machine->recall;
	unsigned int seconds = machine->config->unplug_timeout;
	int err = 0;

	machine_press_power(machine);
	if (recall->is_on)
		return;
	recall->is_on = true;
	snprintf(recall->device, sizeof(recall->device), "%s", device);
	lend_log(machine->ctx, LEND_LOG_WARNING,
		 "%s: the host wants it back: the guest's power button is "
		 "pressed; the run ends in %u s at the latest",
		 device, seconds);
	err = set_deadline(machine);
	if (err)
		machine_fail(machine,
			     lend_error_set(machine->ctx, LEND_ERROR_SYSTEM,
					    -err, device,
					    "the host wants it back, and there "
					    "is no timer to wait by: %s",
					    strerror(-err)));
}
