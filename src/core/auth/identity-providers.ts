/** Identity providers: whose tokens are accepted, and for which organization. */
import type { z } from "zod";
import type { CallerCtx } from "../../context";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { type RememberInDirectory, rememberNothing } from "../idempotency";
import { organizationOf, requireOperator, requireRole } from "./actor";
import { auditRow } from "./audit";
import { forgetCredentials } from "./authenticate";
import { forgetProviders } from "./known-providers";
import { NewIdentityProvider } from "./schemas";
import { deleteIdentityProviderRow, findHome, type IdentityProviderRow, insertIdentityProvider, listIdentityProviderRows } from "./store";

/**
 * Accepts the tokens of an issuer for one organization. For the operator alone. Two D1 round trips. Throws forbidden, invalid_request,
 * not_found, and conflict when the issuer belongs to an organization already.
 */
export async function createIdentityProvider(
  ctx: CallerCtx,
  organizationId: string,
  given: z.input<typeof NewIdentityProvider>,
  remember: RememberInDirectory<IdentityProviderRow> = rememberNothing,
): Promise<IdentityProviderRow> {
  requireOperator(ctx);
  const input = parseInput(NewIdentityProvider, given);
  if (!(await findHome(ctx.directory, organizationId, null))) throw new AppError("not_found", "Organization not found");
  const identity_provider_id = newId("idp", ctx.now());
  const row = { identity_provider_id, organization_id: organizationId, ...input, created_at: ctx.now() };
  const audit = auditRow(ctx, { action: "identity_provider.created", organization_id: organizationId, target_id: identity_provider_id });
  if (!(await insertIdentityProvider(ctx.directory, row, audit, remember(row)))) {
    throw new AppError("conflict", "This issuer belongs to an organization already");
  }
  forgetProviders();
  return row;
}

/** Oldest first. For the operator alone. One D1 round trip. Throws forbidden. */
export async function listIdentityProviders(ctx: CallerCtx, organizationId: string): Promise<IdentityProviderRow[]> {
  requireOperator(ctx);
  return listIdentityProviderRows(ctx.directory, organizationId);
}

/** Those of the caller's organization, oldest first; the operator sets them. Needs the role admin. One D1 round trip. Throws forbidden. */
export async function listOwnIdentityProviders(ctx: CallerCtx): Promise<IdentityProviderRow[]> {
  requireRole(ctx, "admin");
  return listIdentityProviderRows(ctx.directory, organizationOf(ctx.actor));
}

/**
 * Accepts its tokens no longer, and revokes what its users created; everywhere within 30 s. For the operator alone. One D1 round trip.
 * Throws forbidden, not_found.
 */
export async function deleteIdentityProvider(ctx: CallerCtx, organizationId: string, identityProviderId: string): Promise<void> {
  requireOperator(ctx);
  const audit = auditRow(ctx, { action: "identity_provider.deleted", organization_id: organizationId, target_id: identityProviderId });
  const removed = await deleteIdentityProviderRow(ctx.directory, organizationId, identityProviderId, ctx.now(), audit);
  if (!removed) throw new AppError("not_found", "Identity provider not found");
  forgetProviders();
  forgetCredentials(new Set(removed.revoked));
}
