/* SPDX-License-Identifier: MIT */
/* A PCI function as a guest sees it: configuration space and BARs. */
#ifndef LEND_PCI_H
#define LEND_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/device.h>
#include <lend/pci_ops.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_pci - a PCI function presented to a guest
 *
 * Opaque. Not reference-counted: lend_pci_free() frees it, while no other
 * thread uses it. All other functions may be called by several threads at once,
 * as by the processors of a virtual machine.
 *
 * Since: 0.1
 */
struct lend_pci;

/**
 * struct lend_pci_bar - a BAR, as the guest sees it
 * @size:         bytes, a power of two except for VGA ranges; 0 if the function
 *                does not have the BAR, and for the upper half of a 64-bit BAR
 * @io:           I/O ports; otherwise memory
 * @is_64bit:     the next BAR is its upper half
 * @prefetchable: may be placed in a prefetchable window
 *
 * Made by the library alone; may grow at its end.
 *
 * Since: 0.1
 */
struct lend_pci_bar {
	uint64_t size;
	bool io;
	bool is_64bit;
	bool prefetchable;
};

/** BAR number of the expansion ROM; 0 to 5 are the BARs. Since: 0.1 */
#define LEND_PCI_BAR_ROM 6
/** BAR number of the VGA memory, 0xa0000 to 0xbffff. Since: 0.1 */
#define LEND_PCI_BAR_VGA_MEMORY 7
/** BAR numbers of VGA ports 0x3b0 to 0x3bb, 0x3c0 to 0x3df. Since: 0.1 */
#define LEND_PCI_BAR_VGA_PORTS_LOW  8
#define LEND_PCI_BAR_VGA_PORTS_HIGH 9

/** All BAR numbers are less than this. Never changes. Since: 0.1 */
#define LEND_PCI_BARS 10

/** All window numbers are less than this. Never changes. Since: 0.1 */
#define LEND_PCI_WINDOWS 32

/** Bytes of a function's configuration space. Since: 0.1 */
#define LEND_PCI_CONFIG_SIZE 4096

/** Bits of @given in struct lend_pci_ids: which numbers are replaced.
 * Since: 0.1 */
#define LEND_PCI_ID_VENDOR     (1u << 0)
#define LEND_PCI_ID_DEVICE     (1u << 1)
#define LEND_PCI_ID_SUB_VENDOR (1u << 2)
#define LEND_PCI_ID_SUB_DEVICE (1u << 3)
#define LEND_PCI_ID_CLASS      (1u << 4)

/**
 * struct lend_pci_ids - numbers by which drivers recognize a function
 * @given:      LEND_PCI_ID_*: members that replace the device's own numbers
 * @vendor:     vendor ID, 1 to 0xfffe
 * @device:     device ID
 * @sub_vendor: subsystem vendor ID
 * @sub_device: subsystem device ID
 * @class_code: class code of 24 bits: class, subclass and programming
 *              interface, such as 0x020000
 *
 * Never grows: struct lend_pci_options contains it.
 *
 * Since: 0.1
 */
struct lend_pci_ids {
	unsigned int given;
	uint16_t vendor;
	uint16_t device;
	uint16_t sub_vendor;
	uint16_t sub_device;
	uint32_t class_code;
};

/** The largest expansion ROM, in bytes. Since: 0.1 */
#define LEND_PCI_ROM_MAX (1u << 24)

