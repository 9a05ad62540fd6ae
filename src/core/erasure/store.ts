/** An organization in the directory: the units that it has, and the rows that end it. */
import { eq, sql } from "drizzle-orm";
import type { Directory, OrgUnit } from "../../context";
import { organizations, orgUnits } from "../../db/schema/organizations";

/** The organization's units; null for no such organization. */
export async function findUnitsOf(directory: Directory, organizationId: string): Promise<OrgUnit[] | null> {
  const [known, units] = await directory.batch([
    directory.select({ id: organizations.organization_id }).from(organizations).where(eq(organizations.organization_id, organizationId)),
    directory.select().from(orgUnits).where(eq(orgUnits.organization_id, organizationId)),
  ]);
  return known.length === 0 ? null : units;
}

/** Revokes every living credential of the organization; returns their ids. */
export async function revokeCredentialsOf(directory: Directory, organizationId: string, now: number): Promise<string[]> {
  const revoked = await directory.all<{ credential_id: string }>(
    sql`UPDATE credentials SET revoked_at = ${now} WHERE organization_id = ${organizationId} AND revoked_at IS NULL RETURNING credential_id`,
  );
  return revoked.map(({ credential_id }) => credential_id);
}

/** Deletes the organization's identity providers, whose tokens open nothing from then on; returns how many. */
export const deleteProvidersOf = async (directory: Directory, organizationId: string): Promise<number> =>
  (await directory.all(sql`DELETE FROM identity_providers WHERE organization_id = ${organizationId} RETURNING 1 AS n`)).length;

/**
 * Deletes the directory's rows of an organization whose units are empty, but its own; returns how many of each table. Channels of others
 * lose the roles that its company had in them.
 */
export async function deleteDirectoryRows(directory: Directory, organizationId: string): Promise<Record<string, number>> {
  const units = sql`(SELECT unit FROM org_units WHERE organization_id = ${organizationId})`;
  const channels = sql`(SELECT channel_id FROM channels WHERE unit IN ${units})`;
  const company = sql`(SELECT company_id FROM organizations WHERE organization_id = ${organizationId})`;
  const deletions = {
    lead_directory: sql`lead_directory WHERE channel_id IN ${channels}`,
    reward_triggers: sql`reward_triggers WHERE channel_id IN ${channels}`,
    channel_statuses: sql`channel_statuses WHERE channel_id IN ${channels}`,
    property_definitions: sql`property_definitions WHERE channel_id IN ${channels}`,
    channels: sql`channels WHERE unit IN ${units}`,
    // those of the last day are closed, and deleted, by cron
    unit_moves: sql`unit_moves WHERE organization_id = ${organizationId} AND closed_at IS NOT NULL`,
    audit_entries: sql`audit_entries WHERE organization_id = ${organizationId}`,
    // stored responses to requests with an Idempotency-Key: a scope begins with the organization's id
    idempotency_keys: sql`idempotency_keys WHERE unit = 0 AND scope >= ${`${organizationId} `} AND scope < ${`${organizationId}!`}`,
    credentials: sql`credentials WHERE organization_id = ${organizationId}`,
  };
  const counts: Record<string, number> = {};
  const count = async (table: string, rest: ReturnType<typeof sql>) => {
    counts[table] = (await directory.all(sql`DELETE FROM ${rest} RETURNING 1 AS n`)).length;
  };
  for (const [table, rest] of Object.entries(deletions)) await count(table, rest);
  for (const role of ["partner", "referring", "receiving"]) {
    await directory.run(sql`UPDATE channels SET ${sql.identifier(role)} = NULL WHERE ${sql.identifier(role)} = ${company}`);
  }
  await count("org_units", sql`org_units WHERE organization_id = ${organizationId}`);
  return counts;
}

/** The organization's own row: the last that goes. */
export async function deleteOrganizationRow(directory: Directory, organizationId: string): Promise<void> {
  await directory.run(sql`DELETE FROM organizations WHERE organization_id = ${organizationId}`);
}

/** Removes the unit's messages that no consumer could settle, since they contain what was sent; returns how many. */
export const deleteDeadLettersOf = async (directory: Directory, unit: number): Promise<number> =>
  (await directory.all(sql`DELETE FROM dead_letters WHERE json_valid(body) AND body->>'$.unit' = ${unit} RETURNING 1 AS n`)).length;
