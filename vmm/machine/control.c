// SPDX-License-Identifier: MIT
// The machine and those who watch and control it from outside: the client of
// its control socket, and the service manager.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <lend/context.h>
#include <lend/error.h>

#include "vmm/arch.h"
#include "vmm/control/command.h"
#include "vmm/control/pci.h"
#include "vmm/machine/internal.h"
#include "vmm/pci/topology.h"

static bool control_is_paused(void *opaque)
{
	return ((struct machine *)opaque)->vcpu_host.is_paused;
}

static void control_pause(void *opaque)
{
	struct machine *machine = opaque;

	vcpu_pause_all(&machine->vcpu_host, machine->vcpus, machine->cpus);
	notify_send(&machine->notify, "STATUS=The guest is stopped");
}

static void control_go_on(void *opaque)
{
	struct machine *machine = opaque;

	vcpu_resume_all(&machine->vcpu_host);
	notify_send(&machine->notify, "STATUS=The guest is running");
}

void machine_press_power(struct machine *machine)
{
	arch_press_power(machine);
	control_event(&machine->control, "POWERDOWN");
}

static void control_press_power(void *opaque)
{
	machine_press_power(opaque);
}

static void control_reset(void *opaque)
{
	struct machine *machine = opaque;

	machine->is_reset_by_host = true;
	machine_post(machine, MACHINE_EVENT_RESET);
}

static void control_quit(void *opaque)
{
	((struct machine *)opaque)->is_quitting = true;
}

/* As QEMU's, with the threads that a client may pin. */
static void control_list_cpus(void *opaque, struct writer *out)
{
	const struct machine *machine = opaque;
	char path[64];

	for (unsigned int i = 0; i < machine->cpus; i++) {
		snprintf(path, sizeof(path), "/machine/unattached/device[%u]",
			 i);
		writer_open(out, NULL, '{');
		writer_number(out, "thread-id", machine->vcpus[i].thread_id);
		writer_open(out, "props", '{');
		writer_number(out, "socket-id", 0);
		writer_number(out, "core-id", i);
		writer_number(out, "thread-id", 0);
		writer_close(out, '}');
		writer_string(out, "qom-path", path);
		writer_number(out, "cpu-index", i);
		writer_string(out, "target", arch_target);
		writer_close(out, '}');
	}
}

static bool control_is_there(const struct pci_place *a, struct pci_place b)
{
	return a && a->port == b.port && a->slot == b.slot &&
	       a->function == b.function;
}

static struct control_function control_find(void *opaque,
					    struct pci_place place)
{
	const struct machine *machine = opaque;
	const struct topology *topology = machine->config->topology;
	struct control_function found = {0};

	for (size_t i = 0; i < machine->device_count; i++)
		if (control_is_there(machine->devices[i]->place, place))
			found = (struct control_function){
				machine->devices[i]->id, machine->lent[i]};
	for (unsigned int i = 0; topology && i < topology->count; i++)
		if (control_is_there(&topology->ports[i].place, place))
			found.id = topology->ports[i].name;
	return found;
}

/* A function's lock is held while its guest waits for RAM that is mapped. */
static bool control_list_functions(void *opaque, struct writer *out)
{
	struct machine *machine = opaque;
	const struct control_pci pci = {
		.host = &machine->pci,
		.find = control_find,
		.opaque = machine,
	};

	if (machine->dma.is_pending)
		return false;
	control_list_pci(&pci, out);
	return true;
}

/* Fact, device and fix on a line. */
static void control_refuse_as_recorded(const struct machine *machine,
				       struct command_call *call)
{
	const struct lend_error *e = lend_ctx_error(machine->ctx);
	int fix = (int)strcspn(e->remedy, "\n");

	command_fail(call, COMMAND_GENERIC, "%s%s%s%s%.*s", e->device,
		     *e->device ? ": " : "", e->what, fix ? "; " : "", fix,
		     e->remedy);
}

/* As QEMU answers where it refuses the same. */
static void control_plug(void *opaque, const char *text,
			 struct command_call *call)
{
	struct machine *machine = opaque;
	const struct machine_plugger *plugger =
		machine->config->control.plugger;
	const struct lend_error *e = lend_ctx_error(machine->ctx);
	int err = plugger ? plugger->plug(plugger->opaque, machine, text)
			  : lend_error_set(machine->ctx, LEND_ERROR_STATE,
					   EOPNOTSUPP, NULL,
					   "no device can be plugged");

