/** SQL of leads, their aliases and the fields of their profiles. Statements only: verbs decide what runs together. */
import type { Statement, UnitDb } from "../../context";
import type { Alias } from "./alias";
import type { Lead, LeadAlias, StoredAlias } from "./lead";
import type { Profile } from "./profile";

export type LeadRow = {
  lead_id: string;
  profile: string;
  aliases: string;
  account_id: string | null;
  version: number;
  created_at: number;
  updated_at: number;
};

const LEAD_COLUMNS = "l.lead_id, l.profile, l.aliases, l.account_id, l.version, l.created_at, l.updated_at";

const LEAD_BY_ALIAS = `FROM aliases a CROSS JOIN leads l ON l.unit = a.unit AND l.lead_id = a.lead_id
  WHERE a.unit = ?1 AND a.kind = ?2 AND a.value = ?3`;

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

export function readLead(row: LeadRow): Lead {
  return {
    lead_id: row.lead_id,
    profile: JSON.parse(row.profile) as Profile,
    aliases: (JSON.parse(row.aliases) as StoredAlias[]).map(readAlias),
    account_id: row.account_id,
    version: row.version,
    created_at: row.created_at,
    updated_at: row.updated_at,
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
