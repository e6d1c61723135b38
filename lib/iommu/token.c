// SPDX-License-Identifier: MIT
// VF tokens: their text, and records for those that the kernel refuses.

#include <errno.h>
#include <stdio.h>

#include "lib/base/context.h"
#include "lib/iommu/token.h"

void token_format(const uint8_t token[16], char text[TOKEN_TEXT])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 16; i++) {
		*text++ = digits[token[i] >> 4];
		*text++ = digits[token[i] & 15];
		if (i == 3 || i == 5 || i == 7 || i == 9)
			*text++ = '-';
	}
	*text = '\0';
}

int token_explain(struct lend_ctx *ctx, const struct request *request)
{
	lend_error_set(ctx, LEND_ERROR_PERMISSION, EACCES, request->name,
		       request->token ? "wrong VF token"
				      : "a VF token is required");
	lend_error_evidence(ctx, "its physical function, or another of its "
				 "virtual functions, is in use with a token");
	return lend_error_remedy(ctx, "pass the token that the physical "
				      "function's user set: vf-token=UUID");
}

int token_explain_unwanted(struct lend_ctx *ctx, const char *device)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, device,
		       "it does not accept a VF token");
	lend_error_evidence(
		ctx,
		"only SR-IOV physical functions, and virtual functions whose "
		"physical function is bound to vfio-pci, accept one");
	return lend_error_remedy(ctx, "omit the VF token");
}
