/**
 * SQL of a chunk: what a plan is made from, and the one batch that commits it. Set-based: rows travel as JSON, aliases as
 * `{"value":"lead id"}` for each kind, which SQLite opens without parsing every element again.
 */
import type { Statement, UnitDb } from "../../context";
import { guardSql, jsonArrays, jsonObjects } from "../../db/batch";
import { ALIAS_KINDS, type AliasKind, countLeads, PROFILE_BYTES_MAX } from "../leads";
import type { RowError, RowInput } from "./import-row";
import type { ChunkPlan, LeadDiff, PlannedLead } from "./plan-chunk";
import { type AliasOwners, aliasKey, type ResolvedRow } from "./resolve-rows";

/** What a chunk shows of its conflicts; alias_conflicts has them all. */
const CONFLICTS_SHOWN_MAX = 500;

type AliasRef = { kind: AliasKind; value: string };

export const SQL = {
  owners: `SELECT ?3 AS kind, r.value AS value, a.lead_id
    FROM json_each(?2) r CROSS JOIN aliases a ON a.unit = ?1 AND a.kind = ?3 AND a.value = r.value`,
  diffs: `SELECT r.value->>0 AS at, octet_length(l.profile) AS bytes, json_array_length(l.aliases) AS aliases,
      CASE WHEN octet_length(l.profile) + octet_length(r.value->2) > ${PROFILE_BYTES_MAX} THEN octet_length(json_patch(l.profile, r.value->2)) END AS merged,
      (SELECT json_group_array(p.key) FROM json_each(r.value->2) p
       WHERE json_extract(l.profile, '$."' || p.key || '"') IS NOT p.value
         OR json_type(l.profile, '$."' || p.key || '"') IN ('object', 'array')) AS changed
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>1`,
  jobStillRuns: guardSql(
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM import_jobs WHERE unit = ?1 AND job_id = ?2 AND status = 'in_progress')",
  ),
  ownersStillHold: guardSql(
    `SELECT 1 FROM json_each(?2) r WHERE NOT EXISTS (
       SELECT 1 FROM aliases a WHERE a.unit = ?1 AND a.kind = ?3 AND a.value = r.key AND a.lead_id = r.value)`,
  ),
  insertLeads: `INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at)
    SELECT ?1, value->>0, value->1, value->2, 1, ?3, ?3 FROM json_each(?2)`,
  insertAliases: "INSERT INTO aliases (unit, kind, value, lead_id) SELECT ?1, ?3, key, value FROM json_each(?2)",
  // an upsert and not UPDATE … FROM: there SQLite takes all leads of the unit first and parses the JSON for each of them
  updateLeads: `INSERT INTO leads (unit, lead_id, profile, aliases, account_id, version, created_at, updated_at)
    SELECT l.unit, l.lead_id, json_patch(l.profile, r.value->1), CASE r.value->2 WHEN '[]' THEN l.aliases ELSE (
        SELECT json_group_array(json(value)) FROM (SELECT value FROM json_each(l.aliases) UNION ALL SELECT value FROM json_each(r.value->2))) END,
      l.account_id, l.version + 1, l.created_at, max(?3, l.updated_at)
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>0 WHERE true
    ON CONFLICT (unit, lead_id) DO UPDATE SET
      profile = excluded.profile, aliases = excluded.aliases, version = excluded.version, updated_at = excluded.updated_at`,
  insertConflicts: `INSERT INTO alias_conflicts (unit, kind, value, lead_id, owner_lead_id, source, created_at)
    SELECT ?1, value->>0, value->>1, value->>2, value->>3, ?3, ?4 FROM json_each(?2) WHERE true ON CONFLICT DO NOTHING`,
  insertChunk: `INSERT INTO import_chunks (unit, job_id, chunk_no, created, changed, unchanged, failed, errors, conflicts, committed_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`,
} as const;

