/** Segments on the wire. */
import { z } from "@hono/zod-openapi";
import { leadEmail, leadName, type Profile, ProfileObject } from "../../core/leads";
import { CheckCursor, type Preview, type Segment } from "../../core/segments";
import { isoTime } from "../../time";
import { oneOf, SEGMENT_SUBJECTS } from "../../vocabulary";
import { rounded, wireLeadId } from "./adapter";
import { Timestamp } from "./schemas";

export const RULES = {
  and: [
    { type: "lead_metadata", field: "country", operator: "equals", value: "DE" },
    { type: "event_count", event_type: "Page View", operator: "greater_or_equal", value: 3, within_days: 30 },
    { not: { type: "lead", field: "status", operator: "equals", value: "lost" } },
  ],
};
export const Rules = ProfileObject.openapi({
  type: "object",
  description:
    'A condition, or `{"and": […]}`, `{"or": […]}`, `{"not": …}` of rules, five levels deep and 30 conditions long at most. A condition has a `type` (`lead`, `lead_metadata`, `account_metadata`, `event_metadata`, `event_count`, `score`, `engagement_level`, `profile_level`, `account_score`, `account_level`), an `operator` and, but for `is_empty` and `is_not_empty`, a `value`. Events are the newest 500 of each lead.',
  example: RULES,
});

export const Subject = z.enum(SEGMENT_SUBJECTS, oneOf(SEGMENT_SUBJECTS)).openapi({
  description: "What its members are; rules of a segment of accounts name only `account_metadata`, `account_score` and `account_level`",
});

export const View = z
  .object({
    id: z.string(),
    subject: Subject,
    name: z.string(),
    description: z.string().nullable(),
    rules: Rules,
    active: z.boolean().openapi({ description: "A segment that is not active has no members" }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi("Segment");
export const EXAMPLE = {
  id: "seg_0193f3a2c7b07aa18000c0ffee123456",
  subject: "leads" as const,
  name: "Active in Germany",
  description: null,
  rules: RULES,
  active: true,
  created_at: "2026-01-15T10:00:00.000Z",
  updated_at: "2026-01-15T10:00:00.000Z",
};
export const Checked = {
  checked: z.number().int(),
  complete: z.boolean().openapi({ description: "False where there are more than one request checks: then the counts are lower bounds" }),
  next_cursor: z.string().nullable().openapi({ description: "Where the next request goes on; its counts are to be added" }),
};
export const CHECKED = { checked: 240, complete: true, next_cursor: null };
export const CursorQuery = z.object({ cursor: CheckCursor.openapi({ description: "`next_cursor` of the response before" }) });
export const HOW_MANY =
  "Checks the newest: up to 5,000 in one request, fewer where they are large or the rules read many events of them. `next_cursor` goes on.";
export const PreviewView = z.object({
  count: z.number().int(),
  ...Checked,
  sample: z.array(z.object({ lead_id: z.string(), name: z.string().nullable(), email: z.string().nullable(), score: z.number() })),
  accounts: z
    .array(z.object({ account_id: z.string(), name: z.string(), domain: z.string().nullable() }))
    .openapi({ description: "The sample of a segment of accounts" }),
});
export const PREVIEW = {
  count: 12,
  ...CHECKED,
  sample: [{ lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456", name: "Alex Johnson", email: "alex@example.com", score: 42.5 }],
  accounts: [],
};

export const segmentView = ({ segment_id, rules, created_at, updated_at, ...segment }: Segment) => ({
  id: segment_id,
  ...segment,
  rules: rules as unknown as Profile,
  created_at: isoTime(created_at),
  updated_at: isoTime(updated_at),
});

export const previewView = ({ sample, accounts, ...counts }: Preview) => ({
  ...counts,
  sample: sample.map(({ lead, score }) => ({
    lead_id: wireLeadId(lead.lead_id),
    name: leadName(lead.profile),
    email: leadEmail(lead),
    score: rounded(score.score),
  })),
  accounts: accounts.map(({ account_id, name, domain }) => ({ account_id, name, domain })),
});
