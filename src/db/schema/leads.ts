import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { ALIAS_KINDS, LEAD_STATUSES, WITHHOLDING_REASONS } from "../../vocabulary";
import { OWNED_EMAIL, SEARCHED_EMAIL, SEARCHED_NAME, WORDS } from "./lead-words";

/*
 * Rows written are what D1 bills. A new lead costs its row, one for each alias and one for each term that lists find it by.
 * That holds because every table here is WITHOUT ROWID (drizzle cannot say it: the migration does, a test checks it)
 * and aliases have no secondary index, leads only such as leave most leads out. A lead's row lists its own aliases, so nothing needs to find aliases by lead.
 */

/**
 * The profile's `legacy_id` where that is a whole number, or a text of nothing but digits; null otherwise. A trigger (in the migration)
 * gives it to a lead that is in a channel whenever it changes, unless another lead of the unit has it. So no writer of profiles has to know.
 */
const LEGACY_ID = sql`CASE WHEN instr(profile, '"legacy_id"') THEN CASE json_type(profile, '$.legacy_id')
  WHEN 'integer' THEN iif(profile->>'$.legacy_id' BETWEEN -9007199254740991 AND 9007199254740991, profile->>'$.legacy_id', NULL)
  WHEN 'text' THEN iif(length(trim(profile->>'$.legacy_id')) BETWEEN 1 AND 16 AND trim(profile->>'$.legacy_id') NOT GLOB '*[^0-9]*'
    AND CAST(trim(profile->>'$.legacy_id') AS INTEGER) <= 9007199254740991, CAST(trim(profile->>'$.legacy_id') AS INTEGER), NULL) END END`;

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
    status: text({ enum: LEAD_STATUSES }).notNull().default("new"),
    /** what the lead shows as its email or phone in place of its first alias: one that another lead owns; '' shows none */
    shown_email: text(),
    shown_phone: text(),
    /** a user of the caller's own system, and the name to show */
    owner_id: text(),
    owner_name: text(),
    /** `seq` of the lead's newest entry in change_log; null: none since the log exists */
    last_change: integer(),
    /** JSON: who wrote each field of the profile last, see core/leads/sources */
    sources: text(),
    /** JSON object: purpose -> [1 for granted or 0, source, ms]; null: nothing is known */
    consent: text(),
    /** computed, for the triggers that keep lead_terms */
    owned_email: text().generatedAlwaysAs(OWNED_EMAIL, { mode: "virtual" }),
    searched_email: text().generatedAlwaysAs(SEARCHED_EMAIL, { mode: "virtual" }),
    searched_name: text().generatedAlwaysAs(SEARCHED_NAME, { mode: "virtual" }),
    words: text().generatedAlwaysAs(WORDS, { mode: "virtual" }),
    /** computed, for the trigger that gives it to `channel_leads` */
    legacy_id: integer().generatedAlwaysAs(LEGACY_ID, { mode: "virtual" }),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.lead_id] }),
    // read by: GET /leads?owner_id=; written only for leads that have an owner
    index("leads_by_owner").on(table.unit, table.owner_id).where(sql`owner_id IS NOT NULL`),
    // read by: GET /leads?account_id=; written only for leads that are linked to an account
    index("leads_by_account").on(table.unit, table.account_id).where(sql`account_id IS NOT NULL`),
  ],
);

/**
 * What lists find leads by, kept by triggers on `leads` (in the migration), so no writer has to know it. `word`: the words of the name,
 * and the parts and the domain of each email among the first three aliases, lower-cased as SQLite does (ASCII only), 12 at most; but
 * for those that such an email begins with: `aliases` finds every email by how it begins. `source`: its first 512 characters. `status`:
 * unless it is `new`. Read by: lists with a filter, newest first by the key itself. A usual lead costs two or three rows.
 */
export const leadTerms = sqliteTable(
  "lead_terms",
  {
    unit: integer().notNull(),
    field: text({ enum: ["word", "source", "status"] }).notNull(),
    term: text().notNull(),
    lead_id: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.field, table.term, table.lead_id] })],
);

/** How many leads there are, kept by whoever creates, deletes or moves them, in the same batch. Read by: lists. One row a commit. */
export const leadCounts = sqliteTable(
  "lead_counts",
  {
    unit: integer().notNull(),
    status: text({ enum: LEAD_STATUSES }).notNull(),
    leads: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.status] })],
);

/** Who owns an alias. The key is what makes an alias unique: no code checks it. */
export const aliases = sqliteTable(
  "aliases",
  {
    unit: integer().notNull(),
    kind: text({ enum: ALIAS_KINDS }).notNull(),
    /** normalised */
    value: text().notNull(),
    lead_id: text().notNull(),
    /** the lead that had it first, where a merge moved it */
    moved_from: text(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.kind, table.value] })],
);

/** Cases: `lead_id` was given an alias that belongs to another lead. Nothing moves until somebody decides. */
export const aliasConflicts = sqliteTable(
  "alias_conflicts",
  {
    unit: integer().notNull(),
    kind: text({ enum: ALIAS_KINDS }).notNull(),
    value: text().notNull(),
    /** the lead that was refused the alias */
    lead_id: text().notNull(),
    /** the lead that owns it */
    owner_lead_id: text().notNull(),
    /** where it was seen: an import job's id, or the dialect */
    source: text().notNull(),
    created_at: integer().notNull(),
    /** when somebody decided that the two are different people; null: open */
    kept_apart_at: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.kind, table.value, table.lead_id] }),
    // read by: the deletion of a lead, for what it was refused; one written row for each conflict
    index("alias_conflicts_by_lead").on(table.unit, table.lead_id),
  ],
);

/**
 * Aliases that no lead may have: blocked by the unit, or of a person who was erased. Of the latter only a digest is kept. Looked up by
 * `bucket`, a short hash that costs a writer little; the digest decides whether the row is about the alias.
 */
export const withheldAliases = sqliteTable(
  "withheld_aliases",
  {
    unit: integer().notNull(),
    /** 32 bits */
    bucket: integer().notNull(),
    /** SHA-256 of salt, kind and value */
    digest: text().notNull(),
    salt: text().notNull(),
    /** `allowed`: one that is blocked by default and that the unit allows */
    reason: text({ enum: WITHHOLDING_REASONS }).notNull(),
    /** null for an erased person's */
    kind: text({ enum: ALIAS_KINDS }),
    value: text(),
    created_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.bucket, table.digest] })],
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
    /** JSON object */
    metadata: text().notNull().default("{}"),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.account_id] }),
    // read by: GET /accounts/{domain}; one written row for each account
    index("accounts_by_domain").on(table.unit, table.domain),
    // read by: GET /accounts/by-domain?name=; one written row for each account
    index("accounts_by_name").on(table.unit, table.name),
  ],
);

/** Accounts by the ids that senders of events have for them. */
export const accountGroups = sqliteTable(
  "account_groups",
  {
    unit: integer().notNull(),
    group_id: text().notNull(),
    account_id: text().notNull(),
    /** JSON object: when each trait was stated last, in ms of the senders' clocks */
    written: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.group_id] })],
);
