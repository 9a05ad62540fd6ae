/** Leads of the home unit come into a channel: those that were imported, or made by another dialect. */

import type { Ctx } from "../../context";
import { CommitConflict } from "../../db/commit";
import { AppError } from "../../errors";
import { type Alias, type AliasOwners, aliasKey, normaliseAlias, ownerStatements, parseLeadId, readOwners } from "../leads";
import { type Channel, firstStatus } from "./channel";
import { type CandidateRow, giveLegacyIds, insertStates, selectCandidates, selectLegacyOwners } from "./membership-store";
import { announceLeads, findLeadsElsewhere } from "./store";

export type LeadsToAdd = {
  /** in any dialect's writing */
  lead_ids: readonly string[];
  aliases: readonly Alias[];
  /** for the one lead that is named; left out, a lead's own is its profile's `legacy_id` where that is a whole number */
  legacy_id: number | null;
};

export type AddedLead = { lead_id: string; legacy_id: number | null; added: boolean };
export type AddedLeads = {
  leads: AddedLead[];
  /** what was named and is none, as it was written; a lead that another channel has; a legacy id that another lead of the unit has */
  refused: { named: string; reason: string }[];
};

const TRIES_MAX = 8;

/**
 * Puts leads into the channel, in its first status: silently, since they are not new. One that is there already stays as it is, and is
 * given a legacy id if it has none. Repeating the call changes nothing. Four D1 round trips. Throws invalid_request.
 */
export async function addLeads(ctx: Ctx, channel: Channel, wanted: LeadsToAdd): Promise<AddedLeads> {
  const { ids, refused } = await resolve(ctx, wanted);
  if (wanted.legacy_id !== null && wanted.lead_ids.length + wanted.aliases.length !== 1) {
    throw new AppError("invalid_request", "legacy_id: needs exactly one lead", [{ path: "legacy_id", message: "needs exactly one lead" }]);
  }
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const plan = await planLeads(ctx, channel, ids, wanted.legacy_id);
    const elsewhere = await claim(ctx, channel, plan.leads);
    const own = plan.leads.filter(({ lead_id }) => !elsewhere.has(lead_id));
    try {
      return { leads: await commit(ctx, channel, own), refused: [...refused, ...plan.refused, ...[...elsewhere].map(hadElsewhere)] };
    } catch (error) {
      if (!(error instanceof CommitConflict)) throw error;
    }
  }
  throw new AppError("unavailable", "Too many writers on these leads; try again in a moment");
}

const hadElsewhere = (named: string) => ({ named, reason: "another channel has this lead" });

/** The directory decides which of two channels gets a lead. Answers those of the leads that another channel has. */
async function claim({ directory }: Ctx, { channel_id }: Channel, leads: readonly PlannedMember[]): Promise<ReadonlySet<string>> {
  if (leads.length === 0) return new Set();
  await announceLeads(directory, channel_id, leads);
  return findLeadsElsewhere(
    directory,
    channel_id,
    leads.map(({ lead_id }) => lead_id),
  );
}

/** The leads' ids, and what names none. */
async function resolve(ctx: Ctx, { lead_ids, aliases }: LeadsToAdd): Promise<{ ids: string[]; refused: AddedLeads["refused"] }> {
  const refused: AddedLeads["refused"] = [];
  const ids = new Set<string>();
  for (const written of lead_ids) {
    const id = parseLeadId(written);
    if (id) ids.add(id);
    else refused.push({ named: written, reason: "no lead of the home unit" });
  }
  const normal = aliases.map(({ kind, value }) => ({ kind, raw: value, normalised: normaliseAlias(kind, value, ctx.unit.default_region) }));
  const asked = normal.flatMap(({ kind, normalised }) => ("value" in normalised ? [{ kind, value: normalised.value }] : []));
  const owners: AliasOwners = asked.length === 0 ? new Map() : readOwners((await ctx.db.batch(ownerStatements(ctx.db, asked))).flat());
  for (const { kind, raw, normalised } of normal) {
    const id = "value" in normalised ? owners.get(aliasKey({ kind, value: normalised.value })) : undefined;
    if (id) ids.add(id);
    else refused.push({ named: `${kind}:${raw}`, reason: "no lead of the home unit" });
  }
  return { ids: [...ids], refused };
}

type PlannedMember = { lead_id: string; legacy_id: number | null; isNew: boolean; gains: boolean };

async function planLeads(ctx: Ctx, channel: Channel, ids: readonly string[], given: number | null) {
  const rows = await ctx.db.all<CandidateRow>(selectCandidates(ctx.db, ids));
  const found = new Map(rows.map((row) => [row.lead_id, row]));
  const wanted = new Map(rows.map((row) => [row.lead_id, row.legacy_id ?? given ?? wholeNumber(row.profile_legacy_id)]));
  const taken = await legacyOwners(
    ctx,
    [...wanted.values()].filter((id) => id !== null),
  );
  const refused: AddedLeads["refused"] = [];
  const leads: PlannedMember[] = [];
  for (const lead_id of ids) {
    const row = found.get(lead_id);
    const legacy_id = wanted.get(lead_id) ?? null;
    const owner = legacy_id === null ? lead_id : (taken.get(legacy_id) ?? lead_id);
    if (!row) refused.push({ named: lead_id, reason: "no lead of the home unit" });
    else if (row.channel_id !== null && row.channel_id !== channel.channel_id) {
      refused.push(hadElsewhere(lead_id));
    } else if (owner !== lead_id) refused.push({ named: lead_id, reason: `another lead of the home unit has the legacy id ${legacy_id}` });
    else {
      if (legacy_id !== null) taken.set(legacy_id, lead_id);
      leads.push({ lead_id, legacy_id, isNew: row.channel_id === null, gains: row.channel_id !== null && row.legacy_id !== legacy_id });
    }
  }
  return { leads, refused };
}

async function legacyOwners(ctx: Ctx, ids: readonly number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map();
  const rows = await ctx.db.all<{ legacy_id: number; lead_id: string }>(selectLegacyOwners(ctx.db, ids));
  return new Map(rows.map(({ legacy_id, lead_id }) => [legacy_id, lead_id]));
}

async function commit(ctx: Ctx, channel: Channel, leads: readonly PlannedMember[]): Promise<AddedLead[]> {
  const fresh = leads.filter(({ isNew }) => isNew);
  const gaining = leads.filter(({ gains }) => gains);
  const statements = [
    ...insertStates(ctx.db, { channel_id: channel.channel_id, status_id: firstStatus(channel).id }, fresh),
    ...giveLegacyIds(ctx.db, gaining),
  ];
  if (statements.length > 0) await ctx.db.batch(statements);
  return leads.map(({ lead_id, legacy_id, isNew }) => ({ lead_id, legacy_id, added: isNew }));
}

/** Of an imported cell or a JSON number; null for what is none. */
function wholeNumber(value: string | number | null): number | null {
  const number = typeof value === "string" && /^\d{1,16}$/.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : null;
}
