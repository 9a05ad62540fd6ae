import type { z } from "zod";
import type { Ctx } from "../../context";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import { noSuchLead } from "./find-lead";
import { parseLeadId } from "./lead";
import { BulkOwnerInput } from "./schemas";
import { selectExisting, updateOwners } from "./store";

/** Ids as they were given: a lead is in one of the three. */
export type Assignment = { assigned: string[]; unchanged: string[]; not_found: string[] };

/**
 * Gives up to 500 leads an owner, or none. Ids may be written as any dialect writes them. One D1 round trip; two rows written for each
 * lead that had another owner (the lead, and its place among the owner's leads), and one for the log. Silent: no event. Throws forbidden, invalid_request.
 */
export async function assignOwner(ctx: Ctx, given: z.input<typeof BulkOwnerInput>): Promise<Assignment> {
  requireRole(ctx, "editor");
  const { lead_ids, owner_id, owner_name } = parseInput(BulkOwnerInput, given);
  const owner = { owner_id, owner_name: owner_id === null ? null : (owner_name ?? null) };
  const distinct = [...new Map(lead_ids.map((text) => [parseLeadId(text) ?? text, text]))];
  const ids = distinct.map(([id]) => id);
  const [existing, , changed] = await ctx.db.batch([selectExisting(ctx.db, ids), ...updateOwners(ctx, ids, owner, ctx.now())]);
  const found = new Set(existing.map(({ lead_id }) => lead_id));
  const assigned = new Set(changed.map(({ lead_id }) => lead_id));
  const assignment: Assignment = { assigned: [], unchanged: [], not_found: [] };
  for (const [id, text] of distinct) assignment[!found.has(id) ? "not_found" : assigned.has(id) ? "assigned" : "unchanged"].push(text);
  return assignment;
}

/** Of one lead. One D1 round trip. Throws forbidden, invalid_request, not_found. */
export async function assignOwnerOf(ctx: Ctx, leadId: string, owner: Omit<z.input<typeof BulkOwnerInput>, "lead_ids">): Promise<void> {
  const { not_found } = await assignOwner(ctx, { ...owner, lead_ids: [leadId] });
  if (not_found.length > 0) throw noSuchLead();
}
