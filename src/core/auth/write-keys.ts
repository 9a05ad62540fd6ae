/** Write keys of an org unit: each may send events and what they say of leads, from the pages that it is limited to, and read nothing. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { parseInput } from "../../validation";
import { type RememberInDirectory, rememberNothing } from "../idempotency";
import { requireRole } from "./actor";
import { type MintedCredential, mintCredential, revokeCredential } from "./credentials";
import { NewWriteKey } from "./schemas";
import { listCredentials } from "./store";

const KIND = "write_key";

export type WriteKey = { write_key_id: string; name: string; origins: readonly string[]; created_at: number };
export type MintedWriteKey = WriteKey & { write_key: string };

/** Newest first, without secrets. One D1 round trip. */
export async function listWriteKeys({ directory, unit }: Ctx): Promise<WriteKey[]> {
  const found = await listCredentials(directory, { organization_id: unit.organization_id, kind: KIND, home: unit.unit_id });
  return found.map(({ credential: { credential_id, name, origins, created_at } }) => ({
    write_key_id: credential_id,
    name,
    origins: JSON.parse(origins ?? "[]"),
    created_at,
  }));
}

/** The key is shown this once. Needs the role admin. Two D1 round trips. Throws forbidden, invalid_request. */
export async function createWriteKey(
  ctx: Ctx,
  given: z.input<typeof NewWriteKey>,
  remember: RememberInDirectory<WriteKey> = rememberNothing,
): Promise<MintedWriteKey> {
  requireRole(ctx, "admin");
  const { name, origins } = parseInput(NewWriteKey, given);
  const { organization_id, unit_id } = ctx.unit;
  const view = ({ credential_id, created_at }: MintedCredential) => ({ write_key_id: credential_id, name, origins, created_at });
  const wanted = { kind: KIND, organization_id, unit_id, name, origins, role: "editor" } as const;
  const minted = await mintCredential(ctx, wanted, (key) => remember(view(key)));
  return { ...view(minted), write_key: minted.secret };
}

/** Needs the role admin. Two D1 round trips. Throws forbidden, not_found. */
export async function revokeWriteKey(ctx: Ctx, writeKeyId: string): Promise<void> {
  requireRole(ctx, "admin");
  const { organization_id, unit_id: home } = ctx.unit;
  await revokeCredential(ctx, { credential_id: writeKeyId, organization_id, home, by: "admin", kind: KIND });
}
