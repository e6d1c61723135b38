// SPDX-License-Identifier: MIT
// Begins and ends a connection to a server of vfio-user.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/remote/remote.h"
#include "lib/user/version.h"

#define PAGE 4096

const char *remote_loss(const struct remote *remote)
{
	int death = remote->death;

	switch (death) {
	case 0:
		return NULL;
	case -ETIMEDOUT:
		return "did not answer in time";
	case -ECONNRESET:
	case -EPIPE:
		return "has closed the connection";
	case -EBADMSG:
		return "violated the vfio-user protocol";
	}
	return "cannot be reached any more";
}

int remote_explain(struct remote *remote, int err)
{
	if (!remote->death)
		return err;
	lend_error_set(remote->ctx, LEND_ERROR_DEVICE, -err, remote->name,
		       "the server of the device %s", remote_loss(remote));
	if (remote->fault)
		lend_error_evidence(remote->ctx, "%s", remote->fault);
	else
		lend_error_evidence(remote->ctx, "%s",
				    strerror(-remote->death));
	return lend_error_remedy(remote->ctx,
				 "check the server's messages, and start it "
				 "again");
}

static int remote_refuse(struct remote *remote, const char *what,
			 const char *fact)
{
	lend_error_set(remote->ctx, LEND_ERROR_DEVICE, ENOTSUP, remote->name,
		       "the server of the device has an unsupported %s", what);
	return lend_error_evidence(remote->ctx, "%s", fact);
}

/* What the server announces holds for this end, within its own limits. */
static int remote_accept_version(struct remote *remote,
				 const struct user_version *own,
				 const struct user_version *peer)
{
	char fact[96];

	if (peer->major != own->major || peer->minor > own->minor) {
		snprintf(fact, sizeof(fact),
			 "it speaks vfio-user %u.%u, not "
			 "%u.%u",
			 peer->major, peer->minor, own->major, own->minor);
		return remote_refuse(remote, "version", fact);
	}
	if (peer->pgsizes & (PAGE - 1)) {
		snprintf(fact, sizeof(fact), "pgsizes is 0x%llx",
			 (unsigned long long)peer->pgsizes);
		return remote_refuse(remote, "page size", fact);
	}
	remote->page_sizes = peer->pgsizes;
	remote->map_max = peer->max_dma_maps;
	remote->data_max = peer->max_data_xfer_size < own->max_data_xfer_size
				   ? peer->max_data_xfer_size
				   : own->max_data_xfer_size;
	remote->fds_max = peer->max_msg_fds < USER_FDS_MAX
				  ? (unsigned int)peer->max_msg_fds
				  : USER_FDS_MAX;
	return 0;
}

static int remote_agree(struct remote *remote)
{
	const struct user_version own = user_version_own();
	uint8_t payload[USER_VERSION_TEXT];
	const struct remote_call call = {
		.command = USER_VERSION,
		.head = payload,
		.head_size = user_version_write(&own, payload),
	};
	struct user_version peer;
	int err;

	pthread_mutex_lock(&remote->lock);
	err = remote_call(remote, &call);
	if (remote->death)
		remote_explain(remote, err);
	else if (err)
		error_system(remote->ctx, -err, remote->name,
			     "agree on a version of vfio-user");
	else
		err = user_version_read(remote->ctx, remote->name,
					remote->channel.payload,
					remote->channel.size, &peer);
	remote_unlock(remote);
	return err ? err : remote_accept_version(remote, &own, &peer);
}

int remote_new(struct lend_ctx *ctx, int fd, const char *name,
	       struct remote **result)
{
	struct remote *remote = calloc(1, sizeof(*remote));
	int err;

	if (!remote)
		return error_no_memory(ctx, name);
	remote->kernel = ctx->kernel;
	remote->ctx = ctx;
	remote->patience = REMOTE_PATIENCE;
	remote->error_fd = -1;
	for (unsigned int i = 0; i < REMOTE_REGIONS; i++)
		remote->files[i] = -1;
	snprintf(remote->name, sizeof(remote->name), "%s", name);
	pthread_mutex_init(&remote->lock, NULL);
	channel_open(&remote->channel, ctx->kernel, fd);
	err = remote_agree(remote);
	if (err)
		remote_free(remote);
	else
		*result = remote;
	return err;
}

void remote_free(struct remote *remote)
{
	const struct kernel *k;

	if (!remote)
		return;
	k = remote->kernel;
	remote->channel.fd = -1; /* the caller's */
	channel_close(&remote->channel);
	for (unsigned int i = 0; i < REMOTE_REGIONS; i++)
		if (remote->files[i] >= 0)
			k->close(k, remote->files[i]);
	if (remote->error_fd >= 0)
		k->close(k, remote->error_fd);
	ledger_free(&remote->memory);
	pthread_mutex_destroy(&remote->lock);
	free(remote);
}

void remote_settle(struct remote *remote)
{
	remote->is_open = true;
}
