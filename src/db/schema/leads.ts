import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/*
 * Rows written are what D1 bills, so a new lead with two aliases costs three: its row and one for each alias.
 * That holds because every table here is WITHOUT ROWID (drizzle cannot say it: the migration does, a test checks it)
 * and has no secondary index. A lead's row lists its own aliases, so nothing needs to find aliases by lead.
 */

/** One lead, one document. */
export const leads = sqliteTable(
  "leads",
  {
    unit: integer().notNull(),
    /** UUIDv7, 32 hex digits: the key order is the order of creation */
    lead_id: text().notNull(),
    /** JSON object, minified: `metadata` of the engagement dialect */
    profile: text().notNull(),
    /** JSON array of [kind, normalised value, raw value or null when equal, first seen in ms], oldest first */
    aliases: text().notNull(),
    account_id: text(),
    /** grows with every change; the ETag */
    version: integer().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.lead_id] })],
);

/** Who owns an alias. The key is what makes an alias unique: no code checks it. */
export const aliases = sqliteTable(
  "aliases",
  {
    unit: integer().notNull(),
    kind: text({ enum: ["email", "phone", "external_id", "cookie", "social"] }).notNull(),
    /** normalised */
    value: text().notNull(),
    lead_id: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.kind, table.value] })],
);

/** Open cases: `lead_id` was given an alias that belongs to another lead. Nothing moves until somebody decides. */
export const aliasConflicts = sqliteTable(
  "alias_conflicts",
  {
    unit: integer().notNull(),
    kind: text().notNull(),
    value: text().notNull(),
    /** the lead that was refused the alias */
    lead_id: text().notNull(),
    /** the lead that owns it */
    owner_lead_id: text().notNull(),
    /** where it was seen: an import job's id, or the dialect */
    source: text().notNull(),
    created_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.kind, table.value, table.lead_id] })],
);

/** Custom profile fields that imports may fill, beside the standard ones. */
export const profileFields = sqliteTable(
  "profile_fields",
  {
    unit: integer().notNull(),
    /** lower case: field names are case-insensitive */
    key: text().notNull(),
    name: text().notNull(),
    created_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.key] })],
);

export const accounts = sqliteTable(
  "accounts",
  {
    unit: integer().notNull(),
    account_id: text().notNull(),
    name: text().notNull(),
    domain: text(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.account_id] }),
    // read by: GET /accounts/{domain}; one written row for each account
    index("accounts_by_domain").on(table.unit, table.domain),
  ],
);
