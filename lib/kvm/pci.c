// SPDX-License-Identifier: MIT
// The KVM side of a PCI function: BARs become claims and memory slots,
// interrupts become irqfds and routes.

#include <errno.h>
#include <stdlib.h>

#include <lend/irq.h>

#include "lib/base/context.h"
#include "lib/base/sized.h"
#include "lib/kvm/kvm.h"

#define PORT_END 0x10000

struct kvm_vector {
	int gsi; /* its route, or -1 */
	int fd;  /* eventfd wired to the route, or -1 */
};

/* The function's lock, which is held around each operation, guards all. */
struct lend_kvm_pci {
	struct lend_kvm *kvm;
	struct lend_kvm_pci_options how;
	struct kvm_range bars[LEND_PCI_BARS]; /* claims; size 0: none */
	int slots[LEND_PCI_WINDOWS];          /* or -1 */
	unsigned int intx_gsi;
	struct kvm_vector *vectors;
	unsigned int vector_count;
};

static int kvm_pci_claim(struct lend_kvm_pci *f, unsigned int bar,
			 struct kvm_range range)
{
	const char *name = lend_pci_name(*f->how.pci);
	const char *other = "another range";
	int err = lend_kvm_claim(f->kvm, range.base, range.size, name, &other);

	if (err)
		lend_log(f->kvm->ctx, LEND_LOG_DEBUG,
			 "%s: BAR %u at %#llx overlaps %s; it is left "
			 "unmapped",
			 name, bar, (unsigned long long)range.base, other);
	else
		f->bars[bar] = range;
	return err;
}

static void kvm_pci_release(struct lend_kvm_pci *f, unsigned int bar)
{
	if (f->bars[bar].size)
		lend_kvm_release(f->kvm, f->bars[bar].base);
	f->bars[bar] = (struct kvm_range){0};
}

static int kvm_pci_bar_place(void *opaque, unsigned int bar, uint64_t base)
{
	struct lend_kvm_pci *f = opaque;
	const struct lend_pci_bar *kind = lend_pci_bar(*f->how.pci, bar);
	struct kvm_range range = {base, kind->size};
	int err;

	if (kind->io && (base >= PORT_END || kind->size > PORT_END - base))
		return -EINVAL;
	err = kind->io ? 0 : kvm_pci_claim(f, bar, range);
	if (err)
		return err;
	err = f->how.bar_place(f->how.opaque, bar, base);
	if (err)
		kvm_pci_release(f, bar);
	return err;
}

static void kvm_pci_bar_drop(void *opaque, unsigned int bar)
{
	struct lend_kvm_pci *f = opaque;

	f->how.bar_drop(f->how.opaque, bar);
	kvm_pci_release(f, bar);
}

static int kvm_pci_window_map(void *opaque, unsigned int window, uint64_t base,
			      uint64_t size, void *vaddr)
{
	struct lend_kvm_pci *f = opaque;
	uint64_t page = f->kvm->space.page;
	int slot = size < page ? lend_kvm_map(f->kvm, base, page, vaddr,
					      LEND_KVM_LONE)
			       : lend_kvm_map(f->kvm, base, size, vaddr, 0);

	if (slot < 0)
		return slot;
	f->slots[window] = slot;
	return 0;
}

static void kvm_pci_window_unmap(void *opaque, unsigned int window)
{
	struct lend_kvm_pci *f = opaque;

	lend_kvm_unmap(f->kvm, f->slots[window]);
	f->slots[window] = -1;
}

static int kvm_pci_intx_connect(void *opaque, int trigger, int resample)
{
	struct lend_kvm_pci *f = opaque;
	int gsi;

	if (resample < 0 || !f->how.intx_gsi)
		return -EOPNOTSUPP;
	gsi = f->how.intx_gsi(f->how.opaque);
	if (gsi < 0)
		return gsi;
	f->intx_gsi = (unsigned int)gsi;
	return lend_kvm_irqfd_add(f->kvm, f->intx_gsi, trigger, resample);
}

static void kvm_pci_intx_disconnect(void *opaque, int trigger, int resample)
{
	struct lend_kvm_pci *f = opaque;

	(void)resample;
	lend_kvm_irqfd_remove(f->kvm, f->intx_gsi, trigger);
}

static void kvm_vector_detach(struct lend_kvm *kvm, struct kvm_vector *v)
{
	if (v->fd >= 0)
		lend_kvm_irqfd_remove(kvm, (unsigned int)v->gsi, v->fd);
	v->fd = -1;
}

static void kvm_vector_release(struct lend_kvm *kvm, struct kvm_vector *v)
{
	kvm_vector_detach(kvm, v);
	if (v->gsi >= 0)
		kvm_route_put(kvm, v->gsi);
	v->gsi = -1;
}

static int kvm_vector_move(struct lend_kvm *kvm, struct kvm_vector *v,
			   const struct kvm_vector *to)
{
	const struct kvm_vector before = *v;
	int err;

	kvm_vector_detach(kvm, v);
	err = lend_kvm_irqfd_add(kvm, (unsigned int)to->gsi, to->fd, -1);
	if (!err) {
		kvm_vector_release(kvm, v);
		*v = *to;
		return 0;
	}
	kvm_route_put(kvm, to->gsi);
	if (before.fd >= 0 &&
	    !lend_kvm_irqfd_add(kvm, (unsigned int)v->gsi, before.fd, -1))
		v->fd = before.fd;
	return err;
}

/* An attached vector keeps its route where possible: one call instead of two or
 * three. */
