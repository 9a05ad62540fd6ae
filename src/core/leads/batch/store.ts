/** SQL that a batch of leads is planned from. */
import type { Statement, UnitDb } from "../../../context";
import { jsonArrays } from "../../../db/batch";
import { MERGED_PROFILE } from "../bulk-store";
import { PROFILE_BYTES_MAX } from "../profile";
import type { ItemDiff, ResolvedItem } from "./plan";

const PATH = `('$."' || p.key || '"')`;

export const BATCH_SQL = {
  diffs: `SELECT r.value->>0 AS at, octet_length(l.profile) AS bytes, json_array_length(l.aliases) AS aliases,
      l.status, l.account_id, l.owner_id, l.owner_name, l.consent,
      CASE WHEN octet_length(l.profile) + octet_length(r.value->2) > ${PROFILE_BYTES_MAX} THEN octet_length(${MERGED_PROFILE("(r.value->2)")}) END AS merged,
      (SELECT json_group_array(p.key) FROM json_each(r.value->2) p
       WHERE CASE p.type WHEN 'null' THEN json_type(l.profile, ${PATH}) IS NOT NULL
         ELSE (l.profile->${PATH}) IS NOT (r.value->2->${PATH}) END) AS changed
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>1`,
  accounts: "SELECT c.account_id FROM json_each(?2) r CROSS JOIN accounts c ON c.unit = ?1 AND c.account_id = r.value",
} as const;

/** How stored leads differ from the items that found them. One round trip; none when every lead is new. */
export async function loadItemDiffs(db: UnitDb, items: readonly ResolvedItem[]): Promise<Map<number, ItemDiff>> {
  const known = items.filter(({ isNew }) => !isNew).map(({ at, lead_id, patchJson }) => `[${at},"${lead_id}",${patchJson}]`);
  if (known.length === 0) return new Map();
  const rows = await db.batch(jsonArrays(known).map((json) => db.sql<DiffRow>(BATCH_SQL.diffs, json)));
  return new Map(rows.flat().map(({ at, changed, ...diff }) => [at, { ...diff, changed: new Set(JSON.parse(changed) as string[]) }]));
}

/** `changed`: JSON of keys */
type DiffRow = Omit<ItemDiff, "changed"> & { at: number; changed: string };

/** Which of these accounts exist. */
export const selectAccountIds = (db: UnitDb, accountIds: readonly string[]): Statement<{ account_id: string }> =>
  db.sql(BATCH_SQL.accounts, JSON.stringify(accountIds));
