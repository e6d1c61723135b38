// SPDX-License-Identifier: MIT
// Plugs a file into a run as if it were a device's node: a client of the
// control socket that believes anything.
//
// usage: pass-node SOCKET FILE
//
// The status is 1 if the run refuses it; stderr has each answer.

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SECONDS 60

static void pass_fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(2);
}

static int pass_connect(const char *path)
{
	const struct timeval patience = {.tv_sec = SECONDS};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)))
		pass_fail(path);
	return fd;
}

/* Reads up to a line with @word, or with an error. Returns whether it is the
 * former. */
static int pass_await(FILE *from, const char *word)
{
	char line[4096];

	while (fgets(line, sizeof(line), from)) {
		if (strstr(line, word))
			return 1;
		if (strstr(line, "\"error\"")) {
			fprintf(stderr, "%s", line);
			return 0;
		}
	}
	pass_fail("the run has not answered");
	return 0;
}

/* Sends @text, with @file unless it is negative. */
static void pass_send(int fd, const char *text, int file)
{
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec data = {(void *)(uintptr_t)text, strlen(text)};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
	struct cmsghdr *part;

	if (file >= 0) {
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		part = CMSG_FIRSTHDR(&message);
		part->cmsg_level = SOL_SOCKET;
		part->cmsg_type = SCM_RIGHTS;
		part->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(part), &file, sizeof(file));
	}
	if (sendmsg(fd, &message, 0) != (ssize_t)strlen(text))
		pass_fail("send");
}

static int pass_ask(int fd, FILE *from, const char *text, int file)
{
	pass_send(fd, text, file);
	return pass_await(from, "\"return\"");
}

int main(int argc, char **argv)
{
	FILE *from;
	int fd, file;

	if (argc != 3)
		return 2;
	file = open(argv[2], O_RDWR);
	if (file < 0)
		file = open(argv[2], O_RDONLY);
	if (file < 0)
		pass_fail(argv[2]);
	fd = pass_connect(argv[1]);
	from = fdopen(fd, "r");
	if (!from)
		pass_fail("fdopen");
	return !(pass_await(from, "\"QMP\"") &&
		 pass_ask(fd, from, "{\"execute\":\"qmp_capabilities\"}", -1) &&
		 pass_ask(fd, from,
			  "{\"execute\":\"getfd\",\"arguments\":"
			  "{\"fdname\":\"it\"}}",
			  file) &&
		 pass_ask(fd, from,
			  "{\"execute\":\"device_add\",\"arguments\":"
			  "{\"driver\":\"vfio-pci\",\"id\":\"x\","
			  "\"fd\":\"it\"}}",
			  -1));
}
