/* SPDX-License-Identifier: MIT */
/* A lent PCI function as a guest sees it: configuration space, BARs,
 * interrupts.
 */
#ifndef LEND_PCI_H
#define LEND_PCI_H

#include <lend/device.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_pci - a PCI function presented to a guest
 *
 * Opaque. Its functions may be called by several threads at once.
 *
 * Since: 0.1
 */
struct lend_pci;

/**
 * struct lend_pci_bar - one BAR, as the guest finds it
 * @size:         bytes, a power of two but for VGA ranges; 0 where there is
 * none, as at the upper half of a 64-bit BAR
 * @io:           I/O ports, not memory
 * @is_64bit:     takes the next BAR as its upper half
 * @prefetchable: may be placed in a prefetchable window
 *
 * Since: 0.1
 */
struct lend_pci_bar {
	uint64_t size;
	bool io;
	bool is_64bit;
	bool prefetchable;
};

/**
 * struct lend_pci_ops - what a virtual machine does for a function
 * @size: sizeof(struct lend_pci_ops), so that it can grow
 *
 * @bar_place: the guest has put BAR @bar, LEND_PCI_BAR_ROM for the expansion
 *	ROM, at @base and decodes it; or it decodes one of the VGA ranges,
 *	LEND_PCI_BAR_VGA_*, each always at its place. Hand accesses that no
 *	window takes to lend_pci_bar_read() and lend_pci_bar_write(). Returns
 *	0, or -errno where nothing may be there (RAM, interrupt controllers,
 *	another BAR): the BAR then answers nowhere until the guest moves it or
 *	decodes anew, or lend_pci_retry().
 * @bar_drop: BAR @bar is no longer where it was placed.
 * @window_map: let the guest reach @size bytes at @vaddr, part of a BAR that
 *	was placed before, directly at guest-physical @base. @window numbers the
 *	function's windows from 0 and is less than LEND_PCI_WINDOWS. Returns 0,
 *	or -errno, after which accesses are trapped. Both are whole pages but
 *	for a BAR smaller than a page: then @base and @vaddr begin a page, @size
 *	is the BAR's, and nothing else is in the page on the host, so that it
 *	can be mapped whole while nothing else is in the guest's page.
 * @window_unmap: take window @window back.
 *
 * @intx_connect: wire the function's INTx line: @trigger asserts it, and the
 *	virtual machine signals @resample when the guest is done with it.
 *	@resample is -1 where the device cannot be unmasked by an eventfd: an
 *	index with LEND_IRQ_AUTOMASKED then wants lend_irq_unmask() when the
 *	guest is done, and one without fires again without being asked.
 *	Comes when the guest first switches the function on while neither MSI
 *	nor MSI-X is. Returns 0, or -errno, after which it has no INTx.
 * @intx_disconnect: undo it, with the same descriptors.
 *
 * @msi_connect: let eventfd @fd raise message (@address, @data) in the guest.
 *	@vector numbers the function's messages from 0. Called again with
 *	another message without msi_disconnect() between where the guest changes
 *	one. An event that @fd holds already must be raised too. Returns 0, or
 *	-errno, after which the vector is tried again when it is next unmasked.
 * @msi_disconnect: @fd no longer raises the message: the vector is masked.
 *	What its route costs is best kept, it is likely to come back.
 * @msi_release: vector @vector is out of use, free what it cost. Comes after
 *	msi_disconnect().
 *
 * All are called with the function's lock held, from the thread whose call
 * caused them, so they must not call back into the function, and no caller of
 * it may hold a lock of the machine's that they take.
 *
 * Since: 0.1
 */
struct lend_pci_ops {
	size_t size;

	int (*bar_place)(void *opaque, unsigned int bar, uint64_t base);
	void (*bar_drop)(void *opaque, unsigned int bar);
	int (*window_map)(void *opaque, unsigned int window, uint64_t base,
			  uint64_t size, void *vaddr);
	void (*window_unmap)(void *opaque, unsigned int window);

