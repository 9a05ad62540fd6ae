/** Credentials of every kind: what the operator creates, and what service accounts and tokens are built on. */
import type { z } from "zod";
import type { CallerCtx } from "../../context";
import { AppError } from "../../errors";
import { sha256Hex } from "../../hash";
import { type IdPrefix, newId, randomHex } from "../../ids";
import { parseInput } from "../../validation";
import type { CredentialKind, Role } from "../../vocabulary";
import { includesRole, requireOperator } from "./actor";
import { forgetCredentials } from "./authenticate";
import { NewCredential } from "./schemas";
import { newSecret, newWorkspaceKey, PERSONAL_TOKEN_PREFIX } from "./secrets";
import { findById, findHome, insertCredential, revokeFamily } from "./store";

type WriterCtx = Pick<CallerCtx, "actor" | "directory" | "now">;

type WantedCredential = {
  kind: CredentialKind;
  organization_id: string;
  name: string;
  role: Role;
  /** home org unit; null: the whole organization */
  unit_id: string | null;
  expires_at?: number | null | undefined;
  /** the credential together with which this one is revoked */
  created_by?: string | null;
  rate_limit_per_hour?: number | null | undefined;
};

export type MintedCredential = { credential_id: string; client_id: string | null; secret: string; created_at: number };

const ID_PREFIX = { service_account: "sec", personal_token: "pat", workspace_key: "cred", partner_key: "cred" } as const satisfies Record<
  CredentialKind,
  IdPrefix
>;

/**
 * A credential of an organization, for the operator alone. `secret` is shown this once. Two D1 round trips. Throws forbidden,
 * invalid_request, and not_found for an unknown organization or unit.
 */
export async function createCredential(
  ctx: WriterCtx,
  organizationId: string,
  given: z.input<typeof NewCredential>,
): Promise<MintedCredential & z.output<typeof NewCredential>> {
  requireOperator(ctx);
  const input = parseInput(NewCredential, given);
  const unit_id = input.unit_id ?? null;
  return { ...input, ...(await mintCredential(ctx, { ...input, organization_id: organizationId, unit_id })) };
}

/** Inserts a credential; the caller has checked that it may be created. Two D1 round trips. Throws not_found. */
export async function mintCredential(ctx: WriterCtx, wanted: WantedCredential): Promise<MintedCredential> {
  const home = await findHome(ctx.directory, wanted.organization_id, wanted.unit_id);
  if (!home) throw new AppError("not_found", "Organization not found");
  if (wanted.unit_id !== null && home.unit === null) throw new AppError("not_found", `Org unit not found: ${wanted.unit_id}`);

  const created_at = ctx.now();
  const credential_id = newId(ID_PREFIX[wanted.kind], created_at);
  const client_id = wanted.kind === "service_account" ? `ci_${randomHex(12)}` : null;
  const secret = secretFor(wanted.kind);
  await insertCredential(ctx.directory, {
    credential_id,
    kind: wanted.kind,
    organization_id: wanted.organization_id,
    unit: home.unit,
    name: wanted.name,
    role: wanted.role,
    client_id,
    secret_hash: sha256Hex(secret),
    rate_limit_per_hour: wanted.rate_limit_per_hour ?? null,
    created_at,
    created_by: wanted.created_by ?? null,
    expires_at: wanted.expires_at ?? null,
    revoked_at: null,
  });
  return { credential_id, client_id, secret, created_at };
}

function secretFor(kind: CredentialKind): string {
  switch (kind) {
    case "service_account":
      return newSecret("cs_");
    case "personal_token":
      return newSecret(PERSONAL_TOKEN_PREFIX);
    case "workspace_key":
      return newWorkspaceKey();
    case "partner_key":
      return newSecret("pk_");
  }
}

export type CredentialRef = {
  credential_id: string;
  organization_id: string;
  /** any kind when left out */
  kind?: CredentialKind;
  /** any home when null */
  home: string | null;
  /** the caller's role: it revokes no credential of a higher one */
  by: Role;
};

/** Any credential of an organization, for the operator alone. Two D1 round trips. Throws forbidden, not_found. */
export async function revokeAnyCredential(ctx: WriterCtx, organizationId: string, credentialId: string): Promise<void> {
  requireOperator(ctx);
  await revokeCredential(ctx, { organization_id: organizationId, credential_id: credentialId, home: null, by: "admin" });
}

/**
 * Revokes a credential and the tokens that it created, everywhere within 30 s; the caller's role has been checked. Two D1 round trips.
 * Throws not_found when the caller has no such living credential.
 */
export async function revokeCredential(ctx: WriterCtx, which: CredentialRef): Promise<void> {
  const found = await findById(ctx.directory, which.credential_id);
  const owned =
    found?.credential.organization_id === which.organization_id &&
    (which.kind === undefined || found.credential.kind === which.kind) &&
    (which.home === null || found.home === which.home) &&
    includesRole(which.by, found.credential.role);
  const revoked = owned ? await revokeFamily(ctx.directory, which.credential_id, ctx.now()) : [];
  if (!revoked.includes(which.credential_id)) throw new AppError("not_found", "Credential not found");
  forgetCredentials(new Set(revoked));
}
