/** SQL of leads, their aliases and the fields of their profiles. Statements only: verbs decide what runs together. */

import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import { guardSql } from "../../db/commit";
import type { AliasKind, LeadStatus } from "../../vocabulary";
import type { Alias } from "./alias";
import { type Lead, type LeadAlias, type StoredAlias, storedAlias } from "./lead";
import type { Profile } from "./profile";

export type LeadRow = {
  lead_id: string;
  profile: string;
  aliases: string;
  account_id: string | null;
  status: LeadStatus;
  shown_email: string | null;
  shown_phone: string | null;
  version: number;
  created_at: number;
  updated_at: number;
};

export const LEAD_COLUMNS =
  "l.lead_id, l.profile, l.aliases, l.account_id, l.status, l.shown_email, l.shown_phone, l.version, l.created_at, l.updated_at";

const LEAD_BY_ALIAS = `FROM aliases a CROSS JOIN leads l ON l.unit = a.unit AND l.lead_id = a.lead_id
  WHERE a.unit = ?1 AND a.kind = ?2 AND a.value = ?3`;

export const selectLead = (db: UnitDb, leadId: string): Statement =>
  db.sql(`SELECT ${LEAD_COLUMNS} FROM leads l WHERE l.unit = ?1 AND l.lead_id = ?2`, leadId);

export const selectLeadByAlias = (db: UnitDb, alias: Alias): Statement =>
  db.sql(`SELECT ${LEAD_COLUMNS} ${LEAD_BY_ALIAS}`, alias.kind, alias.value);

/** The lead, and whether an account exists that it is to be linked to. */
export const selectLeadAndAccount = (db: UnitDb, alias: Alias, accountId: string | null): Statement =>
  db.sql(
    `SELECT ${LEAD_COLUMNS}, EXISTS (SELECT 1 FROM accounts c WHERE c.unit = ?1 AND c.account_id = ?4) AS account_exists ${LEAD_BY_ALIAS}`,
    alias.kind,
    alias.value,
    accountId,
  );

/** Writes only while the lead still has `version`; answers the row when it did. */
export const updateLeadIfUnchanged = (
  db: UnitDb,
  lead: Pick<Lead, "lead_id" | "version">,
  change: { profile: string; account_id: string | null; updated_at: number },
): Statement =>
  db.sql(
    `UPDATE leads SET profile = ?4, account_id = ?5, updated_at = max(?6, updated_at), version = version + 1
     WHERE unit = ?1 AND lead_id = ?2 AND version = ?3 RETURNING version`,
    lead.lead_id,
    lead.version,
    change.profile,
    change.account_id,
    change.updated_at,
  );

export const selectLeadExists = (db: UnitDb, leadId: string): Statement =>
  db.sql("SELECT 1 FROM leads WHERE unit = ?1 AND lead_id = ?2", leadId);

/** A new lead's row. Its aliases and its count are `insertAliases` and `countLeads`, in the same batch. */
export const insertLead = (db: UnitDb, lead: Lead): Statement =>
  db.sql(
    `INSERT INTO leads (unit, lead_id, profile, aliases, account_id, status, shown_email, shown_phone, version, created_at, updated_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`,
    lead.lead_id,
    ...writtenColumns(lead),
    lead.version,
    lead.created_at,
    lead.updated_at,
  );

