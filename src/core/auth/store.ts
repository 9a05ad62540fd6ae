/** Credentials in the directory. */

import { and, desc, eq, isNull, sql } from "drizzle-orm";
import type { Directory } from "../../context";
import { credentials, organizations, orgUnits } from "../../db/schema";
import type { CredentialKind } from "../../vocabulary";

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

/** Living credentials of a kind; `home` narrows to one org unit. Newest first. */
export const listCredentials = (
  directory: Directory,
  of: { organization_id: string; kind: CredentialKind; home: string | null },
): Promise<CredentialWithHome[]> =>
  withHome(directory)
    .where(
      and(
        eq(credentials.organization_id, of.organization_id),
        eq(credentials.kind, of.kind),
        isNull(credentials.revoked_at),
        of.home === null ? undefined : eq(orgUnits.unit_id, of.home),
      ),
    )
    .orderBy(desc(credentials.credential_id));

export async function insertCredential(directory: Directory, row: CredentialRow): Promise<void> {
  await directory.insert(credentials).values(row);
}

/** Revokes a credential and, recursively, the tokens that it created; returns the ids of those that were living. */
export async function revokeFamily(directory: Directory, credentialId: string, now: number): Promise<string[]> {
  const revoked = await directory.all<{ credential_id: string }>(
    sql`WITH RECURSIVE family(id) AS (SELECT ${credentialId} UNION SELECT c.credential_id FROM credentials c JOIN family f ON c.created_by = f.id)
      UPDATE credentials SET revoked_at = ${now} WHERE credential_id IN (SELECT id FROM family) AND revoked_at IS NULL RETURNING credential_id`,
  );
  return revoked.map(({ credential_id }) => credential_id);
}

/** The organization and, unless `unitId` is null, one of its units. */
export async function findHome(
  directory: Directory,
  organizationId: string,
  unitId: string | null,
): Promise<{ organization_id: string; unit: number | null } | undefined> {
  return directory
    .select({ organization_id: organizations.organization_id, unit: orgUnits.unit })
    .from(organizations)
    .leftJoin(orgUnits, and(eq(orgUnits.organization_id, organizations.organization_id), eq(orgUnits.unit_id, unitId ?? "")))
    .where(eq(organizations.organization_id, organizationId))
    .get();
}
