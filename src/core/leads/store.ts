/** SQL of leads and of the fields of their profiles. Statements only: verbs decide what runs together. */

import type { Statement, UnitDb } from "../../context";
import { guardSql, quotaSql } from "../../db/commit";
import type { LeadStatus } from "../../vocabulary";
import { LAST_CHANGE_SQL, type LogCtx, type LoggedChange, logChanges, logMatching } from "../changes";
import type { Alias } from "./aliases/alias";
import { Assignments } from "./assignments";
import { changedKeys } from "./changed-keys";
import { type Lead, readAlias, type StoredAlias, storedAlias } from "./lead";
import type { Profile } from "./profile";
import { changedSources, creatorSources, SOURCE_KEYS, sourceEntry, sourcesAfterSql } from "./sources";

export type LeadRow = {
  lead_id: string;
  profile: string;
  aliases: string;
  account_id: string | null;
  status: LeadStatus;
  shown_email: string | null;
  shown_phone: string | null;
  owner_id: string | null;
  owner_name: string | null;
  consent: string | null;
  version: number;
  created_at: number;
  updated_at: number;
};

export const LEAD_COLUMNS =
  "l.lead_id, l.profile, l.aliases, l.account_id, l.status, l.shown_email, l.shown_phone, l.owner_id, l.owner_name, l.consent, l.version, l.created_at, l.updated_at";

const LEAD_BY_ALIAS = `FROM aliases a CROSS JOIN leads l ON l.unit = a.unit AND l.lead_id = a.lead_id
  WHERE a.unit = ?1 AND a.kind = ?2 AND a.value = ?3`;

export const selectLead = (db: UnitDb, leadId: string): Statement<LeadRow> =>
  db.sql(`SELECT ${LEAD_COLUMNS} FROM leads l WHERE l.unit = ?1 AND l.lead_id = ?2`, leadId);

/** The stored `sources` of a lead. */
export const selectSources = (db: UnitDb, leadId: string): Statement<{ sources: string | null }> =>
  db.sql("SELECT l.sources FROM leads l WHERE l.unit = ?1 AND l.lead_id = ?2", leadId);

export const selectLeadByAlias = (db: UnitDb, alias: Alias): Statement<LeadRow> =>
  db.sql(`SELECT ${LEAD_COLUMNS} ${LEAD_BY_ALIAS}`, alias.kind, alias.value);

export const selectLeadsById = (db: UnitDb, leadIds: readonly string[]): Statement<LeadRow> =>
  db.sql(`SELECT ${LEAD_COLUMNS} FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value`, JSON.stringify(leadIds));

/** The leads that own these aliases, in one statement: `at` is the alias's place in the list. */
export const selectLeadsByAliases = (db: UnitDb, aliases: readonly (Alias & { at: number })[]): Statement<LeadRow & { at: number }> =>
  db.sql(
    `SELECT r.value->>2 AS at, ${LEAD_COLUMNS} FROM json_each(?2) r
     CROSS JOIN aliases a ON a.unit = ?1 AND a.kind = r.value->>0 AND a.value = r.value->>1
     CROSS JOIN leads l ON l.unit = a.unit AND l.lead_id = a.lead_id ORDER BY r.key`,
    JSON.stringify(aliases.map(({ kind, value, at }) => [kind, value, at])),
  );

/** Gives leads an owner, and logs it. The second returns the ids of those that had another one. */
export const updateOwners = (
  ctx: LogCtx,
  leadIds: readonly string[],
  { owner_id, owner_name }: Pick<Lead, "owner_id" | "owner_name">,
  now: number,
): [Statement<never>, Statement<{ lead_id: string }>] => {
  const kind = { type: "changed", keys: ["owner_id", "owner_name"] } as const;
  const ids = JSON.stringify(leadIds);
  return [
    logMatching(ctx, kind, now, OWNERS_SQL.change("?7", "?8", "?9"), ids, owner_id, owner_name),
    ctx.db.sql(OWNERS_SQL.update, ids, owner_id, owner_name, now, sourceEntry(ctx, now, [SOURCE_KEYS.owner_id])),
  ];
};

/** Which of these leads exist. */
export const selectExisting = (db: UnitDb, leadIds: readonly string[]): Statement<{ lead_id: string }> =>
  db.sql(OWNERS_SQL.existing, JSON.stringify(leadIds));