static int kvm_vector_attach(struct lend_kvm *kvm, struct kvm_vector *v, int fd,
			     const struct kvm_message *message)
{
	struct kvm_vector to = {.fd = fd};

	if (v->fd == fd && !kvm_route_change(kvm, v->gsi, message))
		return 0;
	to.gsi = kvm_route_get(kvm, message);
	return to.gsi < 0 ? to.gsi : kvm_vector_move(kvm, v, &to);
}

static struct kvm_message kvm_pci_message(const struct lend_kvm_pci *f,
					  uint64_t address, uint32_t data)
{
	struct kvm_message message = {.address = address, .data = data};

	if (f->how.requester) {
		message.requester = f->how.requester(f->how.opaque);
		message.has_requester = true;
	}
	return message;
}

static int kvm_pci_msi_connect(void *opaque, unsigned int vector, int fd,
			       uint64_t address, uint32_t data)
{
	struct lend_kvm_pci *f = opaque;
	const struct kvm_message message = kvm_pci_message(f, address, data);

	if (vector >= f->vector_count)
		return -EINVAL;
	return kvm_vector_attach(f->kvm, &f->vectors[vector], fd, &message);
}

static void kvm_pci_msi_expect(void *opaque,
			       const struct lend_pci_message *messages,
			       unsigned int count)
{
	struct lend_kvm_pci *f = opaque;
	struct kvm_expected *expected = calloc(count, sizeof(*expected));
	unsigned int n = 0;

	for (unsigned int i = 0; expected && i < count; i++) {
		const struct lend_pci_message *m = &messages[i];

		if (m->vector < f->vector_count)
			expected[n++] = (struct kvm_expected){
				kvm_pci_message(f, m->address, m->data),
				f->vectors[m->vector].fd < 0
					? -1
					: f->vectors[m->vector].gsi};
	}
	if (n)
		kvm_routes_expect(f->kvm, expected, n);
	free(expected);
}

static void kvm_pci_msi_disconnect(void *opaque, unsigned int vector, int fd)
{
	struct lend_kvm_pci *f = opaque;

	(void)fd;
	if (vector < f->vector_count)
		kvm_vector_detach(f->kvm, &f->vectors[vector]);
}

static void kvm_pci_msi_release(void *opaque, unsigned int vector)
{
	struct lend_kvm_pci *f = opaque;

	if (vector < f->vector_count)
		kvm_vector_release(f->kvm, &f->vectors[vector]);
}

const struct lend_pci_ops *lend_kvm_pci_ops(void)
{
	static const struct lend_pci_ops ops = {
		.size = sizeof(ops),
		.bar_place = kvm_pci_bar_place,
		.bar_drop = kvm_pci_bar_drop,
		.window_map = kvm_pci_window_map,
		.window_unmap = kvm_pci_window_unmap,
		.intx_connect = kvm_pci_intx_connect,
		.intx_disconnect = kvm_pci_intx_disconnect,
		.msi_connect = kvm_pci_msi_connect,
		.msi_disconnect = kvm_pci_msi_disconnect,
		.msi_release = kvm_pci_msi_release,
		.msi_expect = kvm_pci_msi_expect,
	};

	return &ops;
}

static int kvm_pci_check(struct lend_ctx *ctx,
			 const struct lend_kvm_pci_options *how)
{
	if (how->pci && how->bar_place && how->bar_drop)
		return 0;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "%s of struct lend_kvm_pci_options is NULL",
		       !how->pci         ? "pci"
		       : !how->bar_place ? "bar_place"
					 : "bar_drop");
	return lend_error_remedy(ctx, "set it");
}

static int kvm_pci_make_vectors(struct lend_kvm_pci *f,
				const struct lend_device *device)
{
	unsigned int msi = lend_device_irq(device, LEND_PCI_IRQ_MSI)->count;
	unsigned int msix = lend_device_irq(device, LEND_PCI_IRQ_MSIX)->count;
	unsigned int count = msi > msix ? msi : msix;

	f->vectors = calloc(count + 1UL, sizeof(*f->vectors));
	if (!f->vectors)
		return error_no_memory(f->kvm->ctx, NULL);
	f->vector_count = count;
	for (unsigned int i = 0; i < count; i++)
		f->vectors[i] = (struct kvm_vector){-1, -1};
	return 0;
}

int lend_kvm_pci_new(struct lend_kvm *kvm, struct lend_device *device,
		     const struct lend_kvm_pci_options *options,
		     struct lend_kvm_pci **function)
{
	struct lend_kvm_pci *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return error_no_memory(kvm->ctx, NULL);
	f->kvm = kvm;
	for (unsigned int i = 0; i < LEND_PCI_WINDOWS; i++)
		f->slots[i] = -1;
	err = sized_copy(kvm->ctx, NULL, &sized_kvm_pci_options, &f->how,
			 options);
	if (!err)
		err = kvm_pci_check(kvm->ctx, &f->how);
	if (!err)
		err = kvm_pci_make_vectors(f, device);
	if (err) {
		lend_kvm_pci_free(f);
		return err;
	}
	*function = f;
	return 0;
}

void lend_kvm_pci_free(struct lend_kvm_pci *function)
{
	struct lend_kvm_pci *f = function;

	if (!f)
		return;
	for (unsigned int i = 0; i < f->vector_count; i++)
		kvm_vector_release(f->kvm, &f->vectors[i]);
	for (unsigned int i = 0; i < LEND_PCI_WINDOWS; i++)
		lend_kvm_unmap(f->kvm, f->slots[i]);
	for (unsigned int i = 0; i < LEND_PCI_BARS; i++)
		kvm_pci_release(f, i);
	free(f->vectors);
	free(f);
}
