/* SPDX-License-Identifier: MIT */
/* The slot of a root port whose device comes and goes while the guest runs. */
#ifndef VMM_PCI_SLOT_H
#define VMM_PCI_SLOT_H

#include <stdbool.h>
#include <stdint.h>

struct root_port;

/*
 * A slot with an attention button and a power indicator, without a power
 * controller, a latch or command completion: each of these makes a driver wait.
 * A guest that has released the device turns the power indicator off.
 *
 * The registers are the root port's, which has one message, and INTA where KVM
 * combines the level of this process with those of other devices. All functions
 * are pure, and a caller holds the port's lock.
 */
struct slot {
	bool is_pluggable; /* without it, nothing below is used */
	bool is_held;      /* a device comes in, which slot_fill() shows */
	uint16_t link;     /* its link, until then */
	bool is_driven;    /* the guest has written the slot's control */
	bool is_asserted;  /* an enabled event is pending, by message */
	unsigned int news; /* SLOT_*, since slot_take() */
};

/* What the machine must act on. */
enum {
	SLOT_MESSAGE = 1 << 0,  /* send the port's message */
	SLOT_RELEASED = 1 << 1, /* the guest has released the device */
	SLOT_WRITTEN = 1 << 2,  /* the guest has written the slot's control */
};

/* What the guest shows of itself. */
struct slot_view {
	bool is_pluggable;
	bool is_full;
	bool has_driver; /* it receives the slot's interrupts */
	bool is_busy;    /* the driver has not finished with the slot */
	bool is_on;      /* the power indicator is on */
};

/* Add the slot's registers to @port, which root_port_init() has filled. */
void slot_init(struct root_port *port);

/* The machine starts with a device here; the guest finds it by itself. */
void slot_begin_full(struct root_port *port);

/*
 * A device comes in while the guest runs. What root_port_plug() finds shows at
 * slot_fill(), with the event: a driver that looked in between would find the
 * device twice, and drop it at the event.
 */
void slot_hold(struct root_port *port);

/* For root_port_plug(): hide the device again, if the slot is held. Returns
 * whether it is. */
bool slot_hide(struct root_port *port);

/*
 * A device appears, all functions of which answer by now; or it has vanished,
 * and nothing answers any more.
 */
void slot_fill(struct root_port *port);
void slot_empty(struct root_port *port);

/* Press the attention button: a guest with a driver releases the device some
 * seconds later, unless the button is pressed again meanwhile. */
void slot_press(struct root_port *port);

/*
 * For root_port_write(): prepare a write, whose bytes may clear events; then
 * act on it. @before is the slot's control before the write.
 */
void slot_clear_events(struct root_port *port, unsigned int offset,
		       unsigned int size, uint32_t value);
void slot_act(struct root_port *port, uint16_t before);

/* The slot's control; of any port. */
uint16_t slot_control(const struct root_port *port);

/* What happened since the last call. */
unsigned int slot_take(struct root_port *port);

/* Whether SLOT_MESSAGE happened, which is taken alone. */
bool slot_take_message(struct root_port *port);

/* The message could not be sent: what is pending causes another. */
void slot_lose_message(struct root_port *port);

struct slot_view slot_look(const struct root_port *port);

/* The port's message, once it was taken. Returns whether the guest
 * has enabled messages. */
bool slot_message(const struct root_port *port, uint64_t *address,
		  uint32_t *data);

/* The level of INTA. */
bool slot_line(const struct root_port *port);

#endif
