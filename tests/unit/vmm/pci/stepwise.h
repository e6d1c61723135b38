/* SPDX-License-Identifier: MIT */
/* A guest's driver of a hot-plug slot as Linux's pciehp, one access at a time.
 */
#ifndef TESTS_UNIT_VMM_PCI_STEPWISE_H
#define TESTS_UNIT_VMM_PCI_STEPWISE_H

#include <stdbool.h>
#include <stdint.h>

/* What the driver's thread does next; each step is one access at most. */
enum stepwise_step {
	STEP_IDLE,
	STEP_STOP,     /* the device's driver is stopped */
	STEP_DARK,     /* power indicator off: the device is released */
	STEP_OFF,      /* and only now the driver knows that */
	STEP_PRESENCE, /* is there a device, or a link? */
	STEP_LINK,
	STEP_BLINK,
	STEP_SLEEP, /* a tenth of a second; interrupts come */
	STEP_READ,  /* the device's ID */
	STEP_WIDTH, /* of the link; changes before this count no more */
	STEP_LIT,   /* power indicator on: the device has its driver */
	STEP_ON,
};

enum stepwise_state { SLOT_OFF, SLOT_ON, SLOT_LEAVING, SLOT_CHANGING };

struct stepwise {
	/* Registers of the port, in its PCI Express capability; and the
	 * vendor ID below it. */
	uint16_t (*read)(void *opaque, unsigned int reg);
	void (*write)(void *opaque, unsigned int reg, uint16_t value);
	uint16_t (*vendor)(void *opaque);
	void *opaque;

	bool irq;          /* the port's message has come */
	bool in_irq;       /* the handler is between two accesses */
	uint16_t seen;     /* by the handler, to be cleared */
	uint16_t gathered; /* by the handler */
	uint32_t pending;  /* for the thread */
	enum stepwise_step step;
	enum stepwise_state state;
	bool by_surprise; /* the removal that is going on */
	bool is_present;
	unsigned int found; /* devices that came */
	unsigned int left;  /* that the guest released */
	unsigned int lost;  /* that vanished */
};

/* The port is found, without a device. */
void stepwise_probe(struct stepwise *driver);

/* One step of the handler, or of the thread; false: there is none. */
bool stepwise_interrupt(struct stepwise *driver);
bool stepwise_thread(struct stepwise *driver);

/* The five seconds after the button are over, or the user releases the device;
 * false: it is not there. */
bool stepwise_release(struct stepwise *driver);

#endif
