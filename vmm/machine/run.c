// SPDX-License-Identifier: MIT
// The machine's main loop: console, signals, and what the vCPUs report.
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <lend/context.h>
#include <lend/error.h>

#include "vmm/machine/internal.h"

enum {
	POLL_WAKE,
	POLL_SIGNAL,
	POLL_WATCH,
	POLL_CONSOLE,
	POLL_CONTROL = POLL_CONSOLE + CONSOLE_POLLED,
	POLL_COUNT = POLL_CONTROL + CONTROL_POLLED
};

#define GO_ON INT32_MAX

void machine_wake(struct machine *machine)
{
	const uint64_t one = 1;

	/* It can only fail when a wake-up is pending already. */
	if (write(machine->wake_fd, &one, sizeof(one)) < 0)
		return;
}

void machine_post(struct machine *machine, enum machine_event event)
{
	int none = MACHINE_EVENT_NONE;

	machine->vcpu_host.stop = true;
	atomic_compare_exchange_strong(&machine->event, &none, (int)event);
	machine_wake(machine);
}

/* The record is that of the calling thread; the main loop's reports it. The
 * first failure stays. */
void machine_fail(struct machine *machine, int err)
{
	struct lend_error *record = NULL, *mine = lend_error_copy(machine->ctx);
	int none = 0;

	if (!atomic_compare_exchange_strong(&machine->failure_record, &record,
					    mine))
		lend_error_free(mine);
	atomic_compare_exchange_strong(&machine->failure, &none, err);
	machine_post(machine, MACHINE_EVENT_FAIL);
}

int machine_failure(struct machine *machine)
{
	const struct lend_error *record = machine->failure_record;

	return record ? lend_error_restore(machine->ctx, record)
		      : machine->failure;
}

void machine_on_fail(void *opaque, int err)
{
	machine_fail(opaque, err);
}

static void log_exits(const struct machine *machine)
{
	char text[256];

	for (unsigned int i = 0; i < machine->cpus; i++) {
		const struct vcpu *vcpu = &machine->vcpus[i];
		int used = 0;

		text[0] = '\0';
		for (unsigned int k = 0; k < VCPU_EXIT_KINDS; k++) {
			const char *name = vcpu_exit_name(k);

			if (!vcpu->exits[k] || (size_t)used >= sizeof(text))
				continue;
			used += snprintf(text + used,
					 sizeof(text) - (size_t)used,
					 " %s %" PRIu64, name ? name : "other",
					 vcpu->exits[k]);
		}
		lend_log(machine->ctx, LEND_LOG_DEBUG, "vCPU %u: exits:%s", i,
			 used ? text : " none");
	}
}

static int start_vcpus(struct machine *machine)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < machine->cpus; i++)
		err = vcpu_start(&machine->vcpus[i]);
	return err;
}

/* A guest reset: makes everything anew except RAM, open devices and the
 * console. */
static int machine_restart(struct machine *machine)
{
	int err;

	/* Where the host requests a device back, a guest that restarts has
	 * released it. Where a signal asks for the end, it has shut down. */
	if (machine->config->no_reboot || machine->recall.is_on ||
	    machine->shutdown.is_on)
		return MACHINE_END_RESET;
	lend_log(machine->ctx, LEND_LOG_INFO, "the guest resets");
	control_event_cause(&machine->control, "RESET",
			    !machine->is_reset_by_host,
			    machine->is_reset_by_host ? "host-qmp-system-reset"
						      : "guest-reset");
	machine->is_reset_by_host = false;
	machine_stop(machine);
	unplug_end_all(&machine->unplug);
	dma_hold(&machine->dma);
	err = machine_start(machine);
	if (!err)
		err = start_vcpus(machine);
	return err ? err : GO_ON;
}

static int take_event(struct machine *machine)
{
	int event = machine->event;

	if (event == MACHINE_EVENT_NONE)
		return GO_ON;
	/* A vCPU that waits for RAM would wait until all of it is mapped. */
	dma_release(&machine->dma);
	for (unsigned int i = 0; i < machine->cpus; i++)
		vcpu_stop(&machine->vcpus[i]);
	log_exits(machine);
	switch (event) {
	case MACHINE_EVENT_OFF:
		return MACHINE_END_POWEROFF;
	case MACHINE_EVENT_RESET:
		return machine_restart(machine);
	default:
		return machine_failure(machine);
	}
}

