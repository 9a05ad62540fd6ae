import { type Lead, leadEmail, leadName, leadPhone, publicLeadId } from "../../core/leads";

/** A lead as it is shown beside another one that may be the same person. */
export const sideView = (lead: Lead) => ({
  lead_id: publicLeadId(lead.lead_id),
  name: leadName(lead.profile),
  email: leadEmail(lead),
  phone: leadPhone(lead),
  status: lead.status,
  owner_name: lead.owner_name,
  profile: lead.profile,
  aliases: lead.aliases.map(({ kind, value }) => ({ kind, value })),
  created_at: lead.created_at,
  updated_at: lead.updated_at,
});
