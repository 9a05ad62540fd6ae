/** Credentials, identity providers and the audit log in the directory. */

import { and, asc, desc, eq, gt, inArray, isNull, lt, notInArray, or, type SQL, sql } from "drizzle-orm";
import type { Directory } from "../../context";
import { grantLimitOf } from "../../db/grant-limits";
import { auditEntries, credentials, identityProviders, organizations, orgUnits } from "../../db/schema/organizations";
import type { CredentialKind } from "../../vocabulary";
import { answerWrites, type KeptAnswer } from "../idempotency";

export type CredentialRow = typeof credentials.$inferSelect;
export type CredentialWithHome = { credential: CredentialRow; home: string | null };

const withHome = (directory: Directory) =>
  directory
    .select({ credential: credentials, home: orgUnits.unit_id })
    .from(credentials)
    .leftJoin(orgUnits, eq(orgUnits.unit, credentials.unit));

export const findByClientId = (directory: Directory, clientId: string): Promise<CredentialWithHome | undefined> =>
  withHome(directory).where(eq(credentials.client_id, clientId)).get();

export const findBySecretHash = (directory: Directory, kind: CredentialKind, hash: string): Promise<CredentialWithHome | undefined> =>
  withHome(directory)
    .where(and(eq(credentials.secret_hash, hash), eq(credentials.kind, kind)))
    .get();

export const findById = (directory: Directory, credentialId: string): Promise<CredentialWithHome | undefined> =>
  withHome(directory).where(eq(credentials.credential_id, credentialId)).get();

/** Credentials of a kind that were not revoked; `home` narrows to one org unit, `alive_at` to those that expire later. Newest first. */
export const listCredentials = (
  directory: Directory,
  of: { organization_id: string; kind: CredentialKind; home: string | null; alive_at?: number; limit?: number },
): Promise<CredentialWithHome[]> =>
  withHome(directory)
    .where(
      and(
        eq(credentials.organization_id, of.organization_id),
        eq(credentials.kind, of.kind),
        isNull(credentials.revoked_at),
        of.home === null ? undefined : eq(orgUnits.unit_id, of.home),
        of.alive_at === undefined ? undefined : gt(credentials.expires_at, of.alive_at),
      ),
    )
    .orderBy(desc(credentials.credential_id))
    .limit(of.limit ?? -1); // SQLite: no limit

/** Living credentials of an organization, by descending id; `after`: the last id of the page before. */
export const pageCredentials = (
  directory: Directory,
  of: { organization_id: string; kinds: readonly CredentialKind[]; home: string | null; after: string | null; limit: number },
): Promise<CredentialWithHome[]> =>
  withHome(directory)
    .where(
      and(
        eq(credentials.organization_id, of.organization_id),
        inArray(credentials.kind, [...of.kinds]),
        isNull(credentials.revoked_at),
        of.home === null ? undefined : eq(orgUnits.unit_id, of.home),
        of.after === null ? undefined : lt(credentials.credential_id, of.after),
      ),
    )
    .orderBy(desc(credentials.credential_id))
    .limit(of.limit);

/**
 * Inserts a credential as long as its creator lives, in one statement: neither a creator revoked meanwhile nor a provider deleted meanwhile
 * leaves one behind. It carries the creator's user. Returns false when the creator is revoked or expired, or a limit of grants is reached.
 */
