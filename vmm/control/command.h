/* SPDX-License-Identifier: MIT */
/* Commands of the control socket: their table, and the answer to one. */
#ifndef VMM_CONTROL_COMMAND_H
#define VMM_CONTROL_COMMAND_H

#include <stdbool.h>

#include "vmm/control/control.h"
#include "vmm/control/reader.h"

#define COMMAND_PARAMETERS 3
#define COMMAND_ERROR_MAX  512

/* A command that is being carried out. */
struct command_call {
	struct control *control;
	struct reader_value arguments; /* an object, or none */
	/* Of a command that returns more than an empty object: its value. */
	struct writer *result;
	const char *class; /* of the error; NULL: none */
	char error[COMMAND_ERROR_MAX];
};

struct command_parameter {
	const char *name; /* NULL behind the last */
	enum reader_kind kind;
	bool is_optional;
};

struct control_command {
	const char *name;
	void (*run)(struct command_call *call);
	struct command_parameter parameters[COMMAND_PARAMETERS];
	bool has_any; /* parameters are checked by run(): the device's own */
};

/* Refuse with an error of QEMU's class. */
void command_fail(struct command_call *call, const char *class, const char *fmt,
		  ...) __attribute__((format(printf, 3, 4)));

#define COMMAND_GENERIC "GenericError"

/* The argument @name; none if it is missing. */
struct reader_value command_argument(const struct command_call *call,
				     const char *name);

/* Copy a string argument, or refuse it as too long. Returns false then. */
bool command_copy(struct command_call *call, const char *name, char *text,
		  size_t size);

/* Carry out the message of @length bytes, and queue the answer. */
void command_take(struct control *control, const char *text, size_t length);

/* What the greeting and query-version say. */
void control_write_version(struct writer *out, const char *name);

/* Queue an error about input that is no message. */
void command_refuse_input(struct control *control, const char *wrong);

/* device_add. */
void command_device_add(struct command_call *call);

/* getfd, closefd, add-fd, remove-fd. */
void command_getfd(struct command_call *call);
void command_closefd(struct command_call *call);
void command_add_fd(struct command_call *call);
void command_remove_fd(struct command_call *call);

/* The table, ending with a name of NULL. */
extern const struct control_command control_commands[];

#endif
