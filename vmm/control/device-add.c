// SPDX-License-Identifier: MIT
// The command device_add: its arguments become a -device string in JSON.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <lend/spec.h>
#include <lend/text.h>

#include "vmm/control/command.h"

#define TEXT_MAX (64 * 1024)

static bool command_knows_driver(const char *name)
{
	const char *known;

	for (unsigned int i = 0; (known = lend_spec_known(NULL, i)); i++)
		if (!strcmp(known, name))
			return true;
	return false;
}

/* What is not a string has no characters to copy. */
static bool device_add_copy(struct command_call *call, const char *name,
			    char *text, size_t size)
{
	if (reader_kind(command_argument(call, name)) == READER_STRING)
		return command_copy(call, name, text, size);
	command_fail(call, COMMAND_GENERIC,
		     "Invalid parameter type for '%s', expected: string", name);
	return false;
}

/* Of the drivers, one can be plugged. */
static bool command_check_driver(struct command_call *call)
{
	char driver[64];

	if (!command_argument(call, "driver").start) {
		command_fail(call, COMMAND_GENERIC,
			     "Parameter 'driver' is missing");
		return false;
	}
	if (!device_add_copy(call, "driver", driver, sizeof(driver)))
		return false;
	if (!command_knows_driver(driver))
		command_fail(call, COMMAND_GENERIC,
			     "'%s' is not a valid device model name", driver);
	else if (strcmp(driver, "vfio-pci") != 0)
		command_fail(call, COMMAND_GENERIC,
			     "Device '%s' does not support hotplugging",
			     driver);
	return !call->class;
}

/* The descriptor that getfd gave the name of fd; -1: refused. A number would be
 * a descriptor of this process. */
static int command_take_named(struct command_call *call)
{
	char name[PASSED_NAME_MAX];
	int fd;

	if (!command_argument(call, "fd").start) {
		command_fail(call, COMMAND_GENERIC,
			     "Parameter 'fd' is missing: a device is opened by "
			     "the client, passed in with getfd, and named with "
			     "fd (lend ctl plug does this)");
		return -1;
	}
	if (!device_add_copy(call, "fd", name, sizeof(name)))
		return -1;
	fd = passed_take_named(&call->control->passed, name);
	if (fd < 0)
		command_fail(call, COMMAND_GENERIC,
			     "File descriptor named '%s' has not been found",
			     name);
	return fd;
}

/* All arguments, with the number of the descriptor. */
static void command_write_device(const struct command_call *call, int fd,
				 struct writer *out)
{
	struct reader_walk walk = reader_begin(call->arguments);
	struct reader_value name, value;
	char key[64], number[16];

	snprintf(number, sizeof(number), "%d", fd);
	writer_open(out, NULL, '{');
	while (reader_next(&walk, &name, &value)) {
		if (!reader_copy(name, key, sizeof(key)))
			strcpy(key, "...");
		lend_text_clean(key);
		if (!strcmp(key, "fd"))
			writer_string(out, "fd", number);
		else
			writer_value(out, key, value);
	}
	if (!command_argument(call, "iommufd").start)
		writer_string(out, "iommufd", CONTROL_OWN_IOMMUFD);
	writer_close(out, '}');
}

/* The descriptor is gone from the client's, whatever the outcome. */
void command_device_add(struct command_call *call)
{
	const struct control_host *host = &call->control->host;
	struct writer text = {.limit = TEXT_MAX};
	int fd = command_check_driver(call) ? command_take_named(call) : -1;

	if (fd < 0)
		return;
	command_write_device(call, fd, &text);
	writer_end(&text);
	if (text.is_full) {
		command_fail(call, COMMAND_GENERIC,
			     "the arguments do not fit %d bytes", TEXT_MAX);
	} else {
		text.text[text.used - 1] = '\0';
		host->ops->plug(host->opaque, text.text, call);
	}
	close(fd);
	writer_free(&text);
}
