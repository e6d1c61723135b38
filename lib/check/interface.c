// SPDX-License-Identifier: MIT
// How the host uses the network interfaces of a device.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if.h>

#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/base/sysfs.h"
#include "lib/check/interface.h"
#include "lib/check/moved.h"

/* The kernel gives each interface that is up a link-local address: no sign of
 * use. */
#define SCOPE_LINK 0x20u

static void interface_add_routes(struct uses *uses, const char *interface)
{
	char *text = procfs_read_all(uses->ctx, "net/route");
	char *rest = text, *line;

	while (text && (line = procfs_next_line(&rest))) {
		const unsigned char *a; /* its bytes, in network order */
		unsigned int net, mask;
		char name[32];

		if (sscanf(line, "%31s %8x %*s %*s %*s %*s %*s %8x", name, &net,
			   &mask) != 3 ||
		    strcmp(name, interface))
			continue;
		a = (const unsigned char *)&net;
		if (!net && !mask)
			uses_add(uses, "%s has the default route", interface);
		else
			uses_add(uses, "%s has the route to %u.%u.%u.%u/%d",
				 interface, a[0], a[1], a[2], a[3],
				 __builtin_popcount(mask));
	}
	free(text);
}

/* An address without a route of its own, such as a /32, is in no table of
 * procfs. */
static void interface_add_ipv4(struct uses *uses, const char *interface)
{
	const struct kernel *k = uses->ctx->kernel;
	uint8_t a[4];

	if (!k->address(k, interface, a))
		uses_add(uses, "%s has the address %u.%u.%u.%u", interface,
			 a[0], a[1], a[2], a[3]);
}

static void interface_add_ipv6(struct uses *uses, const char *interface)
{
	char *text = procfs_read_all(uses->ctx, "net/if_inet6");
	char *rest = text, *line;

	while (text && (line = procfs_next_line(&rest))) {
		unsigned int length, scope;
		char address[33], name[32];

		if (sscanf(line, "%32s %*x %x %x %*x %31s", address, &length,
			   &scope, name) == 4 &&
		    !strcmp(name, interface) && scope != SCOPE_LINK)
			uses_add(uses, "%s has the IPv6 address %s/%u",
				 interface, address, length);
	}
	free(text);
}

static void interface_add_all(struct uses *uses, const char *entry,
			      const char *path)
{
	char link[SYSFS_PATH], master[SYSFS_NAME] = "";
	struct sysfs_names names;

	interface_add_routes(uses, entry);
	interface_add_ipv4(uses, entry);
	interface_add_ipv6(uses, entry);
	if (!sysfs_path(link, "%s/master", path) &&
	    sysfs_link(uses->ctx, link, master, sizeof(master)) > 0)
		uses_add(uses, "%s belongs to %s", entry, master);
	if (sysfs_list(uses->ctx, path, &names))
		return;
	for (unsigned int i = 0; i < names.count; i++)
		if (!strncmp(names.names[i], "upper_", strlen("upper_")) &&
		    strcmp(names.names[i] + strlen("upper_"), master))
			uses_add(uses, "%s is stacked on %s",
				 names.names[i] + strlen("upper_"), entry);
	sysfs_names_free(&names);
}

/* Its use by interfaces in other network namespaces shows nowhere: the links to
 * those that are on top of it are those of this namespace alone. */
static void interface_add_unknown(struct uses *uses, const char *entry,
				  const char *path)
{
	char file[SYSFS_PATH], text[32];
	unsigned long flags;

	if (sysfs_path(file, "%s/flags", path) ||
	    sysfs_read(uses->ctx, file, text, sizeof(text)) <= 0)
		return;
	flags = strtoul(text, NULL, 0);
	if (flags & IFF_PROMISC)
		unknown_add(uses->unknown,
			    "%s is in promiscuous mode: an interface in "
			    "another network namespace (macvlan) or a process "
			    "that captures packets may use it",
			    entry);
	else if (flags & IFF_UP)
		unknown_add(uses->unknown,
			    "%s is up: whether an interface in another network "
			    "namespace (macvlan, ipvlan, VLAN) uses it is "
			    "unknown",
			    entry);
}

static void interface_add_visible(struct uses *uses, const struct place *place)
{
	unsigned int before = uses->count;

	interface_add_all(uses, place->name, place->path);
	if (uses->count == before)
		interface_add_unknown(uses, place->name, place->path);
}

void interface_add_uses(struct uses *uses)
{
	uses_for_places(uses, PLACES_NET, interface_add_visible);
	moved_add_uses(uses);
}
