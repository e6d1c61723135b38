/* SPDX-License-Identifier: MIT */
/* The KVM side of a lent device: guest addresses, memory slots, interrupts. */
#ifndef LEND_KVM_H
#define LEND_KVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/pci.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct kvm_irq_routing_entry;

/**
 * struct lend_kvm - KVM's virtual machine, as far as lent devices use it
 *
 * Opaque, one for each virtual machine. Not reference-counted: lend_kvm_free()
 * frees it, while no other thread uses it. All other functions may be called by
 * several threads at once.
 *
 * Holds what KVM keeps as one table for the whole machine and what lent devices
 * therefore share: the owners of guest addresses, numbers of memory slots, and
 * routes of interrupts.
 *
 * Since: 0.1
 */
struct lend_kvm;

/**
 * struct lend_kvm_pci - the KVM side of a PCI function presented to a guest
 *
 * Opaque. Not reference-counted: lend_kvm_pci_free() frees it, while no other
 * thread uses it. It is the first argument of the operations that
 * lend_kvm_pci_ops() returns.
 *
 * Since: 0.1
 */
struct lend_kvm_pci;

/** All GSIs, and all routes, are fewer than this. Since: 0.1. Source:
 * KVM_SET_GSI_ROUTING in Documentation/virt/kvm/api.rst. */
#define LEND_KVM_GSIS 4096

/**
 * struct lend_kvm_options - what a virtual machine shares with lent devices
 * @size:        sizeof(struct lend_kvm_options)
 * @slot:        returns the number of a memory slot that nothing else uses, or
 *               -errno: that of lend_kvm_map() then. It may not return a number
 *               twice: a number is kept for further mappings, and is the
 *               caller's again after lend_kvm_free(). NULL: the machine has no
 *               slots of its own, and those from 0 are used, as many as KVM has
 * @gsi:         returns a GSI less than LEND_KVM_GSIS that nothing else uses,
 *               or -errno, as @slot. NULL: those after the highest in @routes
 * @opaque:      first argument of @slot and @gsi
 * @routes:      the machine's own entries of the routing table; copied. NULL
 *               for those that KVM creates with its interrupt controllers: on
 *               x86 the pins of both PICs and of the I/O APIC, on arm64 the
 *               first 256 shared peripheral interrupts of the GIC
 * @route_count: entries of @routes, at most LEND_KVM_GSIS; ignored without it
 * @reserved:    0
 *
 * @slot and @gsi are called with a lock held, and must not call a function of
 * this header.
 *
 * Since: 0.1
 */
struct lend_kvm_options {
	size_t size;
	int (*slot)(void *opaque);
	int (*gsi)(void *opaque);
	void *opaque;
	const struct kvm_irq_routing_entry *routes;
	unsigned int route_count;
	uint8_t reserved[4];
};

/**
 * lend_kvm_new() - prepare a virtual machine for lent devices
 * @ctx:     context; the result takes a reference to it
 * @vm_fd:   descriptor of the virtual machine, borrowed; must be open until
 *           lend_kvm_free(). -1 for a plan without KVM: addresses can be
 *           claimed, and all that requires KVM fails with -EBADF
 * @options: options, or NULL for the defaults
 * @kvm:     receives the result; lend_kvm_free() frees it
 *
 * Takes no system call. Create it before the first device is opened, as
 * lend_kvm_file() requires it.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @options->size is not the structure's size, or
 * a GSI or the number of @options->routes is out of range;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know;
 * -ENOTSUP, LEND_ERROR_ARGUMENT: KVM's own routes on this processor
 * architecture are unknown; set @options->routes;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory.
 *
 * Since: 0.1. Source: Documentation/virt/kvm/api.rst.
 */
int lend_kvm_new(struct lend_ctx *ctx, int vm_fd,
		 const struct lend_kvm_options *options, struct lend_kvm **kvm);

/**
 * lend_kvm_free() - free what lend_kvm_new() made
 * @kvm: virtual machine, or NULL
 *
 * Free each struct lend_kvm_pci, and close the devices that lend_kvm_file() was
 * given to, before. Memory slots, routes and eventfds stay in KVM until the
 * virtual machine is closed.
 *
 * Since: 0.1
 */
