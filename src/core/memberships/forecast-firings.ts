/** Which triggers of segments will fire for leads whose writes are planned. Writes nothing. */
import type { Ctx, Statement, UnitDb } from "../../context";
import {
  type CheckedLead,
  checkPlanned,
  type PlannedCheck,
  type PlannedWrite,
  type Rule,
  sliceStatements,
  sumsAccounts,
} from "../segments";
import { countDeliveries, readTrigger, selectActiveSegmentTriggers, type Trigger, type TriggerRow } from "../triggers";
import { keyOf, type NewFiring, planMemberships, type Watch } from "./plan-memberships";
import { readMember, selectMembers, selectWatches, type WatchRow } from "./store";

/** The segments whose moves fire triggers. */
export type WatchedSegments = { watches: (Watch & { rule: Rule })[]; triggers: Trigger[] };

/** For `readWatchedSegments`. */
export const watchedStatements = (db: UnitDb): [Statement<WatchRow>, Statement<TriggerRow>] => [
  selectWatches(db),
  selectActiveSegmentTriggers(db),
];

/** Null when no segment is watched. */
export function readWatchedSegments(rows: readonly WatchRow[], triggers: readonly TriggerRow[]): WatchedSegments | null {
  const watches = rows.flatMap(({ active, rules, segment_id, since, scan_after }) =>
    active === 1 && rules !== null ? [{ segment_id, since, scan_after, rule: JSON.parse(rules) as Rule }] : [],
  );
  return watches.length === 0 || triggers.length === 0 ? null : { watches, triggers: triggers.map(readTrigger) };
}

/** Why a forecast may differ from what fires. */
export const forecastLimits = ({ watches }: WatchedSegments) => ({
  /** members are still being recorded: who is not recorded yet fires nothing */
  recording: watches.some(({ scan_after }) => scan_after !== null),
  /** a rule adds up accounts, whose scores move with their leads */
  sums_accounts: sumsAccounts(watches.map(({ rule }) => rule)),
});

/** How many statements a forecast of 1,000 leads of usual size takes: each of two passes loads new leads and two slices of stored ones. */
export const forecastStatements = ({ watches }: WatchedSegments): number =>
  1 + 2 * (1 + 3 * sliceStatements(watches.map(({ rule }) => rule)));

/** `earlier`: what was planned for the lead before, and counted; it is part of `write`. */
export type ForecastWrite = { write: PlannedWrite; earlier: PlannedWrite | null };

export type Forecast = {
  firings: number;
  /** deliveries of those firings */
  notifications: number;
  /** leads that were not checked, or whose earlier writes were not checked again: the budget is used up */
  unchecked: number;
  /** leads that move back again: if they are checked in between, more fires */
  reversed: number;
};

/**
 * Counts what fires for these leads by the time they are written, beyond what was counted for them earlier. Two D1 round trips for stored
 * leads, one for each slice of `checkPlanned`.
 */
export async function forecastFirings(
  ctx: Ctx,
  watched: WatchedSegments,
  writes: readonly ForecastWrite[],
  options: PlannedCheck,
): Promise<Forecast> {
  const stored = writes.flatMap(({ write }) => (write.isNew ? [] : [write.planned.lead_id]));
  const members = stored.length === 0 ? [] : (await ctx.db.all(selectMembers(ctx.db, stored))).map(readMember);
  const rules = watched.watches.map(({ rule }) => rule);
  const firingsOf = async (some: readonly PlannedWrite[]): Promise<{ checked: ReadonlyMap<string, "changed">; firings: NewFiring[] }> => {
    const checked: CheckedLead[] = [];
    for await (const slice of checkPlanned(ctx, rules, some, options)) checked.push(...slice);
    const causes = new Map(checked.map(({ lead }) => [lead.lead_id, "changed" as const]));
    const state = { ...watched, causes, checked, stored: members, fired: new Map(), now: ctx.now() };
    return { checked: causes, firings: planMemberships(state).firings };
  };
  const after = await firingsOf(writes.map(({ write }) => write));
  const twice = writes.flatMap(({ write, earlier }) => (earlier && after.checked.has(write.planned.lead_id) ? earlier : []));
  const before = await firingsOf(twice);
  // what was counted for them earlier is not known again, so what fires beyond it is not either
  const missed = new Set(twice.map(({ planned }) => planned.lead_id).filter((id) => !before.checked.has(id)));
  const fired = after.firings.filter(({ lead_id }) => !missed.has(lead_id));
  const fire = new Set(fired.map(firingKey));
  const moved = before.firings.filter((firing) => !fire.has(firingKey(firing)));
  return {
    firings: fired.length - before.firings.length,
    notifications: countDeliveries({ news: fired }) - countDeliveries({ news: before.firings }),
    unchecked: writes.length - after.checked.size + missed.size,
    reversed: new Set(moved.map(({ lead_id }) => lead_id)).size,
  };
}

const firingKey = ({ trigger_id, lead_id }: NewFiring): string => keyOf(trigger_id, lead_id);
