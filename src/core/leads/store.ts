/** SQL of leads and of the fields of their profiles. Statements only: verbs decide what runs together. */

import type { Statement, UnitDb } from "../../context";
import { guardSql, quotaSql } from "../../db/commit";
import type { LeadStatus } from "../../vocabulary";
import type { Alias } from "./aliases/alias";
import { type Lead, readAlias, type StoredAlias, storedAlias } from "./lead";
import type { Profile } from "./profile";

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
  version: number;
  created_at: number;
  updated_at: number;
};

export const LEAD_COLUMNS =
  "l.lead_id, l.profile, l.aliases, l.account_id, l.status, l.shown_email, l.shown_phone, l.owner_id, l.owner_name, l.version, l.created_at, l.updated_at";

const LEAD_BY_ALIAS = `FROM aliases a CROSS JOIN leads l ON l.unit = a.unit AND l.lead_id = a.lead_id
  WHERE a.unit = ?1 AND a.kind = ?2 AND a.value = ?3`;

export const selectLead = (db: UnitDb, leadId: string): Statement<LeadRow> =>
  db.sql(`SELECT ${LEAD_COLUMNS} FROM leads l WHERE l.unit = ?1 AND l.lead_id = ?2`, leadId);

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

/** Gives leads an owner. Returns the ids of those that had another one. */
export const updateOwners = (
  db: UnitDb,
  leadIds: readonly string[],
  owner: Pick<Lead, "owner_id" | "owner_name">,
  now: number,
): Statement<{ lead_id: string }> => db.sql(OWNERS_SQL.update, JSON.stringify(leadIds), owner.owner_id, owner.owner_name, now);

/** Which of these leads exist. */
export const selectExisting = (db: UnitDb, leadIds: readonly string[]): Statement<{ lead_id: string }> =>
  db.sql(OWNERS_SQL.existing, JSON.stringify(leadIds));

export const OWNERS_SQL = {
  update: `UPDATE leads SET owner_id = ?3, owner_name = ?4, version = version + 1, updated_at = max(?5, updated_at + 1)
    WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?2)) AND (owner_id IS NOT ?3 OR owner_name IS NOT ?4) RETURNING lead_id`,
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

/** Writes only while the lead still has `version`; returns a row when it did. */
export const updateLeadIfUnchanged = (
  db: UnitDb,
  lead: Pick<Lead, "lead_id" | "version" | "account_id">,
  change: { profile: string; account_id: string | null; updated_at: number },
): Statement<{ version: number }> =>
  db.sql(
    // naming account_id writes its index, even with the same value
    `UPDATE leads SET profile = ?4, ${change.account_id === lead.account_id ? "" : "account_id = ?6,"}
       updated_at = max(?5, updated_at), version = version + 1
     WHERE unit = ?1 AND lead_id = ?2 AND version = ?3 RETURNING version`,
    lead.lead_id,
    lead.version,
    change.profile,
    change.updated_at,
    ...(change.account_id === lead.account_id ? [] : [change.account_id]),
  );

export const selectLeadExists = (db: UnitDb, leadId: string): Statement<{ found: 1 }> =>
  db.sql("SELECT 1 AS found FROM leads WHERE unit = ?1 AND lead_id = ?2", leadId);

/** A new lead's row. Its aliases and its count are `insertAliases` and `adjustLeadCount`, in the same batch. */
export const insertLead = (db: UnitDb, lead: Lead): Statement<never> =>
  db.sql(
    `INSERT INTO leads (unit, lead_id, profile, aliases, account_id, status, shown_email, shown_phone, owner_id, owner_name, version,
       created_at, updated_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)`,
    lead.lead_id,
    ...writtenColumns(lead),
    lead.version,
    lead.created_at,
    lead.updated_at,
  );

/** Writes a lead as planned. `leadIsAsLoaded` goes before it in the batch. */
export const updateLeadRow = (db: UnitDb, lead: Lead): Statement<never> =>
  db.sql(
    `UPDATE leads SET profile = ?3, aliases = ?4, account_id = ?5, status = ?6, shown_email = ?7, shown_phone = ?8,
       owner_id = ?9, owner_name = ?10, version = ?11, updated_at = ?12
     WHERE unit = ?1 AND lead_id = ?2`,
    lead.lead_id,
    ...writtenColumns(lead),
    lead.version,
    lead.updated_at,
  );

const writtenColumns = (lead: Lead) =>
  [
    JSON.stringify(lead.profile),
    JSON.stringify(lead.aliases.map(({ kind, value, raw, created_at }) => storedAlias(kind, value, raw, created_at))),
    lead.account_id,
    lead.status,
    lead.shown_email,
    lead.shown_phone,
    lead.owner_id,
    lead.owner_name,
  ] as const;

/** Rolls the batch back (CommitConflict on `commit_guards`) unless the lead still has the version that was planned on. */
export const leadIsAsLoaded = (db: UnitDb, lead: Pick<Lead, "lead_id" | "version">): Statement<never> =>
  db.sql(
    guardSql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM leads WHERE unit = ?1 AND lead_id = ?2 AND version = ?3)"),
    lead.lead_id,
    lead.version,
  );

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
