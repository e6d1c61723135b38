/* SPDX-License-Identifier: MIT */
/* Shared by the examples: a device opened by name, errors printed, arguments
 * read. */
#ifndef EXAMPLES_COMMON_H
#define EXAMPLES_COMMON_H

#include <lend/lend.h>

/* An open device, and all that it holds. */
struct session {
	struct lend_ctx *ctx;
	struct lend_address *address;
	struct lend_iommu *iommu;
	struct lend_device *device;
};

/* Opens the device that @text names; call session_close() even after an error,
 * which is printed. Returns 0 or -errno. */
int session_open(struct session *session, const char *text);
void session_close(struct session *session);

/* Prints the context's error record, for -errno @err. Returns @err. */
int session_fail(const struct session *session, int err);

/* The same for an error that is not of the library. */
int print_errno(const char *what, int err);

/* The interrupt index that "msix", "msi" or "intx" names; any for NULL and for
 * other words. */
unsigned int irq_index_of(const char *word);

/* The word for an interrupt index. */
const char *irq_index_word(unsigned int index);

/* Waits a minute at most for an interrupt. Returns 0, or -errno after it was
 * printed. */
int irq_await(struct lend_vectors *vectors, unsigned int vector);

#endif
