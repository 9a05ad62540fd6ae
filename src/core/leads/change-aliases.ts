/** A lead is given an alias by hand, or loses one. */
import type { z } from "zod";
import type { Ctx, Statement } from "../../context";
import { queryGroups } from "../../db/batch";
import { CommitConflict, commitLoop } from "../../db/commit";
import { AppError } from "../../errors";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import { aliasKey, normaliseAlias } from "./aliases/alias";
import { requireAlias, suppressed } from "./aliases/place";
import { closeConflict, insertAliases, readOwners, recordConflict, releaseAlias, selectOwners } from "./aliases/store";
import { BLOCKED, SUPPRESSED } from "./aliases/withheld";
import { aliasToFind, noSuchLead } from "./find-lead";
import { ALIASES_PER_LEAD_MAX, type Lead, type LeadAlias } from "./lead";
import { AliasInput, LeadId } from "./schemas";
import { leadIsAsLoaded, readLead, selectLead, updateLeadRow } from "./store";

/** Another lead of the unit has the alias. */
export class AliasTaken extends AppError {
  constructor(
    /** the lead that has it */
    readonly lead_id: string,
  ) {
    super("conflict", "Another lead has this alias");
  }
}

/**
 * Gives a lead an alias. One that another lead has stays there: the conflict is recorded, as `source` saw it, and AliasTaken is thrown.
 * Returns the alias as the lead keeps it; `attached` is false when the lead had it already. Two D1 round trips, one when the lead has it
 * already; two more for each writer that came first.
 * Throws forbidden, invalid_request, not_found, too_large (over 1,000 aliases), AliasTaken, unavailable.
 */
export async function attachAlias(
  ctx: Ctx,
  leadId: string,
  given: z.input<typeof AliasInput>,
  source: string,
): Promise<{ alias: LeadAlias; attached: boolean }> {
  requireRole(ctx, "editor");
  const lead_id = parseInput(LeadId, leadId);
  const { kind, value } = parseInput(AliasInput, given);
  const alias = requireAlias(kind, value, ctx.unit.default_region, ctx.now());
  const load = async () => {
    const { rows, owners } = await queryGroups(ctx.db, { rows: [selectLead(ctx.db, lead_id)], owners: selectOwners(ctx.db, [alias]) });
    const [row] = rows;
    if (!row) throw noSuchLead();
    return { lead: readLead(row), owner: readOwners(owners).get(aliasKey(alias)) };
  };
  return commitLoop<Awaited<ReturnType<typeof load>>, { alias: LeadAlias; attached: boolean }>(await load(), async ({ lead, owner }) => {
    if (owner === SUPPRESSED) throw suppressed();
    if (owner === BLOCKED) throw new AppError("conflict", "This value is blocked in the org unit: no lead has it as an alias");
    const own = owner === lead_id ? lead.aliases.find((other) => aliasKey(other) === aliasKey(alias)) : undefined;
    if (own) return { committed: { alias: own, attached: false } };
    const writes =
      owner === undefined
        ? attachment(ctx, lead, alias)
        : recordConflict(ctx.db, { kind, value: alias.value, lead_id, owner, source, created_at: alias.created_at });
    if (!(await committed(ctx, writes))) return { changed: await load() };
    if (owner !== undefined) throw new AliasTaken(owner);
    return { committed: { alias, attached: true } };
  });
}

/**
 * Takes an alias from a lead, its last one, too: it finds the lead no longer and is free for others. Two D1 round trips, two more for
 * each writer that came first. Throws forbidden, invalid_request, not_found (the lead, or it has no such alias), unavailable.
 */
export async function detachAlias(ctx: Ctx, leadId: string, given: z.input<typeof AliasInput>): Promise<void> {
  requireRole(ctx, "editor");
  const lead_id = parseInput(LeadId, leadId);
  const { kind, value } = parseInput(AliasInput, given);
  const load = () => ctx.db.all(selectLead(ctx.db, lead_id));
  await commitLoop(await load(), async ([row]) => {
    if (!row) throw noSuchLead();
    const lead = readLead(row);
    const normalised = aliasToFind(ctx, kind, value).value;
    // as it is listed, too: a profile's URL may be stored as it was written before such had one form
    const alias = lead.aliases.find((own) => own.kind === kind && (own.value === normalised || own.value === value.trim()));
    if (!alias) throw new AppError("not_found", "The lead has no such alias");
    const remaining = lead.aliases.filter((own) => own !== alias);
    const next = changed(ctx, lead, { ...lead, aliases: remaining });
    const writes = [leadIsAsLoaded(ctx.db, lead), ...releaseAlias(ctx.db, lead_id, alias), ...updateLeadRow(ctx, lead, next)];
    return (await committed(ctx, writes)) ? { committed: null } : { changed: await load() };
  });
}

/** The writes that give a lead an alias which nobody has. */
function attachment(ctx: Ctx, lead: Lead, alias: LeadAlias): Statement<never>[] {
  if (lead.aliases.length >= ALIASES_PER_LEAD_MAX) throw new AppError("too_large", `A lead has at most ${ALIASES_PER_LEAD_MAX} aliases`);
  const next = changed(ctx, lead, withAlias(lead, alias, ctx.unit.default_region));
  return [
    leadIsAsLoaded(ctx.db, lead),
    ...insertAliases(ctx.db, lead.lead_id, [alias]),
    closeConflict(ctx.db, lead.lead_id, alias),
    ...updateLeadRow(ctx, lead, next),
  ];
}

/** An address that the lead showed while another lead had it is now its own: it moves to the front. */
export function withAlias(lead: Lead, alias: LeadAlias, region: string | null): Lead {
  const shows = (kind: "email" | "phone", shown: string | null): boolean => {
    if (alias.kind !== kind || !shown) return false;
    const normalised = normaliseAlias(kind, shown, region);
    return "value" in normalised && normalised.value === alias.value;
  };
  if (shows("email", lead.shown_email)) return { ...lead, aliases: [alias, ...lead.aliases], shown_email: null };
  if (shows("phone", lead.shown_phone)) return { ...lead, aliases: [alias, ...lead.aliases], shown_phone: null };
  return { ...lead, aliases: [...lead.aliases, alias] };
}

/** A change of the aliases as a new version; "shows none of its own" ends with the last one of the kind. */
export function changed(ctx: Ctx, before: Lead, next: Lead): Lead {
  const none = (kind: "email" | "phone") => !next.aliases.some((alias) => alias.kind === kind);
  return {
    ...next,
    shown_email: next.shown_email === "" && none("email") ? null : next.shown_email,
    shown_phone: next.shown_phone === "" && none("phone") ? null : next.shown_phone,
    version: before.version + 1,
    updated_at: Math.max(ctx.now(), before.updated_at + 1),
  };
}

/** Whether a batch was committed; false when somebody else was first. */
async function committed(ctx: Ctx, writes: readonly Statement<never>[]): Promise<boolean> {
  try {
    await ctx.db.batch(writes);
    return true;
  } catch (error) {
    if (error instanceof CommitConflict && ["aliases", "commit_guards"].includes(error.table)) return false;
    throw error;
  }
}