const ownersChange = (ids: string, id: string, name: string) =>
  `lead_id IN (SELECT value FROM json_each(${ids})) AND (owner_id IS NOT ${id} OR owner_name IS NOT ${name})`;

export const OWNERS_SQL = {
  change: ownersChange,
  update: `UPDATE leads SET owner_id = ?3, owner_name = ?4, version = version + 1, updated_at = max(?5, updated_at + 1),
      last_change = ${LAST_CHANGE_SQL}, sources = ${sourcesAfterSql("sources", "?6 -> 3", "?6")}
    WHERE unit = ?1 AND ${ownersChange("?2", "?3", "?4")} RETURNING lead_id`,
  existing: "SELECT l.lead_id FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value",
} as const;

/** The lead, and whether an account exists that it is to be linked to. */
export const selectLeadAndAccount = (db: UnitDb, alias: Alias, accountId: string | null): Statement<LeadRow & { account_exists: number }> =>
  db.sql(
    `SELECT ${LEAD_COLUMNS}, EXISTS (SELECT 1 FROM accounts c WHERE c.unit = ?1 AND c.account_id = ?4) AS account_exists ${LEAD_BY_ALIAS}`,
    alias.kind,
    alias.value,
    accountId,
  );

/** Writes and logs only while the lead still has `version`, and while an account exists that it is to be linked to; the second returns a row then. */
export function updateLeadIfUnchanged(
  ctx: LogCtx,
  lead: Pick<Lead, "lead_id" | "version" | "account_id">,
  change: { profile: string; account_id: string | null; updated_at: number; fields: readonly string[] },
): [Statement<never>, Statement<{ version: number }>] {
  const relinks = change.account_id !== lead.account_id;
  const keys = [...change.fields, ...(relinks ? ["account_id"] : [])];
  const written = new Assignments(lead.lead_id, lead.version);
  written.add("profile", change.profile);
  written.addSources(ctx, change.updated_at, [...change.fields, ...(relinks ? [SOURCE_KEYS.account_id] : [])]);
  // naming account_id writes its index, even with the same value
  if (relinks) written.add("account_id", change.account_id);
  const linked = relinks && change.account_id !== null;
  written.add("updated_at", change.updated_at, (value) => `max(${value}, updated_at)`);
  const matches = `l.lead_id = ?7 AND l.version = ?8${linked ? " AND EXISTS (SELECT 1 FROM accounts c WHERE c.unit = ?1 AND c.account_id = ?9)" : ""}`;
  const params = [lead.lead_id, lead.version, ...(linked ? [change.account_id] : [])];
  const exists = linked ? ` AND EXISTS (SELECT 1 FROM accounts c WHERE c.unit = ?1 AND c.account_id = ?${written.params.length + 2})` : "";
  return [
    logMatching(ctx, { type: "changed", keys }, change.updated_at, matches, ...params),
    ctx.db.sql(
      `UPDATE leads SET version = version + 1, last_change = ${LAST_CHANGE_SQL}, ${written}
       WHERE unit = ?1 AND lead_id = ?2 AND version = ?3${exists} RETURNING version`,
      ...written.params,
      ...(linked ? [change.account_id] : []),
    ),
  ];
}

export const selectLeadExists = (db: UnitDb, leadId: string): Statement<{ found: 1 }> =>
  db.sql("SELECT 1 AS found FROM leads WHERE unit = ?1 AND lead_id = ?2", leadId);

/** A new lead's row, logged. Its aliases and its count are `insertAliases` and `adjustLeadCount`, in the same batch. */
export const insertLead = (ctx: LogCtx, lead: Lead): Statement<never>[] => {
  const { lead_id, profile, aliases, created_at } = lead;
  const keys = [...new Set([...Object.keys(profile), ...aliases.map(({ kind }) => kind)])];
  return [
    ...logChanges(ctx, [{ lead_id, type: "created", keys }], created_at),
    ctx.db.sql(
      `INSERT INTO leads (unit, lead_id, profile, aliases, account_id, status, shown_email, shown_phone, owner_id, owner_name, consent, version,
         created_at, updated_at, sources, last_change)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ${LAST_CHANGE_SQL})`,
      lead_id,
      ...Object.values(writtenColumns(lead)),
      lead.version,
      created_at,
      lead.updated_at,
      creatorSources(ctx, created_at),
    ),
  ];
};

