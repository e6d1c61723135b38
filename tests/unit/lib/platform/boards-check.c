// SPDX-License-Identifier: MIT
// Finds phandles of a host in the node that a guest got.

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <libfdt.h>

#include "boards.h"
#include "lib/platform/number.h"

/* The offsets of references in a property, in bytes. */
static const fdt32_t *find_fixups(const struct boards_host *host,
				  const char *path, const char *name,
				  int *count)
{
	char place[PATH_MAX];
	const fdt32_t *offsets = NULL;
	int node;

	*count = 0;
	snprintf(place, sizeof(place), "/__local_fixups__%s", path);
	node = fdt_path_offset(host->fdt, place);
	if (node >= 0)
		offsets = fdt_getprop(host->fdt, node, name, count);
	*count = offsets ? *count / 4 : 0;
	return offsets;
}

bool boards_refers(const struct boards_host *host, const char *path,
		   const char *name)
{
	int node = fdt_path_offset(host->fdt, path);
	char below[PATH_MAX];
	int count, child;

	find_fixups(host, path, name, &count);
	if (count)
		return true;
	fdt_for_each_subnode(child, host->fdt, node)
	{
		snprintf(below, sizeof(below), "%s/%s", path,
			 fdt_get_name(host->fdt, child, NULL));
		if (boards_refers(host, below, name))
			return true;
	}
	return false;
}

/* Whether a phandle of the guest is that of the node made for the host's. */
static bool is_twin(const struct boards_host *host, uint32_t phandle,
		    const void *guest, uint32_t other)
{
	int from = fdt_node_offset_by_phandle(host->fdt, phandle);
	int to = fdt_node_offset_by_phandle(guest, other);
	const char *name, *twin;

	if (from < 0 || to < 0)
		return false;
	name = fdt_get_name(host->fdt, from, NULL);
	twin = fdt_get_name(guest, to, NULL);
	return !strncmp(name, twin, strcspn(name, "@"));
}

/* Without fixups: properties of the specification that hold numbers. */
static bool boards_is_number(const char *name, bool is_child)
{
	static const char *const names[] = {"ranges", "dma-ranges", "nr-gpios"};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	/* The second is by the binding of amd,xgbe-seattle-v1a. */
	return number_is_named(name) ||
	       !strncmp(name, "amd,serdes-", strlen("amd,serdes-")) ||
	       (is_child && !strcmp(name, "reg"));
}

struct boards_property {
	const char *name;
	const fdt32_t *cells; /* the guest's */
	const fdt32_t *host;
	int count;
};

static bool boards_leaks(const struct boards_host *host, const char *path,
			 const void *guest, const struct boards_property *p,
			 bool is_child)
{
	int count;
	const fdt32_t *fixups = find_fixups(host, path, p->name, &count);

	for (int i = 0; i < count; i++) {
		int at = (int)fdt32_ld(&fixups[i]) / 4;

		if (at >= p->count || !is_twin(host, fdt32_ld(&p->host[at]),
					       guest, fdt32_ld(&p->cells[at])))
			return true;
	}
	/* A list that was rewritten has numbers as arguments. */
	if (host->has_fixups || boards_is_number(p->name, is_child) ||
	    is_twin(host, fdt32_ld(p->host), guest, fdt32_ld(p->cells)))
		return false;
	for (int i = 0; i < p->count; i++)
		if (p->cells[i] == p->host[i] &&
		    fdt_node_offset_by_phandle(host->fdt,
					       fdt32_ld(&p->host[i])) >= 0 &&
		    !is_twin(host, fdt32_ld(&p->host[i]), guest,
			     fdt32_ld(&p->cells[i])))
			return true;
	return false;
}

static unsigned int check_below(const struct boards_host *host,
				const char *path, const void *guest, int node,
				bool is_child)
{
	int from = fdt_path_offset(host->fdt, path);
	unsigned int leaks = 0;
	char below[PATH_MAX];
	int at, size;

	fdt_for_each_property_offset(at, guest, node)
	{
		struct boards_property p = {0};

		p.cells = fdt_getprop_by_offset(guest, at, &p.name, &size);
		p.host = fdt_getprop(host->fdt, from, p.name, &p.count);
		if (!p.host || !size || p.count != size || size % 4 ||
		    !strcmp(p.name, "phandle") ||
		    (!is_child &&
		     (!strcmp(p.name, "reg") || !strcmp(p.name, "interrupts"))))
			continue;
		p.count = size / 4;
		if (!boards_leaks(host, path, guest, &p, is_child))
			continue;
		printf("%s: %s has the host's phandle\n", path, p.name);
		leaks++;
	}
	fdt_for_each_subnode(at, guest, node)
	{
		snprintf(below, sizeof(below), "%s/%s", path,
			 fdt_get_name(guest, at, NULL));
		leaks += check_below(host, below, guest, at, true);
	}
	return leaks;
}

unsigned int boards_check_phandles(const struct boards_host *host,
				   const char *path, const void *guest,
				   int node)
{
	return check_below(host, path, guest, node, false);
}

bool boards_tree_has(const void *fdt, int node, const void *other, int twin)
{
	int at, size, other_size;
	const char *name;

	fdt_for_each_property_offset(at, other, twin)
	{
		const void *data =
			fdt_getprop_by_offset(other, at, &name, &other_size);
		const void *has = fdt_getprop(fdt, node, name, &size);

		if (!has || size != other_size ||
		    memcmp(has, data, (size_t)size) != 0)
			return false;
	}
	fdt_for_each_subnode(at, other, twin)
	{
		int child = fdt_subnode_offset(fdt, node,
					       fdt_get_name(other, at, NULL));

		if (child < 0 || !boards_tree_has(fdt, child, other, at))
			return false;
	}
	return true;
}
