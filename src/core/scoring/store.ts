/** SQL of active rules, contributions and folded scores. Statements only: the verbs decide which of them run together. */

import type { Statement, UnitDb } from "../../context";
import { jsonArrays, jsonObjects } from "../../db/batch";
import { guardSql } from "../../db/commit";
import type { DecayState, EventCursor } from "./decay";
import { type ActiveRule, halfLifeMs } from "./rule";

// named: SQLite would search the primary keys, which hold deleted rows too
const ACTIVE_RULES = `FROM rulesets s INDEXED BY rulesets_living
    CROSS JOIN rules r INDEXED BY rules_living ON r.unit = ?1 AND r.ruleset_id = s.ruleset_id AND r.active = 1 AND r.deleted_at IS NULL
    LEFT JOIN event_types t ON t.unit = ?1 AND t.type_key = r.type_key
    WHERE s.unit = ?1 AND s.active = 1 AND s.deleted_at IS NULL AND coalesce(t.hidden, 0) = 0`;

export const SCORE_SQL = {
  activeRules: `SELECT r.rule_id, r.ruleset_id, r.type_key, r.weight, r.half_life_days, r.attribute_filters, r.starts_at, r.ends_at,
      s.starts_at AS ruleset_starts_at, s.ends_at AS ruleset_ends_at
    ${ACTIVE_RULES}`,
  scores: `SELECT s.lead_id, s.groups, s.at, s.event_id, s.last_event_at, s.event_count, s.version
    FROM json_each(?2) r CROSS JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = r.value`,
  /** by falling bound, after a place in that order */
  byBound: `SELECT s.lead_id, s.groups, s.at, s.event_id, s.last_event_at, s.event_count, s.version, s.bound FROM lead_scores s
    WHERE s.unit = ?1 AND (s.bound, s.lead_id) < (?2, ?3) ORDER BY s.bound DESC, s.lead_id DESC LIMIT ?4`,
  lowerBounds: `INSERT INTO lead_scores (unit, lead_id, groups, at, event_id, last_event_at, event_count, version, bound)
    SELECT s.unit, s.lead_id, s.groups, s.at, s.event_id, s.last_event_at, s.event_count, s.version, r.value->>2
    FROM json_each(?2) r CROSS JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = r.value->>0 AND s.version = r.value->>1 WHERE true
    ON CONFLICT (unit, lead_id) DO UPDATE SET bound = excluded.bound`,
  snapshot: `SELECT r.event_type, r.weight ${ACTIVE_RULES} ORDER BY abs(r.weight) DESC, r.rule_id`,
  scoresStillHold: guardSql(
    "SELECT 1 FROM json_each(?2) r WHERE coalesce((SELECT s.version FROM lead_scores s WHERE s.unit = ?1 AND s.lead_id = r.key), 0) <> r.value",
  ),
  writeScores: `INSERT INTO lead_scores (unit, lead_id, groups, at, event_id, last_event_at, event_count, version, bound)
    SELECT ?1, value->>0, value->1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7 FROM json_each(?2) WHERE true
    ON CONFLICT (unit, lead_id) DO UPDATE SET groups = excluded.groups, at = excluded.at, event_id = excluded.event_id,
      last_event_at = excluded.last_event_at, event_count = excluded.event_count, version = excluded.version, bound = excluded.bound`,
} as const;

export type ActiveRuleRow = {
  rule_id: string;
  ruleset_id: string;
  type_key: string;
  weight: number;
  half_life_days: number | null;
  attribute_filters: string;
  starts_at: number | null;
  ends_at: number | null;
  ruleset_starts_at: number | null;
  ruleset_ends_at: number | null;
};

/** Active rules of active rulesets, on types that are not hidden. */
export const selectActiveRules = (db: UnitDb): Statement<ActiveRuleRow> => db.sql(SCORE_SQL.activeRules);

export const readActiveRule = (row: ActiveRuleRow): ActiveRule => ({
  rule_id: row.rule_id,
  ruleset_id: row.ruleset_id,
  type_key: row.type_key,
  weight: row.weight,
  half_life_ms: halfLifeMs(row.half_life_days),
  attribute_filters: JSON.parse(row.attribute_filters),
  periods: [
    { starts_at: row.starts_at, ends_at: row.ends_at },
    { starts_at: row.ruleset_starts_at, ends_at: row.ruleset_ends_at },
  ],
});

