/** Adds leads of the home unit to a channel: those that were imported, or created by another dialect. */

import type { z } from "zod";
import type { Ctx } from "../../../context";
import { untilCommitted } from "../../../db/commit";
import { invalidRequest, parseInput } from "../../../validation";
import { requireOperator } from "../../auth";
import { type AliasOwners, aliasKey, normaliseAlias, ownerStatements, parseLeadId, readOwners } from "../../leads";
import { type Channel, firstStatus } from "../channel";
import { LeadsToAdd } from "../schemas";
import { announceLeads, findLeadsElsewhere } from "../store";
import { giveLegacyIds, insertStates, selectCandidates, selectLegacyOwners } from "./membership-store";

export type AddedLead = { lead_id: string; legacy_id: number | null; added: boolean };
export type AddedLeads = {
  leads: AddedLead[];
  /** names as written: no lead of the unit, a lead of another channel, or a legacy id that another lead of the unit has */
  refused: { named: string; reason: string }[];
};

/**
 * Adds leads to the channel, in its first status: silently, since they are not new. One that is in the channel already stays as it is, and
 * gets a legacy id if it has none. Repeating the call changes nothing. For the operator alone. Four D1 round trips. Throws forbidden,
 * invalid_request.
 */
export async function addLeads(ctx: Ctx, channel: Channel, given: z.input<typeof LeadsToAdd>): Promise<AddedLeads> {
  requireOperator(ctx);
  const { legacy_id = null, ...named } = parseInput(LeadsToAdd, given);
  if (legacy_id !== null && named.lead_ids.length + named.aliases.length !== 1) {
    throw invalidRequest([{ path: "legacy_id", message: "needs exactly one lead" }]);
  }
  const { ids, refused } = await resolve(ctx, named);
  return untilCommitted(async () => {
    const plan = await planLeads(ctx, channel, ids, legacy_id);
    const elsewhere = await claim(ctx, channel, plan.leads);
    const own = plan.leads.filter(({ lead_id }) => !elsewhere.has(lead_id));
    return { leads: await commit(ctx, channel, own), refused: [...refused, ...plan.refused, ...[...elsewhere].map(hadElsewhere)] };
  });
}

const hadElsewhere = (named: string) => ({ named, reason: "another channel has this lead" });

/** The directory decides which of two channels gets a lead. Returns those of the leads that another channel has. */
async function claim({ directory }: Ctx, { channel_id }: Channel, leads: readonly PlannedMember[]): Promise<ReadonlySet<string>> {
  if (leads.length === 0) return new Set();
  await announceLeads(directory, channel_id, leads);
  return findLeadsElsewhere(
    directory,
    channel_id,
    leads.map(({ lead_id }) => lead_id),
  );
}

/** The leads' ids, and the names that match no lead. */
async function resolve(
  ctx: Ctx,
  { lead_ids, aliases }: Pick<z.output<typeof LeadsToAdd>, "lead_ids" | "aliases">,
): Promise<{ ids: string[]; refused: AddedLeads["refused"] }> {
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
  const rows = await ctx.db.all(selectCandidates(ctx.db, ids));
  const found = new Map(rows.map((row) => [row.lead_id, row]));
  const wanted = new Map(rows.map((row) => [row.lead_id, row.legacy_id ?? given ?? row.profile_legacy_id]));
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
  const rows = await ctx.db.all(selectLegacyOwners(ctx.db, ids));
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