/**
 * struct lend_pci_options - options of a function presented to a guest
 * @size:          sizeof(struct lend_pci_options)
 * @rom:           expansion ROM image to show instead of the device's, or if it
 *                 has none; copied. NULL for the device's
 * @rom_size:      bytes of @rom, 1 to LEND_PCI_ROM_MAX; ignored without @rom
 * @rom_bar_size:  bytes of the ROM's BAR with @rom: a power of two, at least 2
 *                 KiB and @rom_size, at most LEND_PCI_ROM_MAX; 0 for the
 *                 smallest
 * @ids:           numbers to show instead of the device's own; the ROM's are
 *                 changed with them
 * @no_mmap_bars:  BARs whose accesses are all trapped; bit 0 is BAR 0
 * @gpudirect_clique: number of the clique, 0 to 15; the GPUs of one clique can
 *                 reach each other by DMA
 * @has_gpudirect_clique: show a capability with @gpudirect_clique to the driver
 *                 of an NVIDIA GPU
 * @no_mmap:       trap all BAR accesses instead of mapping BARs
 * @multifunction: set the multifunction bit of the header type
 * @below_port:    the function is below a root port of the guest, as a PCI
 *                 Express endpoint with a link; otherwise it is on the root
 *                 bus, as a root complex integrated endpoint
 * @no_rom:        show no expansion ROM
 * @rom_anyway:    show the device's expansion ROM even if it is known to do
 *                 harm
 * @p2p:           map BARs for DMA by the other devices of the address space,
 *                 at the guest's addresses. If the kernel or the IOMMU cannot,
 *                 a warning is logged once. Trapped parts, and BARs smaller
 *                 than a page, are not mapped
 * @vga:           present the VGA ranges, which have no BAR, while the guest
 *                 has enabled memory or I/O
 * @no_nvidia_quirks: leave out the quirks of NVIDIA graphics cards that trap
 *                 parts of their BARs
 * @no_opregion:   do not offer the OpRegion of Intel graphics:
 *                 lend_pci_opregion_size() is 0
 * @reserved:      0
 *
 * Since: 0.1
 */
struct lend_pci_options {
	size_t size;
	const void *rom;
	size_t rom_size;
	uint64_t rom_bar_size;
	struct lend_pci_ids ids;
	unsigned int no_mmap_bars;
	unsigned int gpudirect_clique;
	bool has_gpudirect_clique;
	bool no_mmap;
	bool multifunction;
	bool below_port;
	bool no_rom;
	bool rom_anyway;
	bool p2p;
	bool vga;
	bool no_nvidia_quirks;
	bool no_opregion;
	uint8_t reserved[6];
};

/**
 * lend_pci_new() - present an open device to a guest
 * @device:  PCI device; the function takes a reference to it
 * @options: options, or NULL for the defaults
 * @ops:     operations of the virtual machine; copied
 * @opaque:  first argument of the operations
 * @pci:     receives the function; lend_pci_free() frees it
 *
 * Reads the device's configuration space, and builds the guest's view of it
 * from a policy table: what is not listed there cannot be written. Maps the
 * BARs that can be mapped into this process. The function is then as after a
 * reset: no BAR is decoded and no interrupt enabled. The device is not reset
 * here, as the kernel reset it when it was opened. Calls none of @ops.
 *
 * A virtual machine without firmware places BARs and sets the interrupt line
 * itself, by lend_pci_config_write(), as firmware would.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: an option is out of range, an operation is
 * NULL, or the size of either structure is not set; the record says which;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options or @ops has a member set that this
 * library does not know;
 * -EINVAL, LEND_ERROR_WRONG_TYPE: not a PCI device;
 * -EOPNOTSUPP, LEND_ERROR_ARGUMENT: VGA ranges are wanted, and VFIO offers none
 * for the device; or a GPUDirect clique is wanted, and the device is not an
 * NVIDIA GPU or has no room for it; the record has the remedy;
 * -EBADMSG, LEND_ERROR_DEVICE: header, capability list or BARs are invalid; the
 * record says which; reset the device, or power the host off and on;
 * -ENOTSUP, LEND_ERROR_NO_IOMMU: a virtio device whose DMA bypasses the IOMMU;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno, LEND_ERROR_SYSTEM: configuration space cannot be read.
 *
 * Since: 0.1. Source: PCI Local Bus 3.0 chapter 6, PCI Express Base 5.0 chapter
 * 7.
 */
int lend_pci_new(struct lend_device *device,
		 const struct lend_pci_options *options,
		 const struct lend_pci_ops *ops, void *opaque,
		 struct lend_pci **pci);

