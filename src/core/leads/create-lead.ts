import type { z } from "zod";
import type { Ctx, Statement } from "../../context";
import { CommitConflict, commitLoop } from "../../db/commit";
import { newUuid } from "../../ids";
import { quotaOf, quotaReached } from "../../quotas";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import type { AliasOwners } from "./aliases/claim";
import { type OnConflict, placeNewAliases, requireAlias } from "./aliases/place";
import { insertAliases, readOwners, recordConflict, sameOwners, selectOwners } from "./aliases/store";
import { isBlockedByDefault, noneWithheld } from "./aliases/withheld";
import { type Lead, storedAlias } from "./lead";
import { accountsExist, linkNewLeads } from "./link-accounts";
import { requireStorable } from "./profile";
import { NewLeadInput } from "./schemas";
import { adjustLeadCount, insertLead, leadsFit } from "./store";

export type NewLead = z.input<typeof NewLeadInput>;

type CreateOptions = {
  onConflict: OnConflict;
  /** where a conflict was seen, for its record: the dialect */
  source: string;
  /** awaited when the input is known to be valid, before the first commit */
  announce?: (leadId: string) => Promise<void>;
  /** statements of other parts for the same batch as the lead */
  alsoWrite?: (lead: Lead) => readonly Statement[];
};

/**
 * Creates a lead in one D1 round trip; one more where the unit links new leads to accounts, two more for each time that an alias turns out to
 * be another lead's.
 * An email that another lead has: EmailTaken, or with `record` the lead is created without it, shows it, and the conflict is kept in
 * alias_conflicts. Conflicts about other aliases are always recorded.
 * Throws forbidden, invalid_request (an alias, a value), too_large (profile over 256 KB), EmailTaken, conflict (no room), unavailable, and a CommitConflict
 * of `alsoWrite`.
 */
export async function createLead(ctx: Ctx, input: NewLead, options: CreateOptions): Promise<Lead> {
  requireRole(ctx, "editor");
  const wanted = parseInput(NewLeadInput, input);
  requireStorable(wanted.profile);
  await ctx.meter.requireStorage();
  const now = ctx.now();
  const lead_id = newUuid(now, ctx.unit.shard);
  const given = wanted.aliases.map(({ kind, value }) => requireAlias(kind, value, ctx.unit.default_region, now));
  await options.announce?.(lead_id);
  const loadOwners = async (): Promise<AliasOwners> => readOwners((await ctx.db.batch(selectOwners(ctx.db, given))).flat());
  // as a rule nobody has them: a key that collides, or the guard, says otherwise
  const start: AliasOwners = given.some(isBlockedByDefault) ? await loadOwners() : new Map();
  return commitLoop<AliasOwners, Lead>(start, async (owners, tries) => {
    const { conflicts, ...placed } = placeNewAliases(lead_id, given, owners, options.onConflict);
    const account_id = await accountOf(ctx, { lead_id, wanted: wanted.account_id, aliases: placed.aliases });
    const lead: Lead = {
      lead_id,
      ...placed,
      profile: wanted.profile,
      account_id,
      status: wanted.status ?? "new",
      owner_id: null,
      owner_name: null,
      consent: null,
      version: 1,
      created_at: now,
      updated_at: now,
    };
    try {
      await ctx.db.batch([
        ...accountsExist(ctx.db, wanted.account_id === account_id ? [] : [account_id]),
        ...insertLead(ctx, lead),
        ...(tries === 1 ? noneWithheld(ctx.db, given) : []),
        ...insertAliases(ctx.db, lead_id, lead.aliases),
        ...conflicts.flatMap((conflict) => recordConflict(ctx.db, { ...conflict, lead_id, source: options.source, created_at: now })),
        adjustLeadCount(ctx.db, lead.status, 1),
        leadsFit(ctx.db, quotaOf(ctx.unit, "leads")),
        ...(options.alsoWrite?.(lead) ?? []),
      ]);
      return { committed: lead };
    } catch (error) {
      if (error instanceof CommitConflict && error.table === "quota_guards") throw quotaReached("leads", quotaOf(ctx.unit, "leads"));
      if (!(error instanceof CommitConflict) || !["aliases", "commit_guards"].includes(error.table)) throw error;
      const current = await loadOwners();
      if (error.table === "commit_guards" && tries > 1 && sameOwners(current, owners)) throw error;
      return { changed: current };
    }
  });
}

/** The account that is wanted, or the one of the email's domain. */
async function accountOf(
  ctx: Ctx,
  { lead_id, wanted, aliases }: Pick<Lead, "lead_id" | "aliases"> & { wanted: string | null | undefined },
): Promise<string | null> {
  const stored = aliases.map(({ kind, value, raw, created_at }) => storedAlias(kind, value, raw, created_at));
  const fields = wanted === undefined ? {} : { fields: { account_id: wanted } };
  const [linked] = await linkNewLeads(ctx, [{ lead_id, profile: {}, aliases: stored, ...fields }]);
  return linked?.fields?.account_id ?? null;
}
