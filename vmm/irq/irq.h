/* SPDX-License-Identifier: MIT */
/* Guest interrupts: GSI routes, and eventfds wired to them in the kernel. */
#ifndef VMM_IRQ_IRQ_H
#define VMM_IRQ_IRQ_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "arch-map.h"

struct lend_ctx;
struct kvm_irq_routing;

/* KVM takes 4096 routes; the lines have theirs. */
#define IRQ_MAX_MSI (4096 - IRQ_FIXED)
/* Each route makes each KVM_SET_GSI_ROUTING a little longer. */
#define IRQ_MAX_IDLE 256

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
	struct irq_route *msi;  /* one for each GSI from IRQ_PINS on */
	unsigned int msi_count; /* length of @msi */
	uint64_t puts;          /* so far, which tells the age of each */
	bool limit_told;
	unsigned int lines_taken;      /* of IRQ_PLATFORM_COUNT */
	struct kvm_irq_routing *table; /* what the last change sent to KVM */
};

void irq_init(struct irq *irq, struct lend_ctx *ctx, int vm_fd);
void irq_destroy(struct irq *irq);

/*
 * Level-triggered lines. irq_line_attach() makes @eventfd assert @gsi
 * (below IRQ_PINS) in the kernel; with @resamplefd >= 0 the line stays
 * asserted until the guest's EOI, which signals resamplefd; several sources may
 * share a GSI. With resamplefd -1 each signal is one edge. Attach before the
 * device can signal: a count already in @eventfd is delivered at once. One
 * ioctl each.
 *
 * Return 0 or KVM's -errno; like the MSI calls below, guests drive them, so
 * they leave the error record alone.
 */
int irq_line_attach(struct irq *irq, unsigned int gsi, int eventfd,
		    int resamplefd);
void irq_line_detach(struct irq *irq, unsigned int gsi, int eventfd);

/*
 * Take @count lines that no PCI device uses, for the life of this @irq: the
 * first one's GSI, the others follow; -ENOSPC when as many are not left. On
 * x86 there are none.
 */
int irq_line_take(struct irq *irq, unsigned int count);

/* Drive a line of an emulated device. One ioctl; ignores errors. */
void irq_line_set(struct irq *irq, unsigned int gsi, bool level);

/*
 * Routes of messages. A route is its message's, not a vector's: a guest that
 * masks a vector, changes its message and unmasks it comes back to few
 * messages, so that in the long run its unmasking is irq_msi_attach() alone.
 * What nobody uses is kept, up to a number, and what was not used for longest
 * goes first.
 *
 * irq_msi_get() returns the GSI that raises @message: one KVM_SET_GSI_ROUTING
 * where it is new, no ioctl where it is not. Take it when the guest first
 * unmasks a vector, so that devices with thousands of vectors cost only what
 * they use. -ENOSPC when no route is left, told once with the limit; otherwise
 * -ENOMEM or KVM's -errno. irq_msi_put() gives it back; no ioctl.
 *
 * irq_msi_change() gives a route that is attached another message: one ioctl,
 * none when it is the same; -EBUSY when somebody else uses it too.
 *
 * irq_msi_attach()/detach() wire an eventfd to the route, one ioctl each.
 */
int irq_msi_get(struct irq *irq, const struct irq_msi *message);
void irq_msi_put(struct irq *irq, int gsi);
int irq_msi_change(struct irq *irq, int gsi, const struct irq_msi *message);
int irq_msi_attach(struct irq *irq, int gsi, int eventfd);
void irq_msi_detach(struct irq *irq, int gsi, int eventfd);

/* Deliver one message now, without a route. */
int irq_msi_send(struct irq *irq, const struct irq_msi *message);

#endif