export async function insertCredential(
  directory: Directory,
  row: CredentialRow,
  audit: AuditRow,
  kept: KeptAnswer | null,
): Promise<boolean> {
  const exists = sql`EXISTS (SELECT 1 FROM credentials WHERE credential_id = ${row.credential_id})`;
  const [inserted] = await directory.batch([
    directory
      .insert(credentials)
      // every column of the table, in its order
      .select(sql`
        SELECT ${row.credential_id}, ${row.kind}, ${row.organization_id}, ${row.unit}, ${row.name}, ${row.role}, ${row.client_id},
          ${row.secret_hash}, ${row.rate_limit_per_hour}, ${row.created_at}, ${row.created_by}, coalesce(${row.subject}, creator.subject),
          coalesce(${row.identity_provider_id}, creator.identity_provider_id), ${row.tag_key_id},
          ${row.expires_at}, NULL, ${row.origins}, ${row.grant_terms}
        FROM (SELECT 1) LEFT JOIN credentials creator ON creator.credential_id = ${row.created_by}
        WHERE (${row.created_by} IS NULL OR (creator.credential_id IS NOT NULL AND creator.revoked_at IS NULL
            AND (creator.expires_at IS NULL OR creator.expires_at > ${row.created_at})))
          AND (${row.identity_provider_id} IS NULL
            OR EXISTS (SELECT 1 FROM identity_providers WHERE identity_provider_id = ${row.identity_provider_id}))
          AND ${row.kind === "oauth_grant" ? sql`${grantLimitOf(row)} IS NULL` : sql`true`}`)
      .returning({ id: credentials.credential_id }),
    insertAuditEntry(directory, audit, exists),
    ...answerWrites(directory, kept, exists),
  ]);
  return inserted.length > 0;
}

/** Revokes a credential and, recursively, what it created; returns the ids of those that were living. */
export async function revokeFamily(directory: Directory, credentialId: string, now: number, audit: AuditRow): Promise<string[]> {
  const living = sql`EXISTS (SELECT 1 FROM credentials WHERE credential_id = ${credentialId} AND revoked_at IS NULL)`;
  const [, revoked] = await directory.batch([
    insertAuditEntry(directory, audit, living),
    directory
      .update(credentials)
      .set({ revoked_at: now })
      .where(
        and(
          isNull(credentials.revoked_at),
          sql`credential_id IN (WITH RECURSIVE family(id) AS (SELECT ${credentialId} UNION
            SELECT c.credential_id FROM credentials c JOIN family f ON c.created_by = f.id) SELECT id FROM family)`,
        ),
      )
      .returning({ credential_id: credentials.credential_id }),
  ]);
  return revoked.map(({ credential_id }) => credential_id);
}

/** A credential, the one that created it, and so on up. */
export const listAncestry = (
  directory: Directory,
  credentialId: string,
): Promise<Pick<CredentialRow, "credential_id" | "subject" | "identity_provider_id">[]> =>
  directory.all(
    sql`WITH RECURSIVE line(id, creator) AS (SELECT credential_id, created_by FROM credentials WHERE credential_id = ${credentialId}
        UNION SELECT c.credential_id, c.created_by FROM line JOIN credentials c ON c.credential_id = line.creator)
      SELECT c.credential_id, c.subject, c.identity_provider_id FROM line JOIN credentials c ON c.credential_id = line.id`,
  );

/** Hashes of the living credentials whose secrets carry none of these keys' tags. */
export async function listUntaggedHashes(directory: Directory, keyIds: readonly string[], limit: number): Promise<string[]> {
  const rows = await directory
    .select({ hash: credentials.secret_hash })
    .from(credentials)
    .where(and(isNull(credentials.revoked_at), or(isNull(credentials.tag_key_id), notInArray(credentials.tag_key_id, [...keyIds]))))
    .limit(limit);
  return rows.map(({ hash }) => hash);
}

/** The organization and, unless `unitId` is null, one of its units; with it, when a credential of the creator would have to expire. */
export async function findHome(
  directory: Directory,
  organizationId: string,
  unitId: string | null,
  createdBy: string | null = null,
): Promise<{ organization_id: string; unit: number | null; creator_expires_at: number | null } | undefined> {
  return directory
    .select({
      organization_id: organizations.organization_id,
      unit: orgUnits.unit,
      creator_expires_at: sql<number | null>`(SELECT expires_at FROM credentials WHERE credential_id = ${createdBy})`,
    })
    .from(organizations)
    .leftJoin(orgUnits, and(eq(orgUnits.organization_id, organizations.organization_id), eq(orgUnits.unit_id, unitId ?? "")))
    .where(eq(organizations.organization_id, organizationId))
    .get();
}

