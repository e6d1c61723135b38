// SPDX-License-Identifier: MIT
// Uses a device from user space with a back end, and prints the results.
//
// usage: use-device [-r] [-t UUID] auto|container|iommufd|noiommu|passed DEVICE
//
// -r: keep the device until the kernel requests it, then close it
// -t: the VF token to open it with
// With passed, DEVICE is a VFIO device node: another process opens everything
// and ends, and this one may open nothing.

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <lend/lend.h>

#define NOBODY   65534
#define MEMORY   (2u << 20)
#define IOVA     0x100000u
#define EDU_ID   0x11e81234u
#define EDU_ROOM 0x40000u
#define EDU_IS   0x010000edu
#define BYTES    2048 /* of 4096: QEMU's check of the end is one off */
#define BOUND    100  /* seconds, for what takes less than one */

struct use {
	bool keep;
	struct lend_device_options options;
	uint8_t token[16];
	struct lend_ctx *ctx;
	struct lend_iommu *iommu;
	struct lend_device *device;
	char *memory;
	int file;
	int event;
};

static void use_log(void *opaque, enum lend_log_level level, const char *text)
{
	(void)opaque;
	if (level != LEND_LOG_DEBUG)
		printf("# %s\n", text);
}

/* Ends the program with the error record. */
static void use_check(const struct use *use, const char *what, int result)
{
	const struct lend_error *e = lend_ctx_error(use->ctx);

	if (result >= 0)
		return;
	fprintf(stderr, "%s: %d %s: %s\n%s\n%s\n", what, result,
		lend_error_code_name(e->code), e->what, e->evidence, e->remedy);
	exit(1);
}

