/** What happened in an org unit lately, and how it is now. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { selectDefinitionCounts } from "../../db/living-rows";
import { DAY_MS } from "../../time";
import { parseInput } from "../../validation";
import { selectCountsByDay, selectCountsByType } from "../events";
import { selectLeadTotal } from "../leads";
import { type ScoreDistribution, scoreDistribution } from "../scoring";
import { type QuotaUse, quotaUses } from "./quotas";
import { OverviewInput } from "./schemas";
import { completeFrom, type Days, type Series, seriesOf, sizesOf, sumOf } from "./series";
import {
  COUNTED_MAX,
  DELIVERIES_READ_MAX,
  FIRINGS_READ_MAX,
  JOBS_READ_MAX,
  LEADS_READ_MAX,
  type NewLeadsRow,
  selectDeliveryCounts,
  selectFiringDays,
  selectJobDays,
  selectNewestLeads,
  selectPendingDeliveries,
  selectRejectedCount,
  selectTypeCount,
} from "./store";

const TYPES_SHOWN = 5;

/** A number that was counted up to a limit: `least` says that there may be more. */
export type Counted = { n: number; least: boolean };

export type Overview = {
  at: number;
  /** days in UTC since 1970-01-01: the first one, and how many there are; the last one is today */
  days: Days;
  leads: {
    total: number;
    /** the unit's leads at the end of each day, as far as they were counted */
    totals: Series;
    created: Series;
    /** of the leads that were created lately, at most 5,000; the most frequent first */
    sources: { source: string; leads: number }[];
    /** how many leads `sources` is about */
    newest: Counted;
  };
  events: { daily: Series; types: { event_type: string; count: number }[] };
  imports: { rows: Series; jobs: Counted; failed_jobs: number; failed_rows: number };
  firings: { daily: Series; total: Counted };
  scores: ScoreDistribution;
  deliveries: { waiting: Counted; oldest_at: number | null; delivered: number; failed: number; least: boolean };
  rejected: Counted;
  /** how long the oldest event of the queue, of any unit, has been waiting; null: not known */
  queue_seconds: number | null;
  quotas: QuotaUse[];
};

/**
 * The last 7, 30 or 90 days. Kept counters where there are any, otherwise the newest rows up to a limit: days before them are null. Two D1
 * round trips of at most about 50,000 rows, most of them of an index; one call of a Durable Object. Throws invalid_request.
 */
export async function readOverview(ctx: Ctx, given: z.input<typeof OverviewInput>): Promise<Overview> {
  const { days: length } = parseInput(OverviewInput, given);
  const at = ctx.now();
  const today = Math.floor(at / DAY_MS);
  const days = { first: today - length + 1, length };
  const [rows, scores, usage, queue_seconds] = await Promise.all([
    loadRows(ctx, days, today),
    scoreDistribution(ctx),
    ctx.meter.readDays(days.first, today),
    ctx.outbox.eventsWaitSeconds(),
  ]);
  const total = rows.total[0]?.leads ?? 0;
  const measured = (usage?.days ?? []).map(({ day, leads }) => ({ day, size: leads }));
  const [definitions] = rows.definitions;
  if (!definitions) throw new Error("a count without a row");
  const used = { ...definitions, leads: total, event_types: rows.types[0]?.types ?? 0 };
  return {
    at,
    days,
    leads: { total, totals: sizesOf(measured, days, total), ...newLeadsOf(rows.leads, days) },
    events: { daily: seriesOf(rows.events, days, ({ count }) => count), types: rows.topTypes },
    imports: importsOf(rows.jobs, days),
    firings: firingsOf(rows.firings, days),
    scores,
    deliveries: deliveriesOf(rows.deliveries, rows.pending[0]),
    rejected: counted(rows.rejected[0]?.events ?? 0, COUNTED_MAX),
    queue_seconds,
    quotas: quotaUses(ctx.unit, used, usage, today),
  };
}

const counted = (n: number, max: number): Counted => ({ n, least: n >= max });

const loadRows = ({ db }: Ctx, { first }: Days, today: number) => {
  const [since, until] = [first * DAY_MS, (today + 1) * DAY_MS];
  return queryGroups(db, {
    total: [selectLeadTotal(db)],
    leads: [selectNewestLeads(db, since)],
    events: [selectCountsByDay(db, { first, last: today }, null)],
    topTypes: [selectCountsByType(db, { first, last: today }, null, TYPES_SHOWN)],
    jobs: [selectJobDays(db, since)],
    firings: [selectFiringDays(db, since, until)],
    deliveries: [selectDeliveryCounts(db, since)],
    pending: [selectPendingDeliveries(db)],
    rejected: [selectRejectedCount(db, since)],
    types: [selectTypeCount(db)],
    definitions: [selectDefinitionCounts(db)],
  });
};

type Rows = Awaited<ReturnType<typeof loadRows>>;

function newLeadsOf(rows: readonly NewLeadsRow[], days: Days) {
  const byDay = rows.flatMap(({ day, leads }) => (day === null ? [] : [{ day, leads }]));
  const read = byDay.reduce((sum, { leads }) => sum + leads, 0);
  return {
    created: seriesOf(byDay, days, ({ leads }) => leads, completeFrom(byDay, read, LEADS_READ_MAX, days.first)),
    sources: rows.flatMap(({ source, leads }) => (source === null ? [] : [{ source, leads }])),
    newest: counted(read, LEADS_READ_MAX),
  };
}

function importsOf(rows: Rows["jobs"], days: Days) {
  const read = rows.reduce((sum, { jobs }) => sum + jobs, 0);
  return {
    rows: seriesOf(rows, days, ({ created, changed }) => created + changed, completeFrom(rows, read, JOBS_READ_MAX, days.first)),
    jobs: counted(read, JOBS_READ_MAX),
    failed_jobs: rows.reduce((sum, { failed_jobs }) => sum + failed_jobs, 0),
    failed_rows: rows.reduce((sum, { failed }) => sum + failed, 0),
  };
}

function firingsOf(rows: Rows["firings"], days: Days) {
  const read = rows.reduce((sum, { firings }) => sum + firings, 0);
  const daily = seriesOf(rows, days, ({ firings }) => firings, completeFrom(rows, read, FIRINGS_READ_MAX, days.first));
  return { daily, total: counted(read, FIRINGS_READ_MAX) };
}

function deliveriesOf(rows: Rows["deliveries"], pending: Rows["pending"][number] | undefined) {
  const by = new Map(rows.map(({ status, deliveries }) => [status, deliveries]));
  const read = sumOf([...by.values()]);
  return {
    waiting: counted(pending?.waiting ?? 0, COUNTED_MAX),
    oldest_at: pending?.oldest_at ?? null,
    delivered: by.get("delivered") ?? 0,
    failed: by.get("failed") ?? 0,
    least: read >= DELIVERIES_READ_MAX,
  };
}
