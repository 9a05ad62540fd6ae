/** What the verbs of profile scoring accept. */
import { z } from "zod";
import { changesOf, shortText } from "../../schemas";
import { oneOf } from "../../vocabulary";
import { isAttributeKey } from "../leads";
import { RULE_FIELDS } from "../scoring";
import { PROFILE_OPERATORS } from "./rule";

export const PROFILE_RULESET_FIELDS = { name: shortText(100), active: z.boolean() };
export const NewProfileRuleset = z.object({ ...PROFILE_RULESET_FIELDS, active: PROFILE_RULESET_FIELDS.active.default(true) });
export const ProfileRulesetChange = changesOf(PROFILE_RULESET_FIELDS);

const FIELD_CHARS_MAX = 64;
const VALUE_CHARS_MAX = 1_000;

export const PROFILE_RULE_FIELDS = {
  profile_field: shortText(FIELD_CHARS_MAX).meta({ description: "A field that a mapping fills" }),
  operator: z.enum(PROFILE_OPERATORS, oneOf(PROFILE_OPERATORS)),
  value: shortText(VALUE_CHARS_MAX),
  weight: RULE_FIELDS.weight,
  active: z.boolean(),
};
export const NewProfileRule = z.object({ ...PROFILE_RULE_FIELDS, active: PROFILE_RULE_FIELDS.active.default(true) });
/** They are written as one value, of which D1 takes 2 MB. */
const COPIED_RULES_MAX = 1_000;
export const ProfileRulesetCopy = NewProfileRuleset.extend({ rules: z.array(NewProfileRule).max(COPIED_RULES_MAX) });
export const ProfileRuleChange = changesOf(PROFILE_RULE_FIELDS);
export const TriedProfileRule = z.object(PROFILE_RULE_FIELDS).omit({ active: true });

export const PROFILE_MAPPING_FIELDS = {
  metadata_key: z
    .string()
    .refine(isAttributeKey, "must be 1 to 64 letters, digits, _ - . or spaces")
    .meta({ description: "A key of leads' metadata", minLength: 1, maxLength: 64 }),
  profile_field: shortText(FIELD_CHARS_MAX).meta({ description: "The field that rules name" }),
};
export const NewProfileMapping = z.object(PROFILE_MAPPING_FIELDS);
export const ProfileMappingChange = changesOf(PROFILE_MAPPING_FIELDS);