	int (*intx_connect)(void *opaque, int trigger, int resample);
	void (*intx_disconnect)(void *opaque, int trigger, int resample);

	int (*msi_connect)(void *opaque, unsigned int vector, int fd,
			   uint64_t address, uint32_t data);
	void (*msi_disconnect)(void *opaque, unsigned int vector, int fd);
	void (*msi_release)(void *opaque, unsigned int vector);
};

/** The expansion ROM where a BAR is asked for. Since: 0.1 */
#define LEND_PCI_BAR_ROM 6

/**
 * The VGA ranges where a BAR is asked for: memory from 0xa0000 to 0xbffff, and
 * the ports from 0x3b0 to 0x3bb and from 0x3c0 to 0x3df. Since: 0.1
 */
#define LEND_PCI_BAR_VGA_MEMORY     7
#define LEND_PCI_BAR_VGA_PORTS_LOW  8
#define LEND_PCI_BAR_VGA_PORTS_HIGH 9

/** Upper bound of the numbers of BARs and what is like them. Since: 0.1 */
#define LEND_PCI_BARS 10

/** Upper bound of a function's window numbers. Since: 0.1 */
#define LEND_PCI_WINDOWS 32

/** Bytes of a function's configuration space. Since: 0.1 */
#define LEND_PCI_CONFIG_SIZE 4096

/** Which numbers a struct lend_pci_ids gives. Since: 0.1 */
#define LEND_PCI_ID_VENDOR     (1u << 0)
#define LEND_PCI_ID_DEVICE     (1u << 1)
#define LEND_PCI_ID_SUB_VENDOR (1u << 2)
#define LEND_PCI_ID_SUB_DEVICE (1u << 3)
#define LEND_PCI_ID_CLASS      (1u << 4)

/**
 * struct lend_pci_ids - numbers that drivers know a function by
 * @given:      LEND_PCI_ID_*, those that are to be taken
 * @vendor:     1 to 0xfffe
 * @device:     of that vendor
 * @sub_vendor: of the card
 * @sub_device: of that vendor
 * @class_code: 24 bits: class, subclass and programming interface, as 0x020000
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
 * struct lend_pci_options - how a function is presented
 * @size:          sizeof(struct lend_pci_options), so that it can grow
 * @rom:           an expansion ROM's image to show instead of the device's, or
 *                 where it has none; copied. Or NULL
 * @rom_size:      bytes of @rom, 1 to LEND_PCI_ROM_MAX
 * @rom_bar_size:  bytes of the ROM's BAR with @rom, a power of two of at least
 *                 2 KiB, that @rom fits; 0: the least
 * @ids:           what is shown instead of the device's own numbers; its ROM's
 *                 are changed with them
 * @no_mmap_bars:  BARs whose accesses are trapped, a bit each: bit 0 is BAR 0
 * @gpudirect_clique: 0 to 15: those of the same number
 * @has_gpudirect_clique: show a capability that tells the driver of an NVIDIA
 *                 GPU which others it may reach by DMA
 * @no_mmap:       trap every BAR access instead of mapping BARs
 * @multifunction: set the multifunction bit of the header type
 * @below_port:    the guest's root port is above the function: it is a PCI
 *                 Express endpoint, with a link. Otherwise it is on the root
 *                 bus, and a part of the root complex
 * @no_rom:        show no expansion ROM
 * @rom_anyway:    show the device's expansion ROM also where it is known to do
 *                 harm
 * @p2p:           let all devices of the function's address space reach what
 *                 is mapped of its BARs, for DMA, at the guest's addresses.
 *                 Where the kernel or the IOMMU cannot, a warning is logged,
 *                 once. Parts that are trapped, and BARs smaller than a page,
 *                 are out of reach
 * @vga:           the function answers at the VGA ranges, which no BAR tells,
 *                 while the guest has memory or ports of it switched on
 * @no_nvidia_quirks: leave out those quirks of NVIDIA's graphics cards that
 *                 trap parts of their BARs
 * @no_opregion:   lend_pci_opregion_size() is 0
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
 * @device:  PCI device; the function takes a reference
 * @options: or NULL
 * @ops:     what the virtual machine does; copied
 * @opaque:  first argument of each
 * @pci:     receives the function; lend_pci_free() frees it
 *
 * Reads the device's configuration space, builds the guest's view of it by the
 * policy table (what is not listed cannot be written), maps what can be mapped
 * into this process, and leaves the function as after a reset: nothing decoded,
 * no interrupt on. The kernel reset the device when it was opened, so it is not
 * done again here. Calls none of @ops.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: an option is out of range, an operation is
 * NULL, or the size of either structure is not set;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options or @ops has a member set that this
 * library does not know;
 * -EINVAL, LEND_ERROR_WRONG_TYPE: not a PCI device;
 * -EOPNOTSUPP, LEND_ERROR_ARGUMENT: VGA ranges are asked for, and VFIO has none
 * of the device; or a GPUDirect clique, and it is no NVIDIA GPU or has no place
 * for it; the record has the remedy;
 * -EBADMSG, LEND_ERROR_DEVICE: header, capability list or BARs make no sense;
 * the record says which;
 * or another -errno, LEND_ERROR_SYSTEM or LEND_ERROR_MEMORY.
 *
 * Since: 0.1. Source: PCI Local Bus 3.0 chapter 6, PCI Express Base 5.0
 * chapter 7.
 */
