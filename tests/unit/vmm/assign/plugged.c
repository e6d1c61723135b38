// SPDX-License-Identifier: MIT
// A machine without a guest, for one device to be plugged in: KVM is a table,
// and warnings are counted.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <lend/context.h>

#include "plugged.h"

static void plugged_count_warning(void *opaque, enum lend_log_level level,
				  const char *text)
{
	unsigned int *warnings = opaque;

	(void)text;
	*warnings += level == LEND_LOG_WARNING;
}

void plugged_open(struct machine *machine, unsigned int *warnings)
{
	const struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = plugged_count_warning,
		.log_opaque = warnings,
	};

	memset(&kvm, 0, sizeof(kvm));
	*warnings = 0;
	*machine = (struct machine){};
	assert_int_equal(lend_ctx_new(&options, &machine->ctx), 0);
	assert_int_equal(watch_open(&machine->watch, machine->ctx), 0);
	assert_int_equal(lend_kvm_new(machine->ctx, VM_FD, NULL, &machine->kvm),
			 0);
	machine->irq = (struct irq){.kvm = machine->kvm, .vm_fd = VM_FD};
	bus_init(&machine->mmio);
	bus_init(&machine->pio);
}

void plugged_close(struct machine *machine)
{
	bus_destroy(&machine->pio);
	bus_destroy(&machine->mmio);
	lend_kvm_free(machine->kvm);
	watch_close(&machine->watch);
	lend_ctx_unref(machine->ctx);
}
