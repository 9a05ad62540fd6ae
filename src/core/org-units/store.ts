/** Organizations and their units in the directory. */
import { and, asc, eq, lte, type SQL, sql } from "drizzle-orm";
import type { Directory, OrgUnit } from "../../context";
import { organizations, orgUnits } from "../../db/schema/organizations";
import type { QuotaName } from "../../quotas";
import { type AuditRow, insertAuditEntry } from "../auth";
import { answerWrites, type KeptAnswer } from "../idempotency";

export type OrgUnitRow = typeof orgUnits.$inferInsert;

export async function insertOrganization(
  directory: Directory,
  row: typeof organizations.$inferInsert,
  unit: OrgUnitRow,
  audit: AuditRow,
  kept: KeptAnswer | null,
): Promise<void> {
  await directory.batch([
    directory.insert(organizations).values(row),
    directory.insert(orgUnits).values(unit),
    insertAuditEntry(directory, audit),
    ...answerWrites(directory, kept),
  ]);
}

export type OrganizationRow = typeof organizations.$inferSelect;

/** By descending id, older than `before`. */
export const pageOrganizations = (
  directory: Directory,
  { q, before, limit }: { q: string | null; before: string | null; limit: number },
): Promise<(OrganizationRow & { org_unit_count: number })[]> =>
  directory.all(sql`SELECT o.organization_id, o.company_id, o.name, o.created_at,
      (SELECT count(*) FROM org_units u WHERE u.organization_id = o.organization_id) AS org_unit_count
    FROM organizations o
    WHERE (${before} IS NULL OR o.organization_id < ${before})
      AND (${q} IS NULL OR o.organization_id = ${q} OR o.company_id = lower(${q}) OR instr(lower(o.name), lower(${q})) > 0)
    ORDER BY o.organization_id DESC LIMIT ${limit}`);

export async function findOrganization(
  directory: Directory,
  organizationId: string,
): Promise<{ organization: OrganizationRow | undefined; units: OrgUnit[] }> {
  const [found, units] = await directory.batch([
    directory.select().from(organizations).where(eq(organizations.organization_id, organizationId)),
    listOrgUnits(directory, organizationId),
  ]);
  return { organization: found[0], units };
}

export const organizationExists = async (directory: Directory, organizationId: string): Promise<boolean> =>
  (
    await directory
      .select({ id: organizations.organization_id })
      .from(organizations)
      .where(eq(organizations.organization_id, organizationId))
  ).length > 0;

/** Inserts a unit unless its id is taken in the organization; undefined then. */
export async function insertOrgUnit(
  directory: Directory,
  row: OrgUnitRow,
  audit: AuditRow,
  kept: KeptAnswer | null,
): Promise<OrgUnit | undefined> {
  const exists = sql`EXISTS (SELECT 1 FROM org_units WHERE workspace_id = ${row.workspace_id})`;
  const [inserted] = await directory.batch([
    directory.insert(orgUnits).values(row).onConflictDoNothing().returning(),
    insertAuditEntry(directory, audit, exists),
    ...answerWrites(directory, kept, exists),
  ]);
  return inserted[0];
}

export const listOrgUnits = (directory: Directory, organizationId: string) =>
  directory.select().from(orgUnits).where(eq(orgUnits.organization_id, organizationId)).orderBy(asc(orgUnits.unit));

export const findOrgUnit = (directory: Directory, organizationId: string, unitId: string): Promise<OrgUnit | undefined> =>
  directory
    .select()
    .from(orgUnits)
    .where(and(eq(orgUnits.organization_id, organizationId), eq(orgUnits.unit_id, unitId)))
    .get();

export const findOrgUnitByKey = (directory: Directory, unit: number): Promise<OrgUnit | undefined> =>
  directory.select().from(orgUnits).where(eq(orgUnits.unit, unit)).get();

/** Merges quotas into those of a unit; null removes one. Concurrent changes of others are kept. */
export async function patchLimits(
  directory: Directory,
  unit: number,
  change: Partial<Record<QuotaName, number | null | undefined>>,
  audit: AuditRow,
): Promise<OrgUnit> {
  const limits = sql`json_patch(${orgUnits.limits}, ${JSON.stringify(change)})`;
  const [[changed]] = await directory.batch([
    directory.update(orgUnits).set({ limits }).where(eq(orgUnits.unit, unit)).returning(),
    insertAuditEntry(directory, audit, sql`EXISTS (SELECT 1 FROM org_units WHERE unit = ${unit})`),
  ]);
  if (!changed) throw new Error("an org unit vanished while its quotas were set");
  return changed;
}

export async function updateOrgUnit(
  directory: Directory,
  unit: number,
  changes: { [Column in keyof OrgUnitRow]?: OrgUnitRow[Column] | SQL },
  audit: AuditRow,
): Promise<OrgUnit | undefined> {
  const [updated] = await directory.batch([
    directory.update(orgUnits).set(changes).where(eq(orgUnits.unit, unit)).returning(),
    insertAuditEntry(directory, audit, sql`EXISTS (SELECT 1 FROM org_units WHERE unit = ${unit})`),
  ]);
  return updated[0];
}

/** Units whose phones are to be read again by now. */
export const findUnitsToRekey = (directory: Directory, now: number, limit: number): Promise<RekeyRow[]> =>
  directory
    .select({ unit: orgUnits.unit, former_regions: orgUnits.former_regions, rekeyed_to: orgUnits.rekeyed_to, rekey_at: orgUnits.rekey_at })
    .from(orgUnits)
    .where(lte(orgUnits.rekey_at, now))
    .orderBy(asc(orgUnits.rekey_at))
    .limit(limit);

export type RekeyRow = Pick<typeof orgUnits.$inferSelect, "unit" | "former_regions" | "rekeyed_to" | "rekey_at">;

/** Returns whether the unit's region is still the one that was changed at `rekeyAt`. */
export async function updateRekeyed(
  directory: Directory,
  { unit, rekey_at }: { unit: number; rekey_at: number },
  changes: Pick<OrgUnitRow, "former_regions" | "rekeyed_to" | "rekey_at">,
): Promise<boolean> {
  const updated = await directory
    .update(orgUnits)
    .set(changes)
    .where(and(eq(orgUnits.unit, unit), eq(orgUnits.rekey_at, rekey_at)))
    .returning({ unit: orgUnits.unit });
  return updated.length > 0;
}

/** For an update of a unit, beside the region itself: SQL reads the row as it was before. */
export const formerRegions = (region: string | null) =>
  sql`iif(default_region IS ${region}, former_regions, json_insert(coalesce(former_regions, '[]'), '$[#]', default_region))`;

export const unlessSameRegion = (region: string | null, value: string | number, column: "rekeyed_to" | "rekey_at") =>
  sql`iif(default_region IS ${region}, ${sql.identifier(column)}, ${value})`;