int lend_pci_new(struct lend_device *device,
		 const struct lend_pci_options *options,
		 const struct lend_pci_ops *ops, void *opaque,
		 struct lend_pci **pci);

/**
 * lend_pci_free() - withdraw a function
 * @pci: function, or NULL
 *
 * Switches interrupts off, drops windows and BARs, switches bus mastering off
 * and drops the reference to the device, which the kernel resets when the last
 * one goes.
 *
 * Since: 0.1
 */
void lend_pci_free(struct lend_pci *pci);

/**
 * lend_pci_stop() - stop the function, as when the machine is switched off
 * @pci: function
 *
 * What lend_pci_reset() does, but for the reset of the device: interrupts off,
 * nothing decoded or mapped, bus mastering off, the guest's view of
 * configuration space as after lend_pci_new(). For when the virtual machine is
 * about to go: another one, or this one made anew, calls lend_pci_reset()
 * before its guest runs, and lend_pci_free() needs no reset.
 *
 * Since: 0.1
 */
void lend_pci_stop(struct lend_pci *pci);

/**
 * lend_pci_reset() - reset the function, as when the machine is reset
 * @pci: function
 *
 * Interrupts off, nothing decoded, awake, the device reset, the guest's view of
 * configuration space as after lend_pci_new(). The device is reset by the first
 * of these that works: its own reset; a hot reset of its slot or bus, where
 * that reaches no other function that is open; a change of its power state.
 * Where the kernel tells the order of the device's own methods, what is first
 * there decides whether its own reset is one of the power state. A device
 * without any has bus mastering switched off, and a warning is logged that
 * names what stands in the way of a hot reset.
 *
 * INTx comes back when the guest switches the function on again.
 *
 * Returns: 0, or -errno of the reset, LEND_ERROR_DEVICE; the guest's view is
 * reset even so.
 *
 * Since: 0.1. Source: Documentation/ABI/testing/sysfs-bus-pci, reset_method.
 */
int lend_pci_reset(struct lend_pci *pci);

/**
 * lend_pci_reset_all() - reset all functions of a machine
 * @functions: functions, all of one context
 * @count:     how many
 *
 * As lend_pci_reset() of each, for when the virtual machine is reset: a hot
 * reset may reach all of @functions, and one that reaches several is done once
 * for them all. The virtual machine's processors must not run.
 *
 * Returns: 0, or -errno of the last reset that failed; each is told in a
 * warning, and the others are done even so. -ENOMEM, LEND_ERROR_SYSTEM: none
 * was reset, all are stopped.
 *
 * Since: 0.1
 */
int lend_pci_reset_all(struct lend_pci *const *functions, unsigned int count);