/** A lead's folded score as stored. A lead without events has none. */
export type LeadScore = EventCursor & { lead_id: string; decay: DecayState; last_event_at: number; event_count: number; version: number };
export type LeadScoreRow = EventCursor & { lead_id: string; groups: string; last_event_at: number; event_count: number; version: number };

export const readLeadScore = ({ groups, ...row }: LeadScoreRow): LeadScore => ({ ...row, decay: JSON.parse(groups) });

export const selectScores = (db: UnitDb, leadIds: readonly string[]): Statement<LeadScoreRow>[] => byLead(db, SCORE_SQL.scores, leadIds);

export type WrittenScore = LeadScore & { bound: number };

/** Writes planned scores. Rolls back its batch if one of them has changed since the plan was made. */
export const scoreWrites = (db: UnitDb, scores: readonly WrittenScore[]): Statement<never>[] => [
  ...scoresAreAsLoaded(
    db,
    scores.map(({ lead_id, version }) => ({ lead_id, version: version - 1 })),
  ),
  ...putScores(db, scores),
];

/** Rolls its batch back if one of these scores has another version; 0: the lead has none. */
export const scoresAreAsLoaded = (db: UnitDb, scores: readonly Pick<LeadScore, "lead_id" | "version">[]): Statement<never>[] =>
  jsonObjects(scores.map(({ lead_id, version }) => `${JSON.stringify(lead_id)}:${version}`)).map((json) =>
    db.sql<never>(SCORE_SQL.scoresStillHold, json),
  );

/** Writes scores whatever is stored: for a batch that is guarded by `scoresAreAsLoaded`. */
export const putScores = (db: UnitDb, scores: readonly WrittenScore[]): Statement<never>[] =>
  jsonArrays(
    scores.map((s) => JSON.stringify([s.lead_id, s.decay, s.at, s.event_id, s.last_event_at, s.event_count, s.version, s.bound])),
  ).map((json) => db.sql<never>(SCORE_SQL.writeScores, json));

/** Deletes the folds of leads; their contributions stay. */
export const dropFolds = (db: UnitDb, leadIds: readonly string[]): Statement<never>[] =>
  ["lead_scores", "score_blocks"].map((table) =>
    db.sql(`DELETE FROM ${table} WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?2))`, JSON.stringify(leadIds)),
  );

const WHOLE_SCORES_SQL = `SELECT s.lead_id, s.groups, s.at, s.event_id, s.last_event_at, s.event_count, s.version, s.bound
    FROM json_each(?2) r CROSS JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = r.value`;

/** Whole rows, for a record of what they were. */
export const selectWholeScores = (db: UnitDb, leadIds: readonly string[]): Statement<LeadScoreRow & { bound: number }>[] =>
  byLead(db, WHOLE_SCORES_SQL, leadIds);

export const selectByBound = (
  db: UnitDb,
  after: { bound: number; lead_id: string } | null,
  limit: number,
): Statement<LeadScoreRow & { bound: number }> => db.sql(SCORE_SQL.byBound, after?.bound ?? Number.MAX_VALUE, after?.lead_id ?? "", limit);

/** Lowers the bounds of leads that have not changed since they were read. */
export const lowerBounds = (db: UnitDb, leads: readonly { lead_id: string; version: number; bound: number }[]): Statement<never>[] =>
  jsonArrays(leads.map(({ lead_id, version, bound }) => JSON.stringify([lead_id, version, bound]))).map((json) =>
    db.sql(SCORE_SQL.lowerBounds, json),
  );

/** Event types and weights of the active rules. */
export const selectRuleSnapshot = (db: UnitDb): Statement<{ event_type: string; weight: number }> => db.sql(SCORE_SQL.snapshot);

/** Events of a lead in a time, in ms, that a velocity filter has suppressed. */
export const countSuppressed = (db: UnitDb, leadId: string, from: number, to: number): Statement<{ count: number }> =>
  db.sql(
    `SELECT count(*) AS count FROM events
     WHERE unit = ?1 AND lead_id = ?2 AND occurred_at >= ?3 AND occurred_at <= ?4 AND suppression_reason IS NOT NULL`,
    leadId,
    from,
    to,
  );

const byLead = <Row>(db: UnitDb, sql: string, leadIds: readonly string[]): Statement<Row>[] =>
  jsonArrays(leadIds.map((id) => JSON.stringify(id))).map((json) => db.sql<Row>(sql, json));
