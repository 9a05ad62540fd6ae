/**
 * What people allow OAuth clients: each grant is a credential with a role in one org unit, and is revoked together with the credential of
 * whoever allowed it. It begins with a code that expires within a minute; the client then holds one refresh token after another.
 */
import { z } from "zod";
import type { Ctx } from "../../context";
import { LIVING_GRANTS_MAX } from "../../db/grant-limits";
import type { Role } from "../../vocabulary";
import { rememberNothing } from "../idempotency";
import { requireRole, roleOf } from "./actor";
import { mintCredential, revokeCredential } from "./credentials";
import { listCredentials } from "./store";

const KIND = "oauth_grant";
const CODE_TTL_MS = 60_000;

/** What the client was allowed, and what its code is bound to. `resource`: the only one that its tokens open; null: the whole service. */
export const GrantTerms = z.object({
  client_id: z.string(),
  redirect_uri: z.string(),
  code_challenge: z.string(),
  resource: z.string().nullable(),
  /** when its secret was last replaced, in ms */
  replaced_at: z.number().optional(),
});
export type GrantTerms = z.output<typeof GrantTerms>;

export type Grant = Pick<GrantTerms, "client_id" | "redirect_uri"> & {
  grant_id: string;
  name: string;
  role: Role;
  created_at: number;
  expires_at: number | null;
};

/**
 * A grant in the unit of the context, and its code. Needs the role that is granted: nobody grants more than their own. Two D1 round trips.
 * Throws forbidden, unauthenticated when the creator has been revoked or has expired meanwhile, conflict when too many grants live, and
 * rate_limited when too many were created within a day.
 */
export async function createGrant(ctx: Ctx, { role, name, terms }: { role: Role; name: string; terms: GrantTerms }): Promise<string> {
  requireRole(ctx, role);
  const { organization_id, unit_id } = ctx.unit;
  const wanted = { kind: KIND, organization_id, unit_id, name, role, expires_at: ctx.now() + CODE_TTL_MS } as const;
  return (await mintCredential(ctx, { ...wanted, grant_terms: JSON.stringify(terms) }, rememberNothing)).secret;
}

/** The unit's grants that are valid, newest first. One D1 round trip. */
export async function listGrants({ directory, unit, now }: Ctx): Promise<Grant[]> {
  const { organization_id, unit_id: home } = unit;
  const of = { organization_id, kind: KIND, home, alive_at: now(), limit: LIVING_GRANTS_MAX.unit } as const;
  const found = await listCredentials(directory, of);
  return found.map(({ credential: { credential_id, name, role, grant_terms, created_at, expires_at } }) => {
    const { client_id, redirect_uri } = GrantTerms.parse(JSON.parse(grant_terms ?? "{}"));
    return { grant_id: credential_id, name, role, client_id, redirect_uri, created_at, expires_at };
  });
}

/** One's own grants; any as an admin. Three D1 round trips. Throws forbidden, and not_found for a grant of a higher role, too. */
export async function revokeGrant(ctx: Ctx, grantId: string): Promise<void> {
  const by = roleOf(ctx.actor);
  const { organization_id, unit_id: home } = ctx.unit;
  await revokeCredential(ctx, { credential_id: grantId, organization_id, home, by, kind: KIND, ownOnly: by !== "admin" });
}
