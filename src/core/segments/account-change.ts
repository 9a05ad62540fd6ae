/** What a changed score of an account means for rules. Pure. */
import { type DecayState, type Level, levelOf, nextCrossing } from "../scoring";
import { matchesAccount } from "./match";
import { aroundValue, levelBounds } from "./next-change";
import { conditionsOf, type Rule } from "./schemas";

const NOBODY = { name: "", domain: null, fields: {} };

/** The conditions of rules on scores and levels of accounts. */
const sumConditions = (rules: readonly Rule[]) =>
  rules.flatMap(conditionsOf).filter(({ type }) => type === "account_score" || type === "account_level");

/** Whether a condition holds for one score and not for the other. */
export function standsOtherwise(rules: readonly Rule[], levels: readonly Level[], before: number, after: number): boolean {
  const facts = (score: number) => ({ ...NOBODY, stats: { score, level: levelOf(levels, score) ?? null } });
  const [one, other] = [facts(before), facts(after)];
  return sumConditions(rules).some((condition) => matchesAccount(condition, one) !== matchesAccount(condition, other));
}

/** The next moment, in ms, at which the decay of an account's score may change that; null: never without a write. */
export function nextAccountChange(rules: readonly Rule[], levels: readonly Level[], decay: DecayState, now: number): number | null {
  const bounds = sumConditions(rules).flatMap((condition) =>
    condition.type === "account_score" ? aroundValue(condition.value) : levelBounds(levels),
  );
  const next = nextCrossing(decay, bounds, now);
  return next === null ? null : Math.max(now + 1, next);
}
