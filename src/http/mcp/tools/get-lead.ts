import { z } from "@hono/zod-openapi";
import { type LeadOverview, requireLeadOverview } from "../../../core/lead-overview";
import { leadEmail, leadName, leadPhone, publicLeadId, readConsent } from "../../../core/leads";
import { isoTime, isoTimeOrNull } from "../../../time";
import { ALIAS_KINDS, LEAD_STATUSES } from "../../../vocabulary";
import { findLeadId, LeadNamed } from "../find-lead";
import { cutObject, leadText, lines, rounded } from "../shown";
import { defineTool } from "../tool";

const METADATA_CHARS_MAX = 6_000;
const ALIASES_SHOWN_MAX = 20;

export const getLead = defineTool({
  name: "get_lead",
  title: "Get a lead",
  description: "One lead by any of its aliases, however it is written, or by its id: profile, aliases, account, owner, score and level.",
  effect: "reads",
  input: z.strictObject(LeadNamed),
  output: z.object({
    lead_id: z.string(),
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    status: z.enum(LEAD_STATUSES),
    score: z.number(),
    profile_score: z.number(),
    level: z.string().nullable(),
    account: z.object({ account_id: z.string(), name: z.string() }).nullable(),
    owner_id: z.string().nullable(),
    owner_name: z.string().nullable(),
    consent: z.record(z.string(), z.boolean()).describe("Granted or denied, by purpose"),
    aliases: z.array(z.object({ kind: z.enum(ALIAS_KINDS), value: z.string() })).describe(`The first ${ALIASES_SHOWN_MAX}`),
    alias_count: z.number().int(),
    last_event_at: z.string().nullable(),
    created_at: z.string(),
    updated_at: z.string(),
    metadata: z.record(z.string(), z.unknown()),
    truncated: z.boolean().describe("Whether the metadata is longer than what is shown"),
  }),
  call: async (ctx, named) => {
    const data = view(await requireLeadOverview(ctx, await findLeadId(ctx, named)));
    const { metadata, truncated } = data;
    const fields = Object.entries(metadata).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    const contact = [data.email, data.phone].filter((part) => part !== null).join(", ") || "no email or phone";
    const sentence = `${leadText(data)}: ${contact}, ${data.status}, score ${data.score}${data.level ? ` (${data.level})` : ""}.`;
    return { data, text: lines(sentence, truncated ? [...fields, "(truncated)"] : fields) };
  },
});

function view({ lead, account, score: { score, level, last_event_at }, profile_score }: LeadOverview) {
  const { shown, truncated } = cutObject(lead.profile, METADATA_CHARS_MAX);
  return {
    lead_id: publicLeadId(lead.lead_id),
    name: leadName(lead.profile),
    email: leadEmail(lead),
    phone: leadPhone(lead),
    status: lead.status,
    score: rounded(score),
    profile_score: profile_score.score,
    level: level?.name ?? null,
    account: account && { account_id: account.account_id, name: account.name },
    owner_id: lead.owner_id,
    owner_name: lead.owner_name,
    consent: Object.fromEntries(Object.entries(readConsent(lead.consent)).map(([purpose, [granted]]) => [purpose, granted === 1])),
    aliases: lead.aliases.slice(0, ALIASES_SHOWN_MAX).map(({ kind, value }) => ({ kind, value })),
    alias_count: lead.aliases.length,
    last_event_at: isoTimeOrNull(last_event_at),
    created_at: isoTime(lead.created_at),
    updated_at: isoTime(lead.updated_at),
    metadata: shown,
    truncated,
  };
}
