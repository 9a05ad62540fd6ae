/** Leads that are created or changed by their aliases: one, or up to 1,000 in one request. */
import { z } from "@hono/zod-openapi";
import { saveLead } from "../../core/lead-overview";
import { LEADS_PER_BATCH_MAX, LeadItemInput, type LeadVerdict, REFUSALS, WriteModeInput, writeLeads } from "../../core/leads";
import { rememberAfter, remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { documented, readJson, wireLeadId } from "./adapter";
import { ExplainFlag, Explanation, explanation } from "./explain";
import { inLeadWords } from "./lead-conditions";
import { LEAD_EXAMPLE, LeadView, leadView } from "./lead-views";
import { AliasKind, Attributes } from "./schemas";

const tags = ["Leads"];
const BATCH_BODY_BYTES_MAX = 5 * 1024 * 1024;
const LEAD = "ld_0193f3a2c7b07aa18000c0ffee123456";

const Item = LeadItemInput.extend({ metadata: Attributes.optional() });
const Mode = WriteModeInput.openapi({
  description: "`create_only` refuses a lead that exists, `update_only` one that does not",
});
const ITEM = { aliases: [{ kind: "email" as const, value: "alex@example.com" }], metadata: { first_name: "Alex", company: "Acme Corp" } };

const ALIASES =
  "The first alias that belongs to a lead selects it; the others are added to it, and an alias of another lead stays there and is listed in `alias_conflicts`. `metadata` is merged key by key: a value is replaced whole, `null` removes a key. Fields that are left out stay. Silent: no event is created.";

const Conflicts = z.array(z.object({ kind: AliasKind, value: z.string(), lead_id: z.string() }));
const Written = LeadView.extend({
  verdict: z.enum(["created", "changed", "unchanged"]),
  alias_conflicts: Conflicts,
  explain: Explanation.optional(),
});

const writeOne = unitRoute("/leads", {
  operationId: "writeLead",
  method: "post",
  tags,
  summary: "Create a lead, or change the one that has its aliases",
  description: ALIASES,
  role: "editor",
  stores: true,
  idempotent: true,
  request: { query: z.object({ explain: ExplainFlag }), body: jsonBody(Item.extend({ mode: Mode }), ITEM) },
  responses: {
    200: jsonResponse("The lead existed; as it is now", Written, { ...LEAD_EXAMPLE, verdict: "changed", alias_conflicts: [] }),
    201: jsonResponse("The new lead", Written, { ...LEAD_EXAMPLE, verdict: "created", alias_conflicts: [] }),
  },
  errors: {
    400: "No alias, or a field, a metadata key or an account that is unknown",
    404: "`update_only`, and no lead has one of the aliases",
    409: "`create_only`, and a lead has one of the aliases; or the quota leads is used up",
    413: "The request is over 100 KB, or the lead would have more than 256 KB of metadata or 1,000 aliases",
  },
});

const Verdict = z.object({
  index: z.number().int().openapi({ description: "Place in the request, from 0" }),
  verdict: z.enum(["created", "changed", "unchanged", "refused"]),
  lead_id: z.string().nullable(),
  alias_conflicts: Conflicts,
  code: z.enum(REFUSALS).nullable().openapi({ description: "Why it was refused" }),
  reason: z.string().nullable().openapi({ description: "The same in words" }),
  explain: z.union([Explanation, z.null()]).optional(),
});
const Counts = z.object({
  created: z.number().int(),
  changed: z.number().int(),
  unchanged: z.number().int(),
  refused: z.number().int(),
});

const writeMany = unitRoute("/leads/batch", {
  operationId: "writeLeads",
  method: "post",
  tags,
  summary: "Create or change up to 1,000 leads by their aliases",
  description: `A verdict on each, in their order: one that is refused does not stop the rest. ${ALIASES}`,
  role: "editor",
  stores: true,
  idempotent: true,
  bodyBytesMax: BATCH_BODY_BYTES_MAX,
  request: {
    query: z.object({ explain: ExplainFlag }),
    body: jsonBody(documented(z.strictObject({ mode: Mode, leads: z.array(Item).min(1).max(LEADS_PER_BATCH_MAX) })), {
      mode: "upsert",
      leads: [ITEM],
    }),
  },
  responses: {
    200: jsonResponse("The verdicts", z.object({ results: z.array(Verdict), counts: Counts }), {
      results: [
        { index: 0, verdict: "created", lead_id: LEAD, alias_conflicts: [], code: null, reason: null },
        {
          index: 1,
          verdict: "refused",
          lead_id: null,
          alias_conflicts: [],
          code: "invalid",
          reason: "email: Must be a valid email address",
        },
      ],
      counts: { created: 1, changed: 0, unchanged: 0, refused: 1 },
    }),
  },
});

type Stored = Exclude<LeadVerdict, { verdict: "refused" }>;
const conflictsOf = ({ conflicts }: Stored) => conflicts.map(({ owner, ...alias }) => ({ ...alias, lead_id: wireLeadId(owner) }));

const explained = ({ matched_by, conflicts, attached }: Stored) => ({ explain: explanation(matched_by, conflicts, attached) });

function verdictView(verdict: LeadVerdict, index: number, explain: boolean): z.input<typeof Verdict> {
  const lead_id = verdict.lead_id && wireLeadId(verdict.lead_id);
  if (verdict.verdict === "refused") {
    const { code, reason } = verdict;
    return { index, verdict: verdict.verdict, lead_id, alias_conflicts: [], code, reason, ...(explain && { explain: null }) };
  }
  const stored = { index, verdict: verdict.verdict, lead_id, alias_conflicts: conflictsOf(verdict), code: null, reason: null };
  return { ...stored, ...(explain && explained(verdict)) };
}

function batchView(verdicts: readonly LeadVerdict[], explain: boolean) {
  const counts = { created: 0, changed: 0, unchanged: 0, refused: 0 };
  for (const { verdict } of verdicts) counts[verdict] += 1;
  return { results: verdicts.map((verdict, at) => verdictView(verdict, at, explain)), counts };
}

export const leadBatch = createRouter()
  .openapi(writeOne, async (c) => {
    const ctx = c.get("ctx");
    rememberAfter(c);
    const { written, overview } = await inLeadWords("metadata", () => saveLead(ctx, c.req.valid("json"), "engagement"));
    const shown = leadView(overview, ctx.unit.organization_id);
    const more = c.req.valid("query").explain === "true" && explained(written);
    const body = { ...shown, verdict: written.verdict, alias_conflicts: conflictsOf(written), ...more };
    return c.json(body, written.verdict === "created" ? 201 : 200);
  })
  .openapi(writeMany, async (c) => {
    const body = await readJson(c);
    const explain = c.req.valid("query").explain === "true";
    const view = (verdicts: readonly LeadVerdict[]) => batchView(verdicts, explain);
    const verdicts = await writeLeads(c.get("ctx"), body, { source: "engagement", remember: remembering(c, 200, view) });
    return c.json(view(verdicts), 200);
  });
