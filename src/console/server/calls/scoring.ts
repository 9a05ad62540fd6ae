/** Rulesets, their rules, and a rule tried on what happened. */
import { z } from "zod";
import { listAllEventTypes, listEventProperties } from "../../../core/events";
import {
  changeRule,
  changeRuleset,
  createRule,
  createRuleset,
  deleteRule,
  deleteRuleset,
  listScoringBook,
  NewRule,
  NewRuleset,
  RULE_FIELDS,
  RULESET_FIELDS,
  restoreRule,
  restoreRuleset,
  TrialPeriods,
  TriedRule,
  testRuleOnHistory,
} from "../../../core/scoring";
import { AppError } from "../../../errors";
import { read, write, writeOnce } from "../call";
import { withNames } from "../with-names";

const NOTHING = z.strictObject({});
const OneRuleset = z.strictObject({ ruleset_id: z.string() });
const OneRule = z.strictObject({ rule_id: z.string() });
/** `updated_at` as the page has it: the change is refused when it differs by then. */
const seen = z.number();

export const scoringCalls = {
  "scoring.rulesets": read(NOTHING, (ctx) => listScoringBook(ctx)),
  "scoring.createRuleset": write(z.strictObject(NewRuleset.shape), (ctx, given, { remembering }) =>
    createRuleset(ctx, given, remembering(itself)),
  ),
  "scoring.changeRuleset": writeOnce(
    z.strictObject({ ruleset_id: z.string(), seen, ...z.object(RULESET_FIELDS).partial().shape }),
    (ctx, { ruleset_id, seen, ...changes }) => changeRuleset(ctx, ruleset_id, changes, seen),
  ),
  "scoring.deleteRuleset": writeOnce(OneRuleset, async (ctx, { ruleset_id }) => {
    await deleteRuleset(ctx, ruleset_id);
    return {};
  }),
  "scoring.restoreRuleset": writeOnce(OneRuleset, (ctx, { ruleset_id }) => restoreRuleset(ctx, ruleset_id)),
  "scoring.createRule": write(
    z.strictObject({ ruleset_id: z.string(), ...NewRule.shape }),
    (ctx, { ruleset_id, ...rule }, { remembering }) => createRule(ctx, ruleset_id, rule, remembering(itself)),
  ),
  "scoring.changeRule": writeOnce(
    z.strictObject({ rule_id: z.string(), seen, ...z.object(RULE_FIELDS).partial().shape }),
    (ctx, { rule_id, seen, ...changes }) => changeRule(ctx, rule_id, changes, seen),
  ),
  "scoring.deleteRule": writeOnce(OneRule, async (ctx, { rule_id }) => {
    await deleteRule(ctx, rule_id);
    return {};
  }),
  "scoring.restoreRule": writeOnce(OneRule, (ctx, { rule_id }) => restoreRule(ctx, rule_id)),
  /** `starts`: where each day of the reader begins. */
  "scoring.tryRule": read(z.strictObject({ ...TriedRule.shape, starts: TrialPeriods }), async (ctx, { starts, ...rule }) => {
    const { samples, ...trial } = await testRuleOnHistory(ctx, rule, starts);
    return { ...trial, samples: await withNames(ctx, samples) };
  }),
  /** Types that leads have events of, hidden ones too, and how many. */
  "scoring.eventTypes": read(NOTHING, (ctx) => listAllEventTypes(ctx)),
  /** The metadata that events of a type have; none for a type that is not known yet. */
  "scoring.eventProperties": read(z.strictObject({ event_type: z.string() }), async (ctx, { event_type }) => {
    try {
      return (await listEventProperties(ctx, event_type)).properties;
    } catch (error) {
      if (error instanceof AppError && error.code === "not_found") return [];
      throw error;
    }
  }),
};

const itself = <Result extends object>(result: Result): Result => result;
