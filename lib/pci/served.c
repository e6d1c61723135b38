// SPDX-License-Identifier: MIT
// Serves configuration space to a client in another process.

#include <stdlib.h>
#include <string.h>

#include <lend/region.h>
#include <lend/reset.h>

#include "lib/base/bytes.h"
#include "lib/base/context.h"
#include "lib/pci/access.h"
#include "lib/pci/function.h"
#include "lib/pci/pci.h"
#include "lib/pci/served.h"

int served_new(struct lend_device *device, struct lend_pci **result)
{
	/* A client has devices of this kind below a port, if anywhere. */
	static const struct lend_pci_options options = {.below_port = true};
	struct lend_pci *served = calloc(1, sizeof(*served));
	int err;

	if (!served)
		return error_no_memory(lend_device_ctx(device),
				       lend_device_name(device));
	served->ctx = lend_device_ctx(device);
	served->device = lend_device_ref(device);
	err = pci_build_view(served, &options);
	if (err)
		served_free(served);
	else
		*result = served;
	return err;
}

void served_free(struct lend_pci *served)
{
	if (!served)
		return;
	lend_device_unref(served->device);
	free(served);
}

/* The largest aligned access at the front of a range. */
static unsigned int served_part(unsigned int offset, size_t size)
{
	if (!(offset & 3) && size >= 4)
		return 4;
	return !(offset & 1) && size >= 2 ? 2 : 1;
}

void served_read(struct lend_pci *served, unsigned int offset, void *data,
		 size_t size)
{
	uint8_t *bytes = data;
	unsigned int part;

	for (; size; size -= part, offset += part, bytes += part) {
		part = served_part(offset, size);
		bytes_put(bytes, part,
			  access_config_read(served, offset, part));
	}
}

/* A reset leaves the device as it was opened, and the view with it. */
static int served_write_part(struct lend_pci *served, unsigned int offset,
			     unsigned int size, uint32_t value)
{
	struct config_effect effect =
		config_apply_write(&served->config, offset, size, value);

	if (effect.reset) {
		served_reset(served);
		return lend_device_reset(served->device);
	}
	if (!effect.size)
		return 0;
	return lend_region_write(served->device, LEND_PCI_REGION_CONFIG,
				 effect.offset, effect.data, effect.size);
}

int served_write(struct lend_pci *served, unsigned int offset, const void *data,
		 size_t size)
{
	const uint8_t *bytes = data;
	unsigned int part;
	int err = 0;

	for (; size && !err; size -= part, offset += part, bytes += part) {
		part = served_part(offset, size);
		err = served_write_part(served, offset, part,
					(uint32_t)bytes_get(bytes, part));
	}
	return err;
}

void served_reset(struct lend_pci *served)
{
	memcpy(served->config.value, served->initial, sizeof(served->initial));
}
