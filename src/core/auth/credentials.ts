/** Credentials of every kind: what the operator creates, and what service accounts and tokens are built on. */
import type { z } from "zod";
import type { Actor, CallerCtx } from "../../context";
import { findGrantLimit } from "../../db/grant-limits";
import { AppError } from "../../errors";
import { sha256Hex } from "../../hash";
import { type IdPrefix, newId, randomHex } from "../../ids";
import { parseInput } from "../../validation";
import type { CredentialKind, Role } from "../../vocabulary";
import { type RememberInDirectory, rememberNothing } from "../idempotency";
import { includesRole, isGrant, requireOperator } from "./actor";
import { auditRow } from "./audit";
import { forgetCredentials } from "./authenticate";
import { refuseAtLimit } from "./grant-refusal";
import { NewCredential } from "./schemas";
import { tagged } from "./secret-tag";
import { newGrantSecret, newSecret, newWorkspaceKey, PERSONAL_TOKEN_PREFIX, WRITE_KEY_PREFIX } from "./secrets";
import { findById, findHome, insertCredential, listAncestry, revokeFamily } from "./store";

type WantedCredential = {
  kind: CredentialKind;
  organization_id: string;
  name: string;
  role: Role;
  /** home org unit; null: the whole organization */
  unit_id: string | null;
  expires_at?: number | null | undefined;
  rate_limit_per_hour?: number | null | undefined;
  /** of a write key: the pages that may use it; left out: anybody may */
  origins?: readonly string[] | undefined;
  /** of an OAuth grant, as JSON */
  grant_terms?: string | undefined;
};

export type MintedCredential = {
  credential_id: string;
  client_id: string | null;
  secret: string;
  created_at: number;
  expires_at: number | null;
};

export type CreatedCredential = MintedCredential & Omit<z.output<typeof NewCredential>, "expires_at">;

const ID_PREFIX = {
  service_account: "sec",
  personal_token: "pat",
  workspace_key: "cred",
  partner_key: "cred",
  write_key: "wkey",
  oauth_grant: "grant",
} as const satisfies Record<CredentialKind, IdPrefix>;

/**
 * A credential of an organization, for the operator alone. `secret` is shown this once. Two D1 round trips. Throws forbidden,
 * invalid_request, and not_found for an unknown organization or unit.
 */
export async function createCredential(
  ctx: CallerCtx,
  organizationId: string,
  given: z.input<typeof NewCredential>,
  remember: RememberInDirectory<CreatedCredential> = rememberNothing,
): Promise<CreatedCredential> {
  requireOperator(ctx);
  const input = parseInput(NewCredential, given);
  const unit_id = input.unit_id ?? null;
  const wanted = { ...input, organization_id: organizationId, unit_id };
  return { ...input, ...(await mintCredential(ctx, wanted, (minted) => remember({ ...input, ...minted }))) };
}

/**
 * Inserts a credential whose role and home have been checked. It is revoked together with the credential that creates it, and expires no
 * later. An OAuth grant creates only write keys: with a credential of another kind its program could sign in, or approve others. Two D1 round
 * trips. Throws forbidden, not_found, unauthenticated when the creator has been revoked or has expired meanwhile, and for an OAuth grant conflict
 * or rate_limited at a limit.
 */