/** Writes a lead as planned. `leadIsAsLoaded` goes before it in the batch. */
export const updateLeadRow = (db: UnitDb, lead: Lead): Statement =>
  db.sql(
    `UPDATE leads SET profile = ?3, aliases = ?4, account_id = ?5, status = ?6, shown_email = ?7, shown_phone = ?8, version = ?9, updated_at = ?10
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
  ] as const;

/** Rolls the batch back (CommitConflict on `commit_guards`) unless the lead still has the version that was planned on. */
export const leadIsAsLoaded = (db: UnitDb, lead: Pick<Lead, "lead_id" | "version">): Statement =>
  db.sql(
    guardSql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM leads WHERE unit = ?1 AND lead_id = ?2 AND version = ?3)"),
    lead.lead_id,
    lead.version,
  );

/** Adds to the kept number of leads of a status. Whoever creates or deletes leads says so here, in the same batch. */
export const countLeads = (db: UnitDb, status: LeadStatus, delta: number): Statement =>
  db.sql(
    `INSERT INTO lead_counts (unit, status, leads) VALUES (?1, ?2, ?3)
     ON CONFLICT (unit, status) DO UPDATE SET leads = leads + excluded.leads`,
    status,
    delta,
  );

/** The batch collides (CommitConflict on `aliases`) when one of them is somebody's. */
export const insertAliases = (db: UnitDb, leadId: string, aliases: readonly Alias[]): Statement[] =>
  jsonArrays(aliases.map(pairOf)).map((json) =>
    db.sql("INSERT INTO aliases (unit, kind, value, lead_id) SELECT ?1, value->>0, value->>1, ?3 FROM json_each(?2)", json, leadId),
  );

/** Gives an alias up, and with it what others were refused for its sake. */
export const releaseAlias = (db: UnitDb, leadId: string, { kind, value }: Alias): Statement[] => [
  db.sql("DELETE FROM aliases WHERE unit = ?1 AND kind = ?2 AND value = ?3 AND lead_id = ?4", kind, value, leadId),
  db.sql("DELETE FROM alias_conflicts WHERE unit = ?1 AND kind = ?2 AND value = ?3 AND owner_lead_id = ?4", kind, value, leadId),
];

export type AliasOwner = { kind: AliasKind; value: string; lead_id: string };

/** Which leads own these aliases. */
export const selectOwners = (db: UnitDb, aliases: readonly Alias[]): Statement =>
  db.sql(
    `SELECT a.kind, a.value, a.lead_id FROM json_each(?2) r
     CROSS JOIN aliases a ON a.unit = ?1 AND a.kind = r.value->>0 AND a.value = r.value->>1`,
    `[${aliases.map(pairOf).join(",")}]`,
  );

/** Opens the case: the lead was given an alias that `owner` has. Rolls back (`commit_guards`) when the owner has it no longer. */
export const recordConflict = (
  db: UnitDb,
  conflict: Alias & { lead_id: string; owner: string; source: string; created_at: number },
): Statement[] => [
  db.sql(
    guardSql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM aliases WHERE unit = ?1 AND kind = ?2 AND value = ?3 AND lead_id = ?4)"),
    conflict.kind,
    conflict.value,
    conflict.owner,
  ),
  db.sql(
    `INSERT INTO alias_conflicts (unit, kind, value, lead_id, owner_lead_id, source, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (unit, kind, value, lead_id) DO UPDATE SET owner_lead_id = excluded.owner_lead_id
     WHERE owner_lead_id IS NOT excluded.owner_lead_id`,
    conflict.kind,
    conflict.value,
    conflict.lead_id,
    conflict.owner,
    conflict.source,
    conflict.created_at,
  ),
];

/** Closes the case: the lead claims the alias no longer, or has it. */
export const dropConflict = (db: UnitDb, leadId: string, { kind, value }: Alias): Statement =>
  db.sql("DELETE FROM alias_conflicts WHERE unit = ?1 AND kind = ?2 AND value = ?3 AND lead_id = ?4", kind, value, leadId);

const pairOf = ({ kind, value }: Alias): string => JSON.stringify([kind, value]);

export function readLead({ profile, aliases, ...row }: LeadRow): Lead {
  return {
    ...row,
    profile: JSON.parse(profile) as Profile,
    aliases: (JSON.parse(aliases) as StoredAlias[]).map(readAlias),
  };
}

const readAlias = ([kind, value, raw, created_at]: StoredAlias): LeadAlias => ({ kind, value, raw: raw ?? value, created_at });

export const selectProfileFields = (db: UnitDb): Statement => db.sql("SELECT key, name FROM profile_fields WHERE unit = ?1 ORDER BY key");

export const insertProfileField = (db: UnitDb, field: { key: string; name: string; created_at: number }): Statement =>
  db.sql(
    "INSERT INTO profile_fields (unit, key, name, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING RETURNING name",
    field.key,
    field.name,
    field.created_at,
  );