	if (err == -EEXIST)
		command_fail(call, COMMAND_GENERIC, "Duplicate device ID '%s'",
			     e->device);
	else if (err == -ENODEV && e->code == LEND_ERROR_ARGUMENT)
		command_fail(call, COMMAND_GENERIC, "Bus '%s' not found",
			     e->device);
	else if (err)
		control_refuse_as_recorded(machine, call);
}

/* As QEMU answers for each of the states. */
static void control_unplug(void *opaque, const char *id,
			   struct command_call *call)
{
	struct machine *machine = opaque;

	if (machine_plug_state(machine, id) == PLUG_NONE)
		command_fail(call, "DeviceNotFound", "Device '%s' not found",
			     id);
	else if (machine_plug_state(machine, id) == PLUG_UNPLUGGING)
		command_fail(call, COMMAND_GENERIC,
			     "Device %s is already in the process of unplug",
			     id);
	else if (machine_unplug(machine, id, false))
		control_refuse_as_recorded(machine, call);
}

static void control_on_plug(void *opaque, const struct plug_event *event)
{
	static const char *const names[] = {
		[PLUG_DELETED] = "DEVICE_DELETED",
		[PLUG_KEPT] = "DEVICE_UNPLUG_GUEST_ERROR",
		[PLUG_REQUESTED] = "LEND_DEVICE_REQUESTED",
		[PLUG_FAILED] = "LEND_DEVICE_FAILED",
	};
	struct machine *machine = opaque;
	const struct machine_plugger *plugger =
		machine->config->control.plugger;
	struct control *control = &machine->control;

	if (control_begin_event(control, names[event->kind], true)) {
		control_write_device(control, event->id, event->device);
		if (event->why)
			writer_string(&control->out, "message", event->why);
		control_end_event(control, true);
	}
	if (event->kind == PLUG_DELETED && plugger)
		plugger->gone(plugger->opaque, event->device);
}

static const struct control_ops machine_control_ops = {
	.is_paused = control_is_paused,
	.pause = control_pause,
	.go_on = control_go_on,
	.press_power = control_press_power,
	.reset = control_reset,
	.quit = control_quit,
	.list_cpus = control_list_cpus,
	.list_pci = control_list_functions,
	.plug = control_plug,
	.unplug = control_unplug,
};

int machine_open_control(struct machine *machine)
{
	const struct machine_control *config = &machine->config->control;
	const struct control_host host = {
		.ctx = machine->ctx,
		.name = config->name,
		.warnings = config->warnings,
		.ops = &machine_control_ops,
		.opaque = machine,
	};

	machine->plug_events = (struct plug_watcher){control_on_plug, machine};
	machine_watch_plug(machine, &machine->plug_events);
	notify_open(&machine->notify, config->notify_socket);
	machine->vcpu_host.has_ids = config->path;
	return config->path
		       ? control_open(&machine->control, &host, config->path,
				      &machine->config->identity)
		       : 0;
}

void machine_report_recall(struct machine *machine)
{
	const struct recall *recall = &machine->recall;

	if (!recall->is_on || machine->recall_is_shown)
		return;
	machine->recall_is_shown = true;
	control_event_message(&machine->control, "LEND_DEVICE_REQUESTED",
			      recall->device,
			      "the guest's power button is pressed");
	notify_send(&machine->notify,
		    "STATUS=The host requests %s back; the guest shuts down",
		    recall->device);
}

static void machine_report_failure(struct machine *machine)
{
	const struct lend_error *record = lend_ctx_error(machine->ctx);

	control_event_message(&machine->control, "LEND_ERROR", record->device,
			      record->what);
	control_event_cause(&machine->control, "SHUTDOWN", false, "host-error");
}

void machine_report_end(struct machine *machine, int end)
{
	static const struct {
		bool by_guest;
		const char *reason;
	} causes[] = {
		[MACHINE_END_POWEROFF] = {true, "guest-shutdown"},
		[MACHINE_END_RESET] = {true, "guest-reset"},
		[MACHINE_END_QUIT] = {false, "host-ui"},
		[MACHINE_END_SIGNAL] = {false, "host-signal"},
	};

	notify_send(&machine->notify, "STOPPING=1\nSTATUS=The run ends");
	if (end < 0)
		machine_report_failure(machine);
	else if (end == MACHINE_END_RESET && machine->is_reset_by_host)
		control_event_cause(&machine->control, "SHUTDOWN", false,
				    "host-qmp-system-reset");
	else
		control_event_cause(&machine->control, "SHUTDOWN",
				    causes[end].by_guest, causes[end].reason);
	control_finish(&machine->control);
}
