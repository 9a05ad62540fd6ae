/** Loads what rules are checked on: what they name and nothing else. */
import type { Ctx, Statement } from "../../context";
import { queryGroups } from "../../db/batch";
import { readLead, selectLeadsById } from "../leads";
import { profileBookStatements, profileScore } from "../profile-scoring";
import { currentScore, type LeadScoreRow, type Level, readLeadScore, selectLevels, selectScores } from "../scoring";
import type { LeadFacts } from "./match";
import type { Timing } from "./next-change";
import { conditionsOf, type EventCondition, isEventCondition, type Rule } from "./schemas";
import { type EventCountRow, selectAccountsOf, selectEventCounts, selectNextEvents } from "./store";

export type TimedFacts = { facts: LeadFacts; timing: Timing };

type Options = {
  now: number;
  /** whether also when events occurred is read */
  withTimes: boolean;
};

/** Of those of up to 1,000 leads that exist, in no order. One D1 round trip. */
export async function loadFacts(
  ctx: Ctx,
  rules: readonly Rule[],
  leadIds: readonly string[],
  { now, withTimes }: Options,
): Promise<TimedFacts[]> {
  const { db } = ctx;
  const conditions = rules.flatMap(conditionsOf);
  const onEvents = conditions.filter(isEventCondition);
  const hasAccount = conditions.some(({ type }) => type === "account_metadata");
  const hasProfile = conditions.some(({ type }) => type === "profile_level");
  const [rulesOfProfiles, mappings, profileLevels] = profileBookStatements(db);
  const found = await queryGroups(db, {
    leads: [selectLeadsById(db, leadIds)],
    scores: selectScores(db, leadIds) as Statement<LeadScoreRow>[],
    levels: [selectLevels(db)] as Statement<Level>[],
    accounts: hasAccount ? [selectAccountsOf(db, leadIds)] : [],
    profileRules: hasProfile ? [rulesOfProfiles] : [],
    profileMappings: hasProfile ? [mappings] : [],
    profileLevels: hasProfile ? [profileLevels] : [],
    events: onEvents.map((condition, at) =>
      selectEventCounts(db, leadIds, { condition, at, withTimes: withTimes && condition.within_days !== undefined }, now),
    ),
    next: withTimes && onEvents.length > 0 ? [selectNextEvents(db, leadIds, now)] : [],
  });
  const scores = new Map(found.scores.map((row) => [row.lead_id, row]));
  const accounts = new Map(found.accounts.map((row) => [row.lead_id, row]));
  const next = new Map(found.next.map(({ lead_id, at }) => [lead_id, at]));
  const events = countsByLead(onEvents, found.events);
  return found.leads.map((row): TimedFacts => {
    const scored = scores.get(row.lead_id);
    const lead = readLead(row);
    const { counts, times } = events.get(row.lead_id) ?? NO_EVENTS;
    const timing = {
      decay: scored && withTimes ? readLeadScore(scored).decay : [],
      levels: found.levels,
      eventTimes: times,
      nextEventAt: next.get(row.lead_id) ?? null,
    };
    const profileLevel = hasProfile
      ? profileScore([found.profileRules, found.profileMappings, found.profileLevels], lead.profile).level
      : null;
    const score = currentScore(scored, found.levels, now);
    return { facts: { lead, account: accounts.get(row.lead_id) ?? null, score, profileLevel, eventCounts: counts }, timing };
  });
}

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
