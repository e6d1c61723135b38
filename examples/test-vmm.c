// SPDX-License-Identifier: MIT
// Tests of the example VMM's devices without hardware and without KVM, on the
// scripted host of liblend-test. Ends with 0 if all passed.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/test.h>

#include "vmm-devices.h"

#define NAME    "0000:01:00.0"
#define RAM     0x10000u
#define MEMORY  0xe0000000u
#define TABLE   0x2000u /* of MSI-X, in BAR 0 */
#define LINE    11
#define MESSAGE 0xfee00000u

struct bench {
	struct lend_test *host;
	struct lend_test_device *nic;
	struct lend_ctx *ctx;
	struct lend_kvm *kvm;
	struct devices devices;
	_Alignas(4096) uint8_t ram[RAM];
};

static void test_expect(bool is_so, const char *what)
{
	if (is_so)
		return;
	printf("failed: %s\n", what);
	exit(1);
}

static void bench_make(struct bench *b, bool has_iommufd)
{
	struct lend_ctx_options options = {.size = sizeof(options)};

	memset(b, 0, sizeof(*b));
	b->host = lend_test_new();
	if (has_iommufd)
		lend_test_add_iommufd(b->host);
	b->nic = lend_test_add_pci(b->host, NAME, 7);
	test_expect(
		!lend_test_add_bar(b->nic, 0, 0x4000, 0) &&
			!lend_test_add_bar(b->nic, 2, 0x20, LEND_TEST_BAR_IO) &&
			lend_test_add_msix(b->nic, 4, 0, TABLE) > 0,
		"the host has the device");
	test_expect(!lend_test_options(b->host, &options) &&
			    !lend_ctx_new(&options, &b->ctx) &&
			    !lend_kvm_new(b->ctx, lend_test_vm(b->host), NULL,
					  &b->kvm),
		    "the context is on the scripted host");
	test_expect(!lend_kvm_claim(b->kvm, 0, RAM, "RAM", NULL),
		    "RAM has an owner");
	b->devices = (struct devices){
		.ctx = b->ctx,
		.kvm = b->kvm,
		.memory = MEMORY,
		.memory_end = MEMORY + 0x1000000,
		.ports = 0xc000,
		.ports_end = 0x10000,
		.line = LINE,
	};
}

static int bench_open(struct bench *b)
{
	char name[] = NAME, *names[] = {name};

	return devices_open(&b->devices, names, 1, b->ram, 0, RAM);
}

/* Whatever happened before, nothing may be left. */
static void bench_end(struct bench *b)
{
	char why[256];

	lend_test_fail(b->host, LEND_TEST_CALL_ANY, 0, 0, 0);
	devices_close(&b->devices);
	lend_kvm_free(b->kvm);
	lend_ctx_unref(b->ctx);
	test_expect(lend_test_is_idle(b->host, why, sizeof(why)), why);
	test_expect(!lend_test_count(b->host, LEND_TEST_SLOTS) &&
			    !lend_test_count(b->host, LEND_TEST_IRQFDS),
		    "the virtual machine has nothing of the device");
	lend_test_free(b->host);
}

/* The guest writes configuration space, and a register in a BAR. */
static void guest_config(struct bench *b, unsigned int at, unsigned int size,
			 uint32_t value)
{
	uint8_t data[4];

	memcpy(data, &value, sizeof(data));
	devices_config(&b->devices, 1, at, data, size, true);
}

static void guest_write(struct bench *b, uint64_t at, uint32_t value)
{
	test_expect(devices_access(&b->devices, at, false, &value,
				   sizeof(value), true),
		    "the guest reaches a register");
}

static void test_bars(struct bench *b)
{
	uint8_t *bytes = lend_test_region(b->nic, 0, NULL);
	uint32_t value = 0;

	test_expect(!lend_test_guest(b->host, MEMORY, 4),
		    "the BAR is not there before the guest enables it");
	guest_config(b, 0x04, 2, 0x7);
	test_expect(lend_test_guest(b->host, MEMORY, TABLE),
		    "what precedes the MSI-X table is a memory slot");
	memcpy(bytes + 0x10, "lend", 4);
	test_expect(!memcmp((char *)lend_test_guest(b->host, MEMORY + 0x10, 4),
			    "lend", 4),
		    "the slot is the device's memory");
	test_expect(!lend_test_guest(b->host, MEMORY + TABLE, 4) &&
			    devices_access(&b->devices, MEMORY + TABLE, false,
					   &value, sizeof(value), false),
		    "the table is reached by exits");
	guest_config(b, 0x10, 4, 0);
	test_expect(!lend_test_guest(b->host, 0, 4),
		    "a BAR over RAM is not mapped");
	guest_config(b, 0x10, 4, MEMORY);
	test_expect(lend_test_guest(b->host, MEMORY, TABLE), "the BAR is back");
}

