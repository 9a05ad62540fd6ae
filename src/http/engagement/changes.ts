/** The log of changes: of one lead, and of the org unit. */
import { z } from "@hono/zod-openapi";
import { CHANGES_LIMIT_MAX, type FeedChange, HISTORY_LIMIT_MAX, listChanges } from "../../core/changes";
import { leadHistory } from "../../core/lead-overview";
import { isoTime } from "../../time";
import { CHANGE_DIALECTS, CHANGE_TYPES } from "../../vocabulary";
import { pathLead } from "../middleware/merged-lead";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { wireLeadId } from "./adapter";
import { LeadParams } from "./lead-views";
import { queryNumber, Timestamp } from "./schemas";

const CHANGES_DEFAULT = 100;
const HISTORY_DEFAULT = 25;

const Source = z.object({
  dialect: z.enum(CHANGE_DIALECTS).openapi({ description: "The API that was called, or what changed the lead instead" }),
  import: z.string().optional().openapi({ description: "The import job, for its rows" }),
  client: z.string().optional().openapi({ description: "The agent's client, as it names itself" }),
});
const Type = z.enum(CHANGE_TYPES);
const Keys = z.array(z.string()).openapi({ description: "Names of the fields and kinds of the aliases that were written, never values" });

const Entry = z.object({
  at: Timestamp,
  type: Type,
  actor: z.string().openapi({ description: "A credential's id, the subject of an identity provider's token, `operator` or `system`" }),
  source: Source,
  request_id: z.string(),
  keys: Keys,
});
const ENTRY_EXAMPLE = {
  at: "2026-01-15T10:00:00.000Z",
  type: "changed" as const,
  actor: "sec_0193f3a2c7b07aa18000c0ffee123456",
  source: { dialect: "engagement" as const },
  request_id: "req_0193f3a2c7b07aa18000c0ffee123456",
  keys: ["company", "email"],
};

const audit = unitRoute("/lead/{leadId}/audit", {
  operationId: "listLeadChanges",
  method: "get",
  tags: ["Leads"],
  summary: "List who changed a lead, newest first",
  description:
    "Every change of the lead within 90 days, whichever API, import or event made it. Where another lead was merged into this one, its changes follow as well.",
  role: "viewer",
  request: {
    params: LeadParams,
    query: z.object({
      limit: queryNumber(1, HISTORY_LIMIT_MAX)
        .default(HISTORY_DEFAULT)
        .openapi({ description: "Changes per page", example: HISTORY_DEFAULT }),
      cursor: z.string().optional().openapi({ description: "`cursor` of the page before" }),
    }),
  },
  responses: {
    200: jsonResponse(
      "The changes",
      z.object({
        changes: z.array(Entry),
        cursor: z.string().nullable().openapi({ description: "Of the next page; null on the last one" }),
        has_more: z.boolean(),
      }),
      { changes: [ENTRY_EXAMPLE], cursor: null, has_more: false },
    ),
  },
  errors: { 404: "Lead not found" },
});

const Change = z.object({ id: z.string(), type: Type, lead_id: z.string(), keys: Keys, source: Source, at: Timestamp });

const feed = unitRoute("/changes", {
  operationId: "listChanges",
  method: "get",
  tags: ["Leads"],
  summary: "List the changes of all leads, oldest first",
  description:
    "Leads that were created, changed, merged, unmerged, deleted or erased, in the order of the commits, each at least once: keep `cursor` and send it with the next call, also after an empty page. A cursor is valid for 7 days; without one the list begins 7 days ago, at most.",
  role: "viewer",
  request: {
    query: z.object({
      limit: queryNumber(1, CHANGES_LIMIT_MAX)
        .default(CHANGES_DEFAULT)
        .openapi({ description: "Changes per page", example: CHANGES_DEFAULT }),
      cursor: z.string().optional().openapi({ description: "`cursor` of the page before" }),
    }),
  },
  responses: {
    200: jsonResponse("The changes", z.object({ changes: z.array(Change), cursor: z.string(), has_more: z.boolean() }), {
      changes: [
        {
          id: "chg_812_0",
          type: "changed" as const,
          lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456",
          keys: ["company", "email"],
          source: { dialect: "import" as const, import: "job_0193f3a2c7b07aa18000c0ffee123456" },
          at: "2026-01-15T10:00:00.000Z",
        },
      ],
      cursor: "ch1_812_1",
      has_more: false,
    }),
  },
  errors: { 410: "The cursor has expired: changes after it are older than 7 days" },
});

export const changes = createRouter()
  .openapi(audit, async (c) => {
    const found = await leadHistory(c.get("ctx"), pathLead(c), c.req.valid("query"));
    return c.json({ ...found, changes: found.changes.map((change) => ({ ...change, at: isoTime(change.at) })) }, 200);
  })
  .openapi(feed, async (c) => {
    const page = await listChanges(c.get("ctx"), c.req.valid("query"));
    return c.json({ ...page, changes: page.changes.map(feedView) }, 200);
  });

const feedView = ({ at, lead_id, ...change }: FeedChange) => ({ ...change, lead_id: wireLeadId(lead_id), at: isoTime(at) });
