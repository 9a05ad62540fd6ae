import { z } from "@hono/zod-openapi";
import { LEAD_SORTS, type ListedLead, listLeadOverviews, readCriteria } from "../../../core/lead-overview";
import { leadEmail, leadName, leadPhone, publicLeadId } from "../../../core/leads";
import { wholeNumber } from "../../../schemas";
import { LEAD_STATUSES, oneOf } from "../../../vocabulary";
import { CRITERIA_FIELDS, Scalar } from "../criteria";
import { count, leadText, lines, rounded } from "../shown";
import { defineTool } from "../tool";

const LIMIT_MAX = 25;

const Row = z.object({
  lead_id: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  status: z.enum(LEAD_STATUSES),
  score: z.number(),
  level: z.string().nullable(),
  owner_id: z.string().nullable(),
});

export const searchLeads = defineTool({
  name: "search_leads",
  title: "Search leads",
  description:
    "Leads by words (q) or criteria, newest first. All criteria have to hold; `attr.<key>` compares a value of the metadata. A page may end before it is full: next_cursor says whether the list goes on.",
  effect: "reads",
  input: z
    .object({
      ...CRITERIA_FIELDS,
      sort: z.enum(LEAD_SORTS, oneOf(LEAD_SORTS)).optional().describe("A minus: the highest or latest first"),
      limit: wholeNumber(1, LIMIT_MAX).default(10),
      cursor: z.string().optional().describe("next_cursor of the page before"),
    })
    .catchall(Scalar),
  output: z.object({
    leads: z.array(Row),
    next_cursor: z.string().nullable(),
    total: z.number().int().optional().describe("Where it is known"),
  }),
  call: async (ctx, { sort, limit, cursor, ...criteria }) => {
    const wanted = { ...readCriteria(criteria, ctx.now()), page: 1, limit, cursor, sort };
    const { leads, next_cursor, total } = await listLeadOverviews(ctx, wanted);
    const rows = leads.map(rowOf);
    const shown = rows.map((row) => `${leadText(row)}: ${rowText(row)}`);
    const more = next_cursor === null ? "" : "; there are more: use next_cursor";
    const of = total === undefined ? "" : ` of ${total.toLocaleString("en-US")}`;
    return {
      data: { leads: rows, next_cursor, ...(total === undefined ? {} : { total }) },
      text: lines(`${count(rows.length, "lead")}${of}${more}.`, shown),
    };
  },
});

const rowOf = ({ lead, score: { score, level } }: ListedLead) => ({
  lead_id: publicLeadId(lead.lead_id),
  name: leadName(lead.profile),
  email: leadEmail(lead),
  phone: leadPhone(lead),
  status: lead.status,
  score: rounded(score),
  level: level?.name ?? null,
  owner_id: lead.owner_id,
});

const rowText = ({ email, phone, status, score }: ReturnType<typeof rowOf>): string =>
  [email ?? phone, status, `score ${score}`].filter((part) => part !== null).join(", ");
