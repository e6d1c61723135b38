/* SPDX-License-Identifier: MIT */
/* `-device` strings: which front end presents which host device, and how. */
#ifndef LEND_SPEC_H
#define LEND_SPEC_H

#include <lend/address.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_spec - a parsed `-device` string
 *
 * Opaque, reference-counted, immutable.
 *
 * Since: 0.1
 */
struct lend_spec;

/**
 * lend_spec_parse() - parse DRIVER[,PROPERTY=VALUE]...
 * @ctx:  context
 * @text: as QEMU's -device: "vfio-pci,host=02:00.0"; ",," stands for a comma
 *        in a value; a property without '=' is "on", with "no" before its
 *        name "off", where it is on or off at all
 * @spec: receives the result, with one reference
 *
 * Front ends are vfio-pci, and vfio-platform, vfio-amd-xgbe and
 * vfio-calxeda-xgmac. A device is named by host=, sysfsdev=, mdev=UUID or
 * fd=NUMBER with iommufd=ID. A pcie-root-port is the machine's own, and names
 * none. What dt-drop= is given again is added to what it was given before,
 * after a ':'. Nothing outside the string is looked at.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: unknown driver or property (the record names
 * the nearest known one), a value that its property does not take, another
 * property twice, no device named, or fd= without iommufd=.
 *
 * Since: 0.1. Source: QEMU's qemu(1), -device.
 */
int lend_spec_parse(struct lend_ctx *ctx, const char *text,
		    struct lend_spec **spec);

/**
 * lend_spec_check_known() - insist that each property given is heeded
 * @spec:  parsed string
 * @names: the properties that the caller heeds
 * @count: how many
 *
 * The library knows more properties than a machine may implement. A property
 * that asks for something and is ignored would deceive whoever wrote it.
 *
 * Returns: 0, or -EINVAL, LEND_ERROR_ARGUMENT: another was given; the record
 * names it.
 *
 * Since: 0.1
 */
int lend_spec_check_known(const struct lend_spec *spec,
			  const char *const *names, unsigned int count);

/**
 * lend_spec_ref() - take a reference
 * @spec: parsed string
 *
 * Returns: @spec; lend_spec_unref() drops the reference. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_spec *lend_spec_ref(struct lend_spec *spec);

/**
 * lend_spec_unref() - drop a reference
 * @spec: parsed string, or NULL
 *
 * The last one frees it, and what was borrowed from it.
 *
 * Returns: NULL, for `spec = lend_spec_unref(spec)`. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_spec *lend_spec_unref(struct lend_spec *spec);

/**
 * lend_spec_driver() - the front end's name, such as "vfio-pci"
 * @spec: parsed string
 *
 * Returns: a borrowed string.
 *
 * Since: 0.1
 */
const char *lend_spec_driver(const struct lend_spec *spec);

/**
 * lend_spec_get() - a property's value as it was typed
 * @spec: parsed string
 * @name: property, such as "addr"
 *
 * Returns: the value without the ",," escapes, borrowed; NULL where the
 * property was not given.
 *
 * Since: 0.1
 */
const char *lend_spec_get(const struct lend_spec *spec, const char *name);

/**
 * lend_spec_get_bool() - an on/off property's value
 * @spec:     parsed string
 * @name:     property
 * @fallback: what it is when it was not given
 *
 * Returns: whether it is on.
 *
 * Since: 0.1
 */
bool lend_spec_get_bool(const struct lend_spec *spec, const char *name,
			bool fallback);

/**
 * lend_spec_locate() - find the host device that a string names
 * @spec:    parsed string
 * @address: receives the device, with one reference
 *
 * @fd wins over @sysfsdev, that over @mdev, that over @host; where one that
 * loses names another device, a warning is logged. The device of an @fd is
 * found by the number of its node.
 *
 * Returns: as lend_address_find_host() and lend_address_find_path(), or
 * -EINVAL, LEND_ERROR_ARGUMENT: @fd is no open descriptor of a device, or the
 * string is that of a pcie-root-port, which is none;
 * -EINVAL, LEND_ERROR_WRONG_TYPE: the device is on the platform bus and the
 * front end presents PCI devices, or the other way round; the record has the
 * right spelling.
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
