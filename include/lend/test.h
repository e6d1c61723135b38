/* SPDX-License-Identifier: MIT */
/* A scripted host for tests of programs that use liblend: PCI devices, IOMMUs
 * and KVM in memory, which a test inspects and lets fail. */
/*
 * These functions are in a library of their own, liblend-test, which is only
 * static. lend.h does not include this header, and liblend does not require the
 * library. It has no stable ABI: build a test with the header and the library
 * of one release, and run it with the liblend of the same release. Functions
 * and their meaning are stable.
 *
 * The program under test is built as always. The test passes it a context whose
 * options lend_test_options() has filled in. What the program does with that
 * context reaches the scripted kernel: VFIO, containers and iommufds, the
 * ioctls of KVM that liblend makes, and files below a temporary directory. What
 * the program itself asks of the kernel reaches the running kernel.
 *
 * Threads. The program under test may call liblend from several threads, and
 * the test the functions of this header at the same time. Add devices and their
 * parts before the program opens them.
 *
 * A host that cannot be made, since there is no memory or no temporary
 * directory, ends the process with a message.
 */
#ifndef LEND_TEST_H
#define LEND_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/context.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_test - a scripted host
 *
 * Opaque. lend_test_free() frees it. Several can exist at once.
 *
 * Since: 0.1
 */
struct lend_test;

/**
 * struct lend_test_device - a PCI device of a scripted host
 *
 * Opaque. It belongs to its host.
 *
 * Since: 0.1
 */
struct lend_test_device;

/**
 * lend_test_new() - make a scripted host
 *
 * It has VFIO with type 1 containers, IOVA ranges like those of an x86 IOMMU, a
 * virtual machine of KVM, and no device. It has files in a temporary directory.
 *
 * Returns: the host. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_test *lend_test_new(void);

/**
 * lend_test_free() - remove a scripted host
 * @test: host, or NULL; all contexts on it are freed
 *
 * Since: 0.1
 */
void lend_test_free(struct lend_test *test);

/**
 * lend_test_options() - have a context use a scripted host
 * @test:    host; must outlive the context
 * @options: options for lend_ctx_new(), with @size set. Receives the kernel and
 *           the paths, which are borrowed; other members stay as they are
 *
 * Returns: 0, or
 * -EINVAL: @options->size is not the structure's size; set it.
 *
 * Since: 0.1
 */
int lend_test_options(struct lend_test *test, struct lend_ctx_options *options);

/**
 * lend_test_add_iommufd() - give a scripted host iommufd and device nodes
 * @test: host
 *
 * LEND_BACKEND_AUTO then chooses iommufd. All devices get a node, later ones
 * too.
 *
 * Since: 0.1
 */
void lend_test_add_iommufd(struct lend_test *test);

/**
 * lend_test_add_pci() - add a PCI function that is bound to vfio-pci
 * @test:  host
 * @name:  address, such as "0000:01:00.0"
 * @group: number of its IOMMU group
 *
 * It has a configuration space of 4096 bytes with a header of type 0, vendor
 * 0x1b36, device 0x0010 and the class of a mass storage controller. It has a
 * reset, INTx, and the events LEND_PCI_IRQ_ERR and LEND_PCI_IRQ_REQ, and
 * neither BARs nor capabilities.
 *
 * Configuration space and BARs are plain memory: what is written is read again.
 *
 * Returns: the device, or NULL: @name is no PCI address or taken, or the host
 * has eight devices.
 *
 * Since: 0.1
 */
struct lend_test_device *
lend_test_add_pci(struct lend_test *test, const char *name, unsigned int group);

/** The BAR is in I/O space. Since: 0.1 */
#define LEND_TEST_BAR_IO (1u << 0)
/** The BAR has 64 bits, and takes two registers. Since: 0.1 */
#define LEND_TEST_BAR_64BIT (1u << 1)
/** The BAR is prefetchable. Since: 0.1 */
#define LEND_TEST_BAR_PREFETCHABLE (1u << 2)
/** VFIO does not let a process map the BAR. Since: 0.1 */
#define LEND_TEST_BAR_NO_MMAP (1u << 3)

