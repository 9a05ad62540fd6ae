/** Conflicts about aliases, and leads that may be one person. */
import { z } from "@hono/zod-openapi";
import {
  CONFLICT_ACTIONS,
  type Conflict,
  DUPLICATE_REASONS,
  type Duplicate,
  listConflicts,
  listDuplicates,
  PAGE_ROWS_MAX,
  type Resolution,
  resolveConflict,
} from "../../core/identity";
import { type Lead, leadEmail, leadName, namedLead } from "../../core/leads";
import { isoTime } from "../../time";
import { ALIAS_KINDS, MERGE_STATUSES, oneOf } from "../../vocabulary";
import { remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { wireLeadId } from "./adapter";
import { SOURCE, TARGET } from "./merge-views";
import { AliasKind, queryNumber, Timestamp } from "./schemas";

const tags = ["Merging"];
const ShownLead = z.object({ lead_id: z.string(), name: z.string().nullable(), email: z.string().nullable() });
const ADA = { lead_id: TARGET, name: "Ada Lovelace", email: "ada@example.com" };
const ADA_TOO = { lead_id: SOURCE, name: "Ada Lovelace", email: "ada.lovelace@example.com" };

const ConflictView = z
  .object({
    id: z.string(),
    kind: z.enum(ALIAS_KINDS),
    value: z.string(),
    lead: ShownLead.nullable().openapi({ description: "Was refused the alias" }),
    owner: ShownLead.nullable().openapi({ description: "Has the alias" }),
    source: z.string().openapi({ description: "Where it was seen: the job of an import, or an API" }),
    created_at: Timestamp,
  })
  .openapi("Conflict");

const CONFLICT = {
  id: "cfl_0193f3a2c7b07aa18000c0ffee6543215f0c1a9be4d27386",
  kind: "email" as const,
  value: "ada@example.com",
  lead: ADA_TOO,
  owner: ADA,
  source: "events",
  created_at: "2026-01-15T10:00:00.000Z",
};

const paged = { has_more: z.boolean(), next_cursor: z.string().nullable() };
const END = { has_more: false, next_cursor: null };

const getConflicts = unitRoute("/identity/conflicts", {
  operationId: "listConflicts",
  method: "get",
  tags,
  summary: "List open conflicts",
  description: "Cases in which a lead was given an alias that another lead has. Nothing moves until somebody decides.",
  role: "viewer",
  request: {
    query: z.object({
      kind: AliasKind.optional(),
      lead_id: z.string().optional().openapi({ description: "Either of the two leads", example: TARGET }),
      limit: queryNumber(1, PAGE_ROWS_MAX).default(25),
      cursor: z.string().optional().openapi({ description: "`next_cursor` of the page before" }),
    }),
  },
  responses: {
    200: jsonResponse("Conflicts", z.object({ conflicts: z.array(ConflictView), ...paged }), { conflicts: [CONFLICT], ...END }),
  },
  errors: { 404: "No lead has this lead_id" },
});

const postResolution = unitRoute("/identity/conflicts/{id}/resolve", {
  operationId: "resolveConflict",
  method: "post",
  tags,
  summary: "Resolve a conflict",
  description:
    "`merge` merges the two leads into the owner of the alias, unless `target_lead_id` says otherwise. `move` moves the alias to the lead that was refused it. `keep_apart` records that they are different people. `dismiss` closes the case until the alias is seen again.",
  role: "editor",
  idempotent: true,
  request: {
    params: z.object({ id: z.string().openapi({ example: CONFLICT.id }) }),
    body: jsonBody(
      z.object({
        action: z.enum(CONFLICT_ACTIONS, oneOf(CONFLICT_ACTIONS)),
        target_lead_id: z.string().optional(),
        account_id: z.string().optional(),
      }),
      { action: "keep_apart" },
    ),
  },
  responses: {
    200: jsonResponse(
      "Resolved",
      z.object({
        id: z.string(),
        status: z.literal("resolved"),
        action: z.enum(CONFLICT_ACTIONS),
        lead_id: z.string(),
        owner_lead_id: z.string(),
        merge: z.object({ merge_id: z.string(), status: z.enum(MERGE_STATUSES) }).nullable(),
      }),
      { id: CONFLICT.id, status: "resolved", action: "keep_apart", lead_id: SOURCE, owner_lead_id: TARGET, merge: null },
    ),
  },
  errors: {
    404: "Conflict not found",
    409: "The leads cannot be merged as they are, or the alias is no longer with its owner",
    413: "The lead would have over 1,000 aliases or metadata over 256 KB",
  },
});

const getDuplicates = unitRoute("/leads/duplicates", {
  operationId: "listDuplicates",
  method: "get",
  tags,
  summary: "Find leads that may be one person",
  description:
    "Compares leads, newest first, with older ones of a similar name or address and with those that were given the same alias. A page compares `limit` leads and shows the likely pairs, which may be none. Nothing is merged by itself.",
  role: "viewer",
  request: {
    query: z.object({
      limit: queryNumber(1, 50).default(50).openapi({ description: "Leads that the page compares" }),
      cursor: z.string().optional().openapi({ description: "`next_cursor` of the page before" }),
    }),
  },
  responses: {
    200: jsonResponse(
      "Likely pairs, the likeliest first",
      z.object({
        duplicates: z.array(
          z.object({
            lead: ShownLead,
            other: ShownLead,
            score: z.number().openapi({ description: "From 0.5 to 1" }),
            reasons: z.array(z.enum(DUPLICATE_REASONS)),
          }),
        ),
        ...paged,
      }),
      { duplicates: [{ lead: ADA, other: ADA_TOO, score: 0.6, reasons: ["same_name", "same_domain"] }], ...END },
    ),
  },
});

export const conflicts = createRouter()
  .openapi(getConflicts, async (c) => {
    const { lead_id, ...query } = c.req.valid("query");
    const page = await listConflicts(c.get("ctx"), { ...query, lead_id: lead_id === undefined ? undefined : namedLead(lead_id) });
    return c.json({ conflicts: page.conflicts.map(conflictView), ...endOf(page) }, 200);
  })
  .openapi(postResolution, async (c) => {
    const { target_lead_id, ...rest } = c.req.valid("json");
    const wish = { ...rest, target_id: target_lead_id === undefined ? undefined : namedLead(target_lead_id) };
    const resolved = await resolveConflict(c.get("ctx"), c.req.valid("param").id, wish, remembering(c, 200, resolutionView));
    return c.json(resolutionView(resolved), 200);
  })
  .openapi(getDuplicates, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const page = await listDuplicates(c.get("ctx"), { limit, cursor: cursor?.replace(/^c1_/, "") });
    const next = page.next_cursor && `c1_${page.next_cursor}`;
    return c.json({ duplicates: page.duplicates.map(duplicateView), ...endOf({ next_cursor: next }) }, 200);
  });

const endOf = ({ next_cursor }: { next_cursor: string | null }) => ({ has_more: next_cursor !== null, next_cursor });

const shownLead = (lead: Lead) => ({ lead_id: wireLeadId(lead.lead_id), name: leadName(lead.profile), email: leadEmail(lead) });

const conflictView = ({ conflict_id, kind, value, lead, owner, source, created_at }: Conflict) => ({
  id: conflict_id,
  kind,
  value,
  lead: lead && shownLead(lead),
  owner: owner && shownLead(owner),
  source,
  created_at: isoTime(created_at),
});

const resolutionView = ({ conflict_id, action, lead_id, owner_lead_id, merge }: Resolution) => ({
  id: conflict_id,
  status: "resolved" as const,
  action: action as (typeof CONFLICT_ACTIONS)[number],
  lead_id: wireLeadId(lead_id),
  owner_lead_id: wireLeadId(owner_lead_id),
  merge: merge && { merge_id: merge.merge_id, status: merge.status },
});

const duplicateView = ({ lead, other, score, reasons }: Duplicate) => ({ lead: shownLead(lead), other: shownLead(other), score, reasons });
