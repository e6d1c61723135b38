/* SPDX-License-Identifier: MIT */
/* Whether devices can be lent, and whether the host itself uses them. */
#ifndef LEND_CHECK_H
#define LEND_CHECK_H

#include <stdint.h>

#include <lend/address.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * enum lend_check_status - how a precondition stands
 *
 * Since: 0.1
 */
enum lend_check_status {
	LEND_CHECK_OK = 0,
	LEND_CHECK_WARNING = 1, /* cannot be told, or costs something */
	LEND_CHECK_FAILED = 2,  /* the device cannot be lent like this */
};

/**
 * struct lend_finding - how one precondition stands
 * @check:    what was looked at, a word that is stable across releases:
 *            "iommu", "type", "driver", "in-use", "member", "node", "holder",
 *            "framebuffer", "memory", "kvm"
 * @status:   how it stands
 * @code:     kind of failure; LEND_ERROR_NONE unless @status is
 *            LEND_CHECK_FAILED
 * @device:   device concerned; "" for the host as a whole
 * @what:     the fact, one line
 * @evidence: what was seen, lines separated by '\n'; "" if none
 * @remedy:   what to do, lines separated by '\n'; "" if nothing
 *
 * Made by the library alone, may grow at its end. More words for @check may be
 * added.
 *
 * Since: 0.1
 */
struct lend_finding {
	const char *check;
	enum lend_check_status status;
	enum lend_error_code code;
	const char *device;
	const char *what;
	const char *evidence;
	const char *remedy;
};

/**
 * struct lend_check_options - what is looked at, and who is told
 * @size:   sizeof(struct lend_check_options), so that it can grow
 * @memory: bytes of memory that the devices are to reach; 0 not to look at
 *          limits of memory
 * @found:  called for each precondition, in the order they matter; what it is
 *          given is valid until it returns; NULL for none
 * @opaque: first argument of @found
 *
 * Since: 0.1
 */
struct lend_check_options {
	size_t size;
	uint64_t memory;
	void (*found)(void *opaque, const struct lend_finding *finding);
	void *opaque;
};

/**
 * lend_check() - whether this user can lend devices to a virtual machine
 * @ctx:       context
 * @addresses: devices
 * @count:     how many
 * @options:   or NULL
 *
 * Looks, and changes nothing: opens no node of VFIO. Leaves the record of the
 * last failure alone.
 *
 * Returns: how many preconditions fail, 0 where the devices can be lent; or
 * -EINVAL, LEND_ERROR_ARGUMENT: @options->size is not set;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know.
 *
 * Since: 0.1
 */
int lend_check(struct lend_ctx *ctx, struct lend_address *const *addresses,
	       unsigned int count, const struct lend_check_options *options);

/**
 * lend_check_idle() - whether the host has no use for a device
 * @address: device
 *
 * Uses are: a file system that is mounted from it, swap, a device-mapper, RAID
 * or LVM volume on it, a process that has one of its nodes open, a network
 * interface that has an address or a route, or that belongs to a bridge, a bond
 * or another interface. Looks at what this process may see: other processes'
 * descriptors take root, and network interfaces in other namespaces are not
 * seen at all.
 *
 * Returns: 0, or -EBUSY, LEND_ERROR_IN_USE: the record's evidence has a line
 * for each use.
 *
 * Since: 0.1
 */
int lend_check_idle(const struct lend_address *address);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
