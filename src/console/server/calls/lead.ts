/** One lead: what its page shows and changes. */
import { z } from "zod";
import { listEventsOfLead } from "../../../core/events";
import { changeLead, LEAD_UPDATE_FIELDS, type LeadOverview, leadHistory, requireLeadOverview } from "../../../core/lead-overview";
import {
  AliasInput,
  AliasTaken,
  attachAlias,
  detachAlias,
  EmailTaken,
  leadEmail,
  leadEtag,
  leadName,
  leadPhone,
  namedLead,
  publicLeadId,
} from "../../../core/leads";
import { explainScore, scoreHistory } from "../../../core/scoring";
import { AppError } from "../../../errors";
import { read, write } from "../call";

const PAGE_EVENTS = 25;
const PAGE_CHANGES = 25;
const PAGES_MAX = 1_000;
const CURVE_DAYS = 90;
const HOURS_PER_POINT = 24;

const lead_id = z.string();
const OneLead = z.strictObject({ lead_id });
const { status, email, phone, owner_id, owner_name, account_id, metadata } = LEAD_UPDATE_FIELDS;
const ChangeInput = z.strictObject({
  lead_id,
  /** as `leads.get` returned it: the change is refused when the lead has another version by then */
  version: z.string(),
  status,
  email,
  phone,
  owner_id,
  owner_name,
  account_id,
  metadata_patch: metadata.optional(),
});
const AliasChange = z.strictObject({ lead_id, ...AliasInput.shape });

export const leadCalls = {
  "leads.get": read(OneLead, async (ctx, given) => shown(await requireLeadOverview(ctx, given.lead_id))),
  "leads.change": write(ChangeInput, async (ctx, { lead_id, version, ...changes }) =>
    namingOwner(async () => shown(await changeLead(ctx, lead_id, changes, (tag) => tag === version))),
  ),
  "leads.attachAlias": write(AliasChange, async (ctx, { lead_id, ...alias }) =>
    namingOwner(async () => (await attachAlias(ctx, namedLead(lead_id), alias, "console")).alias),
  ),
  "leads.detachAlias": write(AliasChange, async (ctx, { lead_id, ...alias }) => {
    await detachAlias(ctx, namedLead(lead_id), alias);
    return {};
  }),
  "leads.events": read(z.strictObject({ lead_id, page: z.int().min(1).max(PAGES_MAX).default(1) }), async (ctx, { lead_id, page }) => {
    const { events, total } = await listEventsOfLead(ctx, lead_id, {}, page, PAGE_EVENTS);
    return {
      events: events.map(({ event_id, event_type, metadata, occurred_at, original_lead_id, suppression_reason }) => ({
        event_id,
        event_type,
        metadata,
        occurred_at,
        original_lead_id: original_lead_id && publicLeadId(original_lead_id),
        suppression_reason,
      })),
      total,
      next_page: page * PAGE_EVENTS < total && page < PAGES_MAX ? page + 1 : null,
    };
  }),
  "leads.history": read(z.strictObject({ lead_id, cursor: z.string().optional() }), async (ctx, { lead_id, cursor }) => {
    const page = await leadHistory(ctx, lead_id, { limit: PAGE_CHANGES, ...(cursor === undefined ? {} : { cursor }) });
    return { changes: page.changes, next_cursor: page.cursor };
  }),
  "leads.explain": read(OneLead, async (ctx, { lead_id }) => {
    const { at, score, drivers, inorganic_count } = await explainScore(ctx, lead_id, {});
    return { at, score: score / 100, drivers: drivers.map(({ cents, ...driver }) => ({ ...driver, left: cents / 100 })), inorganic_count };
  }),
  /** A point for each day. */
  "leads.scoreCurve": read(OneLead, async (ctx, { lead_id }) => {
    const { snapshots } = await scoreHistory(ctx, lead_id, { days: CURVE_DAYS });
    return { points: snapshots.filter((_, at) => (snapshots.length - 1 - at) % HOURS_PER_POINT === 0) };
  }),
};

function shown({ lead, account, score, profile_score }: LeadOverview) {
  return {
    lead_id: publicLeadId(lead.lead_id),
    version: leadEtag(lead),
    name: leadName(lead.profile),
    email: leadEmail(lead),
    phone: leadPhone(lead),
    status: lead.status,
    owner_id: lead.owner_id,
    owner_name: lead.owner_name,
    profile: lead.profile,
    aliases: lead.aliases.map(({ kind, value, created_at }) => ({ kind, value, created_at })),
    account: account && { account_id: account.account_id, name: account.name, domain: account.domain },
    score: score.score,
    level: score.level && { name: score.level.name },
    profile_score: {
      score: profile_score.score,
      level: profile_score.level && { name: profile_score.level.name },
      rulesets: profile_score.rulesets,
    },
    last_event_at: score.last_event_at,
    created_at: lead.created_at,
    updated_at: lead.updated_at,
  };
}

async function namingOwner<Result>(verb: () => Promise<Result>): Promise<Result> {
  try {
    return await verb();
  } catch (error) {
    if (error instanceof EmailTaken || error instanceof AliasTaken)
      throw new AppError(error.code, `${error.message}: ${publicLeadId(error.lead_id)}`);
    throw error;
  }
}
