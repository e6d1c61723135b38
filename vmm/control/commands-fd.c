// SPDX-License-Identifier: MIT
// The commands about descriptors that a client passes in.
#include <ctype.h>
#include <inttypes.h>
#include <unistd.h>

#include "vmm/control/command.h"

/* Returns the descriptor that came with the command; -1: refused. */
static int command_take_fd(struct command_call *call)
{
	int fd = passed_take(&call->control->passed);

	if (fd < 0)
		command_fail(call, COMMAND_GENERIC,
			     "No file descriptor supplied via SCM_RIGHTS");
	return fd;
}

static void command_refuse_more(struct command_call *call)
{
	command_fail(call, COMMAND_GENERIC,
		     "a connection keeps at most %d file descriptors",
		     PASSED_MAX);
}

/* A number would be a descriptor of this process. */
void command_getfd(struct command_call *call)
{
	int fd = command_take_fd(call);
	char name[PASSED_NAME_MAX];

	if (fd < 0)
		return;
	if (!command_copy(call, "fdname", name, sizeof(name))) {
		close(fd);
	} else if (isdigit((unsigned char)name[0])) {
		command_fail(call, COMMAND_GENERIC,
			     "Parameter 'fdname' expects a name not starting "
			     "with a digit");
		close(fd);
	} else if (!passed_keep(&call->control->passed, fd, name)) {
		command_refuse_more(call);
	}
}

void command_closefd(struct command_call *call)
{
	char name[PASSED_NAME_MAX];

	if (command_copy(call, "fdname", name, sizeof(name)) &&
	    !passed_close(&call->control->passed, name))
		command_fail(call, COMMAND_GENERIC,
			     "File descriptor named '%s' not found", name);
}

/* Its set: the one that is asked for, or a new one. Returns false if refused.
 */
static bool command_find_set(struct command_call *call, int64_t *set)
{
	struct reader_value asked = command_argument(call, "fdset-id");

	*set = passed_new_set(&call->control->passed);
	if (asked.start && reader_integer(asked, set) && *set < 0)
		command_fail(call, COMMAND_GENERIC,
			     "Parameter 'fdset-id' expects a non-negative "
			     "value");
	return !call->class;
}

void command_add_fd(struct command_call *call)
{
	int fd = command_take_fd(call);
	char note[PASSED_NAME_MAX] = "";
	int64_t set;

	if (fd < 0)
		return;
	if (!command_find_set(call, &set) ||
	    (command_argument(call, "opaque").start &&
	     !command_copy(call, "opaque", note, sizeof(note)))) {
		close(fd);
		return;
	}
	if (!passed_add(&call->control->passed, fd, set, note)) {
		command_refuse_more(call);
		return;
	}
	writer_open(call->result, NULL, '{');
	writer_number(call->result, "fd", fd);
	writer_number(call->result, "fdset-id", set);
	writer_close(call->result, '}');
}

void command_remove_fd(struct command_call *call)
{
	struct reader_value asked = command_argument(call, "fd");
	int64_t set = -1, fd = -1;

	reader_integer(command_argument(call, "fdset-id"), &set);
	if (asked.start && reader_integer(asked, &fd) && fd < 0)
		fd = INT64_MAX; /* of none */
	if (passed_remove(&call->control->passed, set, fd))
		return;
	if (asked.start)
		command_fail(call, COMMAND_GENERIC,
			     "File descriptor named 'fdset-id:%" PRId64
			     ", fd:%" PRId64 "' not found",
			     set, fd);
	else
		command_fail(call, COMMAND_GENERIC,
			     "File descriptor named 'fdset-id:%" PRId64
			     "' not found",
			     set);
}
