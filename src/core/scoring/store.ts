/** SQL of active rules, contributions and folded scores. Statements only: the verbs decide which of them run together. */

import type { Statement, UnitDb } from "../../context";
import { jsonArrays, jsonObjects } from "../../db/batch";
import { guardSql } from "../../db/commit";
import type { Contribution, DecayState, DecayTerm, EventCursor } from "./decay";
import type { AttributeFilter } from "./filters";
import { type ActiveRule, halfLifeMs } from "./rule";

export const SCORE_SQL = {
  activeRules: `SELECT r.rule_id, r.ruleset_id, r.type_key, r.weight, r.half_life_days, r.attribute_filters, r.starts_at, r.ends_at,
      s.starts_at AS ruleset_starts_at, s.ends_at AS ruleset_ends_at
    FROM rulesets s CROSS JOIN rules r ON r.unit = s.unit AND r.ruleset_id = s.ruleset_id
    WHERE s.unit = ?1 AND s.active = 1 AND s.deleted_at IS NULL AND r.active = 1 AND r.deleted_at IS NULL`,
  scores: `SELECT s.lead_id, s.groups, s.at, s.event_id, s.last_event_at, s.event_count, s.version
    FROM json_each(?2) r CROSS JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = r.value`,
  contributions: `SELECT c.lead_id, c.at, c.event_id, c.rule_id, c.ruleset_id, c.weight, c.half_life_ms
    FROM json_each(?2) r CROSS JOIN contributions c ON c.unit = ?1 AND c.lead_id = r.value ORDER BY c.lead_id, c.at, c.event_id, c.rule_id`,
  /** by falling bound, after a place in that order */
  byBound: `SELECT s.lead_id, s.groups, s.at, s.event_id, s.last_event_at, s.event_count, s.version, s.bound FROM lead_scores s
    WHERE s.unit = ?1 AND (s.bound, s.lead_id) < (?2, ?3) ORDER BY s.bound DESC, s.lead_id DESC LIMIT ?4`,
  lowerBounds: `INSERT INTO lead_scores (unit, lead_id, groups, at, event_id, last_event_at, event_count, version, bound)
    SELECT s.unit, s.lead_id, s.groups, s.at, s.event_id, s.last_event_at, s.event_count, s.version, r.value->>2
    FROM json_each(?2) r CROSS JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = r.value->>0 AND s.version = r.value->>1 WHERE true
    ON CONFLICT (unit, lead_id) DO UPDATE SET bound = excluded.bound`,
  explained: `SELECT c.at, c.event_id, c.rule_id, c.ruleset_id, c.weight, c.half_life_ms,
      coalesce(r.event_type, '') AS event_type, coalesce(r.attribute_filters, '[]') AS attribute_filters
    FROM contributions c LEFT JOIN rules r ON r.unit = c.unit AND r.rule_id = c.rule_id
    WHERE c.unit = ?1 AND c.lead_id = ?2 AND c.at <= ?3 ORDER BY c.at, c.event_id, c.rule_id`,
  snapshot: `SELECT r.event_type, r.weight FROM rulesets s CROSS JOIN rules r ON r.unit = s.unit AND r.ruleset_id = s.ruleset_id
    WHERE s.unit = ?1 AND s.active = 1 AND s.deleted_at IS NULL AND r.active = 1 AND r.deleted_at IS NULL
    ORDER BY abs(r.weight) DESC, r.rule_id`,
  contributionsUntil: `SELECT at, event_id, rule_id, ruleset_id, weight, half_life_ms FROM contributions
    WHERE unit = ?1 AND lead_id = ?2 AND at <= ?3 ORDER BY at, event_id, rule_id`,
  eventsOfType: `SELECT min(occurred_at, received_at) AS at, metadata FROM events WHERE unit = ?1 AND lead_id = ?2 AND type_key = ?3`,
  scoresStillHold: guardSql(
    "SELECT 1 FROM json_each(?2) r WHERE coalesce((SELECT s.version FROM lead_scores s WHERE s.unit = ?1 AND s.lead_id = r.key), 0) <> r.value",
  ),
  insertContributions: `INSERT INTO contributions (unit, lead_id, at, event_id, rule_id, ruleset_id, weight, half_life_ms)
    SELECT ?1, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6 FROM json_each(?2)`,
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

/** Active rules of active rulesets. */
export const selectActiveRules = (db: UnitDb): Statement => db.sql(SCORE_SQL.activeRules);

export const readActiveRule = (row: ActiveRuleRow): ActiveRule => ({
  rule_id: row.rule_id,
  ruleset_id: row.ruleset_id,
  type_key: row.type_key,
  weight: row.weight,
  half_life_ms: halfLifeMs(row.half_life_days),
  attribute_filters: JSON.parse(row.attribute_filters) as AttributeFilter[],
  periods: [
    { starts_at: row.starts_at, ends_at: row.ends_at },
    { starts_at: row.ruleset_starts_at, ends_at: row.ruleset_ends_at },
  ],
});

/** A lead's folded score as stored. A lead without events has none. */
export type LeadScore = EventCursor & { lead_id: string; decay: DecayState; last_event_at: number; event_count: number; version: number };
export type LeadScoreRow = EventCursor & { lead_id: string; groups: string; last_event_at: number; event_count: number; version: number };

export const readLeadScore = ({ groups, ...row }: LeadScoreRow): LeadScore => ({ ...row, decay: JSON.parse(groups) as DecayTerm[] });

export const selectScores = (db: UnitDb, leadIds: readonly string[]): Statement[] => byLead(db, SCORE_SQL.scores, leadIds);

/** All contributions of these leads, each lead's in fold order. */
export const selectContributions = (db: UnitDb, leadIds: readonly string[]): Statement[] => byLead(db, SCORE_SQL.contributions, leadIds);

export type WrittenScore = LeadScore & { bound: number };

/** Writes planned scores. Rolls back its batch if one of them has changed since the plan was made. */
export function scoreWrites(
  db: UnitDb,
  scores: readonly WrittenScore[],
  contributions: readonly (Contribution & { lead_id: string })[],
): Statement[] {
  const was = scores.map(({ lead_id, version }) => `${JSON.stringify(lead_id)}:${version - 1}`);
  return [
    ...jsonObjects(was).map((json) => db.sql(SCORE_SQL.scoresStillHold, json)),
    ...jsonArrays(
      contributions.map((c) => JSON.stringify([c.lead_id, c.at, c.event_id, c.rule_id, c.ruleset_id, c.weight, c.half_life_ms])),
    ).map((json) => db.sql(SCORE_SQL.insertContributions, json)),
    ...jsonArrays(
      scores.map((s) => JSON.stringify([s.lead_id, s.decay, s.at, s.event_id, s.last_event_at, s.event_count, s.version, s.bound])),
    ).map((json) => db.sql(SCORE_SQL.writeScores, json)),
  ];
}

export const selectByBound = (db: UnitDb, after: { bound: number; lead_id: string } | null, limit: number): Statement =>
  db.sql(SCORE_SQL.byBound, after?.bound ?? Number.MAX_VALUE, after?.lead_id ?? "", limit);

/** Lowers the bounds of leads that have not changed since they were read. */
export const lowerBounds = (db: UnitDb, leads: readonly { lead_id: string; version: number; bound: number }[]): Statement[] =>
  jsonArrays(leads.map(({ lead_id, version, bound }) => JSON.stringify([lead_id, version, bound]))).map((json) =>
    db.sql(SCORE_SQL.lowerBounds, json),
  );

/** Contributions up to a time, with the event type and filters of their rules. */
export const selectExplained = (db: UnitDb, leadId: string, until: number): Statement => db.sql(SCORE_SQL.explained, leadId, until);

/** Event types and weights of the active rules. */
export const selectRuleSnapshot = (db: UnitDb): Statement => db.sql(SCORE_SQL.snapshot);

export const selectContributionsUntil = (db: UnitDb, leadId: string, until: number): Statement =>
  db.sql(SCORE_SQL.contributionsUntil, leadId, until);

export const selectEventsOfType = (db: UnitDb, leadId: string, type: string): Statement => db.sql(SCORE_SQL.eventsOfType, leadId, type);

const byLead = (db: UnitDb, sql: string, leadIds: readonly string[]): Statement[] =>
  jsonArrays(leadIds.map((id) => JSON.stringify(id))).map((json) => db.sql(sql, json));
