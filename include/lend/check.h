/* SPDX-License-Identifier: MIT */
/* Checks of whether devices can be lent, and whether the host uses them. */
#ifndef LEND_CHECK_H
#define LEND_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include <lend/address.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * enum lend_check_status - result of a check
 * @LEND_CHECK_OK:      the precondition is met
 * @LEND_CHECK_WARNING: it could not be checked, or has a cost
 * @LEND_CHECK_FAILED:  it is not met: the device cannot be lent like this
 *
 * Since: 0.1
 */
enum lend_check_status {
	LEND_CHECK_OK = 0,
	LEND_CHECK_WARNING = 1,
	LEND_CHECK_FAILED = 2,
};

/**
 * struct lend_finding - result of one check
 * @check:    word for the check, the same in all releases: "type", "chipset",
 *            "presentation", "vfio", "iommu", "direct", "remapping", "bypass",
 *            "driver", "in-use", "member", "node", "holder", "framebuffer",
 *            "memory" or "kvm"; later releases add words
 * @status:   result
 * @code:     kind of failure; LEND_ERROR_NONE unless @status is
 *            LEND_CHECK_FAILED
 * @device:   device concerned; "" for the host as a whole
 * @what:     the fact, one line
 * @evidence: what was seen, lines separated by '\n'; "" if nothing
 * @remedy:   what to do, lines separated by '\n'; "" if nothing
 *
 * Made by the library alone; may grow at its end.
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
 * struct lend_check_options - options of lend_check()
 * @size:   sizeof(struct lend_check_options)
 * @memory: bytes of memory that the devices will reach, which is compared with
 *          RLIMIT_MEMLOCK and with the available memory; 0 to skip that check
 * @found:  called for each check, the most important first; its finding is
 *          valid until it returns; NULL for none
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
 * lend_check() - check whether this user can lend devices to a virtual machine
 * @ctx:       context
 * @addresses: devices
 * @count:     entries of @addresses
 * @options:   options, or NULL for the defaults
 *
 * Changes nothing and opens no device. The node of a device's IOMMU group is
 * opened for a moment, as the kernel then reports whether it is in use; another
 * process that opens the group at that moment gets EBUSY. Besides the devices
 * it checks memory, if @options asks for that, and access to /dev/kvm.
 *
 * Failed checks make no record: the record of the last failure is saved before
 * and put back after the checks.
 *
 * Returns: the number of failed checks, 0 if the devices can be lent; or
 * -EINVAL, LEND_ERROR_ARGUMENT: @options->size is not the structure's size;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know.
 *
 * Since: 0.1
 */
int lend_check(struct lend_ctx *ctx, struct lend_address *const *addresses,
	       unsigned int count, const struct lend_check_options *options);

/**
 * lend_check_idle() - check that nothing uses a device
 * @address: device
 *
 * The kernel is asked. A device is in use if one of its disks or partitions
 * cannot be opened exclusively, as with a mount in any mount namespace, swap,
 * or a volume on it; if a file system is mounted from another of its nodes, or
 * over its virtio transport; if a process has one of its nodes open or mapped;
 * if its watchdog is armed, or it is a console of the kernel; if a network
 * interface of it has an address or a route, belongs to a bridge, a bond or
 * another interface, or is in another network namespace; or if a process has it
 * or its IOMMU group open through VFIO.
 *
 * A device is in use too if other devices exist only through its driver: its
 * virtual functions, mediated devices, and the PCI functions of a domain that
 * the driver makes; or if devices would lose their drivers with it. The
 * evidence names them and their uses, and the remedy the commands that remove
 * them.
 *
 * Disks are opened for a moment, and so is the node of the group of a device
 * that is bound to VFIO: another process that claims them at that moment gets
 * EBUSY.
 *
 * What this process cannot find out, such as the open files of other users'
 * processes, which root alone sees, is logged as a warning.
 *
 * Returns: 0, or
 * -EBUSY, LEND_ERROR_IN_USE: the host uses the device; the record's evidence
 * has a line for each use; end those first;
 * -EBUSY, LEND_ERROR_BUSY: it is bound to VFIO, and a process has it or its
 * group open; end that process.
 *
 * Since: 0.1
 */
int lend_check_idle(const struct lend_address *address);

/**
 * lend_check_begin() - begin checks that read the host once
 * @ctx: context
 *
 * Until lend_check_end(), lend_check() and lend_check_idle() of this thread
 * read once, for all devices, what does not belong to one of them: the open
 * files and mounts of processes, and where the entries of buses, classes and
 * IOMMU groups lead. For programs that look at all devices of a host: their
 * system calls grow with devices and processes, not with the product of both.
 *
 * What changes meanwhile is not seen: do not bind devices in between. Calls
 * nest. If another thread has begun, or without memory, nothing changes.
 *
 * Cannot fail.
 *
 * Since: 0.1
 */
void lend_check_begin(struct lend_ctx *ctx);

/**
 * lend_check_end() - end checks that read the host once
 * @ctx: context, for which this thread called lend_check_begin()
 *
 * Frees what was read. Once for each lend_check_begin(). Cannot fail.
 *
 * Since: 0.1
 */
void lend_check_end(struct lend_ctx *ctx);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
