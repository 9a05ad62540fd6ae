/** Leads, as lists show them. */
import { z } from "zod";
import type { Ctx } from "../../../context";
import { LeadListInput, type ListedLead, listLeadOverviews, requireLeadOverview } from "../../../core/lead-overview";
import { findLeadsByAliases, leadEmail, leadName, leadPhone, publicLeadId } from "../../../core/leads";
import { read } from "../call";

const LIMIT_DEFAULT = 50;
const { q, status, sort, cursor, has, min_score, max_score, level, segment, account_id, owner_id, limit } = LeadListInput.shape;
/** Nothing but digits and what stands between them: a name or an email has letters. */
const PHONE = /^\+?[\d\s()./-]{6,40}$/;
/** What narrows the list. */
export const ListFilter = z.strictObject({ q, status, has, min_score, max_score, level, segment, account_id, owner_id });
const ListInput = ListFilter.extend({ sort, cursor, limit: limit.optional() });

export const leadListCalls = {
  "leads.list": read(ListInput, async (ctx, { limit = LIMIT_DEFAULT, ...filter }) => {
    const page = await listLeadOverviews(ctx, { ...filter, page: 1, limit });
    const byPhone = await findByPhone(ctx, filter);
    const others = page.leads.filter(({ lead }) => lead.lead_id !== byPhone?.lead.lead_id);
    const added = byPhone && others.length === page.leads.length ? 1 : 0;
    return {
      leads: [...(byPhone ? [byPhone] : []), ...others].map(listed),
      next_cursor: page.next_cursor,
      total: page.total === undefined ? null : page.total + added,
      total_at_least: page.total_at_least ?? null,
    };
  }),
};

/** The index of words has no phone numbers: a search that is one also finds the lead that has it, first. Two D1 round trips more. */
async function findByPhone(ctx: Ctx, { q, cursor, ...narrowing }: Omit<z.output<typeof ListInput>, "limit">) {
  const others = Object.entries(narrowing).some(([name, value]) => name !== "sort" && value !== undefined);
  if (q === undefined || cursor !== undefined || others || !PHONE.test(q.trim())) return null;
  const [lead] = await findLeadsByAliases(ctx, [{ kind: "phone", value: q }]);
  return lead ? requireLeadOverview(ctx, lead.lead_id) : null;
}

function listed({ lead, score, profile_score }: ListedLead) {
  const { company } = lead.profile;
  return {
    lead_id: publicLeadId(lead.lead_id),
    name: leadName(lead.profile),
    email: leadEmail(lead),
    phone: leadPhone(lead),
    company: typeof company === "string" ? company : null,
    status: lead.status,
    score: score.score,
    level: score.level && { name: score.level.name, color: score.level.color },
    profile_score: profile_score.score,
    owner_name: lead.owner_name,
    last_event_at: score.last_event_at,
    created_at: lead.created_at,
    updated_at: lead.updated_at,
  };
}
