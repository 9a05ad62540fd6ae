/**
 * SQL of many leads at once: who owns their aliases, and the writes of a plan that relies on it. Set-based: leads are sent as JSON arrays,
 * aliases as one object `{"value":"lead id"}` for each kind, whose members SQLite reads without parsing each of them again. Values are sent
 * in their order, so that each page of `aliases` is read and written once.
 *
 * `OR FAIL`: for statements of a batch, which rolls back as a whole. SQLite would otherwise copy every page that a statement changes, to take
 * back that statement alone.
 */

import type { Statement, UnitDb } from "../../context";
import { jsonArrays, jsonObjects } from "../../db/batch";
import { guardSql } from "../../db/commit";
import { ALIAS_KINDS, type AliasKind, type LeadStatus } from "../../vocabulary";
import { LAST_CHANGE_SQL, type LogCtx, type LoggedChange, logChanges } from "../changes";
import type { Alias } from "./aliases/alias";
import type { AliasOwners } from "./aliases/claim";
import type { AliasOwner } from "./aliases/store";
import { isWithheld, withheldStatements } from "./aliases/withheld";
import type { StoredAlias } from "./lead";
import { leadItem, newLeadItem, writtenOf } from "./lead-items";
import { accountsExist } from "./link-accounts";
import type { Profile } from "./profile";
import { creatorSources, signatureOf, sourcesAfterSql } from "./sources";
import { adjustLeadCount } from "./store";

export type WrittenAt = readonly [at: number, keys: readonly string[]];

/** Fields left out stay, or get their defaults. */
export type LeadFields = {
  status?: LeadStatus;
  account_id?: string | null;
  owner_id?: string | null;
  owner_name?: string | null;
  /** JSON of a `ConsentChange` */
  consent?: string | null;
};

export type PlannedLead = {
  lead_id: string;
  profile: Profile;
  aliases: StoredAlias[];
  fields?: LeadFields;
  /** those keys of `profile` that change something; all when left out */
  written?: readonly string[];
  /** when they were written, where that is not now: each key once */
  writtenAt?: readonly WrittenAt[];
  /** keys that were stated again as they are, and when: their values have been true at a later time, too */
  restatedAt?: readonly WrittenAt[];
};

/** `lead_id` was given an alias that `owner` has. */
export type AliasConflict = { kind: AliasKind; value: string; lead_id: string; owner: string };

export type PlannedLeads = {
  inserts: readonly PlannedLead[];
  /** `profile` is a patch here: null removes a key; `aliases` are those it gains */
  updates: readonly PlannedLead[];
  conflicts: readonly AliasConflict[];
};

/**
 * SQL of a profile `l.profile` with a patch, an expression, key by key: json_patch would merge values that are objects, too, and drop the
 * nulls inside them.
 */
export const MERGED_PROFILE = (patch: string): string => `(SELECT json_group_object(w.key, json(w.value)) FROM (
    SELECT e.key AS key, l.profile->e.fullkey AS value FROM json_each(l.profile) e WHERE e.key NOT IN (SELECT p.key FROM json_each(${patch}) p)
    UNION ALL SELECT p.key, ${patch}->p.fullkey FROM json_each(${patch}) p WHERE p.type <> 'null') w)`;

const GAINED_ALIASES = `CASE r.value->2 WHEN '[]' THEN l.aliases ELSE (
        SELECT json_group_array(json(value)) FROM (SELECT value FROM json_each(l.aliases) UNION ALL SELECT value FROM json_each(r.value->2))) END`;

/** `?4` and `?5`: who writes */
const SOURCES = `CASE r.value->4 WHEN '[]' THEN l.sources ELSE ${sourcesAfterSql(
  "l.sources",
  "r.value->4",
  "json_array(?4, ?5, coalesce(w.value->>0, ?3), json(w.value->1)) FROM json_each(r.value, '$[5]') w",
)} END`;

const field = (name: keyof LeadFields): string => `iif(json_type(r.value->3, '$.${name}') IS NULL, l.${name}, r.value->3->>'$.${name}')`;

const CONSENT = `iif(json_type(r.value->3, '$.consent') IS NULL, l.consent, nullif(json_patch(coalesce(l.consent, '{}'), r.value->3->>'$.consent'), '{}'))`;

