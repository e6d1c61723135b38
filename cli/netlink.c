// SPDX-License-Identifier: MIT
// Requests to the kernel's rtnetlink about one network interface, and what its
// answers consist of.

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "cli/netlink.h"

/* The attribute that lists virtual functions has 64 KiB at most. */
enum { ANSWER_MAX = 256 << 10, SEQUENCE = 1 };

static void netlink_append(struct netlink_request *request, const void *data,
			   size_t size)
{
	size_t aligned = NLMSG_ALIGN(size);

	if (aligned > sizeof(request->bytes) - request->size) {
		request->is_full = true;
		return;
	}
	memset(request->bytes + request->size, 0, aligned);
	if (size)
		memcpy(request->bytes + request->size, data, size);
	request->size += aligned;
}

void netlink_begin(struct netlink_request *request, unsigned int type,
		   unsigned int flags, unsigned int interface)
{
	const struct nlmsghdr header = {
		.nlmsg_type = (uint16_t)type,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
		.nlmsg_seq = SEQUENCE,
	};
	const struct ifinfomsg about = {.ifi_index = (int)interface};

	request->size = 0;
	request->is_full = false;
	netlink_append(request, &header, sizeof(header));
	netlink_append(request, &about, sizeof(about));
}

void netlink_put(struct netlink_request *request, unsigned int type,
		 const void *data, size_t size)
{
	const struct nlattr head = {
		.nla_len = (uint16_t)(sizeof(head) + size),
		.nla_type = (uint16_t)type,
	};

	netlink_append(request, &head, sizeof(head));
	netlink_append(request, data, size);
}

size_t netlink_open(struct netlink_request *request, unsigned int type)
{
	size_t at = request->size;

	netlink_put(request, type | NLA_F_NESTED, NULL, 0);
	return at;
}

void netlink_close(struct netlink_request *request, size_t at)
{
	uint16_t length = (uint16_t)(request->size - at);

	memcpy(request->bytes + at + offsetof(struct nlattr, nla_len), &length,
	       sizeof(length));
}

bool netlink_next(struct netlink_list *list,
		  struct netlink_attribute *attribute)
{
	struct nlattr head;
	size_t step;

	if (list->left < sizeof(head))
		return false;
	memcpy(&head, list->at, sizeof(head));
	if (head.nla_len < sizeof(head) || head.nla_len > list->left)
		return false;
	attribute->type = head.nla_type & NLA_TYPE_MASK;
	attribute->inside.at = list->at + sizeof(head);
	attribute->inside.left = head.nla_len - sizeof(head);
	/* The last one may have no padding. */
	step = NLA_ALIGN(head.nla_len);
	if (step > list->left)
		step = list->left;
	list->at += step;
	list->left -= step;
	return true;
}

bool netlink_read(const struct netlink_attribute *attribute, void *data,
		  size_t size)
{
	if (attribute->inside.left < size)
		return false;
	memcpy(data, attribute->inside.at, size);
	return true;
}

/* What the driver says beside an error number. */
static void netlink_read_message(struct netlink_list list,
				 struct netlink_answer *answer)
{
	struct netlink_attribute attribute;

	while (netlink_next(&list, &attribute))
		if (attribute.type == NLMSGERR_ATTR_MSG)
			snprintf(answer->message, sizeof(answer->message),
				 "%.*s",
				 (int)strnlen((const char *)attribute.inside.at,
					      attribute.inside.left),
				 (const char *)attribute.inside.at);
}

static int netlink_read_error(const struct nlmsghdr *header,
			      struct netlink_list body,
			      struct netlink_answer *answer)
{
	struct nlmsgerr error;

	if (body.left < sizeof(error))
		return -EBADMSG;
	memcpy(&error, body.at, sizeof(error));
	body.at += sizeof(error);
	body.left -= sizeof(error);
	if (header->nlmsg_flags & NLM_F_ACK_TLVS &&
	    header->nlmsg_flags & NLM_F_CAPPED)
		netlink_read_message(body, answer);
	return error.error > 0 ? -EBADMSG : error.error;
}

static int netlink_read_answer(size_t size, struct netlink_answer *answer)
{
	struct ifinfomsg about;
	struct nlmsghdr header;
	struct netlink_list body;

	if (size < sizeof(header))
		return -EBADMSG;
	memcpy(&header, answer->bytes, sizeof(header));
	if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > size ||
	    header.nlmsg_seq != SEQUENCE)
		return -EBADMSG;
	body.at = answer->bytes + sizeof(header);
	body.left = header.nlmsg_len - sizeof(header);
	if (header.nlmsg_type == NLMSG_ERROR)
		return netlink_read_error(&header, body, answer);
	if (header.nlmsg_type != RTM_NEWLINK || body.left < sizeof(about))
		return -EBADMSG;
	memcpy(&about, body.at, sizeof(about));
	answer->type = about.ifi_type;
	answer->flags = about.ifi_flags;
	answer->list.at = body.at + sizeof(about);
	answer->list.left = body.left - sizeof(about);
	return 0;
}

int netlink_ask(struct netlink_request *request, struct netlink_answer *answer)
{
	uint32_t length = (uint32_t)request->size;
	long n;

	*answer = (struct netlink_answer){0};
	if (request->is_full)
		return -EMSGSIZE;
	answer->bytes = malloc(ANSWER_MAX);
	if (!answer->bytes)
		return -ENOMEM;
	memcpy(request->bytes + offsetof(struct nlmsghdr, nlmsg_len), &length,
	       sizeof(length));
	n = netlink_exchange(request->bytes, request->size, answer->bytes,
			     ANSWER_MAX);
	return n < 0 ? (int)n : netlink_read_answer((size_t)n, answer);
}

void netlink_free(struct netlink_answer *answer)
{
	free(answer->bytes);
}
