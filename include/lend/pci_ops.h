/* SPDX-License-Identifier: MIT */
/* Operations of the virtual machine for a PCI function that a guest sees. */
#ifndef LEND_PCI_OPS_H
#define LEND_PCI_OPS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_pci_message - an MSI or MSI-X message that the guest has set
 * @address: guest-physical address that the device writes to
 * @data:    value that it writes
 * @vector:  number of the message, as for msi_connect() of struct lend_pci_ops
 *
 * Made by the library alone; never grows: arrays of it are handed out.
 *
 * Since: 0.1
 */
struct lend_pci_message {
	uint64_t address;
	uint32_t data;
	uint32_t vector;
};

/**
 * struct lend_pci_ops - operations of the virtual machine for a function
 * @size: sizeof(struct lend_pci_ops)
 * @bar_place: the guest has placed BAR @bar at @base and enabled its decoding.
 *  From now on, accesses that no window takes go to lend_pci_bar_read() and
 *  lend_pci_bar_write(). @bar is a LEND_PCI_BAR_* or 0 to 5; lend_pci_bar() has
 *  its size and kind. @base is not 0 and a multiple of the size, except for VGA
 *  ranges, whose place is fixed. It is the guest's choice: that of an I/O BAR
 *  may be above 0xffff, and @base + size may be 2^64. Returns 0, or -errno if
 *  the range is not free (RAM, interrupt controllers, another BAR) or out of
 *  the machine's reach: the BAR is then left unmapped until the guest moves it,
 *  disables and enables its decoding, or lend_pci_retry() is called.
 * @bar_drop: BAR @bar, which bar_place() accepted, is no longer there. Its
 *  windows are unmapped by now. The range may be what a refused BAR of another
 *  function waits for: see lend_pci_retry().
 * @window_map: let the guest access @size bytes at @vaddr directly, at
 *  guest-physical address @base. They are part of a BAR that was just placed.
 *  @window is the window's number, the same for the function's whole life, and
 *  less than LEND_PCI_WINDOWS. @base, @size and @vaddr are multiples of the
 *  page size, except for a BAR smaller than a page: then @size is the BAR's,
 *  and nothing else is in the page on the host, so that the whole page can be
 *  mapped while nothing else is in the guest's page. @vaddr is valid until
 *  lend_pci_free(). Returns 0, or -errno: the guest's accesses are then
 *  trapped, which is slower.
 * @window_unmap: unmap window @window, which window_map() accepted.
 * @intx_connect: connect the function's INTx line. The eventfd @trigger asserts
 *  it; signal the eventfd @resample when the guest has serviced the interrupt
 *  (EOI). If @resample is -1, the interrupt cannot be unmasked through an
 *  eventfd: after the EOI call lend_irq_unmask() for LEND_PCI_IRQ_INTX if that
 *  index has LEND_IRQ_AUTOMASKED, and do nothing otherwise. An event that
 *  @trigger holds already must be raised. Called when the guest first enables
 *  memory, I/O or bus mastering while neither MSI nor MSI-X is enabled and INTx
 *  is not disabled. Returns 0, or -errno: the function then has no INTx until
 *  its next reset.
 * @intx_disconnect: undo intx_connect(), with the same descriptors, which are
 *  closed when this returns.
 * @msi_connect: let eventfd @fd raise the message (@address, @data) in the
 *  guest. @vector is the number of the message: 0 to 31 for MSI, 0 to 2047 for
 *  MSI-X, and less than what lend_device_irq() counts. lend_pci_irq_index()
 *  says which of the two it is. An event that @fd holds already must be raised.
 *  Called again for a vector that is connected if the guest changes its
 *  message. Returns 0, or -errno: the vector is then as it was before, and is
 *  tried again at the guest's next write to it.
 * @msi_disconnect: @fd no longer raises the message, as the guest has masked
 *  the vector. It is likely to be connected again, so its route is best kept.
 * @msi_release: vector @vector is out of use: free its route. Called after
 *  msi_disconnect(), for each vector that was connected. Its descriptor is
 *  closed when this returns.
 *
 * @msi_expect: the guest is about to use @count messages at once, each of which
 *  msi_connect() is called for next. @messages is borrowed for the call. A
 *  virtual machine that hands its whole table of routes to the hypervisor can
 *  do it once for all of them. A hint: what fails here is tried again, and
 *  reported, by msi_connect().
 *
 * All but msi_expect() are mandatory; it may be NULL. They are called from the
 * thread that calls a function of this header, with a lock of the struct
 * lend_pci held. Those of one function never run at the same time; those of
 * different functions do.
 *
 * An operation may call lend_pci_bar(), lend_pci_irq_index(), lend_pci_name()
 * and lend_pci_pin() of its function. It must not call any other function of
 * this header, for any struct lend_pci: that may deadlock. For the same reason,
 * a lock of the virtual machine that an operation takes must not be held around
 * calls into this header.
 *
 * Each vector that the guest unmasks takes a file descriptor until
 * msi_release(), INTx takes two. Raise RLIMIT_NOFILE accordingly: a vector
 * without a descriptor does not work, and a warning is logged once.
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

	void (*msi_expect)(void *opaque,
			   const struct lend_pci_message *messages,
			   unsigned int count);
};

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
