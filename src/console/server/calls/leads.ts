/** Leads, as lists show them. */
import { z } from "zod";
import { LeadListInput, type ListedLead, listLeadOverviews } from "../../../core/lead-overview";
import { leadEmail, leadName, publicLeadId } from "../../../core/leads";
import { read } from "../call";

const LIMIT_DEFAULT = 50;
const { q, status, sort, cursor, has, min_score, max_score, level, limit } = LeadListInput.shape;
const ListInput = z.strictObject({ q, status, sort, cursor, has, min_score, max_score, level, limit: limit.optional() });

export const leadCalls = {
  "leads.list": read(ListInput, async (ctx, { limit = LIMIT_DEFAULT, ...filter }) => {
    const page = await listLeadOverviews(ctx, { ...filter, page: 1, limit });
    return {
      leads: page.leads.map(listed),
      next_cursor: page.next_cursor,
      total: page.total ?? null,
      total_at_least: page.total_at_least ?? null,
    };
  }),
};

function listed({ lead, score }: ListedLead) {
  const { company } = lead.profile;
  return {
    lead_id: publicLeadId(lead.lead_id),
    name: leadName(lead.profile),
    email: leadEmail(lead),
    phone: lead.aliases.find(({ kind }) => kind === "phone")?.value ?? null,
    company: typeof company === "string" ? company : null,
    status: lead.status,
    score: score.score,
    level: score.level && { name: score.level.name, color: score.level.color },
    owner_name: lead.owner_name,
    last_event_at: score.last_event_at,
    created_at: lead.created_at,
    updated_at: lead.updated_at,
  };
}
