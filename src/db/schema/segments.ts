import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { SEGMENT_SUBJECTS } from "../../vocabulary";

/**
 * Segments: named rules. Leads are checked against the rules when they are read; who is a member is stored only for segments that have
 * triggers. WITHOUT ROWID, as are the tables below.
 */
export const segments = sqliteTable(
  "segments",
  {
    unit: integer().notNull(),
    segment_id: text().notNull(),
    /** what its members are */
    subject: text({ enum: SEGMENT_SUBJECTS }).notNull().default("leads"),
    name: text().notNull(),
    description: text(),
    /** JSON, see core/segments/schemas.ts */
    rules: text().notNull(),
    active: integer().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.segment_id] })],
);

/** Segments whose members are stored: active ones with an active trigger, and those that had one until their members are removed. */
export const segmentWatches = sqliteTable(
  "segment_watches",
  {
    unit: integer().notNull(),
    segment_id: text().notNull(),
    /** 0: the segment is not watched any more, and its members are being removed */
    active: integer().notNull(),
    /** when the rules began to hold as they are: leads that are older are recorded before they notify */
    since: integer().notNull(),
    /** the last lead that has been recorded under these rules; null: all have been */
    scan_after: text(),
    /** 1: its rules name the score or the level of accounts */
    sums_accounts: integer().notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.unit, table.segment_id] })],
);

/** One row for each unit with a watched segment, changed by each commit of members: of two at once, one rolls back. */
export const segmentLanes = sqliteTable("segment_lanes", { unit: integer().primaryKey(), version: integer().notNull() });

/**
 * Leads to be checked against the watched segments. Database triggers (in the migration) add them in the commit that changes a lead or its
 * score, so no writer has to know; in a unit that watches no segment they write nothing.
 */
export const segmentQueue = sqliteTable(
  "segment_queue",
  {
    unit: integer().notNull(),
    lead_id: text().notNull(),
    /** grows with every change */
    marks: integer().notNull(),
    /** 1: only recorded, nobody is notified; -1: see `silenceQueue` */
    silent: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.lead_id] })],
);

/** Accounts that have changed: their leads are checked slice by slice. Written by database triggers too. */
export const segmentAccounts = sqliteTable(
  "segment_accounts",
  {
    unit: integer().notNull(),
    account_id: text().notNull(),
    marks: integer().notNull(),
    /** the last lead that has been checked */
    after: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.account_id] })],
);

/**
 * The account scores that leads are checked with, in units that watch a segment with rules on them. Database triggers mark an account as
 * due when the score of one of its leads changes, or a lead joins or leaves.
 */
export const segmentAccountScores = sqliteTable(
  "segment_account_scores",
  {
    unit: integer().notNull(),
    account_id: text().notNull(),
    /** null: not added up yet */
    score: real(),
    /** when it has to be added up again: 0 after a change, else when time may take it across a bound of the rules; null: never */
    due_at: integer(),
    /** grows with every change */
    marks: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.account_id] }),
    // read by: the lane and the sweep; one written row for each change of an account with a due time
    index("segment_account_scores_due").on(table.unit, table.due_at).where(sql`due_at IS NOT NULL`),
  ],
);

/** Members of watched segments, and leads that may become members by the passing of time alone. */
export const segmentMembers = sqliteTable(
  "segment_members",
  {
    unit: integer().notNull(),
    segment_id: text().notNull(),
    lead_id: text().notNull(),
    member: integer().notNull(),
    /** the next moment at which that may change without a write; null: none */
    due_at: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.segment_id, table.lead_id] }),
    // read by: the lane and the sweep, for what is due; one written row for each member with a due time
    index("segment_members_due").on(table.unit, table.due_at).where(sql`due_at IS NOT NULL`),
  ],
);
