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

/* KVM takes 4096 routes, those of the lines included. */
#define IRQ_MAX_MSI (4096 - IRQ_FIXED)
/* The time of each KVM_SET_GSI_ROUTING grows with the number of routes. */
#define IRQ_MAX_IDLE 256

struct irq_msi {
	uint64_t address;
	uint32_t data;
	/*
	 * Bus, slot and function of the sender, for interrupt controllers that
	 * use a device ID.
	 */
	uint32_t requester;
};

struct irq {
	struct lend_ctx *ctx; /* borrowed */
	int vm_fd;            /* borrowed from struct vm */
	pthread_mutex_t lock;
	struct irq_route *msi;  /* one for each GSI from IRQ_PINS on */
	unsigned int msi_count; /* length of @msi */
	uint64_t puts;          /* so far; gives the age of each idle route */
	bool limit_logged;
	unsigned int lines_taken;      /* of IRQ_PLATFORM_COUNT */
	struct kvm_irq_routing *table; /* what the last change sent to KVM */
};

void irq_init(struct irq *irq, struct lend_ctx *ctx, int vm_fd);
void irq_destroy(struct irq *irq);

/*
 * Level-triggered lines. irq_line_attach() makes @eventfd assert @gsi (below
 * IRQ_PINS) in the kernel; with @resamplefd >= 0 the line stays asserted until
 * the guest's EOI, which signals resamplefd; several sources may share a GSI.
 * With resamplefd -1 each signal is one edge. Attach before the device can
 * signal: a count already in @eventfd is delivered at once. One ioctl each.
 *
 * Return 0 or KVM's -errno; like the MSI calls below, guests trigger them, so
 * they record no error.
 */
int irq_line_attach(struct irq *irq, unsigned int gsi, int eventfd,
		    int resamplefd);
void irq_line_detach(struct irq *irq, unsigned int gsi, int eventfd);

/*
 * Take @count lines that no PCI device uses, for the life of this @irq. Returns
 * the GSI of the first, the others follow; -ENOSPC if too few are left. On x86
 * there are none.
 */
int irq_line_take(struct irq *irq, unsigned int count);

/* Drive a line of an emulated device. One ioctl; ignores errors. */
void irq_line_set(struct irq *irq, unsigned int gsi, bool level);

/*
 * Routes of messages. A route belongs to a message, not to a vector: a guest
 * that masks a vector, changes its message and unmasks it uses few different
 * messages, so that eventually an unmask costs irq_msi_attach() only. Up to
 * IRQ_MAX_IDLE unused routes are kept; the least recently used one is replaced
 * first.
 *
 * irq_msi_get() returns the GSI that raises @message: one KVM_SET_GSI_ROUTING
 * if it is new, otherwise no ioctl. Take it when the guest first unmasks a
 * vector, so that devices with thousands of vectors cost only what they use.
 * -ENOSPC if no route is left, logged once with the limit; otherwise -ENOMEM or
 * KVM's -errno. irq_msi_put() releases it; no ioctl.
 *
 * irq_msi_change() gives a route that is attached another message: one ioctl,
 * none when it is the same; -EBUSY if the route has another user.
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
