// SPDX-License-Identifier: MIT
// Asks a server for what the kernel answers by ioctls of a device.

#include <errno.h>
#include <string.h>
#include <linux/vfio.h>

#include "lib/remote/remote.h"

static int remote_check_info(struct remote *remote,
			     const struct user_device_info *info)
{
	if (info->region_count > REMOTE_REGIONS)
		return remote_refuse_reply(remote, "it has too many regions");
	if (info->irq_count > REMOTE_IRQS)
		return remote_refuse_reply(remote,
					   "it has too many interrupt indices");
	return 0;
}

/* A PCI function has LEND_PCI_IRQ_ERR in any case: a connection that ends is
 * reported by it. */
static int remote_device_info(struct remote *remote,
			      struct vfio_device_info *answer)
{
	struct user_device_info info = {.argsz = sizeof(info)};
	const struct remote_call call = {
		.command = USER_DEVICE_GET_INFO,
		.head = &info,
		.head_size = sizeof(info),
	};
	int err = remote_call(remote, &call);

	if (err)
		return err;
	if (remote->channel.size < sizeof(info))
		return remote_refuse_reply(
			remote, "its reply to DEVICE_GET_INFO is too short");
	memcpy(&info, remote->channel.payload, sizeof(info));
	err = remote_check_info(remote, &info);
	if (err)
		return err;
	remote->is_pci = info.flags & VFIO_DEVICE_FLAGS_PCI;
	remote->irqs = info.irq_count;
	answer->flags =
		info.flags & (VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI |
			      VFIO_DEVICE_FLAGS_PLATFORM);
	answer->num_regions = info.region_count;
	answer->num_irqs = info.irq_count;
	if (remote->is_pci && answer->num_irqs <= VFIO_PCI_ERR_IRQ_INDEX)
		answer->num_irqs = VFIO_PCI_ERR_IRQ_INDEX + 1;
	return 0;
}

static int remote_reset(struct remote *remote)
{
	const struct remote_call call = {.command = USER_DEVICE_RESET};

	return remote_call(remote, &call);
}

int remote_ioctl(struct remote *remote, unsigned long request, void *argument)
{
	int err = -ENOTTY;

	pthread_mutex_lock(&remote->lock);
	switch (request) {
	case VFIO_DEVICE_GET_INFO:
		err = remote_device_info(remote, argument);
		break;
	case VFIO_DEVICE_GET_REGION_INFO:
		err = remote_region_info(remote, argument);
		break;
	case VFIO_DEVICE_GET_IRQ_INFO:
		err = remote_irq_info(remote, argument);
		break;
	case VFIO_DEVICE_SET_IRQS:
		err = remote_set_irqs(remote, argument);
		break;
	case VFIO_DEVICE_RESET:
		err = remote_reset(remote);
		break;
	}
	remote_unlock(remote);
	return err;
}
