// SPDX-License-Identifier: MIT
// Reports the state of a run to the service manager: sd_notify(3).
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "vmm/machine/notify.h"

/* A path, or a name in the abstract namespace with '@' for its first byte. */
static socklen_t notify_address(struct sockaddr_un *address, const char *text)
{
	size_t length = strlen(text);

	if ((*text != '/' && *text != '@') || length < 2 ||
	    length >= sizeof(address->sun_path))
		return 0;
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(address->sun_path, text, length);
	if (*text == '@')
		address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

/* Connected now: a confined process has no path, and makes no socket. */
void notify_open(struct notify *notify, const char *text)
{
	struct sockaddr_un address;
	socklen_t size = text ? notify_address(&address, text) : 0;

	notify->fd = -1;
	if (!size)
		return;
	notify->fd =
		socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (notify->fd >= 0 &&
	    connect(notify->fd, (struct sockaddr *)&address, size))
		notify_close(notify);
}

void notify_close(struct notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
}

void notify_send(const struct notify *notify, const char *fmt, ...)
{
	char text[NOTIFY_MAX];
	va_list args;
	int length;

	if (notify->fd < 0)
		return;
	va_start(args, fmt);
	length = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (length >= (int)sizeof(text))
		length = sizeof(text) - 1;
	/* Nobody may be there to read it any more. */
	if (length > 0 && write(notify->fd, text, (size_t)length) < 0)
		return;
}
