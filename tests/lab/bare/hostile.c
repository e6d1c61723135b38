// SPDX-License-Identifier: MIT
// The hostile guest: abuses each lent function in every way a guest can, and
// checks what it reads against the specification.

#include "function.h"

#define FUNCTIONS 16
#define TOGGLES   5000 /* of each function, if there is time */

static struct function functions[FUNCTIONS];
static unsigned int count;

/* Both ways to access configuration space find the same functions. */
static void hostile_find(void)
{
	static struct function f;

	for (f.devfn = 0; f.devfn < 256; f.devfn++) {
		uint32_t id = (uint32_t)config_read_ecam(&f, 0, 4);

		if (config_read_port(&f, 0, 4) != id)
			console_fault("%x: its id is %x, by ports %x", f.devfn,
				      id, config_read_port(&f, 0, 4));
		if (id == 0xffffffff || count == FUNCTIONS)
			continue;
		functions[count++].devfn = f.devfn;
	}
}

/* An absent function reads all ones, and writes change nothing. */
static void hostile_check_absent(void)
{
	static const struct function f = {.devfn = 0xff};

	for (unsigned int at = 0; at < CONFIG_SIZE; at += 4) {
		config_write_ecam(&f, at, 4, 0);
		if (config_read_ecam(&f, at, 4) != 0xffffffff)
			console_fault("an absent function answers at %x", at);
	}
}

static void hostile_say(const struct function *f, const char *what)
{
	console_say("hostile %s: %x (%x)", what, f->devfn,
		    number_at(f->first, 4));
}

static void hostile_sweep(struct function *f, const struct function *before)
{
	function_model(f);
	function_shape(f);
	hostile_say(f, "meets");
	sweep_config(f);
	hostile_say(f, "wrote configuration space of");
	bars_place(f);
	sweep_msix(f);
	hostile_say(f, "wrote vectors of");
	sweep_bars(f, before);
	hostile_say(f, "moved BARs of");
}

/* The machine's host bridge decodes nothing. */
static void hostile_sweep_bridge(struct function *f)
{
	function_model(f);
	sweep_config(f);
	hostile_say(f, "wrote configuration space of");
}

void hostile_run(void)
{
	unsigned int i, done, rounds;

	hostile_find();
	hostile_check_absent();
	console_say("hostile finds %u functions", count);
	for (i = 0; i < count; i++)
		if (functions[i].devfn)
			hostile_sweep(&functions[i],
				      i > 1 ? &functions[i - 1] : NULL);
		else
			hostile_sweep_bridge(&functions[i]);
	if (!toggles_start())
		console_fault("the second processor does not start");
	for (i = 1; i < count; i++) {
		done = sweep_toggles(&functions[i], TOGGLES, &rounds);
		console_say(
			"hostile toggled: %x (%x), %u times beside %u rounds",
			functions[i].devfn, number_at(functions[i].first, 4),
			done, rounds);
	}
	for (i = 1; i < count; i++)
		sweep_reset(&functions[i]);
	if (console_fault_count())
		console_say("hostile FAILED: %u faults", console_fault_count());
	else
		console_say("hostile ok: %u functions", count - 1);
}
