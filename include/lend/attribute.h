/* SPDX-License-Identifier: MIT */
/* Attributes of a device in sysfs. */
#ifndef LEND_ATTRIBUTE_H
#define LEND_ATTRIBUTE_H

#include <stddef.h>

#include <lend/address.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/*
 * None of these functions makes a record of a failure: that an attribute does
 * not exist is often the answer. Names are relative to the device's directory
 * and may lead through other directories: "power_state", "physfn/sriov_numvfs".
 */

/**
 * lend_attribute_read() - read a text attribute
 * @address: device
 * @name:    name of the attribute, such as "class"
 * @text:    receives the value without its last newline, terminated by NUL; ""
 *           after a failure
 * @size:    bytes of @text, at least 1
 *
 * Returns: the length of the value in bytes, or
 * -ENOENT: no such attribute;
 * -EFBIG: @text is too small;
 * -EBADMSG: the value is binary, use lend_attribute_bytes();
 * or another -errno of open() or read().
 *
 * Since: 0.1. Source: Documentation/filesystems/sysfs.rst.
 */
int lend_attribute_read(const struct lend_address *address, const char *name,
			char *text, size_t size);

/**
 * lend_attribute_bytes() - read the beginning of a binary attribute
 * @address: device
 * @name:    name of the attribute, such as "config"
 * @data:    receives the bytes; undefined after a failure
 * @size:    bytes to read, up to INT_MAX
 *
 * Returns: the number of bytes read, less than @size at the attribute's end or
 * where the rest requires privileges, as that of "config" does; or
 * -ENOENT: no such attribute;
 * -ETIMEDOUT: "config" was not read within 10 seconds: a reset of the device is
 * in progress, or does not end. A child process reads that attribute, as
 * lend_bind() describes;
 * or another -errno of open() or read().
 *
 * Since: 0.1. Source: Documentation/PCI/sysfs-pci.rst.
 */
int lend_attribute_bytes(const struct lend_address *address, const char *name,
			 void *data, size_t size);

/**
 * lend_attribute_link() - read where a symbolic link of a device points
 * @address: device
 * @name:    name of the link, such as "physfn"
 * @target:  receives the last component of the link's target, terminated by
 *           NUL; "" after a failure
 * @size:    bytes of @target, at least 1
 *
 * Returns: the length of the component in bytes, or
 * -ENOENT: no such link;
 * -EINVAL: not a symbolic link;
 * -ENAMETOOLONG: @target is too small;
 * -EBADMSG: the target has no last component;
 * or another -errno of readlink().
 *
 * Since: 0.1
 */
int lend_attribute_link(const struct lend_address *address, const char *name,
			char *target, size_t size);

/**
 * lend_attribute_list() - iterate over the names in a directory of a device
 * @address: device
 * @name:    name of the directory, such as "net"
 * @each:    called for each name, sorted; a result other than 0 ends the
 *           iteration
 * @opaque:  first argument of @each
 *
 * Returns: 0 after the last name; the result of @each that ended the iteration;
 * or
 * -ENOENT: no such directory;
 * or another -errno of opendir() or readdir().
 *
 * Since: 0.1
 */
int lend_attribute_list(const struct lend_address *address, const char *name,
			int (*each)(void *opaque, const char *entry),
			void *opaque);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