void lend_kvm_free(struct lend_kvm *kvm);

/**
 * lend_kvm_file() - register a VFIO file with KVM, or withdraw it
 * @opaque: a struct lend_kvm
 * @fd:     group or device, see lend_device_kvm_fd()
 * @add:    register; otherwise withdraw
 *
 * For @kvm_file of struct lend_device_options, with the struct lend_kvm as
 * @opaque there. KVM requires the file for two purposes: it honours the guest's
 * WBINVD if there is DMA that is not coherent, and drivers of mediated devices
 * access the guest through it. Most devices work without, so that a failure is
 * logged as a warning only.
 *
 * KVM's VFIO device is created for the first file and closed after the last, as
 * it would keep the virtual machine alive.
 *
 * Since: 0.1. Source: Documentation/virt/kvm/devices/vfio.rst.
 */
void lend_kvm_file(void *opaque, int fd, bool add);

/**
 * lend_kvm_claim() - claim guest-physical addresses
 * @kvm:   virtual machine
 * @base:  first address
 * @size:  bytes; @base + @size is at most 2^64
 * @owner: name for messages, borrowed until lend_kvm_release()
 * @other: receives the owner of a claim that overlaps, borrowed from it; or
 *         NULL
 *
 * Each address has one owner. Claim RAM, interrupt controllers and all other
 * ranges of the virtual machine, and what is beyond the guest's address bits,
 * before the guest runs: a BAR that a guest places there is refused. The
 * operations of lend_kvm_pci_ops() claim and release BARs.
 *
 * Makes no record of a failure, as the guest can cause it.
 *
 * Returns: 0, or
 * -EINVAL: empty, or beyond 2^64;
 * -EEXIST: overlaps the claim of @other;
 * -ENOMEM: not enough memory.
 *
 * Since: 0.1
 */
int lend_kvm_claim(struct lend_kvm *kvm, uint64_t base, uint64_t size,
		   const char *owner, const char **other);

/**
 * lend_kvm_place() - claim free guest-physical addresses in a window
 * @kvm:         virtual machine
 * @window:      first address of the window
 * @window_size: bytes of the window
 * @size:        bytes to claim
 * @owner:       as for lend_kvm_claim()
 * @base:        receives the first address: the lowest that is free and a
 *               multiple of @size, rounded up to a power of two. If @size is
 *               not such a power itself, gaps between many claims that are
 *               hardly long enough may be passed
 *
 * Makes no record of a failure.
 *
 * Returns: 0, or
 * -EINVAL: @size is 0 or more than 2^63;
 * -ENOSPC: no room in the window, or it is empty or goes beyond 2^64;
 * -ENOMEM: not enough memory.
 *
 * Since: 0.1
 */
int lend_kvm_place(struct lend_kvm *kvm, uint64_t window, uint64_t window_size,
		   uint64_t size, const char *owner, uint64_t *base);

/**
 * lend_kvm_release() - release a claim
 * @kvm:  virtual machine
 * @base: first address of a claim; nothing happens if there is none
 *
 * Unmap what was mapped in it before. A BAR may wait for the range: see
 * lend_pci_retry().
 *
 * Since: 0.1
 */
void lend_kvm_release(struct lend_kvm *kvm, uint64_t base);

/** Memory that the guest can only read: its writes are exits. Since: 0.1 */
#define LEND_KVM_READ_ONLY (1u << 0)
/**
 * The claim is smaller than the page that is mapped: while another claim
 * overlaps the page, the memory slot is removed from KVM, so that accesses are
 * exits. Since: 0.1
 */
#define LEND_KVM_LONE (1u << 1)