/** A change without any names is not logged. */
export const changeOf = ({ lead_id }: Pick<Lead, "lead_id">, keys: readonly string[]): LoggedChange[] =>
  keys.length === 0 ? [] : [{ lead_id, type: "changed", keys }];

/**
 * Writes a lead as planned, and logs what that changes; `log` says how, where it is more than a change of the lead. `leadIsAsLoaded` goes
 * before it in the batch.
 */
export function updateLeadRow(
  ctx: LogCtx,
  before: Lead,
  lead: Lead,
  log: (keys: string[]) => LoggedChange[] = (keys) => changeOf(lead, keys),
): Statement<never>[] {
  const { lead_id, updated_at } = lead;
  const logged = log(changedKeys(before, lead));
  const written = new Assignments(lead_id);
  for (const [column, value] of Object.entries(writtenColumns(lead))) written.add(column, value);
  written.add("version", lead.version);
  written.add("updated_at", updated_at);
  written.addSources(ctx, updated_at, changedSources(before, lead));
  return [
    ...logChanges(ctx, logged, updated_at),
    ctx.db.sql(
      `UPDATE leads SET ${written}${logged.length === 0 ? "" : `, last_change = ${LAST_CHANGE_SQL}`} WHERE unit = ?1 AND lead_id = ?2`,
      ...written.params,
    ),
  ];
}

const writtenColumns = (lead: Lead) => ({
  profile: JSON.stringify(lead.profile),
  aliases: JSON.stringify(lead.aliases.map(({ kind, value, raw, created_at }) => storedAlias(kind, value, raw, created_at))),
  account_id: lead.account_id,
  status: lead.status,
  shown_email: lead.shown_email,
  shown_phone: lead.shown_phone,
  owner_id: lead.owner_id,
  owner_name: lead.owner_name,
  consent: lead.consent,
});

/** Rolls the batch back (CommitConflict on `commit_guards`) unless the lead still has the version that was planned on. */
export const leadIsAsLoaded = (db: UnitDb, lead: Pick<Lead, "lead_id" | "version">): Statement<never> =>
  db.sql(
    guardSql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM leads WHERE unit = ?1 AND lead_id = ?2 AND version = ?3)"),
    lead.lead_id,
    lead.version,
  );

/** Rolls the batch back (CommitConflict on `commit_guards`) unless there is such a lead. */
export const leadExists = (db: UnitDb, leadId: string): Statement<never> =>
  db.sql(guardSql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM leads WHERE unit = ?1 AND lead_id = ?2)"), leadId);

/** Adds to the kept number of leads of a status: for the batch that creates, deletes or moves leads. */
export const adjustLeadCount = (db: UnitDb, status: LeadStatus, delta: number): Statement<never> =>
  db.sql(
    `INSERT INTO lead_counts (unit, status, leads) VALUES (?1, ?2, ?3)
     ON CONFLICT (unit, status) DO UPDATE SET leads = leads + excluded.leads`,
    status,
    delta,
  );

export const selectLeadTotal = (db: UnitDb): Statement<{ leads: number }> =>
  db.sql("SELECT coalesce(sum(leads), 0) AS leads FROM lead_counts WHERE unit = ?1");

/** Rolls its batch back (CommitConflict on `quota_guards`) if the unit has more leads by now. Goes after `adjustLeadCount`. */
export const leadsFit = (db: UnitDb, max: number): Statement<never> =>
  db.sql(quotaSql("leads", "SELECT 1 FROM (SELECT sum(leads) AS leads FROM lead_counts WHERE unit = ?1) WHERE leads > ?2"), max);

export function readLead({ profile, aliases, ...row }: LeadRow): Lead {
  return {
    ...row,
    profile: JSON.parse(profile) as Profile,
    aliases: (JSON.parse(aliases) as StoredAlias[]).map(readAlias),
  };
}

/** `key` is the lower-case form of `name`. */
export type ProfileFieldRow = { key: string; name: string };

export const selectProfileFields = (db: UnitDb): Statement<ProfileFieldRow> =>
  db.sql("SELECT key, name FROM profile_fields WHERE unit = ?1 ORDER BY key");

/** The batch rolls back (CommitConflict) when the unit has a field of this key. */
export const insertProfileField = (db: UnitDb, field: ProfileFieldRow & { created_at: number }): Statement<never> =>
  db.sql("INSERT INTO profile_fields (unit, key, name, created_at) VALUES (?1, ?2, ?3, ?4)", field.key, field.name, field.created_at);