static void test_interrupts(struct bench *b)
{
	uint64_t address = 0;
	uint32_t data = 0;

	test_expect(!lend_test_raise(b->nic, LEND_PCI_IRQ_INTX, 0) &&
			    lend_test_interrupt(b->host, &address, &data) ==
				    LINE,
		    "INTx arrives at the line");
	test_expect(lend_test_raise(b->nic, LEND_PCI_IRQ_INTX, 0) == -EBUSY,
		    "INTx is masked until its end");
	lend_test_end(b->host, LINE);
	test_expect(!lend_test_raise(b->nic, LEND_PCI_IRQ_INTX, 0) &&
			    lend_test_interrupt(b->host, &address, &data) ==
				    LINE,
		    "INTx arrives again");
	guest_write(b, MEMORY + TABLE + 16, MESSAGE);
	guest_write(b, MEMORY + TABLE + 16 + 8, 0x41);
	guest_write(b, MEMORY + TABLE + 16 + 12, 0);
	guest_config(b, 0x42, 2, 0x8000);
	test_expect(!lend_test_raise(b->nic, LEND_PCI_IRQ_MSIX, 1) &&
			    lend_test_interrupt(b->host, &address, &data) >
				    LINE &&
			    address == MESSAGE && data == 0x41,
		    "vector 1 arrives with its message");
	test_expect(lend_test_interrupt(b->host, &address, &data) == -EAGAIN,
		    "nothing else arrives");
}

static void test_dma(struct bench *b)
{
	test_expect(lend_test_dma(b->nic, 0x100, 16, LEND_DMA_WRITE) ==
			    b->ram + 256,
		    "the device reaches RAM");
	test_expect(!lend_test_dma(b->nic, RAM - 8, 16, LEND_DMA_READ),
		    "the device reaches nothing behind RAM");
	guest_config(b, 0x04, 2, 0x3);
	test_expect(!lend_test_dma(b->nic, 0x100, 16, LEND_DMA_READ),
		    "without bus mastering there is no DMA");
}

static void test_events(struct bench *b)
{
	test_expect(!devices_check(&b->devices), "there is no event yet");
	test_expect(!lend_test_raise(b->nic, LEND_PCI_IRQ_REQ, 0) &&
			    devices_check(&b->devices) == 1,
		    "the host's request is seen");
	test_expect(!lend_test_raise(b->nic, LEND_PCI_IRQ_ERR, 0) &&
			    devices_check(&b->devices) == -1,
		    "the device's error is seen");
}

/* Each call to the kernel fails once. Returns how many there are. */
static unsigned int test_failures(struct bench *b, bool has_iommufd)
{
	unsigned int calls = 0;
	bool has_failed = true;

	while (has_failed) {
		bench_make(b, has_iommufd);
		lend_test_fail(b->host, LEND_TEST_CALL_ANY, 0, ++calls, EIO);
		if (!bench_open(b))
			guest_config(b, 0x04, 2, 0x7);
		has_failed = lend_test_has_failed(b->host);
		bench_end(b);
	}
	return calls - 1;
}

int main(void)
{
	static struct bench b;

	for (int has_iommufd = 0; has_iommufd < 2; has_iommufd++) {
		bench_make(&b, has_iommufd);
		test_expect(!bench_open(&b), "the device is opened");
		test_bars(&b);
		test_interrupts(&b);
		test_dma(&b);
		test_events(&b);
		bench_end(&b);
		/* Each failure prints its record. */
		test_expect(freopen("/dev/null", "w", stderr), "/dev/null");
		printf("%s: %u calls, each failed once\n",
		       has_iommufd ? "iommufd" : "container",
		       test_failures(&b, has_iommufd));
	}
	return 0;
}