/**
 * lend_kvm_map() - map memory of this process for the guest
 * @kvm:   virtual machine
 * @base:  guest-physical address, a multiple of the page size; in a claim
 * @size:  bytes, a multiple of the page size; one page with LEND_KVM_LONE
 * @host:  the memory, aligned to a page; must stay mapped until
 *         lend_kvm_unmap() or the end of the virtual machine
 * @flags: LEND_KVM_READ_ONLY, LEND_KVM_LONE, or 0
 *
 * One ioctl; none with LEND_KVM_LONE while another claim overlaps. KVM is asked
 * for its number of slots (KVM_CAP_NR_MEMSLOTS) when 509 are in use. Makes no
 * record of a failure; the first one of KVM's or of @slot in struct
 * lend_kvm_options is logged as a warning. A virtual machine whose RAM has
 * slots already does not require this: its BARs are mapped by
 * lend_kvm_pci_ops().
 *
 * Returns: the number of the memory slot, or
 * -EINVAL: empty, beyond 2^64, not whole pages, or an unknown flag;
 * -ENOSPC: no slot is left;
 * -ENOMEM: not enough memory;
 * or another -errno of KVM or of @slot in struct lend_kvm_options; -EEXIST: a
 * slot of the virtual machine overlaps.
 *
 * Since: 0.1. Source: KVM_SET_USER_MEMORY_REGION in
 * Documentation/virt/kvm/api.rst.
 */
int lend_kvm_map(struct lend_kvm *kvm, uint64_t base, uint64_t size,
		 const void *host, unsigned int flags);

/**
 * lend_kvm_unmap() - remove memory from the guest
 * @kvm:  virtual machine
 * @slot: result of lend_kvm_map(); any other number is ignored
 *
 * When it returns, no processor of the guest can reach the memory. One ioctl.
 *
 * Since: 0.1
 */
void lend_kvm_unmap(struct lend_kvm *kvm, int slot);

/**
 * lend_kvm_irqfd_add() - let an eventfd raise an interrupt of the guest
 * @kvm:      virtual machine
 * @gsi:      GSI
 * @fd:       eventfd; an event that it holds already is raised at once
 * @resample: eventfd that KVM signals at the guest's EOI, or -1. With it, an
 *            event asserts the line until then; without, it is one edge
 *
 * Several eventfds may share a line. One ioctl. Makes no record of a failure,
 * as the guest can cause it.
 *
 * Returns: 0, or -errno of KVM, such as
 * -EINVAL: KVM has no interrupt controllers, or cannot resample;
 * -EBUSY: @fd raises an interrupt of this virtual machine already.
 *
 * Since: 0.1. Source: KVM_IRQFD in Documentation/virt/kvm/api.rst.
 */
int lend_kvm_irqfd_add(struct lend_kvm *kvm, unsigned int gsi, int fd,
		       int resample);

/**
 * lend_kvm_irqfd_remove() - undo lend_kvm_irqfd_add()
 * @kvm: virtual machine
 * @gsi: GSI
 * @fd:  eventfd, still open
 *
 * What is signalled from now on stays in the eventfd. One ioctl.
 *
 * Since: 0.1
 */
void lend_kvm_irqfd_remove(struct lend_kvm *kvm, unsigned int gsi, int fd);

/**
 * lend_kvm_set_routes() - replace the virtual machine's own routes
 * @kvm:    virtual machine
 * @routes: entries of the routing table, copied
 * @count:  entries of @routes
 *
 * KVM has one routing table, which is always set as a whole and cannot be read.
 * The table is therefore made here: the virtual machine's own entries first, in
 * the given order, then those of the messages of lent devices. Use this instead
 * of KVM_SET_GSI_ROUTING once lend_kvm_new() was called, whenever the own
 * entries change. One ioctl. Makes no record of a failure.
 *
 * Returns: 0, or -errno, after which the table is as it was:
 * -EINVAL: the GSI of an entry is not less than LEND_KVM_GSIS, or is one that
 * @gsi in struct lend_kvm_options returned; or KVM refuses an entry;
 * -ENOSPC: more than LEND_KVM_GSIS entries, with those of lent devices;
 * -ENOMEM: not enough memory;
 * or another -errno of KVM.
 *
 * Since: 0.1. Source: KVM_SET_GSI_ROUTING in Documentation/virt/kvm/api.rst.
 */