/** Statements that ask which leads own the aliases of these rows. */
export function ownerStatements(db: UnitDb, inputs: readonly RowInput[]): Statement[] {
  const values = new Map(ALIAS_KINDS.map((kind) => [kind, new Set<string>()]));
  for (const { primary, aliases } of inputs) {
    values.get(primary.kind)?.add(primary.value);
    for (const alias of aliases) values.get(alias.kind)?.add(alias.value);
  }
  return [...values].flatMap(([kind, distinct]) =>
    jsonArrays(Array.from(distinct, (value) => JSON.stringify(value))).map((json) => db.sql(SQL.owners, json, kind)),
  );
}

/** What `ownerStatements` answered. */
export function readOwners(results: readonly Record<string, unknown>[][]): AliasOwners {
  const owners = new Map<string, string>();
  for (const rows of results as (AliasRef & { lead_id: string })[][]) for (const row of rows) owners.set(aliasKey(row), row.lead_id);
  return owners;
}

/** How stored leads differ from the rows that mean them, by the row's position. One round trip; none when every lead is new. */
export async function loadDiffs(db: UnitDb, rows: readonly ResolvedRow[]): Promise<Map<number, LeadDiff>> {
  const items: string[] = [];
  for (const [at, row] of rows.entries()) if (!row.isNew) items.push(`[${at},"${row.lead_id}",${row.input.patchJson}]`);
  const statements = jsonArrays(items).map((json) => db.sql(SQL.diffs, json));
  const diffs = new Map<number, LeadDiff>();
  if (statements.length === 0) return diffs;
  for (const found of await db.batch(statements)) {
    for (const row of found as { at: number; bytes: number; aliases: number; merged: number | null; changed: string }[]) {
      diffs.set(row.at, { ...row, changed: new Set(JSON.parse(row.changed) as string[]) });
    }
  }
  return diffs;
}

export type ChunkCommit = {
  job_id: string;
  chunk_no: number;
  plan: ChunkPlan;
  errors: readonly RowError[];
  owners: AliasOwners;
  now: number;
};

/** The statements that commit a chunk. They hold together only as one batch: any of them may find the plan outdated and roll all back. */
export function commitStatements(db: UnitDb, commit: ChunkCommit): Statement[] {
  const { plan, job_id, chunk_no, errors, now } = commit;
  const arrays = (sql: string, items: string[], ...params: (string | number)[]) =>
    jsonArrays(items).map((json) => db.sql(sql, json, ...params));
  const byKind = (sql: string, members: ReadonlyMap<AliasKind, string[]>) =>
    [...members].flatMap(([kind, texts]) => jsonObjects(texts).map((json) => db.sql(sql, json, kind)));
  const leadItem = (lead: PlannedLead) => `["${lead.lead_id}",${JSON.stringify(lead.profile)},${JSON.stringify(lead.aliases)}]`;

  return [
    db.sql(SQL.jobStillRuns, job_id),
    db.sql(
      SQL.insertChunk,
      job_id,
      chunk_no,
      plan.counts.created,
      plan.counts.changed,
      plan.counts.unchanged,
      errors.length,
      errors.length === 0 ? null : JSON.stringify(errors.map(({ row, code, column, value }) => [row, code, column, value])),
      plan.conflicts.length === 0
        ? null
        : JSON.stringify(plan.conflicts.slice(0, CONFLICTS_SHOWN_MAX).map(({ row, kind, value, owner }) => [row, kind, value, owner])),
      now,
    ),
    ...byKind(SQL.ownersStillHold, ownedMembers(commit.owners)),
    ...arrays(SQL.insertLeads, plan.inserts.map(leadItem), now),
    ...(plan.inserts.length === 0 ? [] : [countLeads(db, "new", plan.inserts.length)]),
    ...byKind(SQL.insertAliases, attachedMembers(plan)),
    ...arrays(SQL.updateLeads, plan.updates.map(leadItem), now),
    ...arrays(
      SQL.insertConflicts,
      plan.conflicts.map(({ kind, value, lead_id, owner }) => JSON.stringify([kind, value, lead_id, owner])),
      job_id,
      now,
    ),
  ];
}

/** `"value":"lead id"` of every alias that leads gain, by kind. */
function attachedMembers(plan: ChunkPlan): Map<AliasKind, string[]> {
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
