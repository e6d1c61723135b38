/* SPDX-License-Identifier: MIT */
/* `-device` strings: which front end presents which host device, and how. */
#ifndef LEND_SPEC_H
#define LEND_SPEC_H

#include <stdbool.h>

#include <lend/address.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_spec - a parsed `-device` string
 *
 * Opaque, reference-counted and immutable.
 *
 * Since: 0.1
 */
struct lend_spec;

/**
 * lend_spec_parse() - parse DRIVER[,PROPERTY[=VALUE]]... or a JSON object
 * @ctx:  context
 * @text: string as for QEMU's -device, such as "vfio-pci,host=02:00.0" or
 *        {"driver":"vfio-pci","host":"02:00.0"}
 * @spec: receives the result, with one reference; lend_spec_unref() drops it
 *
 * The drivers are vfio-pci, vfio-platform, vfio-amd-xgbe, vfio-calxeda-xgmac
 * and pcie-root-port. Each of the first four needs a property that names a host
 * device: host=, sysfsdev=, mdev=UUID, or fd=NUMBER together with iommufd=ID. A
 * pcie-root-port is part of the virtual machine and names no host device.
 *
 * Two commas stand for one in a value. An on/off property without '=' is on,
 * and off with "no" before its name. A property must not be given twice, except
 * dt-drop= and dt-number=, whose values are joined by ':'.
 *
 * If @text begins with '{', it is read by lend_json_read(): the member "driver"
 * names the driver, each other member is a property, in any order. A string is
 * taken as it would be after '='; a number where the property is a number; true
 * and false where it is on or off. QEMU takes a number for "addr", which must
 * be a string here, as slot and function in one; the record has the string.
 *
 * Looks at nothing outside @text: lend_spec_locate() finds the device.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: unknown driver or property, for which the
 * record names the nearest known one; a value that its property does not take;
 * a property given twice; no device named; fd= without iommufd=; or as
 * lend_json_read();
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory.
 *
 * Since: 0.1. Source: QEMU's qemu(1), -device.
 */
int lend_spec_parse(struct lend_ctx *ctx, const char *text,
		    struct lend_spec **spec);

/**
 * lend_spec_check_known() - refuse properties that the caller does not support
 * @spec:  parsed string
 * @names: names of the properties that the caller supports
 * @count: entries of @names
 *
 * The library knows more properties than a virtual machine monitor may
 * implement. One that is given and ignored would mislead the user.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: a property that is not in @names was given; the
 * record names it.
 *
 * Since: 0.1
 */
int lend_spec_check_known(const struct lend_spec *spec,
			  const char *const *names, unsigned int count);

/**
 * lend_spec_known() - list the drivers, or the properties of a driver
 * @driver: name of a driver, or NULL to list the drivers
 * @index:  0 for the first
 *
 * Returns: the name, constant; NULL after the last, or if @driver is unknown.
 * Cannot fail.
 *
 * Since: 0.1
 */
const char *lend_spec_known(const char *driver, unsigned int index);

/**
 * lend_spec_ref() - take a reference to a parsed string
 * @spec: parsed string
 *
 * Returns: @spec; lend_spec_unref() drops the reference. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_spec *lend_spec_ref(struct lend_spec *spec);

/**
 * lend_spec_unref() - drop a reference to a parsed string
 * @spec: parsed string, or NULL
 *
 * The last reference frees it, and the strings borrowed from it.
 *
 * Returns: NULL, for `spec = lend_spec_unref(spec)`. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_spec *lend_spec_unref(struct lend_spec *spec);

/**
 * lend_spec_driver() - get the driver of a parsed string
 * @spec: parsed string
 *
 * Returns: the driver's name, such as "vfio-pci"; borrowed. Cannot fail.
 *
 * Since: 0.1
 */
const char *lend_spec_driver(const struct lend_spec *spec);

/**
 * lend_spec_get() - get the value of a property as it was typed
 * @spec: parsed string
 * @name: name of the property, such as "addr"
 *
 * Returns: the value, with single commas for double ones, borrowed; NULL if the
 * property was not given. Cannot fail.
 *
 * Since: 0.1
 */
const char *lend_spec_get(const struct lend_spec *spec, const char *name);

/**
 * lend_spec_get_bool() - get the value of an on/off property
 * @spec:     parsed string
 * @name:     name of the property
 * @fallback: result if the property was not given
 *
 * Returns: true if it is on. Cannot fail.
 *
 * Since: 0.1
 */
bool lend_spec_get_bool(const struct lend_spec *spec, const char *name,
			bool fallback);

/**
 * lend_spec_locate() - find the host device that a parsed string names
 * @spec:    parsed string
 * @address: receives the device, with one reference; lend_address_unref() drops
 *           it
 *
 * Where several properties name a device, the first of `fd`, `sysfsdev`, `mdev`
 * and `host` is used; a warning is logged for each other one that names another
 * device, or none. The device of an `fd` is found by its device number.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: `fd` is not an open descriptor of a device's
 * node, or the string is that of a pcie-root-port;
 * -EINVAL, LEND_ERROR_WRONG_TYPE: the front end presents PCI devices and the
 * device is on the platform bus, or the reverse; the record has the right
 * string;
 * or as lend_address_find_host() and lend_address_find_path().
 *
 * Since: 0.1
 */
int lend_spec_locate(const struct lend_spec *spec,
		     struct lend_address **address);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