export const BULK_SQL = {
  owners: `SELECT ?3 AS kind, r.value AS value, a.lead_id, a.moved_from
    FROM json_each(?2) r CROSS JOIN aliases a ON a.unit = ?1 AND a.kind = ?3 AND a.value = r.value`,
  ownersStillHold: guardSql(
    `SELECT 1 FROM json_each(?2) r WHERE NOT EXISTS (
       SELECT 1 FROM aliases a WHERE a.unit = ?1 AND a.kind = ?3 AND a.value = r.key AND a.lead_id = r.value)`,
  ),
  insertLeads: `INSERT OR FAIL INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at, sources, last_change)
    SELECT ?1, value->>0, value->1, value->2, 1, ?3, ?3, coalesce(value->>4, ?4), ${LAST_CHANGE_SQL} FROM json_each(?2)`,
  insertAliases: "INSERT OR FAIL INTO aliases (unit, kind, value, lead_id) SELECT ?1, ?3, key, value FROM json_each(?2)",
  // an upsert, since UPDATE … FROM would read all leads of the unit and parse the JSON for each of them
  updateLeads: `INSERT OR FAIL INTO leads (unit, lead_id, profile, aliases, account_id, version, created_at, updated_at, sources, last_change)
    SELECT l.unit, l.lead_id, json_patch(l.profile, r.value->1), ${GAINED_ALIASES},
      l.account_id, l.version + 1, l.created_at, max(?3, l.updated_at), ${SOURCES}, ${LAST_CHANGE_SQL}
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>0 WHERE true
    ON CONFLICT (unit, lead_id) DO UPDATE SET
      profile = excluded.profile, aliases = excluded.aliases, version = excluded.version, updated_at = excluded.updated_at,
      sources = excluded.sources, last_change = excluded.last_change`,
  // for leads that get more than texts in their profile and aliases: naming account_id and owner_id writes their indexes
  insertWhole: `INSERT OR FAIL INTO leads (unit, lead_id, profile, aliases, status, account_id, owner_id, owner_name, consent, version, created_at,
      updated_at, sources, last_change)
    SELECT ?1, value->>0, value->1, value->2, coalesce(value->3->>'$.status', 'new'), value->3->>'$.account_id', value->3->>'$.owner_id',
      value->3->>'$.owner_name', value->3->>'$.consent', 1, ?3, ?3, coalesce(value->>4, ?4), ${LAST_CHANGE_SQL} FROM json_each(?2)`,
  updateWhole: `INSERT OR FAIL INTO leads (unit, lead_id, profile, aliases, status, account_id, owner_id, owner_name, consent, version, created_at,
      updated_at, sources, last_change)
    SELECT l.unit, l.lead_id, ${MERGED_PROFILE("(r.value->1)")}, ${GAINED_ALIASES}, ${field("status")}, ${field("account_id")}, ${field("owner_id")},
      ${field("owner_name")}, ${CONSENT}, l.version + 1, l.created_at, max(?3, l.updated_at), ${SOURCES}, ${LAST_CHANGE_SQL}
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>0 WHERE true
    ON CONFLICT (unit, lead_id) DO UPDATE SET
      profile = excluded.profile, aliases = excluded.aliases, status = excluded.status, account_id = excluded.account_id,
      owner_id = excluded.owner_id, owner_name = excluded.owner_name, consent = excluded.consent, version = excluded.version, updated_at = excluded.updated_at,
      sources = excluded.sources, last_change = excluded.last_change`,
  // the lead says nothing new: neither its version nor the log changes. Written beside it, an update would read all leads of the unit
  restate: `INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at, sources)
    SELECT l.unit, l.lead_id, l.profile, l.aliases, l.version, l.created_at, l.updated_at, ${SOURCES}
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>0 WHERE true
    ON CONFLICT (unit, lead_id) DO UPDATE SET sources = excluded.sources`,
  moveCounts: `INSERT INTO lead_counts (unit, status, leads)
    SELECT ?1, w.status, sum(w.moved) FROM (
      SELECT iif(i.value = -1, l.status, r.value->>1) AS status, i.value AS moved
      FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>0 CROSS JOIN json_each('[-1,1]') i
      WHERE l.status <> r.value->>1) w
    GROUP BY w.status
    ON CONFLICT (unit, status) DO UPDATE SET leads = leads + excluded.leads`,
  insertConflicts: `INSERT INTO alias_conflicts (unit, kind, value, lead_id, owner_lead_id, source, created_at)
    SELECT ?1, value->>0, value->>1, value->>2, value->>3, ?3, ?4 FROM json_each(?2) WHERE true ON CONFLICT DO NOTHING`,
} as const;

