/** Whether a lead matches rules. Pure. */
import type { AccountStats } from "../account-overview";
import type { Account } from "../accounts";
import { type Json, type Lead, leadEmail, leadName, leadPhone, readConsent } from "../leads";
import type { Level, ScoreView } from "../scoring";
import { type AccountCondition, type Condition, type EventCondition, isAccountCondition, type Operator, type Rule } from "./schemas";

/** The data that a lead is checked by. `eventCounts`: how many events match each of the rules' conditions on events. */
export type AccountFacts = Pick<Account, "name" | "domain"> & {
  /** of its metadata */
  fields: Readonly<Record<string, Json>>;
  /** null: not read, as no rule names its score or level */
  stats: Pick<AccountStats, "score" | "level"> | null;
};

export type LeadFacts = {
  lead: Lead;
  account: AccountFacts | null;
  score: ScoreView;
  profileLevel: Level | null;
  eventCounts: ReadonlyMap<EventCondition, number>;
};

export function matches(rule: Rule, facts: LeadFacts): boolean {
  if ("and" in rule) return rule.and.every((inner) => matches(inner, facts));
  if ("or" in rule) return rule.or.some((inner) => matches(inner, facts));
  if ("not" in rule) return !matches(rule.not, facts);
  return holds(rule, facts);
}

function holds(condition: Condition, { lead, account, score, profileLevel, eventCounts }: LeadFacts): boolean {
  switch (condition.type) {
    case "lead":
      return compares(condition.operator, LEAD_FIELDS[condition.field](lead), condition.value);
    case "lead_metadata":
      return compares(condition.operator, lead.profile[condition.field], condition.value);
    case "consent": {
      const said = readConsent(lead.consent)[condition.field];
      return compares(condition.operator, said && (said[0] === 1 ? "granted" : "denied"), condition.value);
    }
    case "account_metadata":
    case "account_score":
    case "account_level":
      return holdsAccount(condition, account);
    case "score":
      // as it is displayed
      return compares(condition.operator, Math.round(score.score * 100) / 100, condition.value);
    case "engagement_level":
      return holdsLevel(condition, score.level);
    case "profile_level":
      return holdsLevel(condition, profileLevel);
    case "event_count":
      return compares(condition.operator, eventCounts.get(condition) ?? 0, condition.value);
    case "event_metadata":
      return (eventCounts.get(condition) ?? 0) > 0;
  }
}

/** Of rules that name accounts only. */
export function matchesAccount(rule: Rule, account: AccountFacts): boolean {
  if ("and" in rule) return rule.and.every((inner) => matchesAccount(inner, account));
  if ("or" in rule) return rule.or.some((inner) => matchesAccount(inner, account));
  if ("not" in rule) return !matchesAccount(rule.not, account);
  return isAccountCondition(rule) && holdsAccount(rule, account);
}

function holdsAccount(condition: AccountCondition, account: AccountFacts | null): boolean {
  switch (condition.type) {
    case "account_metadata":
      return compares(condition.operator, account ? accountField(account, condition.field) : null, condition.value);
    case "account_score":
      return account?.stats != null && compares(condition.operator, account.stats.score, condition.value);
    case "account_level":
      return holdsLevel(condition, account?.stats?.level ?? null);
  }
}

/** The name, the domain, or a key of the metadata. */
const accountField = (account: AccountFacts, field: string): Json | undefined =>
  field === "name" || field === "domain" ? account[field] : account.fields[field];

const LEAD_FIELDS: Record<Extract<Condition, { type: "lead" }>["field"], (lead: Lead) => string | null> = {
  status: ({ status }) => status,
  owner_id: ({ owner_id }) => owner_id,
  account_id: ({ account_id }) => account_id,
  email: leadEmail,
  phone: leadPhone,
  name: ({ profile }) => leadName(profile),
};

function holdsLevel(
  { operator, value }: Extract<Condition, { type: "engagement_level" | "profile_level" | "account_level" }>,
  level: Level | null,
): boolean {
  if (operator === "is_empty") return level === null;
  if (operator === "is_not_empty") return level !== null;
  const same = level !== null && (level.level_id === value || level.name.toLowerCase() === value?.toLowerCase());
  return same === (operator === "equals");
}

/** A missing value is empty: `equals` never matches it and `not_equals` always does. For a list, one matching item is enough. */
export function compares(operator: Operator, actual: Json | undefined, wanted: string | number | boolean | undefined): boolean {
  const isEmpty = actual === undefined || actual === null || actual === "" || (Array.isArray(actual) && actual.length === 0);
  if (operator === "is_empty" || operator === "is_not_empty") return isEmpty === (operator === "is_empty");
  if (operator === "not_equals") return !compares("equals", actual, wanted);
  if (isEmpty || wanted === undefined) return false;
  if (Array.isArray(actual)) return actual.some((item) => compares(operator, item, wanted));
  const [a, b] = [numberOf(actual), numberOf(wanted)];
  const [text, part] = [textOf(actual), textOf(wanted)];
  switch (operator) {
    case "equals":
      return a !== null && b !== null ? a === b : text === part;
    case "contains":
      return text.includes(part);
    case "starts_with":
      return text.startsWith(part);
    case "ends_with":
      return text.endsWith(part);
    default:
      return inOrder(operator, a !== null && b !== null ? a - b : text < part ? -1 : text > part ? 1 : 0);
  }
}

function inOrder(operator: "greater_than" | "less_than" | "greater_or_equal" | "less_or_equal", order: number): boolean {
  if (operator === "greater_than") return order > 0;
  if (operator === "greater_or_equal") return order >= 0;
  return operator === "less_than" ? order < 0 : order <= 0;
}

function numberOf(value: Json): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return null;
  const read = Number(value);
  return Number.isFinite(read) ? read : null;
}

const textOf = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value)).toLowerCase();
