/** Loads what rules are checked on: what they name and nothing else. */

import type { Ctx, Statement } from "../../context";
import { queryGroups } from "../../db/batch";
import { invalidRequest } from "../../validation";
import { type AccountStats, LEADS_READ_MAX, type LinkedLead, statsOf } from "../account-overview";
import { type Lead, readLead, selectLeadsById } from "../leads";
import { profileBookStatements, profileScore } from "../profile-scoring";
import { currentScore, type LeadScoreRow, type Level, levelOf, readLeadScore, selectLevels, selectScores } from "../scoring";
import type { AccountFacts, LeadFacts } from "./match";
import type { Timing } from "./next-change";
import { type Condition, conditionsOf, type EventCondition, isEventCondition, type Rule, sumsAccounts } from "./schemas";
import {
  type AccountRow,
  type EventCountRow,
  selectAccountFields,
  selectAccountsOf,
  selectEventCounts,
  selectKeptScores,
  selectLinkedOf,
  selectNextEvents,
} from "./store";

export type TimedFacts = { facts: LeadFacts; timing: Timing };

type Options = {
  now: number;
  /** whether also when events occurred is read */
  withTimes: boolean;
  /** whether the scores of accounts are the stored ones, or summed up now */
  keptScores?: boolean;
  /** a lead as it will be */
  changed?: (lead: Lead) => Lead;
  /** leads that are not stored yet; they have no account here, unless `relinked` says so */
  unsaved?: readonly Lead[];
  /** the accounts that leads will have, by lead, where those are others than the stored ones */
  relinked?: ReadonlyMap<string, string | null>;
  /** accounts that are not stored yet, by id */
  newAccounts?: ReadonlyMap<string, Pick<AccountFacts, "name" | "domain">>;
};

/** `summed`: how many leads of accounts were added up; `statements`: of D1, where times are not read. */
export type LoadedFacts = { found: TimedFacts[]; summed: number; statements: number };

/**
 * Of those of up to 1,000 leads that exist, in no order. One D1 round trip, up to 15 where their accounts have more than 20,000 leads together; of
 * one account 20,000 are added up. Throws invalid_request where that is not enough.
 */
export async function loadFacts(ctx: Ctx, rules: readonly Rule[], leadIds: readonly string[], options: Options): Promise<LoadedFacts> {
  const {
    now,
    withTimes,
    keptScores = false,
    changed = (lead) => lead,
    unsaved = [],
    relinked = new Map(),
    newAccounts = new Map(),
  } = options;
  const { db } = ctx;
  const conditions = rules.flatMap(conditionsOf);
  const onEvents = conditions.filter(isEventCondition);
  const sums = sumsAccounts(rules);
  const keys = conditions.flatMap((condition) => (condition.type === "account_metadata" ? condition.field : []));
  const namesAccounts = sums || keys.length > 0;
  const relinkedTo = namesAccounts ? [...new Set([...relinked.values()].flatMap((id) => id ?? []))] : [];
  const hasProfile = conditions.some(({ type }) => type === "profile_level");
  const [rulesOfProfiles, mappings, profileLevels] = profileBookStatements(db);
  const found = await queryGroups(db, {
    leads: [selectLeadsById(db, leadIds)],
    scores: selectScores(db, leadIds) as Statement<LeadScoreRow>[],
    levels: [selectLevels(db)] as Statement<Level>[],
    accounts: namesAccounts ? [selectAccountsOf(db, leadIds, [...new Set(keys)])] : [],
    relinked: relinkedTo.length > 0 ? [selectAccountFields(db, relinkedTo, [...new Set(keys)])] : [],
    linked: sums && !keptScores ? [selectLinkedOf(db, leadIds, LEADS_READ_MAX)] : [],
    kept: sums && keptScores ? [selectKeptScores(db, leadIds)] : [],
    accountLevels: sums ? [selectLevels(db, "account")] : [],
    profileRules: hasProfile ? [rulesOfProfiles] : [],
    profileMappings: hasProfile ? [mappings] : [],
    profileLevels: hasProfile ? [profileLevels] : [],
    events: onEvents.map((condition, at) =>
      selectEventCounts(db, leadIds, { condition, at, withTimes: withTimes && condition.within_days !== undefined }, now),
    ),
    next: withTimes && onEvents.length > 0 ? [selectNextEvents(db, leadIds, now)] : [],
  });
  const scores = new Map(found.scores.map((row) => [row.lead_id, row]));
  const { stats, summed, statements } = await sumAccounts(ctx, found.linked, found.accounts, { levels: found.accountLevels, now });
  for (const { account_id, score } of found.kept) stats.set(account_id, { score, level: levelOf(found.accountLevels, score) ?? null });
  const noLeads = { score: 0, level: levelOf(found.accountLevels, 0) ?? null };
  const readAccount = ({ account_id, name, domain, fields }: Omit<AccountRow, "lead_id">): AccountFacts => ({
    name,
    domain,
    fields: JSON.parse(fields),
    stats: sums ? (stats.get(account_id) ?? noLeads) : null,
  });
  const others = new Map(found.relinked.map((row) => [row.account_id, readAccount(row)]));
  for (const [account_id, account] of newAccounts) others.set(account_id, readAccount({ account_id, ...account, fields: "{}" }));
  const accounts = new Map<string, AccountFacts | null>(found.accounts.map((row) => [row.lead_id, readAccount(row)]));
  for (const [lead_id, account_id] of relinked) accounts.set(lead_id, others.get(account_id ?? "") ?? null);
  const next = new Map(found.next.map(({ lead_id, at }) => [lead_id, at]));
  const events = countsByLead(onEvents, found.events);
  const leads = [...found.leads.map((row) => changed(readLead(row))), ...unsaved];
  const timed = leads.map((lead): TimedFacts => {
    const scored = scores.get(lead.lead_id);
    const { counts, times } = events.get(lead.lead_id) ?? NO_EVENTS;
    const timing = {
      decay: scored && withTimes ? readLeadScore(scored).decay : [],
      levels: found.levels,
      eventTimes: times,
      nextEventAt: next.get(lead.lead_id) ?? null,
    };
    const profileLevel = hasProfile
      ? profileScore([found.profileRules, found.profileMappings, found.profileLevels], lead.profile).level
      : null;
    const score = currentScore(scored, found.levels, now);
    return { facts: { lead, account: accounts.get(lead.lead_id) ?? null, score, profileLevel, eventCounts: counts }, timing };
  });
  return { found: timed, summed, statements: factStatements(rules) + statements };
}