/** Statements that return which leads own these aliases, for `readOwners`: one for each kind and 1,000 values. */
export function ownerStatements(db: UnitDb, aliases: Iterable<Alias>): Statement<AliasOwner>[] {
  const values = new Map(ALIAS_KINDS.map((kind) => [kind, new Set<string>()]));
  for (const { kind, value } of aliases) values.get(kind)?.add(value);
  const distinct = [...values].flatMap(([kind, texts]) => Array.from(texts, (value) => ({ kind, value })));
  return [
    ...[...values].flatMap(([kind, texts]) =>
      jsonArrays(Array.from(texts, (value) => JSON.stringify(value)).sort()).map((json) => db.sql<AliasOwner>(BULK_SQL.owners, json, kind)),
    ),
    ...withheldStatements(db, distinct),
  ];
}

/**
 * The writes of a plan that relies on `owners`, logged, for one batch: it rolls back when an owner has changed, an alias has gained one, or an
 * account that leads are linked to is gone.
 * `seenIn`: where a conflict was seen.
 */
export function leadWrites(ctx: LogCtx, plan: PlannedLeads, owners: AliasOwners, seenIn: string, now: number): Statement<never>[] {
  const { db } = ctx;
  const [creator, signature] = [creatorSources(ctx, now), signatureOf(ctx)];
  const arrays = (sql: string, items: string[], ...params: (string | number)[]) =>
    jsonArrays(items).map((json) => db.sql<never>(sql, json, ...params));
  const byKind = (sql: string, members: ReadonlyMap<AliasKind, string[]>) =>
    [...members].flatMap(([kind, texts]) => jsonObjects(texts.sort()).map((json) => db.sql<never>(sql, json, kind)));
  const newLead = (lead: PlannedLead) => newLeadItem(ctx, lead, now);
  const split = (leads: readonly PlannedLead[]) => [leads.filter((lead) => !isWhole(lead)), leads.filter(isWhole)] as const;
  const [inserts, wholeInserts] = split(plan.inserts);
  const [updates, wholeUpdates] = split(plan.updates);
  return [
    ...byKind(BULK_SQL.ownersStillHold, ownedMembers(owners)),
    ...accountsExist(
      db,
      [...plan.inserts, ...plan.updates].map(({ fields }) => fields?.account_id),
    ),
    ...logChanges(ctx, [...plan.inserts.map(logged("created")), ...plan.updates.map(logged("changed"))], now),
    ...arrays(BULK_SQL.insertLeads, inserts.map(newLead), now, creator),
    ...arrays(BULK_SQL.insertWhole, wholeInserts.map(newLead), now, creator),
    ...[...countByStatus(plan.inserts)].map(([status, count]) => adjustLeadCount(db, status, count)),
    ...byKind(BULK_SQL.insertAliases, gainedMembers(plan)),
    ...arrays(BULK_SQL.updateLeads, updates.map(leadItem), now, ...signature),
    ...arrays(
      BULK_SQL.moveCounts,
      wholeUpdates.flatMap(({ lead_id, fields }) => (fields?.status === undefined ? [] : [JSON.stringify([lead_id, fields.status])])),
    ),
    ...arrays(BULK_SQL.updateWhole, wholeUpdates.map(leadItem), now, ...signature),
    ...arrays(
      BULK_SQL.insertConflicts,
      plan.conflicts.map(({ kind, value, lead_id, owner }) => JSON.stringify([kind, value, lead_id, owner])),
      seenIn,
      now,
    ),
  ];
}

/** The keys of leads that were stated again as they are, for the same batch. */
export function restateLeads(ctx: LogCtx, leads: readonly PlannedLead[], now: number): Statement<never>[] {
  const items = leads.map((lead) => leadItem({ ...lead, writtenAt: [] }));
  return jsonArrays(items).map((json) => ctx.db.sql<never>(BULK_SQL.restate, json, now, ...signatureOf(ctx)));
}

const logged =
  (type: "created" | "changed") =>
  (lead: PlannedLead): LoggedChange => ({
    lead_id: lead.lead_id,
    type,
    keys: [...new Set([...writtenOf(lead), ...lead.aliases.map(([kind]) => kind), ...Object.keys(lead.fields ?? {})])],
  });

/** Whether a lead gets more than texts in its profile and aliases. */
const isWhole = ({ profile, fields }: PlannedLead): boolean =>
  fields !== undefined || Object.values(profile).some((value) => typeof value === "object" && value !== null);

function countByStatus(leads: readonly PlannedLead[]): Map<LeadStatus, number> {
  const counts = new Map<LeadStatus, number>();
  for (const { fields } of leads) counts.set(fields?.status ?? "new", (counts.get(fields?.status ?? "new") ?? 0) + 1);
  return counts;
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
    // `aliases` has no row for it
    if (isWithheld(lead_id)) continue;
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
