/** Grants in the directory. */
import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { Directory } from "../../context";
import { credentials } from "../../db/schema/organizations";

type Replacement = { credential_id: string; before: string; after: string; tag_key_id: string; until: number; now: number };

/**
 * Replaces the secret of a living grant in one statement, so that each works once; returns when the grant expires: at `until`, but no later
 * than the credential of whoever created it. Null when the secret is another one by now, or the grant has ended.
 */
export async function replaceSecret(
  directory: Directory,
  { credential_id, before, after, tag_key_id, until, now }: Replacement,
): Promise<number | null> {
  const creatorsEnd = sql`(SELECT creator.expires_at FROM credentials creator WHERE creator.credential_id = credentials.created_by)`;
  const [replaced] = await directory
    .update(credentials)
    .set({
      secret_hash: after,
      tag_key_id,
      grant_terms: sql`json_set(grant_terms, '$.replaced_at', ${now})`,
      expires_at: sql`min(${until}, coalesce(${creatorsEnd}, ${until}))`,
    })
    .where(
      and(
        eq(credentials.credential_id, credential_id),
        eq(credentials.secret_hash, before),
        isNull(credentials.revoked_at),
        gt(credentials.expires_at, now),
      ),
    )
    .returning({ expires_at: credentials.expires_at });
  return replaced?.expires_at ?? null;
}