/**
 * lend_test_add_bar() - give a device a BAR
 * @device: device
 * @bar:    number, 0 to 5
 * @size:   bytes, a power of two: 4 to 256 in I/O space, 16 to 2^38 in memory
 * @flags:  LEND_TEST_BAR_* or 0
 *
 * A BAR in memory of a page or more can be mapped by default.
 *
 * Returns: 0, or
 * -EINVAL: @size, @bar or @flags is out of range, or the BAR exists.
 *
 * Since: 0.1
 */
int lend_test_add_bar(struct lend_test_device *device, unsigned int bar,
		      uint64_t size, unsigned int flags);

/**
 * lend_test_add_capability() - give a device a capability
 * @device: device
 * @id:     number of the capability, as in PCI_CAP_ID_* of linux/pci_regs.h
 * @bytes:  what follows the ID and the link to the next capability
 * @size:   bytes of @bytes
 *
 * Returns: its offset in configuration space, or
 * -ENOSPC: there is no room for it.
 *
 * Since: 0.1
 */
int lend_test_add_capability(struct lend_test_device *device, unsigned int id,
			     const void *bytes, size_t size);

/**
 * lend_test_add_msi() - give a device MSI
 * @device:  device
 * @vectors: 1, 2, 4, 8, 16 or 32
 *
 * Returns: the offset of the capability, or
 * -EINVAL: @vectors is out of range;
 * -ENOSPC: there is no room for the capability.
 *
 * Since: 0.1
 */
int lend_test_add_msi(struct lend_test_device *device, unsigned int vectors);

/**
 * lend_test_add_msix() - give a device MSI-X
 * @device:  device
 * @vectors: 1 to 2048
 * @bar:     BAR in memory that has the table, and behind it the pending bits
 * @offset:  offset of the table in the BAR, a multiple of 8
 *
 * Returns: the offset of the capability, or
 * -EINVAL: @vectors or @offset is out of range, or the BAR is too small or not
 * in memory; -ENOSPC: there is no room for the capability.
 *
 * Since: 0.1
 */
int lend_test_add_msix(struct lend_test_device *device, unsigned int vectors,
		       unsigned int bar, uint32_t offset);

/**
 * lend_test_region() - get the contents of a region of a device
 * @device: device
 * @index:  a BAR, or LEND_PCI_REGION_CONFIG
 * @size:   receives the number of bytes, or NULL
 *
 * A test reads what the program or its guest wrote, and writes what they are to
 * read.
 *
 * Returns: the bytes, valid until lend_test_free(); or NULL: no such region.
 *
 * Since: 0.1
 */
uint8_t *lend_test_region(struct lend_test_device *device, unsigned int index,
			  uint64_t *size);

/**
 * lend_test_on_write() - have a function called at each write to a device
 * @device:  device
 * @written: called after a write to a region took effect, with the region's
 *           index, the offset in it, and the number of bytes; or NULL
 * @opaque:  first argument of @written
 *
 * Writes through a mapping of a BAR do not call it. @written may call the
 * functions of this header.
 *
 * Since: 0.1
 */
void lend_test_on_write(struct lend_test_device *device,
			void (*written)(void *opaque, unsigned int region,
					uint64_t offset, unsigned int size),
			void *opaque);

/**
 * lend_test_resets() - count the resets of a device
 * @device: device
 *
 * Returns: resets by the program, without those that the kernel makes when a
 * device is opened and closed. Cannot fail.
 *
 * Since: 0.1
 */
unsigned int lend_test_resets(struct lend_test_device *device);

/**
 * lend_test_raise() - have a device raise an interrupt
 * @device: device
 * @index:  LEND_PCI_IRQ_INTX, LEND_PCI_IRQ_MSI, LEND_PCI_IRQ_MSIX; or
 *          LEND_PCI_IRQ_ERR or LEND_PCI_IRQ_REQ for the event
 * @vector: vector, from 0
 *
 * Signals the eventfd that VFIO has for it. INTx is masked then, until the
 * program or lend_test_end() unmasks it.
 *
 * Returns: 0, or
 * -EINVAL: the device has no such interrupt;
 * -ENOTCONN: VFIO has no eventfd for it, and a device would have lost it;
 * -EBUSY: INTx is masked.
 *
 * Since: 0.1
 */
