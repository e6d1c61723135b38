// SPDX-License-Identifier: MIT
// PCI functions that are software: their life, and accesses to configuration
// space.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/base/sized.h"
#include "lib/function/function.h"

static int function_allocate(struct lend_function *function)
{
	const unsigned int counts[FUNCTION_INDICES] = {
		[LEND_PCI_IRQ_INTX] = function->options.intx,
		[LEND_PCI_IRQ_MSI] = function->options.msi,
		[LEND_PCI_IRQ_MSIX] = function->options.msix,
		[LEND_PCI_IRQ_ERR] = 1,
	};

	for (unsigned int i = 0; i < FUNCTION_INDICES; i++) {
		struct function_index *index = &function->indices[i];

		index->vectors = calloc(counts[i] + 1, sizeof(*index->vectors));
		if (!index->vectors)
			return -ENOMEM;
		index->count = counts[i];
		for (unsigned int v = 0; v < index->count; v++)
			index->vectors[v].fd = -1;
	}
	return 0;
}

int lend_function_new(struct lend_ctx *ctx,
		      const struct lend_function_options *options,
		      struct lend_function **result)
{
	struct lend_function_options known = {0};
	struct lend_function *function;
	const char *fault;
	int err =
		sized_copy(ctx, NULL, &sized_function_options, &known, options);

	if (err)
		return err;
	fault = function_options_fault(&known);
	if (fault)
		return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
				      "%s of struct lend_function_options is "
				      "out of range",
				      fault);
	function = calloc(1, sizeof(*function));
	if (!function)
		return error_no_memory(ctx, NULL);
	function->ctx = lend_ctx_ref(ctx);
	function->options = known;
	function->unmask = -1;
	pthread_mutex_init(&function->lock, NULL);
	if (function_allocate(function)) {
		lend_function_free(function);
		return error_no_memory(ctx, NULL);
	}
	function_build(function);
	*result = function;
	return 0;
}

void lend_function_free(struct lend_function *function)
{
	if (!function)
		return;
	function_close(function);
	for (unsigned int i = 0; i < FUNCTION_INDICES; i++)
		free(function->indices[i].vectors);
	pthread_mutex_destroy(&function->lock);
	lend_ctx_unref(function->ctx);
	free(function);
}

void lend_function_fill(
	const struct lend_function *function,
	struct lend_server_region regions[LEND_FUNCTION_REGIONS],
	struct lend_server_irq irqs[LEND_FUNCTION_IRQS])
{
	const uint32_t both = LEND_REGION_READ | LEND_REGION_WRITE;

	for (unsigned int i = 0; i < LEND_FUNCTION_REGIONS; i++) {
		regions[i] = (struct lend_server_region){.fd = -1};
		if (i < LEND_FUNCTION_BARS)
			regions[i].size = function->options.bars[i].size;
		if (i == LEND_PCI_REGION_CONFIG)
			regions[i].size = FUNCTION_CONFIG;
		if (regions[i].size)
			regions[i].flags = both;
	}
	memset(irqs, 0, LEND_FUNCTION_IRQS * sizeof(irqs[0]));
	for (unsigned int i = 0; i < FUNCTION_INDICES; i++)
		irqs[i] = (struct lend_server_irq){
			function->indices[i].count,
			i == LEND_PCI_IRQ_INTX
				? LEND_IRQ_EVENTFD | LEND_IRQ_MASKABLE |
					  LEND_IRQ_AUTOMASKED
				: LEND_IRQ_EVENTFD};
}

void lend_function_config_read(struct lend_function *function, uint64_t offset,
			       void *data, size_t size)
{
	size_t room = offset < FUNCTION_CONFIG ? FUNCTION_CONFIG - offset : 0;
	size_t length = size < room ? size : room;

	memset(data, 0xff, size);
	pthread_mutex_lock(&function->lock);
	memcpy(data, function->config + (length ? offset : 0), length);
	pthread_mutex_unlock(&function->lock);
}

/* Whether the bytes set the bit that resets the function. */
static bool function_is_reset(const struct lend_function *function,
			      uint64_t offset, const uint8_t *bytes,
			      size_t size)
{
	uint64_t at = function->express + PCI_EXP_DEVCTL + 1;

	return offset <= at && at - offset < size &&
	       bytes[at - offset] & PCI_EXP_DEVCTL_BCR_FLR >> 8;
}

bool lend_function_config_write(struct lend_function *function, uint64_t offset,
				const void *data, size_t size)
{
	const uint8_t *bytes = data;

	pthread_mutex_lock(&function->lock);
	for (size_t i = 0; i < size && offset + i < FUNCTION_CONFIG; i++) {
		uint8_t *at = &function->config[offset + i];
		uint8_t writable = function->writable[offset + i];

		*at = (uint8_t)((*at & ~writable) | (bytes[i] & writable));
	}
	/* The bit that disables INTx may have changed. */
	function_update_line(function);
	pthread_mutex_unlock(&function->lock);
	return function_is_reset(function, offset, bytes, size);
}

void lend_function_reset(struct lend_function *function)
{
	pthread_mutex_lock(&function->lock);
	memcpy(function->config, function->first, sizeof(function->config));
	function_quiet(function);
	pthread_mutex_unlock(&function->lock);
}

static pthread_mutex_t *function_lock(const struct lend_function *function)
{
	return (pthread_mutex_t *)(uintptr_t)&function->lock;
}

bool lend_function_bus_master(const struct lend_function *function)
{
	bool is_on;

	pthread_mutex_lock(function_lock(function));
	is_on = function->config[PCI_COMMAND] & PCI_COMMAND_MASTER;
	pthread_mutex_unlock(function_lock(function));
	return is_on;
}

static unsigned int messages_of(const struct lend_function *function)
{
	const struct function_index *indices = function->indices;

	if (indices[LEND_PCI_IRQ_MSIX].is_on)
		return indices[LEND_PCI_IRQ_MSIX].count;
	return indices[LEND_PCI_IRQ_MSI].is_on ? indices[LEND_PCI_IRQ_MSI].count
					       : 0;
}

unsigned int lend_function_messages(const struct lend_function *function)
{
	unsigned int count;

	pthread_mutex_lock(function_lock(function));
	count = messages_of(function);
	pthread_mutex_unlock(function_lock(function));
	return count;
}

uint64_t lend_function_pending(const struct lend_function *function,
			       unsigned int first)
{
	const struct function_index *msix =
		&function->indices[LEND_PCI_IRQ_MSIX];
	uint64_t bits = 0;

	pthread_mutex_lock(function_lock(function));
	for (unsigned int i = 0; i < 64 && first + i < msix->count; i++)
		if (msix->vectors[first + i].is_pending)
			bits |= UINT64_C(1) << i;
	pthread_mutex_unlock(function_lock(function));
	return bits;
}

int lend_function_unmask_fd(const struct lend_function *function)
{
	int fd;

	pthread_mutex_lock(function_lock(function));
	fd = function->unmask;
	pthread_mutex_unlock(function_lock(function));
	return fd;
}
