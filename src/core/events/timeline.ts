/** Timelines of events, newest first by the events' own time. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import type { SuppressionReason } from "../../vocabulary";
import { absence, type Json, parseLeadId, selectLeadExists } from "../leads";
import { typeKey } from "../scoring";
import { ALL_DAYS, dayRange, type RangeName } from "./range";
import { countEvents, countEventsOfLead, selectEvents, selectEventsOfLead, type TimelineRow } from "./timeline-store";

export type EventFilter = { event_type?: string | undefined; range?: RangeName | undefined };
export type TimelineEvent = {
  event_id: string;
  lead_id: string;
  event_type: string;
  metadata: { [key: string]: Json };
  occurred_at: number;
  /** the lead that it was of before a merge moved it */
  original_lead_id: string | null;
  suppression_reason: SuppressionReason | null;
};
export type EventPage = { events: TimelineEvent[]; total: number };

/** Of the whole unit; the total comes from maintained counters. One D1 round trip. */
export async function listEvents(ctx: Ctx, filter: EventFilter, page: number, limit: number): Promise<EventPage> {
  const days = filter.range ? dayRange(filter.range, ctx.now()) : ALL_DAYS;
  const type = filter.event_type === undefined ? null : typeKey(filter.event_type);
  const rows = await queryGroups(ctx.db, {
    events: [selectEvents(ctx.db, days, type, limit, (page - 1) * limit)],
    count: [countEvents(ctx.db, days, type)],
  });
  return pageOf(rows.events, rows.count);
}

/** Of one lead. Throws not_found, gone (merged). One D1 round trip, two for a lead that is not there. */
export async function listEventsOfLead(ctx: Ctx, leadId: string, filter: EventFilter, page: number, limit: number): Promise<EventPage> {
  const lead_id = parseLeadId(leadId) ?? "";
  const days = filter.range ? dayRange(filter.range, ctx.now()) : ALL_DAYS;
  const type = filter.event_type === undefined ? null : typeKey(filter.event_type);
  const rows = await queryGroups(ctx.db, {
    lead: [selectLeadExists(ctx.db, lead_id)],
    events: [selectEventsOfLead(ctx.db, lead_id, days, type, limit, (page - 1) * limit)],
    count: [countEventsOfLead(ctx.db, lead_id, days, type)],
  });
  if (rows.lead.length === 0) throw await absence(ctx, lead_id);
  return pageOf(rows.events, rows.count);
}

const pageOf = (rows: TimelineRow[], count: { total: number }[]): EventPage => ({
  events: rows.map((row) => ({ ...row, metadata: JSON.parse(row.metadata ?? "{}") })),
  total: count[0]?.total ?? 0,
});