type Stats = Map<string, Pick<AccountStats, "score" | "level">>;

/** The scores of accounts. Where they have too many leads together, half of the accounts at a time is read anew: one statement each. */
async function sumAccounts(
  ctx: Ctx,
  linked: readonly LinkedLead[],
  rows: readonly AccountRow[],
  { levels, now }: { levels: readonly Level[]; now: number },
  splitsLeft = SPLITS_MAX,
): Promise<{ stats: Stats; summed: number; statements: number }> {
  const leadOf = new Map(rows.map((row) => [row.account_id, row]));
  if (linked.length <= LEADS_READ_MAX || leadOf.size < 2) {
    const own = linked.slice(0, LEADS_READ_MAX);
    return { stats: new Map(statsOf(own, levels, now)), summed: own.length, statements: 0 };
  }
  if (splitsLeft === 0) throw invalidRequest([{ path: "rules", message: TOO_MANY_LEADS }]);
  const accounts = [...leadOf.values()];
  const middle = Math.ceil(accounts.length / 2);
  const all = { stats: new Map() as Stats, summed: 0, statements: 0 };
  for (const half of [accounts.slice(0, middle), accounts.slice(middle)]) {
    const leadIds = half.map(({ lead_id }) => lead_id);
    const read = await ctx.db.all(selectLinkedOf(ctx.db, leadIds, LEADS_READ_MAX));
    const { stats, summed, statements } = await sumAccounts(ctx, read, half, { levels, now }, splitsLeft - 1);
    for (const [accountId, own] of stats) all.stats.set(accountId, own);
    all.summed += summed;
    all.statements += 1 + statements;
  }
  return all;
}

/** How many statements `loadFacts` takes at most for these rules, without times; `leads`: how many the unit has. */
export const factStatementsMax = (rules: readonly Rule[], leads: number): number =>
  factStatements(rules) + (sumsAccounts(rules) && leads > LEADS_READ_MAX ? 2 ** (SPLITS_MAX + 1) - 2 : 0);

/** Those of its first round trip. */
export function factStatements(rules: readonly Rule[]): number {
  const conditions = rules.flatMap(conditionsOf);
  const names = (type: Condition["type"]) => conditions.some((condition) => condition.type === type);
  const ofAccounts = sumsAccounts(rules) ? 3 : names("account_metadata") ? 1 : 0;
  return 3 + ofAccounts + (names("profile_level") ? 3 : 0) + conditions.filter(isEventCondition).length;
}

export const TOO_MANY_LEADS = `account_score and account_level go for accounts with up to ${LEADS_READ_MAX} leads`;

/** How often the accounts are halved where they have too many leads together. */
const SPLITS_MAX = 3;

type Counted = { counts: Map<EventCondition, number>; times: Map<EventCondition, readonly number[]> };

const NO_EVENTS: Counted = { counts: new Map(), times: new Map() };

function countsByLead(conditions: readonly EventCondition[], rows: readonly EventCountRow[]): Map<string, Counted> {
  const byLead = new Map<string, Counted>();
  for (const { lead_id, at, count, times } of rows) {
    const condition = conditions[at];
    const own = byLead.get(lead_id) ?? { counts: new Map(), times: new Map() };
    if (!condition) continue;
    own.counts.set(condition, count);
    own.times.set(condition, (times === null ? null : JSON.parse(times)) ?? []);
    byLead.set(lead_id, own);
  }
  return byLead;
}
