/** SQL that gives aliases of many leads other values: see plan-rekey.ts. */
import type { Statement, UnitDb } from "../../../context";
import { jsonArrays } from "../../../db/batch";
import { guardSql } from "../../../db/commit";
import type { AliasKind } from "../../../vocabulary";
import { LAST_CHANGE_SQL, type LogCtx, logChanges } from "../../changes";
import { readAlias, type StoredAlias, storedAlias } from "../lead";
import type { Rekeyed, RekeyedLead } from "./plan-rekey";

const SLICE = "SELECT s.lead_id FROM leads s WHERE s.unit = ?1 AND s.lead_id > ?2 ORDER BY s.lead_id LIMIT ?3";

type RekeyedRow = { lead_id: string; version: number; aliases: string };

export const REKEY_SQL = {
  slice: `SELECT l.lead_id, l.version, l.aliases FROM (${SLICE}) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.lead_id
    WHERE instr(l.aliases, '["phone",')`,
  socials: `SELECT s.value, l.lead_id, l.version, l.aliases
    FROM (SELECT a.value, a.lead_id FROM aliases a WHERE a.unit = ?1 AND a.kind = 'social' AND a.value > ?2 ORDER BY a.value LIMIT ?3) s
    CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = s.lead_id ORDER BY s.value`,
  end: `SELECT max(r.lead_id) AS last, count(*) AS leads FROM (${SLICE}) r`,
  areAsLoaded: guardSql(`SELECT 1 FROM json_each(?2) r WHERE NOT EXISTS (
    SELECT 1 FROM leads l WHERE l.unit = ?1 AND l.lead_id = r.value->>0 AND l.version = r.value->>1)`),
  remove: "DELETE FROM aliases WHERE unit = ?1 AND kind = ?3 AND value IN (SELECT value->>0 FROM json_each(?2))",
  // cases about a value that has moved move with it; one that is there already stays
  moveConflicts: `INSERT INTO alias_conflicts (unit, kind, value, lead_id, owner_lead_id, source, created_at)
    SELECT ?1, ?3, r.value->>1, c.lead_id, c.owner_lead_id, c.source, c.created_at
    FROM json_each(?2) r CROSS JOIN alias_conflicts c ON c.unit = ?1 AND c.kind = ?3 AND c.value = r.value->>0 WHERE true
    ON CONFLICT DO NOTHING`,
  removeConflicts: "DELETE FROM alias_conflicts WHERE unit = ?1 AND kind = ?3 AND value IN (SELECT value->>0 FROM json_each(?2))",
  insert: "INSERT INTO aliases (unit, kind, value, lead_id) SELECT ?1, ?3, value->>0, value->>1 FROM json_each(?2)",
  conflicts: `INSERT INTO alias_conflicts (unit, kind, value, lead_id, owner_lead_id, source, created_at)
    SELECT ?1, ?3, value->>0, value->>1, value->>2, ?4, ?5 FROM json_each(?2) WHERE true ON CONFLICT DO NOTHING`,
  // an upsert, since UPDATE … FROM would read all leads of the unit and parse the JSON for each of them
  update: `INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at, last_change)
    SELECT l.unit, l.lead_id, l.profile, r.value->1, l.version + 1, l.created_at, max(?3, l.updated_at), ${LAST_CHANGE_SQL}
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>0 WHERE true
    ON CONFLICT (unit, lead_id) DO UPDATE SET aliases = excluded.aliases, version = excluded.version, updated_at = excluded.updated_at,
      last_change = excluded.last_change`,
} as const;

/** Of the `limit` leads after `after`, those that have a phone. */
export const selectPhoneLeads = (db: UnitDb, after: string, limit: number): Statement<RekeyedRow> => db.sql(REKEY_SQL.slice, after, limit);

/** The leads of the `limit` profiles after the address `after`, in the order of those; a lead has a row for each. */
export const selectSocialLeads = (db: UnitDb, after: string, limit: number): Statement<RekeyedRow & { value: string }> =>
  db.sql(REKEY_SQL.socials, after, limit);

/** The last of the next `limit` leads after `after`, and how many they are; null and 0 at the end. */
export const selectSliceEnd = (db: UnitDb, after: string, limit: number): Statement<{ last: string | null; leads: number }> =>
  db.sql(REKEY_SQL.end, after, limit);

export const readRekeyedLead = ({ aliases, ...lead }: RekeyedRow): RekeyedLead => ({
  ...lead,
  aliases: (JSON.parse(aliases) as StoredAlias[]).map(readAlias),
});

/** For one batch: it rolls back when one of the leads has changed, or a value has an owner by now. */
export function rekeyStatements(
  ctx: LogCtx,
  { leads, removed, inserted, conflicts }: Rekeyed,
  { kind, source }: { kind: AliasKind; source: string },
  now: number,
): Statement<never>[] {
  const { db } = ctx;
  const each = (sql: string, items: readonly unknown[], ...params: (string | number)[]) =>
    jsonArrays(items.map((item) => JSON.stringify(item))).map((json) => db.sql<never>(sql, json, ...params));
  const moved = removed.map(({ from, to }) => [from, to]);
  return [
    ...each(
      REKEY_SQL.areAsLoaded,
      leads.map(({ lead_id, version }) => [lead_id, version]),
    ),
    ...each(REKEY_SQL.remove, moved, kind),
    ...each(REKEY_SQL.moveConflicts, moved, kind),
    ...each(REKEY_SQL.removeConflicts, moved, kind),
    ...each(
      REKEY_SQL.insert,
      inserted.map(({ value, lead_id }) => [value, lead_id]),
      kind,
    ),
    ...each(
      REKEY_SQL.conflicts,
      conflicts.map(({ value, lead_id, owner }) => [value, lead_id, owner]),
      kind,
      source,
      now,
    ),
    ...logChanges(
      ctx,
      leads.map(({ lead_id }) => ({ lead_id, type: "changed" as const, keys: [kind] })),
      now,
    ),
    ...each(
      REKEY_SQL.update,
      leads.map(({ lead_id, aliases }) => [
        lead_id,
        aliases.map(({ kind, value, raw, created_at }) => storedAlias(kind, value, raw, created_at)),
      ]),
      now,
    ),
  ];
}