int lend_test_raise(struct lend_test_device *device, unsigned int index,
		    unsigned int vector);

/**
 * lend_test_dma() - find what a device reaches by DMA
 * @device: device
 * @iova:   I/O address
 * @size:   bytes
 * @flags:  LEND_DMA_READ, LEND_DMA_WRITE, or both
 *
 * Returns: the memory, or NULL: the device is not open, its bus mastering is
 * disabled, or the range is not in one mapping that allows the access.
 *
 * Since: 0.1
 */
void *lend_test_dma(struct lend_test_device *device, uint64_t iova,
		    uint64_t size, unsigned int flags);

/**
 * lend_test_vm() - get the descriptor of the virtual machine
 * @test: host
 *
 * For lend_kvm_new(). The ioctls that liblend makes are known; it has no vCPUs.
 *
 * Returns: the descriptor, borrowed until lend_test_free(). Cannot fail.
 *
 * Since: 0.1
 */
int lend_test_vm(struct lend_test *test);

/**
 * lend_test_guest() - find what a guest reaches in a memory slot
 * @test:    host
 * @address: guest-physical address
 * @size:    bytes
 *
 * Returns: the memory, or NULL: an access would be an exit to the program.
 *
 * Since: 0.1
 */
void *lend_test_guest(struct lend_test *test, uint64_t address, uint64_t size);

/**
 * lend_test_interrupt() - receive the next interrupt of the guest
 * @test:    host
 * @address: receives the address of its message; 0 for a line
 * @data:    receives the data of its message; 0 for a line
 *
 * Takes an event from an eventfd that is connected to the virtual machine, as
 * KVM does, and follows the routing table.
 *
 * Returns: its GSI, or
 * -EAGAIN: there is none;
 * -ENOTCONN: the GSI has no route, so that KVM would have lost the interrupt.
 *
 * Since: 0.1
 */
int lend_test_interrupt(struct lend_test *test, uint64_t *address,
			uint32_t *data);

/**
 * lend_test_end() - have the guest end an interrupt of a line
 * @test: host
 * @gsi:  GSI of the line
 *
 * Signals the resample eventfds of the line, as KVM does at the EOI.
 *
 * Since: 0.1
 */
void lend_test_end(struct lend_test *test, unsigned int gsi);

/**
 * enum lend_test_call - a kind of call to the kernel
 * @LEND_TEST_CALL_ANY:     each of those below
 * @LEND_TEST_CALL_OPEN:    open(2)
 * @LEND_TEST_CALL_CLOSE:   close(2)
 * @LEND_TEST_CALL_READ:    read(2)
 * @LEND_TEST_CALL_WRITE:   write(2)
 * @LEND_TEST_CALL_PREAD:   pread(2), of a region
 * @LEND_TEST_CALL_PWRITE:  pwrite(2), of a region
 * @LEND_TEST_CALL_IOCTL:   ioctl(2)
 * @LEND_TEST_CALL_MMAP:    mmap(2)
 * @LEND_TEST_CALL_MUNMAP:  munmap(2)
 * @LEND_TEST_CALL_MADVISE: madvise(2)
 * @LEND_TEST_CALL_EVENTFD: eventfd(2)
 * @LEND_TEST_CALL_FSTAT:   fstat(2)
 * @LEND_TEST_CALL_POLL:    poll(2)
 * @LEND_TEST_CALL_PATH:    all others that name a path, and fsync(2)
 * @LEND_TEST_CALL_ACCEPT:  accept(2)
 * @LEND_TEST_CALL_SEND:    sendmsg(2)
 * @LEND_TEST_CALL_RECEIVE: recvmsg(2)
 * @LEND_TEST_CALL_SEALS:   fcntl(2), F_GET_SEALS
 * @LEND_TEST_CALL_DUP:     fcntl(2), F_DUPFD_CLOEXEC
 * @LEND_TEST_CALL_SHUTDOWN: shutdown(2)
 *
 * Since: 0.1
 */
