/* SPDX-License-Identifier: MIT */
/* Option values written as JSON objects, as QEMU and libvirt write them. */
#ifndef LEND_JSON_H
#define LEND_JSON_H

#include <lend/context.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * enum lend_json_type - type of a value in a JSON object
 * @LEND_JSON_STRING:  a string
 * @LEND_JSON_NUMBER:  a number
 * @LEND_JSON_BOOLEAN: true or false
 *
 * Since: 0.1
 */
enum lend_json_type {
	LEND_JSON_STRING = 0,
	LEND_JSON_NUMBER = 1,
	LEND_JSON_BOOLEAN = 2,
};

/**
 * lend_json_read() - read an option's value that is a JSON object
 * @ctx:    context
 * @option: name of the option, such as "-object", for messages
 * @text:   JSON object, up to 65536 bytes, with up to 64 members; white space
 *          before and after it is ignored
 * @member: called for each member, in the order of @text; returns 0, or -errno
 *          with a record to stop
 * @opaque: passed to @member
 *
 * @member gets the member's name, its type and its value as text: a string
 * without its quotes and escapes, a number as it is spelled, and "on" or "off"
 * for true or false. Both texts are borrowed until lend_json_read() returns.
 *
 * The values of options are flat: an object or array as a value is refused, and
 * so is null, which QEMU refuses for properties of devices and objects. As in
 * QEMU, strings may be in single quotes, and a name must not be given twice.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: invalid JSON or UTF-8, a value of another type,
 * a name given twice, text after the object, or more than is accepted; the
 * record has the place as a byte of @text, counted from 1, and the member's
 * name;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or what @member returned, with the member's place added to the record.
 *
 * Since: 0.1. Source: RFC 8259; QEMU's qobject/json-parser.c.
 */
int lend_json_read(struct lend_ctx *ctx, const char *option, const char *text,
		   int (*member)(void *opaque, const char *name,
				 enum lend_json_type type, const char *value),
		   void *opaque);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
