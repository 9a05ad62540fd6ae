/** SQL of profile rulesets, rules and mappings. */
import type { Statement, UnitDb } from "../../context";
import type { ProfileMapping, ProfileRule, ProfileRuleset, ScoringRule } from "./rule";

type Row<Thing extends { active: boolean }> = Omit<Thing, "active"> & { active: number };

const RULESET = "ruleset_id, name, active, created_at, updated_at";
const RULE = "rule_id, ruleset_id, profile_field, operator, value, weight, active, created_at, updated_at";
const MAPPING = "mapping_id, metadata_key, profile_field, created_at";

export const readActive = <Thing extends { active: boolean }>(row: Row<Thing>): Thing =>
  ({ ...row, active: row.active === 1 }) as unknown as Thing;

const flag = (value: boolean | undefined): number | null => (value === undefined ? null : Number(value));

export const selectProfileRulesets = (db: UnitDb): Statement<Row<ProfileRuleset>> =>
  db.sql(`SELECT ${RULESET} FROM profile_rulesets WHERE unit = ?1 ORDER BY ruleset_id`);

export const selectProfileRuleset = (db: UnitDb, rulesetId: string): Statement<Row<ProfileRuleset>> =>
  db.sql(`SELECT ${RULESET} FROM profile_rulesets WHERE unit = ?1 AND ruleset_id = ?2`, rulesetId);

export const insertProfileRuleset = (db: UnitDb, { ruleset_id, name, active, created_at }: ProfileRuleset): Statement<never> =>
  db.sql(`INSERT INTO profile_rulesets (unit, ${RULESET}) VALUES (?1, ?2, ?3, ?4, ?5, ?5)`, ruleset_id, name, Number(active), created_at);

/** Returns the ruleset as it is then; nothing when it was last changed at another time than `seen`. */
export const updateProfileRuleset = (
  db: UnitDb,
  rulesetId: string,
  { name, active }: Partial<ProfileRuleset>,
  now: number,
  seen: number | undefined,
): Statement<Row<ProfileRuleset>> =>
  db.sql(
    `UPDATE profile_rulesets SET name = coalesce(?3, name), active = coalesce(?4, active), updated_at = max(?5, updated_at + 1)
     WHERE unit = ?1 AND ruleset_id = ?2 AND updated_at = coalesce(?6, updated_at) RETURNING ${RULESET}`,
    rulesetId,
    name ?? null,
    flag(active),
    now,
    seen ?? null,
  );

/** The first returns the ruleset's id if there was one. */
export const deleteProfileRulesetStatements = (db: UnitDb, rulesetId: string): [Statement<{ ruleset_id: string }>, Statement<never>] => [
  db.sql("DELETE FROM profile_rulesets WHERE unit = ?1 AND ruleset_id = ?2 RETURNING ruleset_id", rulesetId),
  db.sql("DELETE FROM profile_rules WHERE unit = ?1 AND ruleset_id = ?2", rulesetId),
];

export const selectProfileRules = (db: UnitDb, rulesetId: string): Statement<Row<ProfileRule>> =>
  db.sql(`SELECT ${RULE} FROM profile_rules WHERE unit = ?1 AND ruleset_id = ?2 ORDER BY rule_id`, rulesetId);

export const selectAllProfileRules = (db: UnitDb): Statement<Row<ProfileRule>> =>
  db.sql(`SELECT ${RULE} FROM profile_rules WHERE unit = ?1 ORDER BY rule_id`);

/** Rules of one ruleset, which need not be stored. */
export const insertProfileRules = (db: UnitDb, rules: readonly ProfileRule[]): Statement<never> =>
  db.sql(
    `INSERT INTO profile_rules (unit, ${RULE})
     SELECT ?1, ${RULE.split(", ")
       .map((column) => `r.value->>'${column}'`)
       .join(", ")} FROM json_each(?2) r`,
    JSON.stringify(rules),
  );

/** Rolls back its batch if there is no such ruleset. */
export const insertProfileRule = (db: UnitDb, rule: ProfileRule): Statement<never> =>
  db.sql(
    `INSERT INTO profile_rules (unit, ${RULE}) VALUES
       (?1, ?2, (SELECT ruleset_id FROM profile_rulesets WHERE unit = ?1 AND ruleset_id = ?3), ?4, ?5, ?6, ?7, ?8, ?9, ?9)`,
    rule.rule_id,
    rule.ruleset_id,
    rule.profile_field,
    rule.operator,
    rule.value,
    rule.weight,
    Number(rule.active),
    rule.created_at,
  );