static void use_refuse(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static uint32_t read_edu(const struct use *use, uint64_t offset)
{
	uint32_t value = 0;

	use_check(use, "read register",
		  lend_region_read(use->device, 0, offset, &value, 4));
	return value;
}

static void write_edu(const struct use *use, uint64_t offset, uint32_t value)
{
	use_check(use, "write register",
		  lend_region_write(use->device, 0, offset, &value, 4));
}

/* Has the device identify itself, invert a number and compute a factorial. */
static void try_registers(const struct use *use)
{
	if (read_edu(use, 0) != EDU_IS)
		use_refuse("the registers are not those of edu");
	write_edu(use, 4, 0x12345678);
	if (read_edu(use, 4) != ~0x12345678u)
		use_refuse("the device does not invert");
	write_edu(use, 8, 10);
	for (int i = 0; read_edu(use, 0x20) & 1; i++) {
		if (i == BOUND * 1000)
			use_refuse("the factorial is not ready in time");
		usleep(1000);
	}
	if (read_edu(use, 8) != 3628800)
		use_refuse("wrong factorial");
	printf("registers answer\n");
}

static void copy_by_edu(const struct use *use, uint64_t from, uint64_t to,
			uint64_t command)
{
	const uint64_t registers[] = {from, to, BYTES, command};

	for (int i = 0; i < 4; i++)
		use_check(use, "write register",
			  lend_region_write(use->device, 0, 0x80 + 8u * i,
					    &registers[i], 8));
	for (int i = 0; read_edu(use, 0x98) & 1; i++) {
		if (i == BOUND * 1000)
			use_refuse("DMA does not end in time");
		usleep(1000);
	}
}

/* Has the device copy bytes to its own memory and back to another address. */
static void try_dma(const struct use *use)
{
	for (int i = 0; i < BYTES; i++)
		use->memory[i] = (char)(i * 7 + 3);
	memset(use->memory + 65536, 0, BYTES);
	copy_by_edu(use, IOVA, EDU_ROOM, 1);
	copy_by_edu(use, EDU_ROOM, IOVA + 65536, 3);
	if (memcmp(use->memory, use->memory + 65536, BYTES))
		use_refuse("DMA changed the bytes");
	printf("DMA carries bytes both ways\n");
}

/* poll() fails where no descriptors are allowed; an alarm bounds the wait. */
static void await_interrupt(const struct use *use)
{
	uint64_t count = 0;

	alarm(BOUND);
	if (read(use->event, &count, sizeof(count)) != sizeof(count))
		use_refuse("no interrupt");
	alarm(0);
}

/* Has the device raise an interrupt, and then the kernel. */
static void try_interrupt(const struct use *use)
{
	use_check(
		use, "interrupt",
		lend_irq_set(use->device, LEND_PCI_IRQ_MSI, 0, 1, &use->event));
	write_edu(use, 0x60, 1);
	await_interrupt(use);
	use_check(use, "trigger",
		  lend_irq_trigger(use->device, LEND_PCI_IRQ_MSI, 0));
	await_interrupt(use);
	use_check(use, "disable",
		  lend_irq_disable(use->device, LEND_PCI_IRQ_MSI));
	printf("an interrupt arrives\n");
}

static void try_memory(const struct use *use)
{
	const struct lend_iova_range *ranges;
	unsigned int count;
	int result;

	if (lend_iommu_backend(use->iommu) == LEND_BACKEND_NOIOMMU) {
		result = lend_iommu_map(use->iommu, IOVA, use->memory, MEMORY,
					LEND_DMA_READ);
		printf("mapping: %s\n",
		       lend_error_code_name(lend_ctx_error(use->ctx)->code));
		if (result != -ENOTSUP)
			use_refuse("the mapping was not refused");
		return;
	}
	use_check(use, "ranges",
		  lend_iommu_ranges(use->iommu, &ranges, &count));
	for (unsigned int i = 0; i < count; i++)
		printf("# IOVA 0x%llx to 0x%llx\n",
		       (unsigned long long)ranges[i].first,
		       (unsigned long long)ranges[i].last);
	use_check(use, "map",
		  lend_iommu_map(use->iommu, IOVA + 2ull * MEMORY, use->memory,
				 MEMORY, LEND_DMA_READ));
	use_check(use, "unmap",
		  lend_iommu_unmap(use->iommu, IOVA + 2ull * MEMORY, MEMORY));
	use_check(use, "map all",
		  lend_iommu_map(use->iommu, IOVA, use->memory, MEMORY,
				 LEND_DMA_READ));
	use_check(use, "unmap all", lend_iommu_unmap_all(use->iommu));
	use_check(use, "map file",
		  lend_iommu_map_file(use->iommu, IOVA, use->memory, MEMORY,
				      LEND_DMA_READ | LEND_DMA_WRITE, use->file,
				      0));
	printf("maps %u ranges\n", count);
}

/* Succeeds if it reaches no device of others, and is refused otherwise. */
static void try_hot_reset(const struct use *use)
{
	struct lend_reset_target targets[32];
	int count = lend_device_hot_reset_info(use->device, targets, 32);
	int others = 0;
	int result;

	if (count < 0) {
		printf("hot reset: none\n");
		return;
	}
	for (int i = 0; i < count && i < 32; i++) {
		printf("# hot reset reaches %04x:%02x:%02x.%x, group %d%s\n",
		       targets[i].domain, targets[i].bus, targets[i].slot,
		       targets[i].function, targets[i].group,
		       targets[i].is_ours ? ", ours" : "");
		others += !targets[i].is_ours;
	}
	result = lend_device_hot_reset(use->device);
	if (!others)
		use_check(use, "hot reset", result);
	else if (result != -EBUSY)
		use_refuse("hot reset of a device that is not ours");
	printf("hot reset: %s\n", others ? "refused" : "done");
}

static void try_edu(const struct use *use)
{
	uint16_t command = 0x6; /* memory, bus master */

	use_check(use, "switch on",
		  lend_region_write(use->device, LEND_PCI_REGION_CONFIG, 4,
				    &command, 2));
	try_registers(use);
	if (!lend_iommu_mapped(use->iommu))
		return;
	try_dma(use);
	try_interrupt(use);
}

static void try_device(const struct use *use)
{
	uint32_t id;

	use_check(use, "read config",
		  lend_region_read(use->device, LEND_PCI_REGION_CONFIG, 0, &id,
				   4));
	printf("device %08x\n", id);
	try_memory(use);
	if (lend_device_can_reset(use->device))
		use_check(use, "reset", lend_device_reset(use->device));
	try_hot_reset(use);
	if (id == EDU_ID)
		try_edu(use);
}

/* Somebody unbinds the device: the kernel waits until it is closed. */
static void use_keep(const struct use *use)
{
	uint64_t count = 0;

	use_check(
		use, "request",
		lend_irq_set(use->device, LEND_PCI_IRQ_REQ, 0, 1, &use->event));
	printf("kept\n");
	alarm(BOUND);
	if (read(use->event, &count, sizeof(count)) != sizeof(count))
		use_refuse("no request");
	printf("asked for it\n");
}

/* Sends the descriptors of an iommufd and the device, and ends. */
static void send_descriptors(int socket, const char *node)
{
	char room[CMSG_SPACE(2 * sizeof(int))] = {0};
	struct iovec byte = {.iov_base = room, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room),
	};
	struct cmsghdr *control = CMSG_FIRSTHDR(&message);
	int fds[2];

	fds[0] = open("/dev/iommu", O_RDWR);
	fds[1] = open(node, O_RDWR);
	if (fds[0] < 0 || fds[1] < 0)
		_exit(1);
	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(control), fds, sizeof(fds));
	_exit(sendmsg(socket, &message, 0) != 1);
}

