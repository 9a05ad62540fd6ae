/** How many OAuth grants one person and one org unit may hold: a program that keeps requesting approvals cannot fill the directory. */
import { type SQL, sql } from "drizzle-orm";
import type { Directory } from "../context";
import { DAY_MS } from "../time";
import type { credentials } from "./schema";

export const LIVING_GRANTS_MAX = { creator: 50, unit: 1_000 } as const;
/** Those that were never used or have been disconnected count, too: their rows stay for a day. */
export const DAILY_GRANTS_MAX = { creator: 100, unit: 2_000 } as const;

export type GrantLimit = `${"living" | "daily"}_${"creator" | "unit"}`;

type Row = typeof credentials.$inferSelect;

/** SQL: the limit that leaves no room for this grant, else null. Reads the grants of the unit, by their index. */
export function grantLimitOf({ organization_id, unit, created_at, created_by, subject, identity_provider_id }: Row): SQL {
  const living = sql`(revoked_at IS NULL AND expires_at > ${created_at})`;
  const daily = sql`created_at > ${created_at - DAY_MS}`;
  const own =
    created_by === null
      ? sql`(created_by IS NULL AND subject IS ${subject} AND identity_provider_id IS ${identity_provider_id})`
      : sql`created_by = ${created_by}`;
  return sql`(SELECT CASE
      WHEN count(*) FILTER (WHERE ${living} AND ${own}) >= ${LIVING_GRANTS_MAX.creator} THEN 'living_creator'
      WHEN count(*) FILTER (WHERE ${living}) >= ${LIVING_GRANTS_MAX.unit} THEN 'living_unit'
      WHEN count(*) FILTER (WHERE ${daily} AND ${own}) >= ${DAILY_GRANTS_MAX.creator} THEN 'daily_creator'
      WHEN count(*) FILTER (WHERE ${daily}) >= ${DAILY_GRANTS_MAX.unit} THEN 'daily_unit' END
    FROM credentials WHERE organization_id = ${organization_id} AND kind = 'oauth_grant' AND unit = ${unit})`;
}

/** The limit that refused this grant, if one did. One D1 round trip. */
export const findGrantLimit = async (directory: Directory, row: Row): Promise<GrantLimit | null> =>
  (await directory.get<{ reached: GrantLimit | null }>(sql`SELECT ${grantLimitOf(row)} AS reached`)).reached;
