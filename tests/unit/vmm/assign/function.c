// SPDX-License-Identifier: MIT
// A lent function in the machine, for its interrupts: eventfds are signalled
// and read by the test, in the device's stead and in KVM's.

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/pci_irq.h>

#include "function.h"

struct lent lent;

const char *lend_pci_name(const struct lend_pci *pci)
{
	(void)pci;
	return "0000:00:05.0";
}

unsigned int lend_pci_pin(const struct lend_pci *pci)
{
	(void)pci;
	return 1;
}

int lend_pci_irq_index(const struct lend_pci *pci)
{
	(void)pci;
	return lent.index;
}

const struct lend_irq *lend_device_irq(const struct lend_device *device,
				       unsigned int index)
{
	static const struct lend_irq vectors = {.count = VECTORS};

	(void)device;
	return index == LEND_PCI_IRQ_INTX ? &lent.intx : &vectors;
}

int lend_irq_unmask(struct lend_device *device, unsigned int index,
		    unsigned int start)
{
	(void)device;
	assert_int_equal(index, LEND_PCI_IRQ_INTX);
	assert_int_equal(start, 0);
	lent.unmasks++;
	if (lent.unmasked)
		lent.unmasked();
	return 0;
}

const struct lend_pci_bar *lend_pci_bar(const struct lend_pci *pci,
					unsigned int bar)
{
	static const struct lend_pci_bar ports = {.size = 8, .io = true};

	(void)pci;
	(void)bar;
	return &ports;
}

void lend_pci_bar_read(struct lend_pci *pci, unsigned int bar, uint64_t offset,
		       void *data, unsigned int size)
{
	(void)pci;
	(void)bar;
	(void)offset;
	memset(data, 0, size);
}

bool lend_pci_bar_write(struct lend_pci *pci, unsigned int bar, uint64_t offset,
			const void *data, unsigned int size)
{
	(void)pci;
	(void)bar;
	(void)offset;
	(void)data;
	(void)size;
	return false;
}

static void open_kvm(struct plugged *p)
{
	const struct lend_kvm_pci_options options = {
		.size = sizeof(options),
		.pci = &p->function.pci,
		.bar_place = assign_pci_bar_trap,
		.bar_drop = assign_pci_bar_untrap,
		.intx_gsi = assign_pci_intx_gsi,
		.opaque = &p->function,
	};

	assert_int_equal(lend_kvm_pci_new(p->machine.kvm, NULL, &options,
					  &p->function.kvm),
			 0);
}

int assign_function_setup(void **state)
{
	static struct plugged p;

	plugged_open(&p.machine, &p.warnings);
	memset(&lent, 0, sizeof(lent));
	lent.index = LEND_PCI_IRQ_MSIX;
	lent.intx.flags = LEND_IRQ_AUTOMASKED;
	p.function = (struct assign_pci){
		.machine = &p.machine,
		.place = {.slot = 5},
		.intx = ASSIGN_PCI_INTX_NONE,
		.vectors = p.vectors,
		.vector_count = VECTORS,
		.bars[0] = {.owner = &p.function},
	};
	open_kvm(&p);
	for (unsigned int i = 0; i < VECTORS; i++) {
		p.vectors[i] = ASSIGN_PCI_VECTOR_NONE;
		p.fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	}
	*state = &p;
	return 0;
}

int assign_function_teardown(void **state)
{
	struct plugged *p = *state;
	struct pollfd left = {.fd = p->machine.watch.fd, .events = POLLIN};

	for (unsigned int i = 0; i < VECTORS; i++)
		eventfd_write(p->fds[i], 1);
	assert_int_equal(poll(&left, 1, 0), 0);
	for (unsigned int i = 0; i < VECTORS; i++)
		close(p->fds[i]);
	lend_kvm_pci_free(p->function.kvm);
	plugged_close(&p->machine);
	return 0;
}

void function_fire(struct plugged *p, unsigned int source)
{
	assert_int_equal(eventfd_write(p->fds[source], 1), 0);
}

unsigned int function_taken(int fd)
{
	eventfd_t count = 0;

	return eventfd_read(fd, &count) ? 0 : (unsigned int)count;
}