/**
 * lend_pci_free() - withdraw a function from the guest and free it
 * @pci: function, or NULL
 *
 * Disables interrupts, unmaps windows, drops BARs, disables bus mastering, and
 * drops the reference to the device, which the kernel resets when it is closed.
 * Calls operations. No other thread may use the function.
 *
 * Since: 0.1
 */
void lend_pci_free(struct lend_pci *pci);

/**
 * lend_pci_stop() - stop a function, as when the machine is powered off
 * @pci: function
 *
 * Does what lend_pci_reset() does, without resetting the device: interrupts are
 * disabled, no BAR is decoded or mapped, bus mastering is disabled, and the
 * guest's view of configuration space is as after lend_pci_new(). For a virtual
 * machine that is about to end: if it is started again, call lend_pci_reset()
 * before the guest runs. Calls operations.
 *
 * Since: 0.1
 */
void lend_pci_stop(struct lend_pci *pci);

/**
 * lend_pci_reset() - reset a function, as when the machine is reset
 * @pci: function
 *
 * Stops the function as lend_pci_stop() does, and resets the device by the
 * first of these that works: a quirk's reset, if the device has none of its
 * own; the device's own reset; a hot reset of its slot or bus, if that affects
 * no other open function; a change of its power state. Where the kernel reports
 * the order of the device's reset methods, the first of them decides whether
 * the device's own reset is a mere change of the power state. A device without
 * any reset has bus mastering disabled, and a warning is logged that names what
 * prevents a hot reset.
 *
 * INTx is connected again when the guest enables the function. Calls
 * operations.
 *
 * Returns: 0, also for a device without any reset; or the -errno of the reset
 * that failed, LEND_ERROR_DEVICE, after which the function is stopped even so.
 *
 * Since: 0.1. Source: Documentation/ABI/testing/sysfs-bus-pci, reset_method.
 */
int lend_pci_reset(struct lend_pci *pci);

/**
 * lend_pci_reset_all() - reset all functions of a virtual machine
 * @functions: functions, all of one context
 * @count:     entries of @functions
 *
 * As lend_pci_reset() of each, except that a hot reset may affect all of
 * @functions, and one that affects several is done once. The processors of the
 * virtual machine must not run. Calls operations.
 *
 * Returns: 0, or
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory; all functions are stopped,
 * none is reset;
 * or another -errno, LEND_ERROR_DEVICE, of the last reset that failed; each
 * failure is logged as a warning, and the other functions are reset even so.
 *
 * Since: 0.1
 */
int lend_pci_reset_all(struct lend_pci *const *functions, unsigned int count);

/**
 * lend_pci_reset_all_by() - reset all functions in parallel
 * @functions: functions, all of one context
 * @count:     entries of @functions
 * @run:       calls @work(@task, i) once for each i below its @count, in any
 *             order and on any threads, and returns when all calls have; or
 *             NULL
 * @opaque:    first argument of @run
 *
 * As lend_pci_reset_all(), except that functions whose resets affect no other
 * are reset in @work: each waits for a tenth of a second or more. All else is
 * done by the caller's thread, before and after that.
 *
 * Returns: as lend_pci_reset_all().
 *
 * Since: 0.1
 */
int lend_pci_reset_all_by(struct lend_pci *const *functions, unsigned int count,
			  void (*run)(void *opaque, size_t count,
				      void (*work)(void *task, size_t i),
				      void *task),
			  void *opaque);

/**
 * lend_pci_retry() - place the BARs that were refused before
 * @pci: function
 *
 * Calls bar_place() again for each BAR that the guest has placed and enabled,
 * and that bar_place() refused. Call it for every function of the virtual
 * machine after something was removed that may have been in the way: above all
 * each time that lend_pci_config_write() or lend_pci_bar_write() returns true.
 * Without it a guest that moves a BAR into a range that another has just left
 * finds the BAR unmapped. Calls operations.
 *
 * Since: 0.1
 */