int lend_kvm_set_routes(struct lend_kvm *kvm,
			const struct kvm_irq_routing_entry *routes,
			unsigned int count);

/**
 * struct lend_kvm_pci_options - what a virtual machine adds for a function
 * @size:      sizeof(struct lend_kvm_pci_options)
 * @pci:       where lend_pci_new() stores the function; read by each operation,
 *             which lend_pci_new() calls none of
 * @bar_place: have exits in the BAR's range call lend_pci_bar_read() and
 *             lend_pci_bar_write(); arguments and result as for bar_place() of
 *             struct lend_pci_ops. Memory was claimed by now. Ports are less
 *             than 0x10000, but not claimed: refuse those of the virtual
 *             machine itself, or look for its own devices first
 * @bar_drop:  undo @bar_place
 * @intx_gsi:  returns the GSI of the function's INTx line, by its place and
 *             lend_pci_pin(), or -errno. NULL: the function has no INTx
 * @requester: returns the bus, device and function number of the function's
 *             messages, which a GIC's ITS requires: bus << 8 | device << 3 |
 *             function. NULL: messages have none, as on x86
 * @opaque:    first argument of the others
 *
 * The callbacks are bound by the rules of struct lend_pci_ops, and may call
 * lend_kvm_claim() and all functions of this header that use a struct lend_kvm.
 *
 * Since: 0.1
 */
struct lend_kvm_pci_options {
	size_t size;
	struct lend_pci *const *pci;
	int (*bar_place)(void *opaque, unsigned int bar, uint64_t base);
	void (*bar_drop)(void *opaque, unsigned int bar);
	int (*intx_gsi)(void *opaque);
	uint32_t (*requester)(void *opaque);
	void *opaque;
};

/**
 * lend_kvm_pci_new() - prepare the KVM side of a PCI function
 * @kvm:      virtual machine; must outlive the result
 * @device:   the open device, borrowed for this call
 * @options:  options
 * @function: receives the result; lend_kvm_pci_free() frees it
 *
 * Then call lend_pci_new() with lend_kvm_pci_ops() and @function. Takes no
 * system call.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @options->size is not the structure's size, or
 * @pci, @bar_place or @bar_drop is NULL;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory.
 *
 * Since: 0.1
 */
int lend_kvm_pci_new(struct lend_kvm *kvm, struct lend_device *device,
		     const struct lend_kvm_pci_options *options,
		     struct lend_kvm_pci **function);

/**
 * lend_kvm_pci_free() - free the KVM side of a PCI function
 * @function: function, or NULL; after lend_pci_free() of the function that uses
 *            it
 *
 * Since: 0.1
 */
void lend_kvm_pci_free(struct lend_kvm_pci *function);

/**
 * lend_kvm_pci_ops() - get the operations that present a function through KVM
 *
 * Pass them to lend_pci_new(), with a struct lend_kvm_pci as @opaque. BARs in
 * memory are claimed; windows become memory slots, and where a BAR is smaller
 * than a page, the page is mapped while nothing else is in it; INTx, MSI and
 * MSI-X go from VFIO to KVM by eventfd, and the EOI of INTx goes back.
 *
 * A route belongs to a message: vectors with the same message share it, and it
 * is kept for a while after its last vector, so that a guest which masks a
 * vector and unmasks it again costs one ioctl each. The least recently used
 * ones are replaced. An eventfd that KVM refuses leaves a vector as it was.
 *
 * An interrupt that cannot be unmasked by eventfd (@resample of intx_connect()
 * is -1, as of some mediated devices) is refused with -EOPNOTSUPP, and the
 * function has no INTx: a virtual machine that relays such a line itself passes
 * operations of its own to lend_pci_new(), which call these for all other
 * cases. So does one that relays messages for which no route is left (-ENOSPC).
 *
 * Returns: the operations, which are static. Cannot fail.
 *
 * Since: 0.1
 */
const struct lend_pci_ops *lend_kvm_pci_ops(void);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
