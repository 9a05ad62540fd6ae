import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { LEVEL_DIMENSIONS } from "../../vocabulary";

export const rulesets = sqliteTable(
  "rulesets",
  {
    unit: integer().notNull(),
    ruleset_id: text().notNull(),
    name: text().notNull(),
    active: integer().notNull(),
    /** milliseconds; events of this time and later, null for all */
    starts_at: integer(),
    /** milliseconds; events before this time, null for all */
    ends_at: integer(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
    /** a deleted ruleset scores nothing more; what it scored stays */
    deleted_at: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.ruleset_id] }),
    // read by: every batch of events, the lists and the limit on their number, which never read deleted rows
    index("rulesets_living").on(table.unit, table.active).where(sql`deleted_at IS NULL`),
  ],
);

export const rules = sqliteTable(
  "rules",
  {
    unit: integer().notNull(),
    rule_id: text().notNull(),
    ruleset_id: text().notNull(),
    event_type: text().notNull(),
    type_key: text().notNull(),
    weight: integer().notNull(),
    active: integer().notNull(),
    starts_at: integer(),
    ends_at: integer(),
    /** null: never decays */
    half_life_days: real(),
    /** JSON array of {field, operator, value} */
    attribute_filters: text().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
    /** a deleted rule is kept: explanations name what it added */
    deleted_at: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.rule_id] }),
    // read by: every batch of events, the lists and the limit on their number, which never read deleted rows
    index("rules_living").on(table.unit, table.ruleset_id, table.active).where(sql`deleted_at IS NULL`),
  ],
);

/** The ledger: what each event added to a score, by which rule, with the weight and half-life that the rule had then. One row each. */
export const contributions = sqliteTable(
  "contributions",
  {
    unit: integer().notNull(),
    lead_id: text().notNull(),
    /** when it began to count, in ms: the event's own time, for an event ahead of its time the moment it came in */
    at: integer().notNull(),
    event_id: text().notNull(),
    rule_id: text().notNull(),
    ruleset_id: text().notNull(),
    weight: integer().notNull(),
    /** null: never decays */
    half_life_ms: integer(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.lead_id, table.at, table.event_id, table.rule_id] })],
);

/**
 * The ledger in blocks of about 1,000 contributions, one row for each closed block: a late event reads and refolds the block that it falls
 * into and the sums of the others. Which events end a block follows from their ids, not from their order of arrival.
 */
export const scoreBlocks = sqliteTable(
  "score_blocks",
  {
    unit: integer().notNull(),
    lead_id: text().notNull(),
    /** time and id of the block's last event */
    at: integer().notNull(),
    event_id: text().notNull(),
    /** JSON array of [ruleset id, half-life in ms or null, value, time of the value in ms] of this block alone */
    terms: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.lead_id, table.at, table.event_id] })],
);

/**
 * The ledger folded, one row a lead: what a score is read from, and what the ranking is read from.
 * Decay changes every score all the time but never upwards past `bound`, so the ranking reads leads by falling bound and stops at the
 * first whose bound is below what it has already found: it never reads the contributions, nor all leads. Bounds found to be far too
 * high by then are lowered as they are met.
 */
export const leadScores = sqliteTable(
  "lead_scores",
  {
    unit: integer().notNull(),
    lead_id: text().notNull(),
    /** JSON array of [ruleset id, half-life in ms or null, value, time of the value in ms, 1 if of closed blocks] */
    groups: text().notNull(),
    /** where the fold stands: the last contribution's time and event */
    at: integer().notNull(),
    event_id: text().notNull(),
    /** newest own time of any event */
    last_event_at: integer().notNull(),
    event_count: integer().notNull(),
    /** grows with every change: what a plan was made from must still hold when it commits */
    version: integer().notNull(),
    /** no score of this lead is higher, from `at` on and until its next event */
    bound: real().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.lead_id] }),
    // read by: GET /top-leads; one written row for each change of a lead's score
    index("lead_scores_by_bound").on(table.unit, table.bound),
  ],
);

/** The levels of every dimension. */
export const engagementLevels = sqliteTable(
  "engagement_levels",
  {
    unit: integer().notNull(),
    /** what the score is one of */
    dimension: text({ enum: LEVEL_DIMENSIONS }).notNull().default("engagement"),
    level_id: text().notNull(),
    name: text().notNull(),
    /** inclusive */
    min_score: integer().notNull(),
    /** inclusive; null: open */
    max_score: integer(),
    color: text().notNull(),
    position: integer().notNull(),
    created_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.level_id] })],
);