/** Returns the rule as it is then; nothing when it was last changed at another time than `seen`. */
export const updateProfileRule = (
  db: UnitDb,
  rulesetId: string,
  ruleId: string,
  { profile_field, operator, value, weight, active }: Partial<ProfileRule>,
  now: number,
  seen: number | undefined,
): Statement<Row<ProfileRule>> =>
  db.sql(
    `UPDATE profile_rules SET profile_field = coalesce(?4, profile_field), operator = coalesce(?5, operator), value = coalesce(?6, value),
       weight = coalesce(?7, weight), active = coalesce(?8, active), updated_at = max(?9, updated_at + 1)
     WHERE unit = ?1 AND ruleset_id = ?2 AND rule_id = ?3 AND updated_at = coalesce(?10, updated_at) RETURNING ${RULE}`,
    rulesetId,
    ruleId,
    profile_field ?? null,
    operator ?? null,
    value ?? null,
    weight ?? null,
    flag(active),
    now,
    seen ?? null,
  );

export const deleteProfileRuleStatement = (db: UnitDb, rulesetId: string, ruleId: string): Statement<{ rule_id: string }> =>
  db.sql("DELETE FROM profile_rules WHERE unit = ?1 AND ruleset_id = ?2 AND rule_id = ?3 RETURNING rule_id", rulesetId, ruleId);

export const selectProfileMappings = (db: UnitDb): Statement<ProfileMapping> =>
  db.sql(`SELECT ${MAPPING} FROM profile_mappings WHERE unit = ?1 ORDER BY mapping_id`);

/** Rolls back its batch if the key has a mapping. */
export const insertProfileMapping = (db: UnitDb, mapping: ProfileMapping): Statement<never> =>
  db.sql(
    `INSERT INTO profile_mappings (unit, ${MAPPING}) VALUES (?1, ?2, ?3, ?4, ?5)`,
    mapping.mapping_id,
    mapping.metadata_key,
    mapping.profile_field,
    mapping.created_at,
  );

/** Returns the mapping as it is then. Rolls back its batch if the key has another mapping. */
export const updateProfileMapping = (
  db: UnitDb,
  mappingId: string,
  { metadata_key, profile_field }: Partial<ProfileMapping>,
): Statement<ProfileMapping> =>
  db.sql(
    `UPDATE profile_mappings SET metadata_key = coalesce(?3, metadata_key), profile_field = coalesce(?4, profile_field)
     WHERE unit = ?1 AND mapping_id = ?2 RETURNING ${MAPPING}`,
    mappingId,
    metadata_key ?? null,
    profile_field ?? null,
  );

export const deleteProfileMappingStatement = (db: UnitDb, mappingId: string): Statement<{ mapping_id: string }> =>
  db.sql("DELETE FROM profile_mappings WHERE unit = ?1 AND mapping_id = ?2 RETURNING mapping_id", mappingId);

/** What `readProfileBook` reads, for any batch: active rules of active rulesets. */
export const selectScoringRules = (db: UnitDb): Statement<ScoringRule & { name: string }> =>
  db.sql(
    `SELECT ruleset.ruleset_id, ruleset.name, rule.profile_field, rule.operator, rule.value, rule.weight FROM profile_rulesets ruleset
     CROSS JOIN profile_rules rule ON rule.unit = ?1 AND rule.ruleset_id = ruleset.ruleset_id AND rule.active = 1
     WHERE ruleset.unit = ?1 AND ruleset.active = 1`,
  );

export const MAPPED_PROFILES_SQL = `SELECT l.lead_id, iif(length(l.profile) > ?3, NULL, (
    SELECT json_group_object(k.value, json(l.profile->('$."' || k.value || '"')))
    FROM json_each(?2) k WHERE l.profile->('$."' || k.value || '"') IS NOT NULL)) AS profile
  FROM leads l WHERE l.unit = ?1 ORDER BY l.lead_id DESC LIMIT ?4`;

/** The newest leads, each with the given keys of its profile as a JSON object; null for a profile of more characters. */
export const selectMappedProfiles = (
  db: UnitDb,
  keys: readonly string[],
  { charsMax, limit }: { charsMax: number; limit: number },
): Statement<{ lead_id: string; profile: string | null }> => db.sql(MAPPED_PROFILES_SQL, JSON.stringify(keys), charsMax, limit);
