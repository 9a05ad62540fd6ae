/** The units of the directory. */
import { and, eq, gt, inArray, sql } from "drizzle-orm";
import type { Directory } from "../../context";
import { orgUnits } from "../../db/schema/organizations";

export type UnitName = { unit: number; unit_id: string; organization_id: string; shard: number };

export async function findUnitNames(directory: Directory, units: readonly number[]): Promise<Map<number, UnitName>> {
  const { unit, unit_id, organization_id, shard } = orgUnits;
  const keys = sql`(SELECT value FROM json_each(${JSON.stringify(units)}))`;
  const rows = await directory.select({ unit, unit_id, organization_id, shard }).from(orgUnits).where(inArray(unit, keys));
  return new Map(rows.map((row) => [row.unit, row]));
}

/** The keys of an organization's units. */
export async function findUnitsOf(directory: Directory, organizationId: string): Promise<number[]> {
  const rows = await directory.select({ unit: orgUnits.unit }).from(orgUnits).where(eq(orgUnits.organization_id, organizationId));
  return rows.map(({ unit }) => unit);
}

/** The shard's first unit after `after`. */
export async function findNextUnit(directory: Directory, shard: number, after: number): Promise<number | null> {
  const [row] = await directory
    .select({ unit: orgUnits.unit })
    .from(orgUnits)
    .where(and(eq(orgUnits.shard, shard), gt(orgUnits.unit, after)))
    .orderBy(orgUnits.unit)
    .limit(1);
  return row?.unit ?? null;
}
