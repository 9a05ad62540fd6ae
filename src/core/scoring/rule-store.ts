/** SQL of rulesets and rules. Deleted rows are kept for explanations; nothing here returns them. */

import type { Statement, UnitDb } from "../../context";
import { guardSql } from "../../db/commit";
import { type Rule, type Ruleset, typeKey } from "./rule";

type RulesetRow = Omit<Ruleset, "active"> & { active: number };
type RuleRow = Omit<Rule, "active" | "attribute_filters"> & { active: number; attribute_filters: string };

const RULESET_COLUMNS = "ruleset_id, name, active, starts_at, ends_at, created_at, updated_at";
const RULE_COLUMNS =
  "rule_id, ruleset_id, event_type, weight, active, starts_at, ends_at, half_life_days, attribute_filters, created_at, updated_at";

/** In the order of `changeable()`. */
const CHANGEABLE = [
  "event_type",
  "type_key",
  "weight",
  "active",
  "starts_at",
  "ends_at",
  "half_life_days",
  "attribute_filters",
  "updated_at",
] as const;

export const readRuleset = (row: RulesetRow): Ruleset => ({ ...row, active: row.active === 1 });
export const readRule = (row: RuleRow): Rule => ({
  ...row,
  active: row.active === 1,
  attribute_filters: JSON.parse(row.attribute_filters),
});

export const selectRulesets = (db: UnitDb): Statement<RulesetRow> =>
  db.sql(`SELECT ${RULESET_COLUMNS} FROM rulesets WHERE unit = ?1 AND deleted_at IS NULL ORDER BY ruleset_id`);

/** Deleted ones, too: scores still hold what they gave. */
export const selectRulesetNames = (db: UnitDb): Statement<{ ruleset_id: string; name: string }> =>
  db.sql("SELECT ruleset_id, name FROM rulesets WHERE unit = ?1");

export const selectRuleset = (db: UnitDb, rulesetId: string): Statement<RulesetRow> =>
  db.sql(`SELECT ${RULESET_COLUMNS} FROM rulesets WHERE unit = ?1 AND ruleset_id = ?2 AND deleted_at IS NULL`, rulesetId);

