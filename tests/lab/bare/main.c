// SPDX-License-Identifier: MIT
// The hostile guest: does to each lent function all that a guest can, and holds
// what it reads against the specification.

#include "function.h"

#define FUNCTIONS 16
#define TOGGLES   5000 /* of each function, where there is time */

void run(void);

static struct function functions[FUNCTIONS];
static unsigned int count;

/* Both ways to configuration space find the same. */
static void find(void)
{
	static struct function f;

	for (f.devfn = 0; f.devfn < 256; f.devfn++) {
		uint32_t id = (uint32_t)config_read(&f, 0, 4);

		if (config_read_port(&f, 0, 4) != id)
			fault("%x: its id is %x, by ports %x", f.devfn, id,
			      config_read_port(&f, 0, 4));
		if (id == 0xffffffff || count == FUNCTIONS)
			continue;
		functions[count++].devfn = f.devfn;
	}
}

/* What is not there reads all ones, and a write changes nothing. */
static void nobody(void)
{
	static const struct function f = {.devfn = 0xff};

	for (unsigned int at = 0; at < CONFIG_SIZE; at += 4) {
		config_write(&f, at, 4, 0);
		if (config_read(&f, at, 4) != 0xffffffff)
			fault("nobody answers at %x", at);
	}
}

static void tell(const struct function *f, const char *what)
{
	say("hostile %s: %x (%x)", what, f->devfn, number_at(f->first, 4));
}

static void sweep(struct function *f, const struct function *before)
{
	function_model(f);
	function_shape(f);
	tell(f, "meets");
	sweep_config(f);
	tell(f, "wrote configuration space of");
	bars_place(f);
	sweep_msix(f);
	tell(f, "wrote vectors of");
	sweep_bars(f, before);
	tell(f, "moved BARs of");
}

/* The bridge of the machine is no function that could decode. */
static void sweep_bridge(struct function *f)
{
	function_model(f);
	sweep_config(f);
	tell(f, "wrote configuration space of");
}

void run(void)
{
	unsigned int i, done, rounds;

	find();
	nobody();
	say("hostile finds %u functions", count);
	for (i = 0; i < count; i++)
		if (functions[i].devfn)
			sweep(&functions[i], i > 1 ? &functions[i - 1] : NULL);
		else
			sweep_bridge(&functions[i]);
	if (!toggles_start())
		fault("the second processor does not start");
	for (i = 1; i < count; i++) {
		done = sweep_toggles(&functions[i], TOGGLES, &rounds);
		say("hostile toggled: %x (%x), %u times beside %u rounds",
		    functions[i].devfn, number_at(functions[i].first, 4), done,
		    rounds);
	}
	for (i = 1; i < count; i++)
		sweep_reset(&functions[i]);
	if (fault_count())
		say("hostile FAILED: %u faults", fault_count());
	else
		say("hostile ok: %u functions", count - 1);
}