void lend_pci_retry(struct lend_pci *pci);

/**
 * lend_pci_config_read() - read configuration space, for the guest
 * @pci:    function
 * @offset: bytes, a multiple of @size
 * @size:   1, 2 or 4 bytes
 *
 * Emulated registers take no system call, except the pending bits of MSI;
 * others take one. Makes no record of a failure.
 *
 * Returns: the value, in its low bits; all ones if the access is not aligned,
 * of another size or not within LEND_PCI_CONFIG_SIZE, or if the device cannot
 * be read.
 *
 * Since: 0.1
 */
uint32_t lend_pci_config_read(struct lend_pci *pci, unsigned int offset,
			      unsigned int size);

/**
 * lend_pci_config_write() - write configuration space, for the guest
 * @pci:    function
 * @offset: bytes, a multiple of @size
 * @size:   1, 2 or 4 bytes
 * @value:  value to write, in its low bits
 *
 * Only bits that the policy table permits have an effect; those that concern
 * the device are written to it with one system call. Windows are unmapped
 * before the device stops decoding, and mapped after it has started. A
 * function-level reset by the guest resets the device by its own reset, and
 * affects nothing else. An access that is not aligned, of another size or not
 * within LEND_PCI_CONFIG_SIZE has no effect.
 *
 * Calls operations. Makes no record of a failure: what a guest can cause is
 * logged, once.
 *
 * Returns: true if a BAR was dropped; see lend_pci_retry(). Cannot fail.
 *
 * Since: 0.1
 */
bool lend_pci_config_write(struct lend_pci *pci, unsigned int offset,
			   unsigned int size, uint32_t value);

/**
 * lend_pci_bar_read() - read from a BAR, for the guest, where no window is
 * mapped
 * @pci:    function
 * @bar:    BAR number, less than LEND_PCI_BARS
 * @offset: bytes from the start of the BAR
 * @data:   receives the bytes, little-endian
 * @size:   1 to 8 bytes; nothing is stored for a larger size
 *
 * The bytes are all ones if the access is not within the BAR, or if the device
 * cannot be read. The MSI-X table and its pending bits are emulated. The
 * expansion ROM is read from the device once, at the first access. Makes no
 * record of a failure.
 *
 * Since: 0.1
 */
void lend_pci_bar_read(struct lend_pci *pci, unsigned int bar, uint64_t offset,
		       void *data, unsigned int size);

/**
 * lend_pci_bar_write() - write to a BAR, for the guest, where no window is
 * mapped
 * @pci:    function
 * @bar:    BAR number, less than LEND_PCI_BARS
 * @offset: bytes from the start of the BAR
 * @data:   bytes to write, little-endian
 * @size:   1 to 8 bytes; nothing is written for another size
 *
 * An access that is not within the BAR, or to the expansion ROM, has no effect.
 * Calls operations, as for the MSI-X table and quirks. Makes no record of a
 * failure.
 *
 * Returns: true if a BAR was dropped, as a quirk can do. Cannot fail.
 *
 * Since: 0.1
 */
bool lend_pci_bar_write(struct lend_pci *pci, unsigned int bar, uint64_t offset,
			const void *data, unsigned int size);

/**
 * lend_pci_bar() - get the size and the kind of a BAR
 * @pci: function
 * @bar: BAR number, less than LEND_PCI_BARS
 *
 * Returns: the BAR, borrowed, never NULL; its size is 0 if the function does
 * not have it. Cannot fail.
 *
 * Since: 0.1
 */
const struct lend_pci_bar *lend_pci_bar(const struct lend_pci *pci,
					unsigned int bar);

/**
 * lend_pci_name() - get the name of a function's device
 * @pci: function
 *
 * Returns: lend_device_name() of the device, borrowed. Cannot fail.
 *
 * Since: 0.1
 */
const char *lend_pci_name(const struct lend_pci *pci);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
