/** Service accounts of an org unit: each has every permission in its own unit, and none elsewhere. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { parseInput } from "../../validation";
import { type RememberInDirectory, rememberNothing } from "../idempotency";
import { requireRole } from "./actor";
import { type MintedCredential, mintCredential, revokeCredential } from "./credentials";
import { NewServiceAccount } from "./schemas";
import { type CredentialWithHome, listCredentials } from "./store";

const KIND = "service_account";

export type MintedServiceAccount = MintedCredential & { name: string };

/** Newest first, without secrets. One D1 round trip. */
export const listServiceAccounts = ({ directory, unit }: Ctx): Promise<CredentialWithHome[]> =>
  listCredentials(directory, { organization_id: unit.organization_id, kind: KIND, home: unit.unit_id });

/** Needs the role admin. Two D1 round trips. Throws forbidden, invalid_request. */
export async function createServiceAccount(
  ctx: Ctx,
  given: z.input<typeof NewServiceAccount>,
  remember: RememberInDirectory<MintedServiceAccount> = rememberNothing,
): Promise<MintedServiceAccount> {
  requireRole(ctx, "admin");
  const { name } = parseInput(NewServiceAccount, given);
  const { organization_id, unit_id } = ctx.unit;
  const account = { kind: KIND, organization_id, unit_id, name, role: "admin" } as const;
  return { ...(await mintCredential(ctx, account, (minted) => remember({ ...minted, name }))), name };
}

/** Needs the role admin. Two D1 round trips. Throws forbidden, not_found. */
export async function revokeServiceAccount(ctx: Ctx, credentialId: string): Promise<void> {
  requireRole(ctx, "admin");
  const { organization_id, unit_id: home } = ctx.unit;
  await revokeCredential(ctx, { credential_id: credentialId, organization_id, home, by: "admin", kind: KIND });
}
