/** The units that a backup is made of. */
import { eq, inArray, sql } from "drizzle-orm";
import type { Directory } from "../../context";
import { organizations, orgUnits } from "../../db/schema/organizations";

/** Null for no such organization. */
export async function findUnitsOf(directory: Directory, organizationId: string): Promise<{ unit: number; shard: number }[] | null> {
  const { unit, shard } = orgUnits;
  const [known, units] = await directory.batch([
    directory.select({ id: organizations.organization_id }).from(organizations).where(eq(organizations.organization_id, organizationId)),
    directory.select({ unit, shard }).from(orgUnits).where(eq(orgUnits.organization_id, organizationId)).orderBy(unit),
  ]);
  return known.length === 0 ? null : units;
}

/** The database of each unit of the organization; null for no such organization. One D1 round trip. */
export async function findShardsOf(directory: Directory, organizationId: string): Promise<Map<number, number> | null> {
  const rows = await directory
    .select({ unit: orgUnits.unit, shard: orgUnits.shard })
    .from(organizations)
    .leftJoin(orgUnits, eq(orgUnits.organization_id, organizations.organization_id))
    .where(eq(organizations.organization_id, organizationId));
  return rows.length === 0 ? null : new Map(rows.map(({ unit, shard }) => [unit ?? 0, shard ?? 0]));
}

/** One D1 round trip. */
export async function organizationExists(directory: Directory, organizationId: string): Promise<boolean> {
  const { organization_id } = organizations;
  return (await directory.select({ organization_id }).from(organizations).where(eq(organization_id, organizationId))).length > 0;
}

export async function findShards(
  directory: Directory,
  units: readonly number[],
): Promise<Map<number, { shard: number; workspace_id: string }>> {
  const { unit, shard, workspace_id } = orgUnits;
  const keys = sql`(SELECT value FROM json_each(${JSON.stringify(units)}))`;
  const rows = await directory.select({ unit, shard, workspace_id }).from(orgUnits).where(inArray(unit, keys));
  return new Map(rows.map(({ unit: key, ...row }) => [key, row]));
}
