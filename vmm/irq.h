// SPDX-License-Identifier: MIT
// Guest interrupts: GSI routes, and eventfds wired to them in the kernel.
#ifndef VMM_IRQ_H
#define VMM_IRQ_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "arch-map.h"

struct lend_ctx;
struct kvm_irq_routing;

/* KVM takes 4096 routes; the lines have theirs. */
#define IRQ_MAX_MSI (4096 - IRQ_FIXED)

struct irq_msi {
	uint64_t address;
	uint32_t data;
	/* Bus, slot and function that it comes from, for interrupt controllers
	 * that look at it. */
	uint32_t requester;
};

struct irq {
	struct lend_ctx *ctx; /* borrowed */
	int vm_fd;            /* borrowed from struct vm */
	pthread_mutex_t lock;
	struct irq_route *msi; /* one for each GSI from IRQ_PINS on */
	unsigned msi_count;    /* length of `msi` */
	bool limit_told;
	unsigned lines_taken;          /* of IRQ_PLATFORM_COUNT */
	struct kvm_irq_routing *table; /* what the last change sent to KVM */
};

void irq_init(struct irq *irq, struct lend_ctx *ctx, int vm_fd);
void irq_destroy(struct irq *irq);

/*
 * Level-triggered lines. irq_line_attach() makes `eventfd` assert `gsi`
 * (below IRQ_PINS) in the kernel; with `resamplefd` >= 0 the line stays
 * asserted until the guest's EOI, which signals resamplefd; several sources may
 * share a GSI. With resamplefd -1 each signal is one edge. Attach before the
 * device can signal: a count already in `eventfd` is delivered at once. One
 * ioctl each.
 *
 * Return 0 or KVM's -errno; like the MSI calls below, guests drive them, so
 * they leave the error record alone.
 */
int irq_line_attach(struct irq *irq, unsigned gsi, int eventfd, int resamplefd);
void irq_line_detach(struct irq *irq, unsigned gsi, int eventfd);

/*
 * Take `count` lines that no PCI device uses, for the life of this `irq`: the
 * first one's GSI, the others follow; -ENOSPC when as many are not left. On
 * x86 there are none.
 */
int irq_line_take(struct irq *irq, unsigned count);

/* Drive a line of an emulated device. One ioctl; ignores errors. */
void irq_line_set(struct irq *irq, unsigned gsi, bool level);

/*
 * MSI routes. irq_msi_alloc() takes `count` GSIs for `messages`, all or none,
 * with one KVM_SET_GSI_ROUTING, and stores them in `gsis`. Allocate when the
 * guest first unmasks a vector, so that devices with thousands of vectors cost
 * only what they use. -ENOSPC when no route is left, logged once with the
 * limit; otherwise -ENOMEM or KVM's -errno.
 *
 * irq_msi_update() changes a route's message; no ioctl when it is the same.
 * irq_msi_attach()/detach() wire an eventfd to the route, one ioctl each.
 * irq_msi_free() gives a detached route back; no ioctl.
 */
int irq_msi_alloc(struct irq *irq, const struct irq_msi *messages,
		  unsigned count, int *gsis);
int irq_msi_update(struct irq *irq, int gsi, const struct irq_msi *message);
int irq_msi_attach(struct irq *irq, int gsi, int eventfd);
void irq_msi_detach(struct irq *irq, int gsi, int eventfd);
void irq_msi_free(struct irq *irq, int gsi);

/* Deliver one message now, without a route. */
int irq_msi_send(struct irq *irq, const struct irq_msi *message);

#endif
