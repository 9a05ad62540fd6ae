import { z } from "@hono/zod-openapi";
import { listEvents as list, listEventsOfLead, RANGES, type TimelineEvent } from "../../../core/events";
import { publicLeadId } from "../../../core/leads";
import { wholeNumber } from "../../../schemas";
import { isoTime } from "../../../time";
import { oneOf } from "../../../vocabulary";
import { findLeadId, LeadNamed } from "../find-lead";
import { count, cutObject, lines } from "../shown";
import { defineTool } from "../tool";

const LIMIT_MAX = 50;
const PAGE_MAX = 1_000;
const METADATA_CHARS_MAX = 600;

export const listEvents = defineTool({
  name: "list_events",
  title: "List events",
  description: "Engagement events, newest first: of one lead, named by any alias or its id, or of the whole org unit.",
  effect: "reads",
  input: z.strictObject({
    ...LeadNamed,
    event_type: z.string().optional().describe("Such as Page View; page_view is the same type"),
    range: z.enum(RANGES, oneOf(RANGES)).optional().describe("Days in UTC; left out: all"),
    page: wholeNumber(1, PAGE_MAX).default(1),
    limit: wholeNumber(1, LIMIT_MAX).default(10),
  }),
  output: z.object({
    events: z.array(
      z.object({
        event_id: z.string(),
        lead_id: z.string(),
        event_type: z.string(),
        occurred_at: z.string(),
        metadata: z.record(z.string(), z.unknown()),
        truncated: z.boolean().describe("Whether the metadata is longer than what is shown"),
      }),
    ),
    total: z.number().int(),
    page: z.number().int(),
  }),
  call: async (ctx, { value, kind, lead_id, page, limit, ...filter }) => {
    const ofOne = value !== undefined || lead_id !== undefined || kind !== undefined;
    const found = ofOne
      ? await listEventsOfLead(ctx, await findLeadId(ctx, { value, kind, lead_id }), filter, page, limit)
      : await list(ctx, filter, page, limit);
    const events = found.events.map(view);
    const shown = events.map((event) => `${event.occurred_at} ${event.event_type} (${event.lead_id}) ${JSON.stringify(event.metadata)}`);
    return {
      data: { events, total: found.total, page },
      text: lines(`${count(events.length, "event")} of ${found.total.toLocaleString("en-US")}, page ${page}.`, shown),
    };
  },
});

function view({ event_id, lead_id, event_type, occurred_at, metadata }: TimelineEvent) {
  const { shown, truncated } = cutObject(metadata, METADATA_CHARS_MAX);
  return { event_id, lead_id: publicLeadId(lead_id), event_type, occurred_at: isoTime(occurred_at), metadata: shown, truncated };
}
