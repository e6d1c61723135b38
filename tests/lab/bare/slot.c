// SPDX-License-Identifier: MIT
// A guest that abuses its root ports, by I/O ports, while devices come into
// their slots and leave them.

#include "function.h"

#define PORTS   32
#define SECONDS 20
#define EXPRESS 0x48
#define SLOT    (EXPRESS + 0x18) /* its control and status */
#define DATA    0x90             /* of the port's message, two bytes */
#define BUSES   0x18
#define BRIDGE  0x0604
#define HEADER  0x0e
#define SECOND_BUS                                                             \
	0x100 /* devfn of the first function below a port, and more */

static struct function ports[PORTS];
static unsigned int count;
static uint64_t state = 0x6c656e64;

static uint32_t slot_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

static void slot_find(void)
{
	static struct function f;

	for (f.devfn = 0; f.devfn < 256 && count < PORTS; f.devfn++)
		if (config_read_port(&f, 0x0a, 2) == BRIDGE &&
		    config_read_port(&f, HEADER, 1) % 0x80 == 1)
			ports[count++].devfn = f.devfn;
}

/* The message's data decide whether it is an NMI or an INIT, which would end
 * this program. */
static bool slot_is_safe(unsigned int at, unsigned int size)
{
	return at + size <= DATA || at >= DATA + 2;
}

static void slot_write(const struct function *port)
{
	unsigned int size = 1u << slot_random() % 3;
	uint32_t value = slot_random();
	unsigned int at = slot_random() % 2 ? SLOT + slot_random() % 4
					    : slot_random() % STANDARD_SIZE;

	if (slot_random() % 4 == 0)
		value = value % 2 ? UINT32_MAX : 0;
	if ((at & 3) + size > 4 || !slot_is_safe(at, size))
		return;
	config_write_port(port, at, size, value);
	config_read_port(port, at & ~3u, 4);
}

/* Gives each port the bus after the last one's, and looks at what is there. */
static void slot_look_below(void)
{
	static struct function below;
	unsigned int present = 0;

	for (unsigned int i = 0; i < count; i++) {
		config_write_port(&ports[i], BUSES, 4, (i + 1) * 0x010100);
		below.devfn = (i + 1) * SECOND_BUS;
		present += config_read_port(&below, 0, 4) != UINT32_MAX;
		config_write_port(&below, COMMAND, 2, 0x0406);
		config_write_port(&below, BAR0, 4, slot_random());
	}
	console_say("slot below: %u", present);
}

void slot_run(void)
{
	unsigned int rounds = 0, now, shown = 0;

	slot_find();
	console_say("slot ports: %u", count);
	timer_start();
	while (count && (now = timer_milliseconds() / 1000) < SECONDS) {
		slot_write(&ports[slot_random() % count]);
		rounds++;
		if (now == shown)
			continue;
		shown = now;
		slot_look_below();
	}
	console_say("slot ok: %u rounds", rounds);
}