/**
 * lend_pci_retry() - place BARs that were refused before
 * @pci: function
 *
 * Calls bar_place() for each BAR that the guest has where the virtual machine
 * would not. For when something went that may have stood in the way: call it on
 * every function of the machine after a bar_drop(), once the call that dropped
 * the BAR has returned, since it takes the function's lock.
 *
 * Since: 0.1
 */
void lend_pci_retry(struct lend_pci *pci);

/**
 * lend_pci_config_read() - guest reads configuration space
 * @pci:    function
 * @offset: bytes
 * @size:   1, 2 or 4 bytes
 *
 * An access that is not aligned to its size, of another size, or not within
 * LEND_PCI_CONFIG_SIZE reads all ones. What is emulated costs no system call,
 * the rest one.
 *
 * Returns: the value.
 *
 * Since: 0.1
 */
uint32_t lend_pci_config_read(struct lend_pci *pci, unsigned int offset,
			      unsigned int size);

/**
 * lend_pci_config_write() - guest writes configuration space
 * @pci:    function
 * @offset: bytes
 * @size:   1, 2 or 4 bytes
 * @value:  what is written, in the low bits
 *
 * Only bits that the policy table lets through have an effect; those that the
 * device sees reach it with one system call. Windows are taken back before the
 * device stops to decode and mapped after it has started. A function-level
 * reset by the guest is the device's own, and reaches nothing else. Accesses
 * that are not aligned to their size, of another size, or not within
 * LEND_PCI_CONFIG_SIZE have no effect.
 *
 * Since: 0.1
 */
void lend_pci_config_write(struct lend_pci *pci, unsigned int offset,
			   unsigned int size, uint32_t value);

/**
 * lend_pci_bar_read() - guest reads where no window is mapped
 * @pci:    function
 * @bar:    BAR
 * @offset: bytes from the BAR's start
 * @data:   receives the bytes, little-endian
 * @size:   1 to 8 bytes
 *
 * Reads all ones where there is nothing. The MSI-X table and pending bits are
 * emulated, wherever they are. The expansion ROM is read from the device once,
 * at the first access. Another size reads nothing.
 *
 * Since: 0.1
 */
void lend_pci_bar_read(struct lend_pci *pci, unsigned int bar, uint64_t offset,
		       void *data, unsigned int size);

/**
 * lend_pci_bar_write() - guest writes where no window is mapped
 * @pci:    function
 * @bar:    BAR
 * @offset: bytes from the BAR's start
 * @data:   the bytes, little-endian
 * @size:   1 to 8 bytes
 *
 * As lend_pci_bar_read(), the other way.
 *
 * Since: 0.1
 */
void lend_pci_bar_write(struct lend_pci *pci, unsigned int bar, uint64_t offset,
			const void *data, unsigned int size);

/**
 * lend_pci_bar() - a BAR's size and kind, for sizing windows
 * @pci: function
 * @bar: 0 to 5, or another LEND_PCI_BAR_*
 *
 * Returns: the BAR, borrowed; of size 0 where there is none. Never NULL.
 *
 * Since: 0.1
 */
const struct lend_pci_bar *lend_pci_bar(const struct lend_pci *pci,
					unsigned int bar);

/**
 * lend_pci_pin() - the function's interrupt pin
 * @pci: function
 *
 * Returns: 1 to 4 for INTA# to INTD#, 0 where it has none.
 *
 * Since: 0.1
 */
unsigned int lend_pci_pin(const struct lend_pci *pci);

/**
 * lend_pci_irq_index() - the kind of interrupt that the function uses now
 * @pci: function
 *
 * For msi_connect of struct lend_pci_ops, which is for MSI and MSI-X alike.
 * Outside those operations the guest may change it at any time.
 *
 * Returns: LEND_PCI_IRQ_INTX, LEND_PCI_IRQ_MSI or LEND_PCI_IRQ_MSIX, or -ENOENT
 * where the guest has none switched on.
 *
 * Since: 0.1
 */
int lend_pci_irq_index(const struct lend_pci *pci);

/**
 * lend_pci_name() - the device's name
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
