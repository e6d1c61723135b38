// SPDX-License-Identifier: MIT
// How a device is reached: by the kernel's descriptor, or through the socket of
// a server.

#include <errno.h>

#include "lib/base/context.h"
#include "lib/device/reach.h"
#include "lib/remote/remote.h"

/* One row for each kind. All but @name work as the functions of the header. */
struct reach_ops {
	const char *name;
	int (*ioctl)(const struct attachment *at, const struct kernel *k,
		     unsigned long request, void *argument);
	ssize_t (*read)(const struct lend_device *device, unsigned int index,
			uint64_t offset, void *data, size_t size);
	ssize_t (*write)(const struct lend_device *device, unsigned int index,
			 uint64_t offset, const void *data, size_t size);
	int (*file)(const struct attachment *at, unsigned int index);
	const char *(*file_fault)(const struct attachment *at,
				  unsigned int index, uint64_t end);
};

static int kernel_reach_ioctl(const struct attachment *at,
			      const struct kernel *k, unsigned long request,
			      void *argument)
{
	return k->ioctl(k, at->fd, request, argument);
}

static ssize_t kernel_reach_read(const struct lend_device *device,
				 unsigned int index, uint64_t offset,
				 void *data, size_t size)
{
	const struct kernel *k = device->ctx->kernel;

	return k->pread(k, device->attachment.fd, data, size,
			device->regions[index].offset + offset);
}

static ssize_t kernel_reach_write(const struct lend_device *device,
				  unsigned int index, uint64_t offset,
				  const void *data, size_t size)
{
	const struct kernel *k = device->ctx->kernel;

	return k->pwrite(k, device->attachment.fd, data, size,
			 device->regions[index].offset + offset);
}

static int kernel_reach_file(const struct attachment *at, unsigned int index)
{
	(void)index;
	return at->fd;
}

static const char *kernel_reach_file_fault(const struct attachment *at,
					   unsigned int index, uint64_t end)
{
	(void)at;
	(void)index;
	(void)end;
	return NULL;
}

static int server_reach_ioctl(const struct attachment *at,
			      const struct kernel *k, unsigned long request,
			      void *argument)
{
	(void)k;
	return remote_ioctl(at->remote, request, argument);
}

static ssize_t server_reach_read(const struct lend_device *device,
				 unsigned int index, uint64_t offset,
				 void *data, size_t size)
{
	return remote_read(device->attachment.remote, index, offset, data,
			   size);
}

static ssize_t server_reach_write(const struct lend_device *device,
				  unsigned int index, uint64_t offset,
				  const void *data, size_t size)
{
	return remote_write(device->attachment.remote, index, offset, data,
			    size);
}

static int server_reach_file(const struct attachment *at, unsigned int index)
{
	return remote_file(at->remote, index);
}

static const char *server_reach_file_fault(const struct attachment *at,
					   unsigned int index, uint64_t end)
{
	return remote_file_fault(at->remote, index, end);
}

static const struct reach_ops *reach_of(const struct lend_device *device)
{
	static const struct reach_ops kernel = {
		.name = "kernel",
		.ioctl = kernel_reach_ioctl,
		.read = kernel_reach_read,
		.write = kernel_reach_write,
		.file = kernel_reach_file,
		.file_fault = kernel_reach_file_fault,
	};
	static const struct reach_ops server = {
		.name = "server",
		.ioctl = server_reach_ioctl,
		.read = server_reach_read,
		.write = server_reach_write,
		.file = server_reach_file,
		.file_fault = server_reach_file_fault,
	};

	return device->attachment.remote ? &server : &kernel;
}

int reach_ioctl(struct lend_device *device, unsigned long request,
		void *argument)
{
	return reach_of(device)->ioctl(&device->attachment, device->ctx->kernel,
				       request, argument);
}

static int reach_ask(void *opaque, unsigned long request, void *argument)
{
	return reach_ioctl(opaque, request, argument);
}

int reach_info(struct lend_device *device, unsigned long request,
	       const void *question, uint32_t base, struct info *info)
{
	return info_read_by(reach_ask, device, request, question, base, info);
}

ssize_t reach_read(struct lend_device *device, unsigned int index,
		   uint64_t offset, void *data, size_t size)
{
	return reach_of(device)->read(device, index, offset, data, size);
}

ssize_t reach_write(struct lend_device *device, unsigned int index,
		    uint64_t offset, const void *data, size_t size)
{
	return reach_of(device)->write(device, index, offset, data, size);
}

int reach_file(const struct lend_device *device, unsigned int index)
{
	return reach_of(device)->file(&device->attachment, index);
}

const char *reach_file_fault(const struct lend_device *device,
			     unsigned int index, uint64_t end)
{
	return reach_of(device)->file_fault(&device->attachment, index, end);
}

int reach_explain_loss(const struct lend_device *device)
{
	return remote_explain(device->attachment.remote, -EIO);
}

const char *reach_name(const struct lend_device *device)
{
	return reach_of(device)->name;
}
