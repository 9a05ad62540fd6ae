/**
 * SQL of many leads at once: who owns their aliases, and the writes of a plan that relies on it. Set-based: leads are sent as JSON arrays,
 * aliases as one object `{"value":"lead id"}` for each kind, whose members SQLite reads without parsing each of them again.
 */

import type { Statement, UnitDb } from "../../context";
import { jsonArrays, jsonObjects } from "../../db/batch";
import { guardSql } from "../../db/commit";
import { ALIAS_KINDS, type AliasKind } from "../../vocabulary";
import type { Alias } from "./aliases/alias";
import type { AliasOwners } from "./aliases/claim";
import type { AliasOwner } from "./aliases/store";
import type { StoredAlias } from "./lead";
import type { Profile } from "./profile";
import { adjustLeadCount } from "./store";

export type PlannedLead = { lead_id: string; profile: Profile; aliases: StoredAlias[] };

/** `lead_id` was given an alias that `owner` has. */
export type AliasConflict = { kind: AliasKind; value: string; lead_id: string; owner: string };

export type PlannedLeads = {
  inserts: readonly PlannedLead[];
  /** `profile` is a patch here: null removes a key; `aliases` are those it gains */
  updates: readonly PlannedLead[];
  conflicts: readonly AliasConflict[];
};

export const BULK_SQL = {
  owners: `SELECT ?3 AS kind, r.value AS value, a.lead_id
    FROM json_each(?2) r CROSS JOIN aliases a ON a.unit = ?1 AND a.kind = ?3 AND a.value = r.value`,
  ownersStillHold: guardSql(
    `SELECT 1 FROM json_each(?2) r WHERE NOT EXISTS (
       SELECT 1 FROM aliases a WHERE a.unit = ?1 AND a.kind = ?3 AND a.value = r.key AND a.lead_id = r.value)`,
  ),
  insertLeads: `INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at)
    SELECT ?1, value->>0, value->1, value->2, 1, ?3, ?3 FROM json_each(?2)`,
  insertAliases: "INSERT INTO aliases (unit, kind, value, lead_id) SELECT ?1, ?3, key, value FROM json_each(?2)",
  // an upsert, since UPDATE … FROM would read all leads of the unit and parse the JSON for each of them
  updateLeads: `INSERT INTO leads (unit, lead_id, profile, aliases, account_id, version, created_at, updated_at)
    SELECT l.unit, l.lead_id, json_patch(l.profile, r.value->1), CASE r.value->2 WHEN '[]' THEN l.aliases ELSE (
        SELECT json_group_array(json(value)) FROM (SELECT value FROM json_each(l.aliases) UNION ALL SELECT value FROM json_each(r.value->2))) END,
      l.account_id, l.version + 1, l.created_at, max(?3, l.updated_at)
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>0 WHERE true
    ON CONFLICT (unit, lead_id) DO UPDATE SET
      profile = excluded.profile, aliases = excluded.aliases, version = excluded.version, updated_at = excluded.updated_at`,
  insertConflicts: `INSERT INTO alias_conflicts (unit, kind, value, lead_id, owner_lead_id, source, created_at)
    SELECT ?1, value->>0, value->>1, value->>2, value->>3, ?3, ?4 FROM json_each(?2) WHERE true ON CONFLICT DO NOTHING`,
} as const;

/** Statements that return which leads own these aliases, for `readOwners`: one for each kind and 1,000 values. */
export function ownerStatements(db: UnitDb, aliases: Iterable<Alias>): Statement<AliasOwner>[] {
  const values = new Map(ALIAS_KINDS.map((kind) => [kind, new Set<string>()]));
  for (const { kind, value } of aliases) values.get(kind)?.add(value);
  return [...values].flatMap(([kind, distinct]) =>
    jsonArrays(Array.from(distinct, (value) => JSON.stringify(value))).map((json) => db.sql<AliasOwner>(BULK_SQL.owners, json, kind)),
  );
}

/**
 * The writes of a plan that relies on `owners`, for one batch: it rolls back when an owner has changed or an alias has gained one.
 * `source` is where a conflict was seen.
 */
export function leadWrites(db: UnitDb, plan: PlannedLeads, owners: AliasOwners, source: string, now: number): Statement<never>[] {
  const arrays = (sql: string, items: string[], ...params: (string | number)[]) =>
    jsonArrays(items).map((json) => db.sql<never>(sql, json, ...params));
  const byKind = (sql: string, members: ReadonlyMap<AliasKind, string[]>) =>
    [...members].flatMap(([kind, texts]) => jsonObjects(texts).map((json) => db.sql<never>(sql, json, kind)));
  const leadItem = (lead: PlannedLead) => `["${lead.lead_id}",${JSON.stringify(lead.profile)},${JSON.stringify(lead.aliases)}]`;
  return [
    ...byKind(BULK_SQL.ownersStillHold, ownedMembers(owners)),
    ...arrays(BULK_SQL.insertLeads, plan.inserts.map(leadItem), now),
    ...(plan.inserts.length === 0 ? [] : [adjustLeadCount(db, "new", plan.inserts.length)]),
    ...byKind(BULK_SQL.insertAliases, gainedMembers(plan)),
    ...arrays(BULK_SQL.updateLeads, plan.updates.map(leadItem), now),
    ...arrays(
      BULK_SQL.insertConflicts,
      plan.conflicts.map(({ kind, value, lead_id, owner }) => JSON.stringify([kind, value, lead_id, owner])),
      source,
      now,
    ),
  ];
}

/** `"value":"lead id"` of every alias that leads gain, by kind. */
function gainedMembers(plan: PlannedLeads): Map<AliasKind, string[]> {
  const members = new Map<AliasKind, string[]>();
  for (const leads of [plan.inserts, plan.updates]) {
    for (const { lead_id, aliases } of leads) for (const [kind, value] of aliases) addMember(members, kind, value, lead_id);
  }
  return members;
}

/** `"value":"lead id"` of every stored alias that the plan relies on, by kind. */
function ownedMembers(owners: AliasOwners): Map<AliasKind, string[]> {
  const members = new Map<AliasKind, string[]>();
  for (const [key, lead_id] of owners) {
    const colon = key.indexOf(":");
    addMember(members, key.slice(0, colon) as AliasKind, key.slice(colon + 1), lead_id);
  }
  return members;
}

function addMember(members: Map<AliasKind, string[]>, kind: AliasKind, value: string, leadId: string): void {
  const texts = members.get(kind) ?? [];
  texts.push(`${JSON.stringify(value)}:"${leadId}"`);
  members.set(kind, texts);
}
