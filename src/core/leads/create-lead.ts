import type { Ctx, Statement } from "../../context";
import { CommitConflict } from "../../db/commit";
import { AppError } from "../../errors";
import { newUuid } from "../../ids";
import type { AliasKind, LeadStatus } from "../../vocabulary";
import type { Lead } from "./lead";
import { aliasOwners, sameOwners } from "./owners";
import { type OnConflict, type Owners, placeNewAliases, requireAlias } from "./place-aliases";
import { type Profile, requireStorable } from "./profile";
import { countLeads, insertAliases, insertLead, recordConflict } from "./store";

export type NewLead = {
  profile: Profile;
  /** as the caller wrote them, most important first: the first of a kind is the one the lead shows */
  aliases: readonly { kind: AliasKind; value: string }[];
  /** `new` when left out */
  status?: LeadStatus | undefined;
  account_id?: string | null | undefined;
  onConflict: OnConflict;
  /** where a conflict was seen, for its record: the dialect */
  source: string;
  /** awaited once the input is known to be good, before the first commit */
  announce?: ((leadId: string) => Promise<void>) | undefined;
};

const COMMIT_TRIES_MAX = 16;

/**
 * Creates a lead in one D1 round trip; two more for each time that an alias turns out to be another lead's. `more` adds statements of
 * other aggregates to the same batch; a CommitConflict of theirs reaches the caller.
 * An email that another lead has: EmailTaken, or with `record` the lead is created without it, shows it, and the case is kept in
 * alias_conflicts. Other aliases that another lead has are always recorded.
 * Throws invalid_request (an alias, a value), too_large (profile over 256 KB), EmailTaken.
 */
export async function createLead(ctx: Ctx, wanted: NewLead, more: (lead: Lead) => readonly Statement[] = () => []): Promise<Lead> {
  requireStorable(wanted.profile);
  const now = ctx.now();
  const lead_id = newUuid(now, ctx.unit.shard);
  const given = wanted.aliases.map(({ kind, value }) => requireAlias(kind, value, ctx.unit.default_region, now));
  await wanted.announce?.(lead_id);
  let owners: Owners = new Map();
  for (let tries = 0; tries < COMMIT_TRIES_MAX; tries++) {
    const { conflicts, ...placed } = placeNewAliases(given, owners, wanted.onConflict);
    const lead: Lead = {
      lead_id,
      ...placed,
      profile: wanted.profile,
      account_id: wanted.account_id ?? null,
      status: wanted.status ?? "new",
      version: 1,
      created_at: now,
      updated_at: now,
    };
    try {
      await ctx.db.batch([
        insertLead(ctx.db, lead),
        ...insertAliases(ctx.db, lead_id, lead.aliases),
        ...conflicts.flatMap((claim) => recordConflict(ctx.db, { ...claim, lead_id, source: wanted.source, created_at: now })),
        countLeads(ctx.db, lead.status, 1),
        ...more(lead),
      ]);
      return lead;
    } catch (error) {
      if (!(error instanceof CommitConflict) || !["aliases", "commit_guards"].includes(error.table)) throw error;
      const current = await aliasOwners(ctx.db, given);
      if (error.table === "commit_guards" && sameOwners(current, owners)) throw error;
      owners = current;
    }
  }
  throw new AppError("unavailable", "Too many writers on these aliases; try again in a moment");
}
