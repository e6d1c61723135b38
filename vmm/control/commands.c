// SPDX-License-Identifier: MIT
// The commands of the control socket, under the names that QEMU has for them.
#include <stdio.h>
#include <string.h>

#include <lend/version.h>

#include "vmm/control/command.h"

/* No capability is offered. */
static void command_capabilities(struct command_call *call)
{
	struct reader_value enable = command_argument(call, "enable");
	struct reader_value name, value;
	struct reader_walk walk;
	char text[64];

	if (enable.start) {
		walk = reader_begin(enable);
		if (reader_next(&walk, &name, &value)) {
			if (reader_kind(value) != READER_STRING ||
			    !reader_copy(value, text, sizeof(text)))
				strcpy(text, "...");
			command_fail(call, COMMAND_GENERIC,
				     "Capability %s is not available", text);
			return;
		}
	}
	call->control->is_ready = true;
}

void control_write_version(struct writer *out, const char *name)
{
	char package[64];

	writer_open(out, name, '{');
	writer_open(out, "qemu", '{');
	writer_number(out, "micro", LEND_VERSION_MICRO);
	writer_number(out, "minor", LEND_VERSION_MINOR);
	writer_number(out, "major", LEND_VERSION_MAJOR);
	writer_close(out, '}');
	snprintf(package, sizeof(package), "lend %d.%d.%d", LEND_VERSION_MAJOR,
		 LEND_VERSION_MINOR, LEND_VERSION_MICRO);
	writer_string(out, "package", package);
	writer_close(out, '}');
}

static void command_query_version(struct command_call *call)
{
	control_write_version(call->result, NULL);
}

static void command_query_commands(struct command_call *call)
{
	struct writer *out = call->result;

	writer_open(out, NULL, '[');
	for (const struct control_command *command = control_commands;
	     command->name; command++) {
		writer_open(out, NULL, '{');
		writer_string(out, "name", command->name);
		writer_close(out, '}');
	}
	writer_close(out, ']');
}

static void command_query_status(struct command_call *call)
{
	const struct control_host *host = &call->control->host;
	bool is_paused = host->ops->is_paused(host->opaque);

	writer_open(call->result, NULL, '{');
	writer_string(call->result, "status", is_paused ? "paused" : "running");
	writer_bool(call->result, "running", !is_paused);
	writer_close(call->result, '}');
}

static void command_query_name(struct command_call *call)
{
	const char *name = call->control->host.name;

	writer_open(call->result, NULL, '{');
	if (name)
		writer_string(call->result, "name", name);
	writer_close(call->result, '}');
}

static void command_query_cpus(struct command_call *call)
{
	const struct control_host *host = &call->control->host;

	writer_open(call->result, NULL, '[');
	host->ops->list_cpus(host->opaque, call->result);
	writer_close(call->result, ']');
}

static void command_query_pci(struct command_call *call)
{
	const struct control_host *host = &call->control->host;

	writer_open(call->result, NULL, '[');
	if (!host->ops->list_pci(host->opaque, call->result))
		command_fail(call, COMMAND_GENERIC,
			     "guest RAM is still being mapped for DMA; try "
			     "again later");
	writer_close(call->result, ']');
}

static void command_stop(struct command_call *call)
{
	const struct control_host *host = &call->control->host;

	if (host->ops->is_paused(host->opaque))
		return;
	host->ops->pause(host->opaque);
	control_event(call->control, "STOP");
}

static void command_cont(struct command_call *call)
{
	const struct control_host *host = &call->control->host;

	if (!host->ops->is_paused(host->opaque))
		return;
	control_event(call->control, "RESUME");
	host->ops->go_on(host->opaque);
}

static void command_powerdown(struct command_call *call)
{
	const struct control_host *host = &call->control->host;

	host->ops->press_power(host->opaque);
}

static void command_reset(struct command_call *call)
{
	const struct control_host *host = &call->control->host;

	host->ops->reset(host->opaque);
}

static void command_quit(struct command_call *call)
{
	const struct control_host *host = &call->control->host;

	control_event_cause(call->control, "SHUTDOWN", false, "host-qmp-quit");
	host->ops->quit(host->opaque);
}

static void command_device_del(struct command_call *call)
{
	const struct control_host *host = &call->control->host;
	char id[128];

	if (command_copy(call, "id", id, sizeof(id)))
		host->ops->unplug(host->opaque, id, call);
}

const struct control_command control_commands[] = {
	{"qmp_capabilities",
	 command_capabilities,
	 {{"enable", READER_ARRAY, true}},
	 false},
	{"query-version", command_query_version, {}, false},
	{"query-commands", command_query_commands, {}, false},
	{"query-status", command_query_status, {}, false},
	{"query-name", command_query_name, {}, false},
	{"query-cpus-fast", command_query_cpus, {}, false},
	{"query-pci", command_query_pci, {}, false},
	{"stop", command_stop, {}, false},
	{"cont", command_cont, {}, false},
	{"system_powerdown", command_powerdown, {}, false},
	{"system_reset", command_reset, {}, false},
	{"quit", command_quit, {}, false},
	{"device_add", command_device_add, {}, true},
	{"device_del",
	 command_device_del,
	 {{"id", READER_STRING, false}},
	 false},
	{"getfd", command_getfd, {{"fdname", READER_STRING, false}}, false},
	{"closefd", command_closefd, {{"fdname", READER_STRING, false}}, false},
	{"add-fd",
	 command_add_fd,
	 {{"fdset-id", READER_NUMBER, true}, {"opaque", READER_STRING, true}},
	 false},
	{"remove-fd",
	 command_remove_fd,
	 {{"fdset-id", READER_NUMBER, false}, {"fd", READER_NUMBER, true}},
	 false},
	{NULL, NULL, {}, false},
};
