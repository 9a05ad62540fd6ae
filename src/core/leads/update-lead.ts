import type { Ctx, RowsOf, Statement } from "../../context";
import { CommitConflict, commitLoop } from "../../db/commit";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import { silently } from "../changes";
import type { Alias } from "./aliases/alias";
import type { AliasOwners } from "./aliases/claim";
import type { OnConflict } from "./aliases/place";
import {
  type AliasOwner,
  closeConflict,
  insertAliases,
  readOwners,
  recordConflict,
  releaseAlias,
  sameOwners,
  selectOwners,
} from "./aliases/store";
import { noneWithheld } from "./aliases/withheld";
import { noSuchLead } from "./find-lead";
import type { Lead } from "./lead";
import { accountsExist } from "./link-accounts";
import { type LeadChange, type PlannedUpdate, planUpdate } from "./plan-update";
import { LeadChangeInput, LeadId } from "./schemas";
import { adjustLeadCount, changeOf, type LeadRow, leadIsAsLoaded, readLead, selectLead, updateLeadRow } from "./store";

type UpdatePlan<Result> = {
  /** null leaves the lead as it is */
  change: LeadChange | null;
  /** statements of other parts for the same batch as the change */
  alsoWrite?: readonly Statement[];
  /** names for what `alsoWrite` changes, for the log of changes */
  alsoChanged?: readonly string[];
  /** what the caller wants to know of the plan that was committed */
  result: Result;
};

type UpdateOptions<Read extends readonly Statement[]> = {
  onConflict: OnConflict;
  /** where a conflict was seen, for its record: the dialect */
  source: string;
  /** read in the same round trip as the lead, whenever that is read */
  alsoRead?: Read;
  /** no webhook is notified of the change */
  silent?: boolean;
};

/**
 * Changes a lead by `plan`, which gets the lead and the rows of each statement of `alsoRead`, and runs again when the lead has changed
 * meanwhile. Two D1 round trips, two more for each writer that came first; one when the plan changes nothing. Silent: no event.
 * `updated_at` moves by at least a millisecond.
 * Throws forbidden, not_found, invalid_request (an alias, a value), too_large (profile over 256 KB), EmailTaken, unavailable, and a
 * CommitConflict of `alsoWrite`.
 */
export async function updateLead<Result, const Read extends readonly Statement[] = readonly []>(
  caller: Ctx,
  leadId: string,
  plan: (lead: Lead, read: RowsOf<Read>) => UpdatePlan<Result>,
  { onConflict, source, alsoRead, silent = false }: UpdateOptions<Read>,
): Promise<{ lead: Lead; result: Result }> {
  const ctx = silent ? silently(caller) : caller;
  requireRole(ctx, "editor");
  const id = parseInput(LeadId, leadId);
  await ctx.meter.requireStorage();
  const reload = (given: readonly Alias[]) => load<Read>(ctx, id, given, alsoRead);
  return commitLoop(await reload([]), async (loaded, tries) => {
    const { lead, owners, read } = loaded;
    const { change, alsoWrite = [], alsoChanged = [], result } = plan(lead, read);
    if (change === null) return { committed: { lead, result } };
    const input = parseInput(LeadChangeInput, change);
    const planned = planUpdate(lead, input, { owners, onConflict, region: ctx.unit.default_region, now: ctx.now() });
    try {
      await ctx.db.batch([
        ...(tries === 1 ? noneWithheld(ctx.db, planned.attached) : []),
        ...updateStatements(ctx, lead, planned, { source, alsoChanged }),
        ...alsoWrite,
      ]);
      return { committed: { lead: planned.lead, result } };
    } catch (error) {
      if (!(error instanceof CommitConflict) || !["aliases", "commit_guards"].includes(error.table)) throw error;
      const current = await reload(planned.given);
      const asPlanned = current.lead.version === lead.version && sameOwners(current.owners, owners);
      // planning again says whether the account is still there
      const relinked = planned.lead.account_id !== lead.account_id;
      if (error.table === "commit_guards" && asPlanned && !relinked && (tries > 1 || planned.attached.length === 0)) throw error;
      return { changed: current };
    }
  });
}

function updateStatements(
  ctx: Ctx,
  before: Lead,
  planned: PlannedUpdate,
  { source, alsoChanged }: { source: string; alsoChanged: readonly string[] },
): Statement<never>[] {
  const { db } = ctx;
  const { lead, attached, released, conflicts, settled } = planned;
  const { lead_id, updated_at } = lead;
  return [
    leadIsAsLoaded(db, before),
    ...accountsExist(db, lead.account_id === before.account_id ? [] : [lead.account_id]),
    ...released.flatMap((alias) => releaseAlias(db, lead_id, alias)),
    ...insertAliases(db, lead_id, attached),
    ...settled.map((alias) => closeConflict(db, lead_id, alias)),
    ...conflicts.flatMap((conflict) => recordConflict(db, { ...conflict, lead_id, source, created_at: updated_at })),
    ...updateLeadRow(ctx, before, lead, (keys) => changeOf(lead, [...keys, ...alsoChanged])),
    ...(lead.status === before.status ? [] : [adjustLeadCount(db, before.status, -1), adjustLeadCount(db, lead.status, 1)]),
  ];
}

type Loaded<Read extends readonly Statement[]> = { lead: Lead; owners: AliasOwners; read: RowsOf<Read> };

async function load<Read extends readonly Statement[]>(
  { db }: Ctx,
  leadId: string,
  given: readonly Alias[],
  alsoRead: readonly Statement[] = [],
): Promise<Loaded<Read>> {
  const owners: Statement<AliasOwner>[] = given.length === 0 ? [] : selectOwners(db, given);
  const results: readonly unknown[][] = await db.batch([selectLead(db, leadId), ...owners, ...alsoRead]);
  // the lead's row, its aliases' owners if there are any to look up, then the caller's
  const [[row], ...others] = results as [LeadRow[], ...unknown[][]];
  if (!row) throw noSuchLead();
  return {
    lead: readLead(row),
    owners: readOwners(others.slice(0, owners.length).flat() as AliasOwner[]),
    read: others.slice(owners.length) as RowsOf<Read>,
  };
}
