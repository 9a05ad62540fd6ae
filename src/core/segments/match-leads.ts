import type { Ctx, Statement } from "../../context";
import { queryGroups } from "../../db/batch";
import { readLead, selectLeadsById } from "../leads";
import { profileBookStatements, profileScore } from "../profile-scoring";
import { currentScore, type LeadScoreRow, type Level, type ScoreView, selectLevels, selectScores } from "../scoring";
import { type LeadFacts, matches } from "./match";
import { conditionsOf, type EventCondition, isEventCondition, type Rule } from "./schemas";
import { type EventCountRow, selectAccountsOf, selectEventCounts } from "./store";

export type Member = Pick<LeadFacts, "lead" | "score">;

/**
 * Those of up to 1,000 leads that match each of the rules, in their order, each by its place in `rules`. Reads what the rules name and
 * nothing else. One D1 round trip, none without leads.
 */
export async function matchLeads(ctx: Ctx, rules: readonly Rule[], leadIds: readonly string[]): Promise<Member[][]> {
  if (leadIds.length === 0) return rules.map(() => []);
  const facts = await loadFacts(ctx, rules, leadIds);
  return rules.map((rule) => facts.filter((fact) => matches(rule, fact)).map(({ lead, score }) => ({ lead, score })));
}

async function loadFacts(ctx: Ctx, rules: readonly Rule[], leadIds: readonly string[]): Promise<LeadFacts[]> {
  const { db } = ctx;
  const now = ctx.now();
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
    events: onEvents.map((condition, at) => selectEventCounts(db, leadIds, { condition, at }, now)),
  });
  const scores = new Map(found.scores.map((row) => [row.lead_id, row]));
  const accounts = new Map(found.accounts.map((row) => [row.lead_id, row]));
  const events = countsByLead(onEvents, found.events);
  return found.leads.map((row): LeadFacts => {
    const score: ScoreView = currentScore(scores.get(row.lead_id), found.levels, now);
    const lead = readLead(row);
    return {
      lead,
      account: accounts.get(row.lead_id) ?? null,
      score,
      profileLevel: hasProfile ? profileScore([found.profileRules, found.profileMappings, found.profileLevels], lead.profile).level : null,
      eventCounts: events.get(row.lead_id) ?? NO_EVENTS,
    };
  });
}

const NO_EVENTS: ReadonlyMap<EventCondition, number> = new Map();

function countsByLead(conditions: readonly EventCondition[], rows: readonly EventCountRow[]) {
  const counts = new Map<string, Map<EventCondition, number>>();
  for (const { lead_id, at, count } of rows) {
    const condition = conditions[at];
    const own = counts.get(lead_id) ?? new Map<EventCondition, number>();
    if (condition) counts.set(lead_id, own.set(condition, count));
  }
  return counts;
}
