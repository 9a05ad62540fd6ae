/** Profile rulesets, rules and mappings on the wire. */
import { z } from "@hono/zod-openapi";
import {
  type ProfileMapping as CoreMapping,
  type ProfileRule as CoreRule,
  type ProfileRuleset as CoreRuleset,
  PROFILE_MAPPING_FIELDS,
  PROFILE_RULE_FIELDS,
  PROFILE_RULESET_FIELDS,
} from "../../core/profile-scoring";
import { isoTime } from "../../time";
import { Timestamp } from "./schemas";

const times = { created_at: Timestamp, updated_at: Timestamp };

export const ProfileRuleset = z.object({ id: z.string(), ...PROFILE_RULESET_FIELDS, ...times });
export const ProfileRule = z.object({ id: z.string(), ruleset_id: z.string(), ...PROFILE_RULE_FIELDS, ...times });
export const ProfileMapping = z.object({ id: z.string(), ...PROFILE_MAPPING_FIELDS, created_at: Timestamp });

const EXAMPLE_TIMES = { created_at: "2026-01-15T10:00:00.000Z", updated_at: "2026-01-15T10:00:00.000Z" };
export const PROFILE_RULESET_EXAMPLE = { id: "prs_0193f3a2c7b07aa18000c0ffee123456", name: "Fit", active: true, ...EXAMPLE_TIMES };
export const PROFILE_RULE_BODY = { profile_field: "job_title", operator: "contains" as const, value: "head", weight: 20 };
export const PROFILE_RULE_EXAMPLE = {
  id: "prule_0193f3a2c7b07aa18000c0ffee123456",
  ruleset_id: PROFILE_RULESET_EXAMPLE.id,
  ...PROFILE_RULE_BODY,
  active: true,
  ...EXAMPLE_TIMES,
};
export const PROFILE_MAPPING_BODY = { metadata_key: "title", profile_field: "job_title" };
export const PROFILE_MAPPING_EXAMPLE = {
  id: "pmap_0193f3a2c7b07aa18000c0ffee123456",
  ...PROFILE_MAPPING_BODY,
  created_at: EXAMPLE_TIMES.created_at,
};

const timed = <Thing extends { created_at: number; updated_at: number }>({ created_at, updated_at, ...rest }: Thing) => ({
  ...rest,
  created_at: isoTime(created_at),
  updated_at: isoTime(updated_at),
});

export const profileRulesetView = ({ ruleset_id, ...ruleset }: CoreRuleset) => ({ id: ruleset_id, ...timed(ruleset) });
export const profileRuleView = ({ rule_id, ...rule }: CoreRule) => ({ id: rule_id, ...timed(rule) });
export const profileMappingView = ({ mapping_id, created_at, ...mapping }: CoreMapping) => ({
  id: mapping_id,
  ...mapping,
  created_at: isoTime(created_at),
});