static int take_signal(struct machine *machine)
{
	int number = signals_read(&machine->signals);

	if (!number)
		return GO_ON;
	if (number == SIGCONT) {
		console_resume(&machine->console);
		return GO_ON;
	}
	machine->signal = number;
	/* A guest that is stopped cannot shut down. */
	if (number == SIGTERM && !machine->vcpu_host.is_paused &&
	    shutdown_begin(&machine->shutdown)) {
		lend_log(machine->ctx, LEND_LOG_WARNING,
			 "SIGTERM: the guest's power button was pressed; the "
			 "run ends within %u s, or at once with another "
			 "SIGTERM",
			 machine->config->shutdown_timeout);
		notify_send(&machine->notify,
			    "STOPPING=1\nSTATUS=The guest shuts down");
		return GO_ON;
	}
	return MACHINE_END_SIGNAL;
}

/* One round of the loop; GO_ON, or how the run ended. */
static int machine_turn(struct machine *machine)
{
	struct pollfd fds[POLL_COUNT] = {
		[POLL_WAKE] = {.fd = machine->wake_fd, .events = POLLIN},
		[POLL_SIGNAL] = {.fd = machine->signals.fd, .events = POLLIN},
		[POLL_WATCH] = {.fd = machine->watch.fd, .events = POLLIN},
	};
	uint64_t count;

	console_poll(&machine->console, &fds[POLL_CONSOLE]);
	control_poll(&machine->control, &fds[POLL_CONTROL]);
	if (poll(fds, POLL_COUNT, console_patience(&machine->console)) < 0)
		return errno == EINTR
			       ? GO_ON
			       : lend_error_set(machine->ctx, LEND_ERROR_SYSTEM,
						errno, NULL, "poll: %s",
						strerror(errno));
	if (fds[POLL_WAKE].revents &&
	    read(machine->wake_fd, &count, sizeof(count)) < 0 &&
	    errno != EAGAIN)
		return lend_error_set(machine->ctx, LEND_ERROR_SYSTEM, errno,
				      NULL, "eventfd: %s", strerror(errno));
	if (fds[POLL_WATCH].revents)
		watch_turn(&machine->watch);
	machine_turn_plug(machine);
	machine_report_recall(machine);
	control_turn(&machine->control, &fds[POLL_CONTROL]);
	if (console_move(&machine->console, &fds[POLL_CONSOLE],
			 &machine->serial))
		return MACHINE_END_QUIT;
	if (machine->is_quitting)
		return MACHINE_END_QUIT;
	if (fds[POLL_SIGNAL].revents && take_signal(machine) != GO_ON)
		return MACHINE_END_SIGNAL;
	if (machine->shutdown.is_over)
		return MACHINE_END_SIGNAL;
	return take_event(machine);
}

/* All is open; what the process needs no more, it cannot lose to a guest. */
static int confine_machine(struct machine *machine)
{
	const struct machine_config *config = machine->config;
	struct sandbox_options sandbox = config->sandbox;
	bool may_plug = machine_may_plug(machine);
	/* RAM may be pinned when the first device is plugged. */
	bool keep_lock =
		may_plug ? privileges_has_lock() : machine->dma.by_capability;
	int err = privileges_become(machine->ctx, &config->identity, keep_lock);

	sandbox.has_control = config->control.path;
	sandbox.has_plug = may_plug;
	sandbox.has_remote = machine->space_count;
	return err ? err
		   : sandbox_enter(&machine->sandbox, machine->ctx, &sandbox,
				   keep_lock);
}

int machine_run(struct machine *machine)
{
	int end;

	console_start(&machine->console);
	end = confine_machine(machine);
	if (!end)
		end = start_vcpus(machine);
	dma_start(&machine->dma);
	if (!end) {
		end = GO_ON;
		notify_send(&machine->notify,
			    "READY=1\nSTATUS=The guest is running");
	}
	while (end == GO_ON)
		end = machine_turn(machine);
	machine->vcpu_host.stop = true;
	dma_cancel(&machine->dma);
	for (unsigned int i = 0; machine->vcpus && i < machine->cpus; i++)
		vcpu_stop(&machine->vcpus[i]);
	console_stop(&machine->console);
	machine_report_end(machine, end);
	return end;
}
