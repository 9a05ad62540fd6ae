import type { Ctx } from "../../context";
import { AppError, type FieldProblem } from "../../errors";
import type { AliasKind } from "../../vocabulary";
import { lookUpAlias, noLeadForAlias } from "./find-lead-by-alias";
import { type Lead, leadEtag } from "./lead";
import { isAttributeKey, mergeProfile, type Profile, requireProfileBytes, valueProblem } from "./profile";
import { type LeadRow, readLead, selectLeadAndAccount, updateLeadIfUnchanged } from "./store";

export type LeadPatch = { attributes?: Profile | undefined; account_id?: string | undefined };

/** A writer that finds the lead changed plans again on what it finds: with this many tries, as many can write one lead at once. */
const COMMIT_TRIES_MAX = 64;

const KEY_RULE = "is not an attribute key: 1 to 64 characters, letters, digits, underscore, dash, dot, space";
const KEY_CHARS_SHOWN = 100;
const DETAIL_CHARS_MAX = 1000;

/**
 * Merges attributes into the lead that owns an alias and links an account (seed 000). Silent: no event, no trigger.
 * Two D1 round trips; one when nothing would change. An unknown account is not linked and does not stop the rest.
 * Throws invalid_request (a key breaks the rule), not_found, precondition_failed (`ifMatch`), too_large (profile over 256 KB).
 */
export async function patchLeadByAlias(
  ctx: Ctx,
  by: { kind: AliasKind; value: string },
  patch: LeadPatch,
  matches: (etag: string) => boolean,
): Promise<{ lead: Pick<Lead, "lead_id" | "version">; account_linked: boolean }> {
  requireAttributes(patch.attributes ?? {});
  const alias = lookUpAlias(ctx, by.kind, by.value);
  const load = selectLeadAndAccount(ctx.db, alias, patch.account_id ?? null);
  let [row] = await ctx.db.all<LeadRow & { account_exists: number }>(load);
  for (let tries = 0; tries < COMMIT_TRIES_MAX; tries++) {
    if (!row) throw noLeadForAlias();
    const lead = readLead(row);
    if (!matches(leadEtag(lead)))
      throw new AppError("precondition_failed", "The lead has changed: its ETag is no longer the one in If-Match");
    const change = planPatch(lead, patch, row.account_exists === 1, ctx.now());
    if (!change.write) return { lead, account_linked: change.account_linked };
    const [written, current] = await ctx.db.batch([updateLeadIfUnchanged(ctx.db, lead, change.write), load]);
    if (written?.[0]) return { lead: { lead_id: lead.lead_id, version: lead.version + 1 }, account_linked: change.account_linked };
    row = current?.[0] as typeof row;
  }
  throw new AppError("unavailable", "Too many writers on this lead; try again in a moment");
}

type PlannedPatch = { account_linked: boolean; write: { profile: string; account_id: string | null; updated_at: number } | null };

/** What a patch does to a lead as loaded; `write` is null when the lead already says so. Pure. */
export function planPatch(lead: Lead, patch: LeadPatch, accountExists: boolean, now: number): PlannedPatch {
  const account_linked = patch.account_id !== undefined && accountExists;
  const account_id = account_linked ? (patch.account_id ?? null) : lead.account_id;
  const profile = JSON.stringify(mergeProfile(lead.profile, patch.attributes ?? {}));
  if (profile === JSON.stringify(lead.profile) && account_id === lead.account_id) return { account_linked, write: null };
  requireProfileBytes(profile);
  return { account_linked, write: { profile, account_id, updated_at: now } };
}

function requireAttributes(attributes: Profile): void {
  const problems: FieldProblem[] = [];
  for (const [key, value] of Object.entries(attributes)) {
    const problem = isAttributeKey(key) ? valueProblem(value) : KEY_RULE;
    if (problem) problems.push({ path: `attributes.${key.slice(0, KEY_CHARS_SHOWN)}`, message: problem });
  }
  if (problems.length === 0) return;
  const named = problems.map(({ path, message }) => `"${path.slice("attributes.".length)}" ${message}`).join("; ");
  throw new AppError("invalid_request", `Invalid attribute: ${named}`.slice(0, DETAIL_CHARS_MAX), problems);
}
