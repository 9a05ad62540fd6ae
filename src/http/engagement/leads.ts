/** The list of leads (contract: leads). */
import { z } from "@hono/zod-openapi";
import { criteriaOf, LEAD_SORTS, LeadListInput, type ListedLead, listLeadOverviews } from "../../core/lead-overview";
import { LIST_LIMIT_MAX, LIST_PAGE_MAX, leadEmail, leadName } from "../../core/leads";
import { isoTime, isoTimeOrNull } from "../../time";
import { LEAD_STATUSES, oneOf } from "../../vocabulary";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { rounded, wireLeadId } from "./adapter";
import { LeadFilterQuery } from "./lead-filter-query";
import { levelView, profileScoresView } from "./lead-views";
import { queryNumber, Timestamp } from "./schemas";

const RULESET = "rs_0193f3a2c7b07aa18000c0ffee123456";
const LIMIT_DEFAULT = 25;
const fields = LeadListInput.shape;
const Query = z.object({
  page: queryNumber(1, LIST_PAGE_MAX).optional().openapi({ description: "From 1, the default" }),
  limit: queryNumber(1, LIST_LIMIT_MAX)
    .optional()
    .openapi({ description: `Results per page: ${LIMIT_DEFAULT} when left out` }),
  cursor: fields.cursor.openapi({ description: "`next_cursor` of the page before" }),
  count: z
    .enum(["true", "false"], oneOf(["true", "false"]))
    .optional()
    .openapi({ description: "Whether to count the leads, up to 10,000" }),
  sort: z
    .enum(LEAD_SORTS, oneOf(LEAD_SORTS))
    .optional()
    .openapi({ description: "`-created_at` when left out; a minus: the highest or latest first" }),
  ...LeadFilterQuery,
});

const Row = z.object({
  org_id: z.string(),
  lead_id: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  status: z.enum(LEAD_STATUSES),
  score: z.number(),
  level: z.object({ id: z.string(), name: z.string(), color: z.string() }).nullable(),
  ruleset_id: z.string().nullable().openapi({ description: "The ruleset that adds the most" }),
  last_event_at: Timestamp.nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
  account_id: z.string().nullable(),
  owner_id: z.string().nullable(),
  owner_name: z.string().nullable(),
  engagement_scores: z.record(z.string(), z.number()),
  profile_scores: z.record(z.string(), z.number()),
  ruleset_names: z.record(z.string(), z.string()),
  engagement_primary_ruleset_name: z.string().nullable(),
  profile_primary_ruleset_name: z.string().nullable(),
});

const Page = z.object({
  leads: z.array(Row),
  has_more: z.boolean(),
  next_cursor: z.string().nullable(),
  total: z
    .number()
    .int()
    .optional()
    .openapi({ description: "Present without filters or with the status alone, when requested, and in sorted lists" }),
  total_at_least: z.number().int().optional().openapi({ description: "Where counting stopped after 10,000 leads" }),
  page: z.number().int().optional(),
  limit: z.number().int().optional(),
});

const list = unitRoute("/leads", {
  operationId: "listLeads",
  method: "get",
  tags: ["Leads"],
  summary: "List leads",
  description:
    "Newest first, or in the order of `sort`: by name, score or time of change for lists of up to 10,000 leads, and the highest scores or the latest changes (of 90 days) of longer ones. All filters have to hold. `attr.<key>=` compares a metadata value as text, up to five of them. `filter` and `segment` go without `sort` and `count`. A page may end before it is full: it checks at most 5,000 leads, and `has_more` and `next_cursor` say that the list goes on. `page` counts from the cursor; go by cursor through long lists.",
  role: "viewer",
  request: { query: Query },
  responses: {
    200: jsonResponse("Leads", Page, {
      leads: [
        {
          org_id: "org_0193f3a2c7b07aa18000c0ffee123456",
          lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456",
          name: "Alex Johnson",
          email: "alex@example.com",
          status: "new",
          score: 42.5,
          level: { id: "lvl_0193f3a2c7b07aa18000c0ffee123456", name: "Warm", color: "#fbbf24" },
          ruleset_id: RULESET,
          last_event_at: "2026-01-15T10:00:00.000Z",
          created_at: "2026-01-15T10:00:00.000Z",
          updated_at: "2026-01-15T10:00:00.000Z",
          account_id: null,
          owner_id: "u_17",
          owner_name: "Sam Reyes",
          engagement_scores: { [RULESET]: 42.5 },
          profile_scores: {},
          ruleset_names: { [RULESET]: "Engagement" },
          engagement_primary_ruleset_name: "Engagement",
          profile_primary_ruleset_name: null,
        },
      ],
      has_more: false,
      next_cursor: null,
      total: 1,
    }),
  },
});

export const leads = createRouter().openapi(list, async (c) => {
  const ctx = c.get("ctx");
  const { page, limit, count, cursor, sort, segment, ...named } = c.req.valid("query");
  const asked = { page: page ?? 1, limit: limit ?? LIMIT_DEFAULT };
  const criteria = criteriaOf(named, c.req.query(), ctx.now());
  const found = await listLeadOverviews(ctx, { ...criteria, ...asked, cursor, sort, segment, count: count === "true" });
  const { rulesets, leads: listed, ...rest } = found;
  return c.json(
    {
      leads: listed.map((lead) => row(lead, ctx.unit.organization_id, rulesets)),
      has_more: found.next_cursor !== null,
      ...rest,
      ...(page === undefined && limit === undefined ? {} : asked),
    },
    200,
  );
});

function row({ lead, score: its, profile_score }: ListedLead, org_id: string, rulesets: ReadonlyMap<string, string>): z.input<typeof Row> {
  const ids = [...its.by_ruleset.keys()];
  return {
    org_id,
    lead_id: wireLeadId(lead.lead_id),
    name: leadName(lead.profile),
    email: leadEmail(lead),
    status: lead.status,
    score: rounded(its.score),
    level: levelView(its.level),
    ruleset_id: its.primary_ruleset,
    last_event_at: isoTimeOrNull(its.last_event_at),
    created_at: isoTime(lead.created_at),
    updated_at: isoTime(lead.updated_at),
    account_id: lead.account_id,
    owner_id: lead.owner_id,
    owner_name: lead.owner_name,
    engagement_scores: Object.fromEntries([...its.by_ruleset].map(([id, value]) => [id, rounded(value)])),
    profile_scores: profileScoresView(profile_score),
    ruleset_names: Object.fromEntries([
      ...ids.map((id) => [id, rulesets.get(id) ?? id]),
      ...profile_score.rulesets.map(({ ruleset_id, name }) => [ruleset_id, name]),
    ]),
    engagement_primary_ruleset_name: its.primary_ruleset && (rulesets.get(its.primary_ruleset) ?? null),
    profile_primary_ruleset_name: profile_score.rulesets[0]?.name ?? null,
  };
}
