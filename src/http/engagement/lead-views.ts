/** A lead as this dialect shows it, with its account and its score. */
import { z } from "@hono/zod-openapi";
import type { LeadOverview } from "../../core/lead-overview";
import { type Lead, type LeadAlias, leadEmail, leadPhone, readConsent } from "../../core/leads";
import type { ProfileScore } from "../../core/profile-scoring";
import type { Level } from "../../core/scoring";
import { sha256Hex } from "../../hash";
import { isoTime, isoTimeOrNull } from "../../time";
import { ALIAS_KINDS, CHANGE_DIALECTS, LEAD_STATUSES, oneOf } from "../../vocabulary";
import { rounded, wireLeadId } from "./adapter";
import { Attributes, Timestamp } from "./schemas";

export const LeadParams = z.object({
  leadId: z.string().openapi({ description: "The lead's id", example: "ld_0193f3a2c7b07aa18000c0ffee123456" }),
});

export const AliasView = z.object({
  id: z.string(),
  kind: z.enum(ALIAS_KINDS),
  value: z.string().openapi({ description: "The normalised value: the one that look-ups compare" }),
  created_at: Timestamp.openapi({ description: "When the lead was first known by it" }),
});
export const ALIAS_EXAMPLE = {
  id: "als_5f0c1a9be4d27386",
  kind: "email" as const,
  value: "alex@example.com",
  created_at: "2026-01-15T10:00:00.000Z",
};

/** Who wrote each field of the metadata last. */
export const FieldSources = z
  .record(
    z.string(),
    z
      .object({
        source: z.enum(["person", "partner", "import", "event", "system"]),
        dialect: z.enum(CHANGE_DIALECTS),
        by: z.string().openapi({ description: "An import's job, else the credential or subject that called" }),
        at: Timestamp,
      })
      .nullable(),
  )
  .openapi({ description: "With `sources=true`: who wrote each key of the metadata last; null: not known" });

export const SourcesFlag = z
  .enum(["true", "false"], oneOf(["true", "false"]))
  .optional()
  .openapi({ description: "`true` adds who wrote each key of the metadata last" });

export const sourcesView = (sources: NonNullable<LeadOverview["sources"]>) =>
  Object.fromEntries(sources.map(([field, source]) => [field, source && { ...source, at: isoTime(source.at) }]));

const ConsentView = z
  .record(z.string(), z.object({ granted: z.boolean(), source: z.string(), at: Timestamp }))
  .openapi({ description: "What the person has agreed to or denied, by purpose" });

const consentView = ({ consent }: Pick<Lead, "consent">) =>
  Object.fromEntries(
    Object.entries(readConsent(consent)).map(([purpose, [granted, source, at]]) => [
      purpose,
      { granted: granted === 1, source, at: isoTime(at) },
    ]),
  );

const LevelView = z.object({ id: z.string(), name: z.string(), color: z.string() });

export const levelView = (level: Level | null) => level && { id: level.level_id, name: level.name, color: level.color };

export const LeadView = z
  .object({
    lead_id: z.string(),
    org_id: z.string(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    status: z.enum(LEAD_STATUSES),
    score: z.number(),
    profile_score: z.number().openapi({ description: "What the metadata scores by the active profile rulesets" }),
    profile_scores: z.record(z.string(), z.number()),
    level: LevelView.nullable(),
    profile_level: LevelView.nullable(),
    account: z.object({ account_id: z.string(), name: z.string(), domain: z.string().nullable() }).nullable(),
    owner_id: z.string().nullable(),
    owner_name: z.string().nullable(),
    consent: ConsentView,
    aliases: z.array(AliasView),
    last_event_at: Timestamp.nullable(),
    created_at: Timestamp,
    updated_at: Timestamp,
    metadata: Attributes,
    sources: FieldSources.optional(),
  })
  .openapi("Lead");

export const LEAD_EXAMPLE = {
  lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456",
  org_id: "org_0193f3a2c7b07aa18000c0ffee123456",
  email: "alex@example.com",
  phone: null,
  status: "new" as const,
  score: 42.5,
  profile_score: 20,
  profile_scores: { prs_0193f3a2c7b07aa18000c0ffee123456: 20 },
  level: { id: "lvl_0193f3a2c7b07aa18000c0ffee123456", name: "Warm", color: "#fbbf24" },
  profile_level: null,
  account: { account_id: "acct_0193f3a2c7b07aa18000c0ffee123456", name: "Acme Corp", domain: "acme.com" },
  owner_id: "u_17",
  owner_name: "Sam Reyes",
  consent: { marketing: { granted: true, source: "web form", at: "2026-01-15T10:00:00.000Z" } },
  aliases: [ALIAS_EXAMPLE],
  last_event_at: "2026-01-15T10:00:00.000Z",
  created_at: "2026-01-15T10:00:00.000Z",
  updated_at: "2026-01-15T10:00:00.000Z",
  metadata: { first_name: "Alex", company: "Acme Corp" },
};

const ID_DIGITS = 16;

/** An alias's id depends on the lead, the kind and the value alone, so nothing stores it. */
export const aliasView = ({ lead_id }: Pick<Lead, "lead_id">, { kind, value, created_at }: LeadAlias) => ({
  id: `als_${sha256Hex(JSON.stringify([lead_id, kind, value])).slice(0, ID_DIGITS)}`,
  kind,
  value,
  created_at: isoTime(created_at),
});

export const profileScoresView = ({ rulesets }: ProfileScore) =>
  Object.fromEntries(rulesets.map(({ ruleset_id, points }) => [ruleset_id, points]));

export const leadView = (
  { lead, account, profile_score, score: { score, level, last_event_at }, sources }: LeadOverview,
  organizationId: string,
) => ({
  lead_id: wireLeadId(lead.lead_id),
  org_id: organizationId,
  email: leadEmail(lead),
  phone: leadPhone(lead),
  status: lead.status,
  score: rounded(score),
  profile_score: profile_score.score,
  profile_scores: profileScoresView(profile_score),
  level: levelView(level),
  profile_level: levelView(profile_score.level),
  account: account && { account_id: account.account_id, name: account.name, domain: account.domain },
  owner_id: lead.owner_id,
  owner_name: lead.owner_name,
  consent: consentView(lead),
  aliases: lead.aliases.map((alias) => aliasView(lead, alias)),
  last_event_at: isoTimeOrNull(last_event_at),
  created_at: isoTime(lead.created_at),
  updated_at: isoTime(lead.updated_at),
  metadata: lead.profile,
  ...(sources && { sources: sourcesView(sources) }),
});