static void receive_descriptors(int socket, int fds[2])
{
	char room[CMSG_SPACE(2 * sizeof(int))] = {0};
	char data;
	struct iovec byte = {.iov_base = &data, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room),
	};
	struct cmsghdr *control;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		use_refuse("nothing was passed");
	control = CMSG_FIRSTHDR(&message);
	if (!control)
		use_refuse("no descriptor was passed");
	memcpy(fds, CMSG_DATA(control), 2 * sizeof(int));
}

/* Makes it impossible to open anything: no file, no free descriptor, and no
 * privilege to change that. */
static void use_confine(void)
{
	const struct rlimit none = {0, 0};

	if ((mkdir("/tmp/empty", 0755) && errno != EEXIST) ||
	    chroot("/tmp/empty") || chdir("/"))
		use_refuse("no empty root");
	if (setrlimit(RLIMIT_NOFILE, &none) || setgroups(0, NULL) ||
	    setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		use_refuse("no confinement");
	if (open("/", O_RDONLY | O_DIRECTORY) >= 0 || errno != EMFILE)
		use_refuse("a file can still be opened");
	printf("may open nothing\n");
}

static void use_open_passed(struct use *use, struct lend_iommu_options *options,
			    const char *node)
{
	int pair[2], fds[2], status;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		use_refuse("no socket");
	fflush(stdout);
	child = fork();
	if (!child)
		send_descriptors(pair[1], node);
	/* So that the end of the other process is seen here. */
	close(pair[1]);
	receive_descriptors(pair[0], fds);
	if (waitpid(child, &status, 0) != child || status)
		use_refuse("the other process failed");
	use_confine();
	options->iommufd = fds[0];
	use_check(use, "address space",
		  lend_iommu_new(use->ctx, options, &use->iommu));
	use_check(use, "device",
		  lend_device_open_fd(use->iommu, fds[1], node, &use->options,
				      &use->device));
}

static void use_open(struct use *use, const struct lend_iommu_options *options,
		     const char *name)
{
	struct lend_address *address;

	use_check(use, "find", lend_address_find(use->ctx, name, &address));
	use_check(use, "address space",
		  lend_iommu_new(use->ctx, options, &use->iommu));
	use_check(use, "device",
		  lend_device_open(use->iommu, address, &use->options,
				   &use->device));
	lend_address_unref(address);
}

static enum lend_backend backend_of(const char *name)
{
	if (!strcmp(name, "container"))
		return LEND_BACKEND_CONTAINER;
	if (!strcmp(name, "iommufd"))
		return LEND_BACKEND_IOMMUFD;
	if (!strcmp(name, "noiommu"))
		return LEND_BACKEND_NOIOMMU;
	return LEND_BACKEND_AUTO;
}

static void use_take_token(struct use *use, const char *text)
{
	for (int i = 0; i < 16; i++) {
		text += *text == '-';
		if (sscanf(text, "%2hhx", &use->token[i]) != 1)
			use_refuse("no token");
		text += 2;
	}
	use->options.vf_token = use->token;
}

static void use_take_options(struct use *use, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "rt:")) != -1) {
		if (option == 'r')
			use->keep = true;
		else if (option == 't')
			use_take_token(use, optarg);
		else
			exit(1);
	}
	if (argc - optind != 2)
		use_refuse("usage: use-device [-r] [-t UUID] BACKEND DEVICE");
}

int main(int argc, char **argv)
{
	struct lend_ctx_options ctx_options = {
		.size = sizeof(ctx_options),
		.log = use_log,
	};
	struct lend_iommu_options options = LEND_IOMMU_OPTIONS_INIT;
	struct use use = {.options.size = sizeof(use.options)};

	setvbuf(stdout, NULL, _IOLBF, 0);
	use_take_options(&use, argc, argv);
	if (lend_ctx_new(&ctx_options, &use.ctx))
		use_refuse("no context");
	use.file = memfd_create("memory", MFD_CLOEXEC);
	use.event = eventfd(0, EFD_CLOEXEC);
	if (use.event < 0 || use.file < 0 || ftruncate(use.file, MEMORY))
		use_refuse("no memory file");
	use.memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED,
			  use.file, 0);
	if (use.memory == MAP_FAILED)
		use_refuse("no memory");
	options.backend = backend_of(argv[optind]);
	if (strcmp(argv[optind], "passed"))
		use_open(&use, &options, argv[optind + 1]);
	else
		use_open_passed(&use, &options, argv[optind + 1]);
	printf("opened by %s\n", lend_iommu_backend_name(use.iommu));
	if (use.keep)
		use_keep(&use);
	else
		try_device(&use);
	lend_device_unref(use.device);
	lend_iommu_unref(use.iommu);
	lend_ctx_unref(use.ctx);
	printf("done\n");
	return 0;
}