export type IdentityProviderRow = typeof identityProviders.$inferSelect;

/** False when the issuer is taken. */
export async function insertIdentityProvider(
  directory: Directory,
  row: IdentityProviderRow,
  audit: AuditRow,
  kept: KeptAnswer | null,
): Promise<boolean> {
  const [inserted] = await directory.batch([
    directory.insert(identityProviders).values(row).onConflictDoNothing().returning({ id: identityProviders.identity_provider_id }),
    insertAuditEntry(directory, audit, providerExists(row.identity_provider_id)),
    ...answerWrites(directory, kept, providerExists(row.identity_provider_id)),
  ]);
  return inserted.length > 0;
}

const providerExists = (id: string): SQL => sql`EXISTS (SELECT 1 FROM identity_providers WHERE identity_provider_id = ${id})`;

export const listIdentityProviderRows = (directory: Directory, organizationId: string): Promise<IdentityProviderRow[]> =>
  directory
    .select()
    .from(identityProviders)
    .where(eq(identityProviders.organization_id, organizationId))
    .orderBy(asc(identityProviders.identity_provider_id));

export const selectAllIdentityProviders = (directory: Directory): Promise<IdentityProviderRow[]> =>
  directory.select().from(identityProviders);

/** Deletes a provider and revokes what its users created; undefined when the organization has no such provider. */
export async function deleteIdentityProviderRow(
  directory: Directory,
  organizationId: string,
  id: string,
  now: number,
  audit: AuditRow,
): Promise<{ revoked: string[] } | undefined> {
  const own = sql`EXISTS (SELECT 1 FROM identity_providers WHERE identity_provider_id = ${id} AND organization_id = ${organizationId})`;
  const [, revoked, removed] = await directory.batch([
    insertAuditEntry(directory, audit, own),
    directory
      .update(credentials)
      .set({ revoked_at: now })
      .where(and(eq(credentials.identity_provider_id, id), eq(credentials.organization_id, organizationId), isNull(credentials.revoked_at)))
      .returning({ id: credentials.credential_id }),
    directory
      .delete(identityProviders)
      .where(and(eq(identityProviders.identity_provider_id, id), eq(identityProviders.organization_id, organizationId)))
      .returning({ id: identityProviders.identity_provider_id }),
  ]);
  return removed.length === 0 ? undefined : { revoked: revoked.map((row) => row.id) };
}

export type AuditRow = typeof auditEntries.$inferSelect;

/** For a batch: `condition` decides in SQL whether the change took place. */
export const insertAuditEntry = (directory: Directory, row: AuditRow, condition: SQL = sql`true`) =>
  directory.insert(auditEntries).select(sql`
    SELECT ${row.entry_id}, ${row.organization_id}, ${row.at}, ${row.actor_kind}, ${row.actor_id}, ${row.action}, ${row.target_id},
      ${row.request_id} WHERE ${condition}`);

/** Newest first; `before`: an entry's id. */
export const listAuditEntries = (
  directory: Directory,
  organizationId: string | null,
  before: string | null,
  limit: number,
): Promise<AuditRow[]> =>
  directory
    .select()
    .from(auditEntries)
    .where(
      and(
        organizationId === null ? undefined : eq(auditEntries.organization_id, organizationId),
        before === null ? undefined : lt(auditEntries.entry_id, before),
      ),
    )
    .orderBy(desc(auditEntries.entry_id))
    .limit(limit);

/** Ids sort by time, so the oldest entries come first in the key. */
export async function deleteAuditEntries(directory: Directory, before: number, limit: number): Promise<number> {
  const removed = await directory.all<{ entry_id: string }>(
    sql`DELETE FROM audit_entries WHERE entry_id IN (SELECT entry_id FROM audit_entries ORDER BY entry_id LIMIT ${limit}) AND at < ${before} RETURNING entry_id`,
  );
  return removed.length;
}
