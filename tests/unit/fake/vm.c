// SPDX-License-Identifier: MIT
// A virtual machine's side of a PCI function, for unit tests and fuzzing alike.

#include <stdarg.h>
#include <stdio.h>

#include "vm.h"

static void fake_vm_log(struct fake_vm *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void fake_vm_log(struct fake_vm *m, const char *fmt, ...)
{
	char text[128];
	va_list args;

	if (!m->log)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	m->log(m->opaque, text);
}

static void fake_vm_expect(struct fake_vm *m, bool is_so, const char *what)
{
	if (!is_so)
		m->broken(what);
}

static int fake_vm_bar_place(void *opaque, unsigned int bar, uint64_t base)
{
	struct fake_vm *m = opaque;

	fake_vm_log(m, "place %u %llx", bar, (unsigned long long)base);
	fake_vm_expect(m, bar < LEND_PCI_BARS && !m->placed[bar],
		       "a BAR was placed twice");
	m->placed[bar] = !m->refusal;
	return m->refusal;
}

static void fake_vm_bar_drop(void *opaque, unsigned int bar)
{
	struct fake_vm *m = opaque;

	fake_vm_log(m, "drop %u", bar);
	fake_vm_expect(m, bar < LEND_PCI_BARS && m->placed[bar],
		       "a BAR was dropped that has no place");
	m->placed[bar] = false;
}

static int fake_vm_window_map(void *opaque, unsigned int window, uint64_t base,
			      uint64_t size, void *vaddr)
{
	struct fake_vm *m = opaque;

	fake_vm_log(m, "map %u %llx+%llx", window, (unsigned long long)base,
		    (unsigned long long)size);
	fake_vm_expect(m, vaddr && size && base + (size - 1) >= base,
		       "a window is empty");
	fake_vm_expect(m, window < LEND_PCI_WINDOWS && !m->mapped[window],
		       "a window was mapped twice");
	m->mapped[window] = !m->window_refusal;
	return m->window_refusal;
}

static void fake_vm_window_unmap(void *opaque, unsigned int window)
{
	struct fake_vm *m = opaque;

	fake_vm_log(m, "unmap %u", window);
	fake_vm_expect(m, window < LEND_PCI_WINDOWS && m->mapped[window],
		       "a window was unmapped that is not mapped");
	m->mapped[window] = false;
}

static int fake_vm_intx_connect(void *opaque, int trigger, int resample)
{
	struct fake_vm *m = opaque;

	fake_vm_log(m, "intx %s", resample >= 0 ? "both ways" : "one way");
	fake_vm_expect(m, trigger >= 0 && !m->intx, "INTx was connected twice");
	m->intx = !m->refusal;
	return m->refusal;
}

static void fake_vm_intx_disconnect(void *opaque, int trigger, int resample)
{
	struct fake_vm *m = opaque;

	(void)resample;
	fake_vm_log(m, "intx off");
	fake_vm_expect(m, trigger >= 0 && m->intx,
		       "INTx was disconnected twice");
	m->intx = false;
}

static int fake_vm_msi_connect(void *opaque, unsigned int vector, int fd,
			       uint64_t address, uint32_t data)
{
	struct fake_vm *m = opaque;

	fake_vm_log(m, "on %u %llx %x", vector, (unsigned long long)address,
		    data);
	fake_vm_expect(m, vector < FAKE_VM_VECTORS && fd >= 0,
		       "a vector that does not exist was connected");
	fake_vm_expect(m, !m->intx, "MSI was connected beside INTx");
	if (m->refusal)
		return m->refusal;
	m->connected[vector] = m->known[vector] = true;
	if (m->moved)
		m->moved(m->opaque, vector, fd, true);
	return 0;
}

static void fake_vm_msi_disconnect(void *opaque, unsigned int vector, int fd)
{
	struct fake_vm *m = opaque;

	fake_vm_log(m, "off %u", vector);
	fake_vm_expect(
		m, vector < FAKE_VM_VECTORS && fd >= 0 && m->connected[vector],
		"a vector was disconnected twice");
	m->connected[vector] = false;
	if (m->moved)
		m->moved(m->opaque, vector, fd, false);
}

static void fake_vm_msi_release(void *opaque, unsigned int vector)
{
	struct fake_vm *m = opaque;

	fake_vm_log(m, "release %u", vector);
	fake_vm_expect(m, vector < FAKE_VM_VECTORS && m->known[vector],
		       "a vector was released twice");
	fake_vm_expect(m, !m->connected[vector],
		       "a vector was released while connected");
	m->known[vector] = false;
}

static void fake_vm_msi_expect(void *opaque,
			       const struct lend_pci_message *messages,
			       unsigned int count)
{
	struct fake_vm *m = opaque;

	fake_vm_expect(m, count > 1, "a batch is of one message");
	m->batches++;
	m->first = messages[0];
	m->expected = count;
}

const struct lend_pci_ops fake_vm_ops = {
	.size = sizeof(fake_vm_ops),
	.bar_place = fake_vm_bar_place,
	.bar_drop = fake_vm_bar_drop,
	.window_map = fake_vm_window_map,
	.window_unmap = fake_vm_window_unmap,
	.intx_connect = fake_vm_intx_connect,
	.intx_disconnect = fake_vm_intx_disconnect,
	.msi_connect = fake_vm_msi_connect,
	.msi_disconnect = fake_vm_msi_disconnect,
	.msi_release = fake_vm_msi_release,
	.msi_expect = fake_vm_msi_expect,
};