export const insertRuleset = (db: UnitDb, ruleset: Ruleset): Statement<never> =>
  db.sql(
    `INSERT INTO rulesets (unit, ${RULESET_COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
    ruleset.ruleset_id,
    ruleset.name,
    ruleset.active ? 1 : 0,
    ruleset.starts_at,
    ruleset.ends_at,
    ruleset.created_at,
    ruleset.updated_at,
  );

export const updateRuleset = (db: UnitDb, ruleset: Ruleset): Statement<never> =>
  db.sql(
    "UPDATE rulesets SET name = ?3, active = ?4, starts_at = ?5, ends_at = ?6, updated_at = ?7 WHERE unit = ?1 AND ruleset_id = ?2",
    ruleset.ruleset_id,
    ruleset.name,
    ruleset.active ? 1 : 0,
    ruleset.starts_at,
    ruleset.ends_at,
    ruleset.updated_at,
  );

/** Rolls back its batch if the ruleset has changed since it was read: every change moves `updated_at`. */
export const rulesetIsAsRead = (db: UnitDb, { ruleset_id, updated_at }: Ruleset): Statement<never> =>
  db.sql(guardSql(unchanged("rulesets", "ruleset_id")), ruleset_id, updated_at);

/** The first statement returns a row if there was a ruleset to delete. */
export const deleteRulesetStatements = (
  db: UnitDb,
  rulesetId: string,
  now: number,
): [Statement<{ ruleset_id: string }>, Statement<never>] => [
  db.sql(
    "UPDATE rulesets SET deleted_at = ?3 WHERE unit = ?1 AND ruleset_id = ?2 AND deleted_at IS NULL RETURNING ruleset_id",
    rulesetId,
    now,
  ),
  db.sql("UPDATE rules SET deleted_at = ?3 WHERE unit = ?1 AND ruleset_id = ?2 AND deleted_at IS NULL", rulesetId, now),
];

/** The second statement returns the ruleset if there was one to restore. A rule that was deleted before its ruleset stays deleted. */
export const restoreRulesetStatements = (db: UnitDb, rulesetId: string, now: number): [Statement<never>, Statement<RulesetRow>] => [
  db.sql(
    `UPDATE rules SET deleted_at = NULL, updated_at = max(updated_at + 1, ?3) WHERE unit = ?1 AND ruleset_id = ?2
       AND deleted_at = (SELECT deleted_at FROM rulesets WHERE unit = ?1 AND ruleset_id = ?2)`,
    rulesetId,
    now,
  ),
  db.sql(
    `UPDATE rulesets SET deleted_at = NULL, updated_at = max(updated_at + 1, ?3)
     WHERE unit = ?1 AND ruleset_id = ?2 AND deleted_at IS NOT NULL RETURNING ${RULESET_COLUMNS}`,
    rulesetId,
    now,
  ),
];

/** Of all rulesets. */
export const selectRules = (db: UnitDb): Statement<RuleRow> =>
  db.sql(`SELECT ${RULE_COLUMNS} FROM rules WHERE unit = ?1 AND deleted_at IS NULL ORDER BY rule_id`);

export const selectRulesOf = (db: UnitDb, rulesetId: string): Statement<RuleRow> =>
  db.sql(`SELECT ${RULE_COLUMNS} FROM rules WHERE unit = ?1 AND ruleset_id = ?2 AND deleted_at IS NULL ORDER BY rule_id`, rulesetId);

export const selectRule = (db: UnitDb, ruleId: string): Statement<RuleRow> =>
  db.sql(`SELECT ${RULE_COLUMNS} FROM rules WHERE unit = ?1 AND rule_id = ?2 AND deleted_at IS NULL`, ruleId);

/** Returns the rule's id, or no row if there is no such ruleset. */
export const insertRule = (db: UnitDb, rule: Rule): Statement<never> =>
  db.sql(
    `INSERT INTO rules (unit, rule_id, ${CHANGEABLE.join(", ")}, ruleset_id, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
       (SELECT ruleset_id FROM rulesets WHERE unit = ?1 AND ruleset_id = ?12 AND deleted_at IS NULL), ?13)`,
    rule.rule_id,
    ...changeable(rule),
    rule.ruleset_id,
    rule.created_at,
  );

export const updateRule = (db: UnitDb, rule: Rule): Statement<never> =>
  db.sql(
    `UPDATE rules SET ${CHANGEABLE.map((column, at) => `${column} = ?${at + 3}`).join(", ")} WHERE unit = ?1 AND rule_id = ?2`,
    rule.rule_id,
    ...changeable(rule),
  );

const changeable = (rule: Rule) =>
  [
    rule.event_type,
    typeKey(rule.event_type),
    rule.weight,
    rule.active ? 1 : 0,
    rule.starts_at,
    rule.ends_at,
    rule.half_life_days,
    JSON.stringify(rule.attribute_filters),
    rule.updated_at,
  ] as const;

/** Rolls back its batch if the rule has changed since it was read: every change moves `updated_at`. */
export const ruleIsAsRead = (db: UnitDb, { rule_id, updated_at }: Rule): Statement<never> =>
  db.sql(guardSql(unchanged("rules", "rule_id")), rule_id, updated_at);

const unchanged = (table: "rules" | "rulesets", id: string): string =>
  `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE unit = ?1 AND ${id} = ?2 AND updated_at = ?3 AND deleted_at IS NULL)`;

export const deleteRuleStatement = (db: UnitDb, ruleId: string, now: number): Statement<{ rule_id: string }> =>
  db.sql("UPDATE rules SET deleted_at = ?3 WHERE unit = ?1 AND rule_id = ?2 AND deleted_at IS NULL RETURNING rule_id", ruleId, now);

/** Returns the rule if there was one to restore. */
export const restoreRuleStatement = (db: UnitDb, ruleId: string, now: number): Statement<RuleRow> =>
  db.sql(
    `UPDATE rules SET deleted_at = NULL, updated_at = max(updated_at + 1, ?3) WHERE unit = ?1 AND rule_id = ?2 AND deleted_at IS NOT NULL
       AND EXISTS (SELECT 1 FROM rulesets s WHERE s.unit = ?1 AND s.ruleset_id = rules.ruleset_id AND s.deleted_at IS NULL)
     RETURNING ${RULE_COLUMNS}`,
    ruleId,
    now,
  );

/** Deleted rules too. */
export const selectRuleLabels = (
  db: UnitDb,
  ruleIds: readonly string[],
): Statement<{ rule_id: string; event_type: string; attribute_filters: string }> =>
  db.sql(
    `SELECT r.rule_id, r.event_type, r.attribute_filters
     FROM json_each(?2) i CROSS JOIN rules r ON r.unit = ?1 AND r.rule_id = i.value`,
    JSON.stringify(ruleIds),
  );
