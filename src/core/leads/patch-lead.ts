import type { z } from "zod";
import type { Ctx } from "../../context";
import { commitLoop } from "../../db/commit";
import { AppError, type FieldProblem } from "../../errors";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import { silently } from "../changes";
import { changedFields } from "./changed-keys";
import { aliasToFind, noSuchAlias } from "./find-lead";
import { type Lead, leadEtag } from "./lead";
import { isAttributeKey, mergeProfile, type Profile, requireProfileBytes, valueProblem } from "./profile";
import { AliasInput, LeadPatchInput } from "./schemas";
import { readLead, selectLeadAndAccount, updateLeadIfUnchanged } from "./store";

type LeadPatch = z.input<typeof LeadPatchInput>;

const KEY_RULE = "is not an attribute key: 1 to 64 characters, letters, digits, underscore, dash, dot, space";
const KEY_CHARS_SHOWN = 100;
const DETAIL_CHARS_MAX = 1000;

/**
 * Merges keys into the profile of the lead that owns an alias, and links an account. Silent: no event, no trigger, no webhook.
 * Two D1 round trips, one when nothing would change; one more for each writer that came first. An unknown account is not linked, and the
 * rest is still written. `isExpected` sees the version tag of the lead that is about to be changed.
 * Throws forbidden, invalid_request (a key or a value, its path `profile.<key>`), not_found, precondition_failed (not the expected
 * version), too_large (profile over 256 KB), unavailable.
 */
export async function patchLeadByAlias(
  ctx: Ctx,
  by: z.input<typeof AliasInput>,
  input: LeadPatch,
  isExpected: (versionTag: string) => boolean = () => true,
): Promise<{ lead: Pick<Lead, "lead_id" | "version">; account_linked: boolean }> {
  requireRole(ctx, "editor");
  const { kind, value } = parseInput(AliasInput, by);
  const patch = parseInput(LeadPatchInput, input);
  requireAttributes(patch.profile ?? {});
  await ctx.meter.requireStorage();
  const load = selectLeadAndAccount(ctx.db, aliasToFind(ctx, kind, value), patch.account_id ?? null);
  const [found] = await ctx.db.all(load);
  return commitLoop(found, async (row) => {
    if (!row) throw noSuchAlias();
    const lead = readLead(row);
    if (!isExpected(leadEtag(lead)))
      throw new AppError("precondition_failed", "The lead has changed: it no longer has the expected version");
    const { account_linked, write } = planPatch(lead, patch, row.account_exists === 1, ctx.now());
    if (!write) return { committed: { lead, account_linked } };
    const [, written, current] = await ctx.db.batch([...updateLeadIfUnchanged(silently(ctx), lead, write), load]);
    if (written[0]) return { committed: { lead: { lead_id: lead.lead_id, version: lead.version + 1 }, account_linked } };
    return { changed: current[0] };
  });
}

type PlannedPatch = {
  account_linked: boolean;
  /** `fields`: those of the profile that change */
  write: { profile: string; account_id: string | null; updated_at: number; fields: string[] } | null;
};

/** What a patch does to a lead as loaded; `write` is null when the lead already says so. Pure. */
export function planPatch(lead: Lead, patch: LeadPatch, accountExists: boolean, now: number): PlannedPatch {
  const account_linked = patch.account_id !== undefined && accountExists;
  const account_id = account_linked ? (patch.account_id ?? null) : lead.account_id;
  const merged = mergeProfile(lead.profile, patch.profile ?? {});
  const profile = JSON.stringify(merged);
  if (profile === JSON.stringify(lead.profile) && account_id === lead.account_id) return { account_linked, write: null };
  requireProfileBytes(profile);
  return { account_linked, write: { profile, account_id, updated_at: now, fields: changedFields(lead.profile, merged) } };
}

/** Throws invalid_request for keys and values that no profile may hold, their paths `profile.<key>`. */
export function requireAttributes(attributes: Profile): void {
  const problems: FieldProblem[] = [];
  const named: string[] = [];
  for (const [key, value] of Object.entries(attributes)) {
    const problem = isAttributeKey(key) ? valueProblem(value) : { at: "", message: KEY_RULE };
    if (!problem) continue;
    const path = `${key.slice(0, KEY_CHARS_SHOWN)}${problem.at}`;
    problems.push({ path: `profile.${path}`, message: problem.message });
    named.push(`"${path}" ${problem.message}`);
  }
  if (problems.length === 0) return;
  throw new AppError("invalid_request", `Invalid attribute: ${named.join("; ")}`.slice(0, DETAIL_CHARS_MAX), problems);
}
