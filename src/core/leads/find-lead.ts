import type { z } from "zod";
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { parseInput } from "../../validation";
import type { AliasKind } from "../../vocabulary";
import { type Alias, normaliseAlias } from "./aliases/alias";
import { type Lead, leadEmail, leadName, parseLeadId } from "./lead";
import { AliasBatch } from "./schemas";
import { fieldSources, readSources } from "./sources";
import { readLead, selectLead, selectLeadByAlias, selectLeadsByAliases, selectLeadsById, selectSources } from "./store";

/** A lead by its id (32 hex digits). One D1 round trip. Throws not_found, for another unit's lead too. */
export async function requireLead(ctx: Ctx, leadId: string): Promise<Lead> {
  const [row] = await ctx.db.all(selectLead(ctx.db, leadId));
  if (!row) throw noSuchLead();
  return readLead(row);
}

/** The lead that owns an alias, whichever way it is written. One D1 round trip, two for a profile that is not found at once. Throws not_found. */
export async function requireLeadByAlias(ctx: Ctx, kind: AliasKind, raw: string): Promise<{ lead: Lead; alias: Alias }> {
  const alias = aliasToFind(ctx, kind, raw);
  for (const value of new Set([alias.value, ...earlierSpellings(kind, raw)])) {
    const [row] = await ctx.db.all(selectLeadByAlias(ctx.db, { kind, value }));
    if (row) return { lead: readLead(row), alias: { kind, value } };
  }
  throw noSuchAlias();
}

/** What lists call leads: their name, else their email; null for one with neither. A lead that does not exist is left out. One D1 round trip. */
export async function namesOfLeads(ctx: Ctx, leadIds: readonly string[]): Promise<Map<string, string | null>> {
  const distinct = [...new Set(leadIds)];
  const rows = distinct.length === 0 ? [] : await ctx.db.all(selectLeadsById(ctx.db, distinct));
  return new Map(rows.map(readLead).map((lead) => [lead.lead_id, leadName(lead.profile) ?? leadEmail(lead)]));
}

/** The 32 hex digits of an id as any dialect writes it. Throws not_found for a text that is no id: no lead has it. */
export function namedLead(text: string): string {
  const leadId = parseLeadId(text);
  if (leadId === null) throw noSuchLead();
  return leadId;
}

/** Profiles were stored as they were written before their URLs had one form. */
const earlierSpellings = (kind: AliasKind, raw: string): string[] => (kind === "social" ? [raw.trim()] : []);

/**
 * The leads that own these aliases, in their order; null where nobody has one. One D1 round trip for up to 100.
 * Throws invalid_request.
 */
export async function findLeadsByAliases(ctx: Ctx, given: z.input<typeof AliasBatch>): Promise<(Lead | null)[]> {
  const aliases = parseInput(AliasBatch, given);
  const spelt = aliases.flatMap(({ kind, value }, at) => {
    const normalised = normaliseAlias(kind, value, ctx.unit.default_region);
    if ("problem" in normalised) return [];
    return [...earlierSpellings(kind, value), normalised.value].map((spelling) => ({ kind, value: spelling, at }));
  });
  const rows = await ctx.db.all(selectLeadsByAliases(ctx.db, spelt));
  // rows come in the order that was asked: the normal form is last, and counts
  const found = new Map(rows.map(({ at, ...row }) => [at, readLead(row)]));
  return aliases.map((_, at) => found.get(at) ?? null);
}

/** Throws not_found, not invalid_request, for a value that no alias can have, such as an email without `@`: no lead has it. */
export function aliasToFind(ctx: Ctx, kind: AliasKind, raw: string): Alias {
  const normalised = normaliseAlias(kind, raw, ctx.unit.default_region);
  if ("problem" in normalised) throw noSuchAlias();
  return { kind, value: normalised.value };
}

/** Who wrote the fields of a lead's profile last. One D1 round trip. Throws not_found. */
export async function sourcesOfLead(ctx: Ctx, leadId: string): Promise<ReturnType<typeof fieldSources>> {
  const [[row], [stored]] = await ctx.db.batch([selectLead(ctx.db, leadId), selectSources(ctx.db, leadId)]);
  if (!row) throw noSuchLead();
  return fieldSources(readLead(row).profile, readSources(stored?.sources ?? null));
}

export const noSuchLead = (): AppError => new AppError("not_found", "Lead not found");

export const noSuchAlias = (): AppError => new AppError("not_found", "No lead found for this alias");