export async function mintCredential(
  ctx: CallerCtx,
  wanted: WantedCredential,
  remember: RememberInDirectory<MintedCredential>,
): Promise<MintedCredential> {
  if (isGrant(ctx.actor) && wanted.kind !== "write_key")
    throw new AppError("forbidden", "A connected program cannot create credentials of this kind: create them in the console");
  const creator = creatorOf(ctx.actor);
  const home = await findHome(ctx.directory, wanted.organization_id, wanted.unit_id, creator.created_by);
  if (!home) throw new AppError("not_found", "Organization not found");
  if (wanted.unit_id !== null && home.unit === null) throw new AppError("not_found", `Org unit not found: ${wanted.unit_id}`);

  const created_at = ctx.now();
  const credential_id = newId(ID_PREFIX[wanted.kind], created_at);
  const client_id = wanted.kind === "service_account" ? `ci_${randomHex(12)}` : null;
  const [tagKey] = ctx.tagKeys;
  const secret = tagged(tagKey, secretFor(wanted.kind, credential_id));
  const row = {
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
    ...creator,
    tag_key_id: tagKey.key_id,
    expires_at: earlier(wanted.expires_at ?? null, home.creator_expires_at),
    revoked_at: null,
    origins: wanted.origins && wanted.origins.length > 0 ? JSON.stringify(wanted.origins) : null,
    grant_terms: wanted.grant_terms ?? null,
  };
  const minted = { credential_id, client_id, secret, created_at, expires_at: row.expires_at };
  const audit = auditRow(ctx, { action: "credential.created", organization_id: wanted.organization_id, target_id: credential_id });
  if (await insertCredential(ctx.directory, row, audit, remember(minted))) return minted;
  if (wanted.kind === "oauth_grant") refuseAtLimit(await findGrantLimit(ctx.directory, row));
  throw new AppError("unauthenticated", "Invalid credentials");
}

const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);

/** What is recorded of who creates a credential. */
function creatorOf(actor: Actor) {
  const nobody = { created_by: null, subject: null, identity_provider_id: null };
  switch (actor.kind) {
    case "credential":
      return { ...nobody, created_by: actor.credential_id };
    case "identity_provider":
      return { ...nobody, subject: actor.subject, identity_provider_id: actor.identity_provider_id };
    case "operator":
    case "system":
      return nobody;
  }
}

function secretFor(kind: CredentialKind, credentialId: string): string {
  switch (kind) {
    case "service_account":
      return newSecret("cs_");
    case "personal_token":
      return newSecret(PERSONAL_TOKEN_PREFIX);
    case "workspace_key":
      return newWorkspaceKey();
    case "partner_key":
      return newSecret("pk_");
    case "write_key":
      return newSecret(WRITE_KEY_PREFIX);
    case "oauth_grant":
      return newGrantSecret(credentialId, "code");
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
  /** whether only the caller's own credential and what it created are revoked: others are forbidden */
  ownOnly?: boolean;
};

/** Any credential of an organization, for the operator alone. Two D1 round trips. Throws forbidden, not_found. */
export async function revokeAnyCredential(ctx: CallerCtx, organizationId: string, credentialId: string): Promise<void> {
  requireOperator(ctx);
  await revokeCredential(ctx, { organization_id: organizationId, credential_id: credentialId, home: null, by: "admin" });
}

/**
 * Revokes a credential and what it created, everywhere within 30 s; the caller's role has been checked. Two D1 round trips, three with
 * `ownOnly`. Throws forbidden, and not_found when the caller has no such living credential.
 */
export async function revokeCredential(ctx: CallerCtx, which: CredentialRef): Promise<void> {
  const found = await findById(ctx.directory, which.credential_id);
  const owned =
    found?.credential.organization_id === which.organization_id &&
    (which.kind === undefined || found.credential.kind === which.kind) &&
    (which.home === null || found.home === which.home) &&
    includesRole(which.by, found.credential.role);
  if (owned && which.ownOnly && !(await isOwn(ctx, which.credential_id))) {
    throw new AppError("forbidden", "Only an admin revokes a token that somebody else created");
  }
  const { organization_id, credential_id: target_id } = which;
  const audit = auditRow(ctx, { action: "credential.revoked", organization_id, target_id });
  const revoked = owned ? await revokeFamily(ctx.directory, target_id, ctx.now(), audit) : [];
  if (!revoked.includes(which.credential_id)) throw new AppError("not_found", "Credential not found");
  forgetCredentials(new Set(revoked));
}

/** Whether a credential is the caller itself, or was created by it, by what it created, or by the same user of an identity provider. */
async function isOwn({ actor, directory }: CallerCtx, credentialId: string): Promise<boolean> {
  const line = await listAncestry(directory, credentialId);
  if (actor.kind === "credential") return line.some(({ credential_id }) => credential_id === actor.credential_id);
  if (actor.kind !== "identity_provider") return false;
  return line.some(({ subject, identity_provider_id }) => subject === actor.subject && identity_provider_id === actor.identity_provider_id);
}
