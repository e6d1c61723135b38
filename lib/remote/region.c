// SPDX-License-Identifier: MIT
// Regions of a device behind a socket: descriptions, accesses by messages, and
// the files that can be mapped.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <linux/vfio.h>
#include <sys/stat.h>

#include <lend/region.h>

#include "lib/remote/remote.h"

/* A region without a file cannot be mapped, whatever its flags are. */
static int remote_keep_file(struct remote *remote,
			    struct user_region_info *info)
{
	struct channel *channel = &remote->channel;
	int *file = &remote->files[info->index];

	if (channel->fd_count > 1)
		return remote_refuse_reply(
			remote, "a region came with several descriptors");
	if (channel->fd_count) {
		if (*file >= 0)
			remote->kernel->close(remote->kernel, *file);
		*file = channel_take_fd(channel, 0);
	}
	if (*file < 0)
		info->flags &= ~(uint32_t)VFIO_REGION_INFO_FLAG_MMAP;
	return 0;
}

int remote_region_info(struct remote *remote, void *argument)
{
	struct vfio_region_info *answer = argument;
	uint32_t room = answer->argsz;
	struct user_region_info info = {
		.argsz = room,
		.index = answer->index,
	};
	const struct remote_call call = {
		.command = USER_DEVICE_GET_REGION_INFO,
		.head = &info,
		.head_size = sizeof(info),
	};
	size_t size;
	int err = remote_call(remote, &call);

	if (err)
		return err;
	size = remote->channel.size;
	if (size < sizeof(info) || size > room)
		return remote_refuse_reply(remote,
					   "its reply to "
					   "DEVICE_GET_REGION_INFO has "
					   "another size than was asked for");
	memcpy(&info, remote->channel.payload, sizeof(info));
	if (info.index != answer->index || info.index >= REMOTE_REGIONS)
		return remote_refuse_reply(remote,
					   "its reply to "
					   "DEVICE_GET_REGION_INFO is about "
					   "another region");
	err = remote_keep_file(remote, &info);
	if (err)
		return err;
	memcpy(answer, remote->channel.payload, size);
	memcpy(answer, &info, sizeof(info));
	return 0;
}

_Static_assert(sizeof(struct user_region_info) ==
		       sizeof(struct vfio_region_info),
	       "a server's description is the kernel's");

int remote_file(const struct remote *remote, unsigned int index)
{
	return index < REMOTE_REGIONS ? remote->files[index] : -1;
}

/* What the kernel maps of a device stays as long as the device. */
static bool remote_is_device(const struct remote *remote, int fd)
{
	struct vfio_device_info info = {.argsz = sizeof(info)};

	return !remote->kernel->ioctl(remote->kernel, fd, VFIO_DEVICE_GET_INFO,
				      &info);
}

const char *remote_file_fault(struct remote *remote, unsigned int index,
			      uint64_t end)
{
	const struct kernel *k = remote->kernel;
	int fd = remote_file(remote, index);
	int seals = k->seals(k, fd);
	struct stat st;

	if (seals < 0)
		return remote_is_device(remote, fd)
			       ? NULL
			       : "its file is neither a memory file nor VFIO's "
				 "of a device";
	if (!(seals & F_SEAL_SHRINK))
		return "its file may become shorter (no F_SEAL_SHRINK)";
	if (k->fstat(k, fd, &st) || st.st_size < 0 ||
	    (uint64_t)st.st_size < end)
		return "its file is smaller than the region";
	return NULL;
}

static int remote_access(struct remote *remote, const struct remote_call *call)
{
	struct user_region_access asked, got;
	size_t data = call->data_size ? 0 : sizeof(got);
	int err = remote_call(remote, call);

	if (err || call->is_posted)
		return err;
	memcpy(&asked, call->head, sizeof(asked));
	if (remote->channel.size < sizeof(got))
		return remote_refuse_reply(
			remote, "its reply to an access is too short");
	memcpy(&got, remote->channel.payload, sizeof(got));
	data = call->command == USER_REGION_READ ? asked.count : 0;
	if (memcmp(&got, &asked, sizeof(got)) ||
	    remote->channel.size != sizeof(got) + data)
		return remote_refuse_reply(remote,
					   "its reply is to another access");
	return 0;
}

static int remote_read_part(struct remote *remote,
			    const struct user_region_access *at, void *data)
{
	const struct remote_call call = {
		.command = USER_REGION_READ,
		.head = at,
		.head_size = sizeof(*at),
	};
	int err;

	pthread_mutex_lock(&remote->lock);
	err = remote_access(remote, &call);
	if (!err)
		memcpy(data, remote->channel.payload + sizeof(*at), at->count);
	remote_unlock(remote);
	return err;
}

static int remote_write_part(struct remote *remote,
			     const struct user_region_access *at,
			     const void *data)
{
	const struct remote_call call = {
		.command = USER_REGION_WRITE,
		.head = at,
		.head_size = sizeof(*at),
		.data = data,
		.data_size = at->count,
		.is_posted = remote->is_pci && at->region < LEND_PCI_REGION_ROM,
	};
	int err;

	pthread_mutex_lock(&remote->lock);
	err = remote_access(remote, &call);
	remote_unlock(remote);
	return err;
}

static struct user_region_access remote_part(const struct remote *remote,
					     unsigned int index,
					     uint64_t offset, size_t left)
{
	return (struct user_region_access){
		.offset = offset,
		.region = index,
		.count = (uint32_t)(left < remote->data_max ? left
							    : remote->data_max),
	};
}

ssize_t remote_read(struct remote *remote, unsigned int index, uint64_t offset,
		    void *data, size_t size)
{
	uint8_t *bytes = data;
	int err = 0;

	for (size_t done = 0; !err && done < size;) {
		struct user_region_access at =
			remote_part(remote, index, offset + done, size - done);

		err = remote_read_part(remote, &at, bytes + done);
		done += at.count;
	}
	if (!remote->death || !remote->is_open)
		return err ? err : (ssize_t)size;
	memset(data, 0xff, size);
	return (ssize_t)size;
}

ssize_t remote_write(struct remote *remote, unsigned int index, uint64_t offset,
		     const void *data, size_t size)
{
	const uint8_t *bytes = data;
	int err = 0;

	for (size_t done = 0; !err && done < size;) {
		struct user_region_access at =
			remote_part(remote, index, offset + done, size - done);

		err = remote_write_part(remote, &at, bytes + done);
		done += at.count;
	}
	return err && !(remote->death && remote->is_open) ? err : (ssize_t)size;
}
