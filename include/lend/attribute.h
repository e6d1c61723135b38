/* SPDX-License-Identifier: MIT */
/* What sysfs says of a device, attribute by attribute. */
#ifndef LEND_ATTRIBUTE_H
#define LEND_ATTRIBUTE_H

#include <lend/address.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/*
 * The functions below leave the record of the last failure alone: that an
 * attribute is not there is often the answer. A name is relative to the
 * device's directory and may lead through others: "power_state",
 * "physfn/sriov_numvfs".
 */

/**
 * lend_attribute_read() - read an attribute of one line
 * @address: device
 * @name:    the attribute's name, such as "class"
 * @text:    receives the value without its last newline, ended by NUL; empty
 *           after a failure
 * @size:    bytes @text has room for, at least 1
 *
 * Returns: the length, or
 * -ENOENT: there is no such attribute; -EFBIG: @text is too small; -EBADMSG:
 * it is binary; or another -errno of open() or read().
 *
 * Since: 0.1. Source: Documentation/filesystems/sysfs.rst.
 */
int lend_attribute_read(const struct lend_address *address, const char *name,
			char *text, size_t size);

/**
 * lend_attribute_bytes() - read the start of a binary attribute
 * @address: device
 * @name:    the attribute's name, such as "config"
 * @data:    receives the bytes
 * @size:    bytes wanted
 *
 * Returns: how many were read, fewer where there are no more or where the rest
 * takes privileges, as that of "config" does; or -errno of open() or read().
 *
 * Since: 0.1. Source: Documentation/PCI/sysfs-pci.rst.
 */
int lend_attribute_bytes(const struct lend_address *address, const char *name,
			 void *data, size_t size);

/**
 * lend_attribute_link() - where an attribute that is a link points
 * @address: device
 * @name:    the link's name, such as "physfn"
 * @target:  receives the last part of where it points, ended by NUL; empty
 *           after a failure
 * @size:    bytes @target has room for, at least 1
 *
 * Returns: the length, -ENOENT where there is no such link, -EINVAL where it is
 * none, -ENAMETOOLONG where @target is too small, -EBADMSG where it points
 * nowhere, or another -errno of readlink().
 *
 * Since: 0.1
 */
int lend_attribute_link(const struct lend_address *address, const char *name,
			char *target, size_t size);

/**
 * lend_attribute_list() - the names in a directory of a device
 * @address: device
 * @name:    the directory's name, such as "net"
 * @each:    called for each name, sorted; ends the list where it returns
 *           anything but 0
 * @opaque:  first argument of @each
 *
 * Returns: 0, what @each returned, -ENOENT where there is no such directory,
 * or another -errno.
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