enum lend_test_call {
	LEND_TEST_CALL_ANY = 0,
	LEND_TEST_CALL_OPEN = 1,
	LEND_TEST_CALL_CLOSE = 2,
	LEND_TEST_CALL_READ = 3,
	LEND_TEST_CALL_WRITE = 4,
	LEND_TEST_CALL_PREAD = 5,
	LEND_TEST_CALL_PWRITE = 6,
	LEND_TEST_CALL_IOCTL = 7,
	LEND_TEST_CALL_MMAP = 8,
	LEND_TEST_CALL_MUNMAP = 9,
	LEND_TEST_CALL_MADVISE = 10,
	LEND_TEST_CALL_EVENTFD = 11,
	LEND_TEST_CALL_FSTAT = 12,
	LEND_TEST_CALL_POLL = 13,
	LEND_TEST_CALL_PATH = 14,
	LEND_TEST_CALL_ACCEPT = 15,
	LEND_TEST_CALL_SEND = 16,
	LEND_TEST_CALL_RECEIVE = 17,
	LEND_TEST_CALL_SEALS = 18,
	LEND_TEST_CALL_DUP = 19,
	LEND_TEST_CALL_SHUTDOWN = 20,
};

/**
 * lend_test_fail() - have a call to the kernel fail
 * @test:    host
 * @call:    kind of the call
 * @request: number of the ioctl, such as VFIO_DEVICE_SET_IRQS; 0: any
 * @nth:     which of these calls from now on, from 1; 0: none
 * @err:     its errno, positive
 *
 * Replaces what an earlier call planned. Calls that undo something do so even
 * when they fail: the close of a descriptor, or an unmapping. To fail each call
 * in turn, increase @nth until lend_test_has_failed() is false.
 *
 * Since: 0.1
 */
void lend_test_fail(struct lend_test *test, enum lend_test_call call,
		    unsigned long request, unsigned int nth, int err);

/**
 * lend_test_has_failed() - whether the planned call has come
 * @test: host
 *
 * Returns: true if the call of the last lend_test_fail() was made and failed.
 * Cannot fail.
 *
 * Since: 0.1
 */
bool lend_test_has_failed(struct lend_test *test);

/**
 * lend_test_calls() - count calls to the kernel
 * @test:    host
 * @call:    kind of the calls
 * @request: number of the ioctl; 0: any
 *
 * Returns: calls so far. Cannot fail.
 *
 * Since: 0.1
 */
unsigned int lend_test_calls(struct lend_test *test, enum lend_test_call call,
			     unsigned long request);

/**
 * enum lend_test_state - what a program has of a scripted host
 * @LEND_TEST_DESCRIPTORS: open descriptors that liblend made
 * @LEND_TEST_MAPPINGS:    mappings of regions and other memory in the process
 * @LEND_TEST_PINNED:      bytes that are mapped for DMA
 * @LEND_TEST_VECTORS:     interrupts with an eventfd, events included
 * @LEND_TEST_SLOTS:       memory slots of the virtual machine
 * @LEND_TEST_IRQFDS:      eventfds that are connected to the virtual machine
 * @LEND_TEST_FILES:       files registered with KVM's VFIO device
 *
 * Since: 0.1
 */
enum lend_test_state {
	LEND_TEST_DESCRIPTORS = 0,
	LEND_TEST_MAPPINGS = 1,
	LEND_TEST_PINNED = 2,
	LEND_TEST_VECTORS = 3,
	LEND_TEST_SLOTS = 4,
	LEND_TEST_IRQFDS = 5,
	LEND_TEST_FILES = 6,
};

/**
 * lend_test_count() - count what a program has of a scripted host
 * @test:  host
 * @state: what to count
 *
 * Returns: the number; 0 for an unknown @state. Cannot fail.
 *
 * Since: 0.1
 */
uint64_t lend_test_count(struct lend_test *test, enum lend_test_state state);

/**
 * lend_test_is_idle() - whether a program has returned everything
 * @test: host
 * @why:  receives what is left or what was done wrong, as text; or NULL
 * @size: bytes of @why
 *
 * Memory slots and irqfds of the virtual machine may be left: they end with it.
 *
 * Returns: true if no descriptor is open, nothing is mapped, pinned or enabled,
 * and the kernel was never asked for something that no program should ask for,
 * such as the close of a device with an interrupt enabled. Cannot fail.
 *
 * Since: 0.1
 */
bool lend_test_is_idle(struct lend_test *test, char *why, size_t size);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
