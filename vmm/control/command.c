// SPDX-License-Identifier: MIT
// The answer to a command of the control socket.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "vmm/control/command.h"

#define NOT_FOUND  "CommandNotFound"
#define RESULT_MAX (128 * 1024)

static const char *const kinds[] = {
	[READER_NONE] = "any value", [READER_OBJECT] = "object",
	[READER_ARRAY] = "array",    [READER_STRING] = "string",
	[READER_NUMBER] = "integer", [READER_BOOLEAN] = "boolean",
	[READER_NULL] = "null",
};

void command_fail(struct command_call *call, const char *class, const char *fmt,
		  ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(call->error, sizeof(call->error), fmt, args);
	va_end(args);
	call->class = class;
}

struct reader_value command_argument(const struct command_call *call,
				     const char *name)
{
	return call->arguments.start ? reader_find(call->arguments, name)
				     : (struct reader_value){0};
}

bool command_copy(struct command_call *call, const char *name, char *text,
		  size_t size)
{
	if (reader_copy(command_argument(call, name), text, size))
		return true;
	command_fail(call, COMMAND_GENERIC,
		     "Parameter '%s' expects a string of up to %zu bytes", name,
		     size - 1);
	return false;
}

/* A name from the client, for a message. */
struct command_word {
	char text[64];
};

static struct command_word command_word_of(struct reader_value string)
{
	struct command_word word;

	if (!reader_copy(string, word.text, sizeof(word.text)))
		strcpy(word.text, "...");
	return word;
}

static bool command_is_kind(struct reader_value value, enum reader_kind kind)
{
	int64_t number;

	return kind == READER_NUMBER ? reader_integer(value, &number)
				     : reader_kind(value) == kind;
}

static const struct command_parameter *
command_find_parameter(const struct control_command *command,
		       struct reader_value name)
{
	for (int i = 0; i < COMMAND_PARAMETERS && command->parameters[i].name;
	     i++)
		if (reader_is(name, command->parameters[i].name))
			return &command->parameters[i];
	return NULL;
}

/* Refuse arguments that are missing, or of another type. */
static void command_check_known(struct command_call *call,
				const struct control_command *command)
{
	for (int i = 0; i < COMMAND_PARAMETERS && !call->class; i++) {
		const struct command_parameter *known = &command->parameters[i];
		struct reader_value value;

		if (!known->name)
			return;
		value = command_argument(call, known->name);
		if (!value.start && !known->is_optional)
			command_fail(call, COMMAND_GENERIC,
				     "Parameter '%s' is missing", known->name);
		else if (value.start && !command_is_kind(value, known->kind))
			command_fail(call, COMMAND_GENERIC,
				     "Invalid parameter type for '%s', "
				     "expected: %s",
				     known->name, kinds[known->kind]);
	}
}

static void command_check_arguments(struct command_call *call,
				    const struct control_command *command)
{
	struct reader_value name, value;
	struct reader_walk walk;

	if (command->has_any)
		return;
	command_check_known(call, command);
	if (!call->arguments.start)
		return;
	walk = reader_begin(call->arguments);
	while (!call->class && reader_next(&walk, &name, &value))
		if (!command_find_parameter(command, name))
			command_fail(call, COMMAND_GENERIC,
				     "Parameter '%s' is unexpected",
				     command_word_of(name).text);
}

static const struct control_command *command_find(struct reader_value name)
{
	const struct control_command *command = control_commands;

	while (command->name && !reader_is(name, command->name))
		command++;
	return command->name ? command : NULL;
}

/* A client negotiates first, and once. */
static bool command_is_allowed(struct command_call *call,
			       struct reader_value name,
			       const struct control_command *command)
{
	bool negotiates = reader_is(name, "qmp_capabilities");

	if (!call->control->is_ready && !negotiates)
		command_fail(call, NOT_FOUND,
			     "Expecting capabilities negotiation with "
			     "'qmp_capabilities'");
	else if (call->control->is_ready && negotiates)
		command_fail(call, NOT_FOUND,
			     "Capabilities negotiation is already complete, "
			     "command ignored");
	else if (!command)
		command_fail(call, NOT_FOUND,
			     "The command %s has not been found",
			     command_word_of(name).text);
	return !call->class;
}

static void command_run(struct command_call *call, struct reader_value name)
{
	const struct control_command *command = command_find(name);

	if (!command_is_allowed(call, name, command))
		return;
	command_check_arguments(call, command);
	if (!call->class)
		command->run(call);
}

/* Checks the members of a request. Returns the command's name; none after a
 * failure. */
static struct reader_value command_check_request(struct command_call *call,
						 struct reader_value request,
						 struct reader_value *id)
{
	struct reader_walk walk = reader_begin(request);
	struct reader_value name, value, command = {0};

	*id = reader_find(request, "id");
	while (!call->class && reader_next(&walk, &name, &value)) {
		if (reader_is(name, "execute"))
			command = value;
		else if (reader_is(name, "arguments"))
			call->arguments = value;
		else if (!reader_is(name, "id"))
			command_fail(call, COMMAND_GENERIC,
				     "QMP input member '%s' is unexpected",
				     command_word_of(name).text);
	}
	if (call->class)
		return (struct reader_value){0};
	if (!command.start)
		command_fail(call, COMMAND_GENERIC,
			     "QMP input lacks member 'execute'");
	else if (reader_kind(command) != READER_STRING)
		command_fail(call, COMMAND_GENERIC,
			     "QMP input member 'execute' must be a string");
	else if (call->arguments.start &&
		 reader_kind(call->arguments) != READER_OBJECT)
		command_fail(call, COMMAND_GENERIC,
			     "QMP input member 'arguments' must be an object");
	return command;
}

static void command_answer(const struct command_call *call,
			   struct reader_value id)
{
	struct writer *out = &call->control->out;
	const struct writer *result = call->result;

	writer_open(out, NULL, '{');
	if (call->class) {
		writer_open(out, "error", '{');
		writer_string(out, "class", call->class);
		writer_string(out, "desc", call->error);
		writer_close(out, '}');
	} else if (result && result->used) {
		writer_value(
			out, "return",
			(struct reader_value){result->text,
					      result->text + result->used});
	} else {
		writer_open(out, "return", '{');
		writer_close(out, '}');
	}
	if (id.start)
		writer_value(out, "id", id);
	writer_close(out, '}');
	writer_end(out);
}

void command_refuse_input(struct control *control, const char *wrong)
{
	struct command_call call = {.control = control};

	command_fail(&call, COMMAND_GENERIC, "JSON parse error, %s", wrong);
	command_answer(&call, (struct reader_value){0});
}

void command_take(struct control *control, const char *text, size_t length)
{
	struct writer result = {.limit = RESULT_MAX};
	struct command_call call = {.control = control, .result = &result};
	struct reader_value request, name, id = {0};
	const char *wrong = reader_check(text, length, &request);

	if (wrong) {
		command_refuse_input(control, wrong);
		return;
	}
	if (reader_kind(request) != READER_OBJECT) {
		command_fail(&call, COMMAND_GENERIC,
			     "QMP input must be a JSON object");
	} else {
		name = command_check_request(&call, request, &id);
		if (!call.class)
			command_run(&call, name);
	}
	if (!call.class && result.is_full)
		command_fail(&call, COMMAND_GENERIC,
			     "the answer does not fit %d bytes", RESULT_MAX);
	command_answer(&call, id);
	writer_free(&result);
}
