// SPDX-License-Identifier: MIT
// Interrupts of a function that is software: the client's eventfds, and when
// they are signalled.

#include <errno.h>

#include <linux/pci_regs.h>

#include "lib/function/function.h"

static void function_close_fd(struct lend_function *function, int *fd)
{
	if (*fd >= 0)
		function->ctx->kernel->close(function->ctx->kernel, *fd);
	*fd = -1;
}

/* A counter that is full is one that was signalled. */
static void function_write_event(struct lend_function *function, int fd)
{
	const struct kernel *kernel = function->ctx->kernel;

	kernel->write(kernel, fd, &(uint64_t){1}, sizeof(uint64_t));
}

static struct function_vector *function_line(struct lend_function *function)
{
	return &function->indices[LEND_PCI_IRQ_INTX].vectors[0];
}

/* As VFIO: what fires masks itself, and fires again if it is unmasked while
 * asserted. */
void function_update_line(struct lend_function *function)
{
	bool is_on = function->indices[LEND_PCI_IRQ_INTX].is_on;
	uint8_t *config = function->config;
	int fd = is_on ? function_line(function)->fd : -1;

	if (function->is_asserted)
		config[PCI_STATUS] |= PCI_STATUS_INTERRUPT;
	else
		config[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTERRUPT;
	if (!function->is_asserted || function->line_is_masked || fd < 0 ||
	    config[PCI_COMMAND + 1] & PCI_COMMAND_INTX_DISABLE >> 8)
		return;
	function->line_is_masked = true;
	function_write_event(function, fd);
}

void function_quiet(struct lend_function *function)
{
	function->is_asserted = false;
	for (unsigned int i = 0; i < FUNCTION_INDICES; i++)
		for (unsigned int v = 0; v < function->indices[i].count; v++)
			function->indices[i].vectors[v].is_pending = false;
	function_update_line(function);
}

/* A message without an eventfd waits for one. */
static void function_send(struct lend_function *function,
			  struct function_vector *vector)
{
	vector->is_pending = vector->fd < 0;
	if (vector->fd >= 0)
		function_write_event(function, vector->fd);
}

static struct function_index *function_find(struct lend_function *function,
					    unsigned int index,
					    unsigned int start,
					    unsigned int count)
{
	struct function_index *found = &function->indices[index];

	if (index >= FUNCTION_INDICES || !found->count ||
	    start > found->count || count > found->count - start)
		return NULL;
	return found;
}

static int function_take_vector(struct lend_function *function,
				struct function_vector *vector, int given)
{
	const struct kernel *kernel = function->ctx->kernel;
	int fd = -1;

	if (given >= 0) {
		fd = kernel->adopt(kernel, given);
		if (fd < 0)
			return fd;
	}
	function_close_fd(function, &vector->fd);
	vector->fd = fd;
	if (vector->is_pending && fd >= 0)
		function_send(function, vector);
	return 0;
}

static int function_take_vectors(struct lend_function *function,
				 struct function_vector *vectors,
				 unsigned int count, const int *fds)
{
	for (unsigned int i = 0; i < count; i++) {
		int err = function_take_vector(function, &vectors[i], fds[i]);

		if (err)
			return err;
	}
	return 0;
}

int lend_function_irq_set(struct lend_function *function, unsigned int index,
			  unsigned int start, unsigned int count,
			  const int *fds)
{
	struct function_index *found =
		function_find(function, index, start, count);
	int err;

	if (!found)
		return -EINVAL;
	pthread_mutex_lock(&function->lock);
	found->is_on = true;
	if (index == LEND_PCI_IRQ_INTX)
		function->line_is_masked = false;
	err = function_take_vectors(function, &found->vectors[start], count,
				    fds);
	function_update_line(function);
	pthread_mutex_unlock(&function->lock);
	return err;
}

int lend_function_irq_unmask_fd(struct lend_function *function,
				unsigned int index, unsigned int start, int fd)
{
	const struct kernel *kernel = function->ctx->kernel;
	int taken = -1;

	if (index != LEND_PCI_IRQ_INTX ||
	    !function_find(function, index, start, 1))
		return -EINVAL;
	if (fd >= 0) {
		taken = kernel->adopt(kernel, fd);
		if (taken < 0)
			return taken;
	}
	pthread_mutex_lock(&function->lock);
	function_close_fd(function, &function->unmask);
	function->unmask = taken;
	pthread_mutex_unlock(&function->lock);
	return 0;
}

static int function_act_on_line(struct lend_function *function,
				enum lend_server_irq_action action)
{
	if (action == LEND_SERVER_IRQ_TRIGGER) {
		function_send(function, function_line(function));
		return 0;
	}
	function->line_is_masked = action == LEND_SERVER_IRQ_MASK;
	function_update_line(function);
	return 0;
}

int lend_function_irq_act(struct lend_function *function, unsigned int index,
			  unsigned int start,
			  enum lend_server_irq_action action)
{
	struct function_index *found = function_find(function, index, start, 1);
	int err = 0;

	if (!found ||
	    (index != LEND_PCI_IRQ_INTX && action != LEND_SERVER_IRQ_TRIGGER))
		return -EINVAL;
	pthread_mutex_lock(&function->lock);
	if (index == LEND_PCI_IRQ_INTX)
		err = function_act_on_line(function, action);
	else
		function_send(function, &found->vectors[start]);
	pthread_mutex_unlock(&function->lock);
	return err;
}

/* With the lock held. */
static void function_disable(struct lend_function *function, unsigned int index)
{
	struct function_index *found = &function->indices[index];

	found->is_on = false;
	for (unsigned int i = 0; i < found->count; i++) {
		function_close_fd(function, &found->vectors[i].fd);
		found->vectors[i].is_pending = false;
	}
	if (index != LEND_PCI_IRQ_INTX)
		return;
	function_close_fd(function, &function->unmask);
	function->line_is_masked = false;
}

int lend_function_irq_disable(struct lend_function *function,
			      unsigned int index)
{
	if (index >= LEND_FUNCTION_IRQS)
		return -EINVAL;
	if (index >= FUNCTION_INDICES)
		return 0;
	pthread_mutex_lock(&function->lock);
	function_disable(function, index);
	pthread_mutex_unlock(&function->lock);
	return 0;
}

void function_close(struct lend_function *function)
{
	for (unsigned int i = 0; i < FUNCTION_INDICES; i++)
		function_disable(function, i);
}

void lend_function_unmask(struct lend_function *function)
{
	const struct kernel *kernel = function->ctx->kernel;
	uint64_t count;

	pthread_mutex_lock(&function->lock);
	if (function->unmask >= 0 &&
	    kernel->read(kernel, function->unmask, &count, sizeof(count)) > 0) {
		function->line_is_masked = false;
		function_update_line(function);
	}
	pthread_mutex_unlock(&function->lock);
}

void lend_function_signal(struct lend_function *function, unsigned int vector)
{
	struct function_index *index;

	pthread_mutex_lock(&function->lock);
	index = &function->indices[function->indices[LEND_PCI_IRQ_MSIX].is_on
					   ? LEND_PCI_IRQ_MSIX
					   : LEND_PCI_IRQ_MSI];
	if (index->is_on && vector < index->count)
		function_send(function, &index->vectors[vector]);
	pthread_mutex_unlock(&function->lock);
}

void lend_function_set_line(struct lend_function *function, bool is_asserted)
{
	pthread_mutex_lock(&function->lock);
	function->is_asserted = is_asserted;
	function_update_line(function);
	pthread_mutex_unlock(&function->lock);
}
