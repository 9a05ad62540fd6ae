import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { invalidRequest, parseInput } from "../../validation";
import { type Account, selectAccount } from "../accounts";
import { requireRole } from "../auth";
import { type Lead, leadEtag, mergeProfile, namedLead, requireAttributes, updateLead } from "../leads";
import { aroundLead, type LeadOverview, overviewOf } from "./overview";
import { type LeadUpdate, LeadUpdateInput } from "./schemas";

/** An email that another lead has is refused. */
const OPTIONS = { onConflict: "refuse", source: "engagement" } as const;

/**
 * Changes the given fields of a lead and returns it as it is then. Silent: no event, no trigger. `isExpected` sees the version tag of the
 * lead that is about to be changed. Two D1 round trips, two more for each writer that came first; one when the metadata already says so.
 * Throws forbidden, invalid_request (a field, a metadata key, an unknown account), not_found, precondition_failed, too_large, EmailTaken,
 * unavailable.
 */
export async function changeLead(
  ctx: Ctx,
  leadId: string,
  given: LeadUpdate,
  isExpected: (versionTag: string) => boolean = () => true,
): Promise<LeadOverview> {
  requireRole(ctx, "editor");
  const { metadata, metadata_patch, ...fields } = parseInput(LeadUpdateInput, given);
  requireAttributes({ ...metadata, ...metadata_patch });
  const id = namedLead(leadId);
  const now = ctx.now();
  const { lead, result } = await updateLead(
    ctx,
    id,
    (before: Lead, [accounts, scores, levels, ...rest]) => {
      const [rules, mappings, profileLevels, named] = rest;
      if (!isExpected(leadEtag(before)))
        throw new AppError("precondition_failed", "The lead has changed: it no longer has the expected version");
      if (fields.account_id && !named[0]) throw noSuchAccount(fields.account_id);
      const account: Account[] = fields.account_id === undefined ? accounts : named;
      const profile = mergeProfile(metadata ?? before.profile, metadata_patch ?? {});
      const same = Object.keys(fields).length === 0 && JSON.stringify(profile) === JSON.stringify(before.profile);
      return { change: same ? null : { ...fields, profile }, result: [account, scores, levels, rules, mappings, profileLevels] as const };
    },
    { ...OPTIONS, alsoRead: [...aroundLead(ctx.db, id), selectAccount(ctx.db, fields.account_id ?? "")] },
  );
  return overviewOf(lead, result, now);
}

const noSuchAccount = (accountId: string): AppError =>
  invalidRequest([{ path: "account_id", message: `no such account (got ${JSON.stringify(accountId.slice(0, 80))})` }]);
