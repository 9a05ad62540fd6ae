/** Changes of many leads that are planned first and committed by the plan's id: how agents write. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { CommitConflict } from "../../db/commit";
import { AppError } from "../../errors";
import { sha256Hex } from "../../hash";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import { readNarrowing, scanLeads } from "../lead-overview";
import type { Lead, LeadFields, Profile } from "../leads";
import { type Change, type JournalledPlan, planSlice } from "./plan-slice";
import { bindPlan, insertPlan, selectPlan } from "./plan-store";
import { type BulkJob, COUNTED_PAGES_MAX, COUNTED_STATEMENTS_MAX, newJob, readRequest, requireBulkJob } from "./request-bulk";
import { type BulkChange, JobId } from "./schemas";
import { insertJob } from "./store";

const PLAN_TTL_SECONDS = 24 * 3600;
const LEADS_SHOWN_MAX = 10;

/** What one lead would lose and gain, by field; undefined: it has no value. */
type PlannedLead = { lead_id: string; changes: { field: string; before: unknown; after: unknown }[] };

export type BulkPlan = Counts & {
  plan_id: string;
  expires_at: number;
  /** the first 10 that would change */
  leads: PlannedLead[];
};

type Counts = {
  matched: number;
  /** whether counting stopped before the end of the list: then `matched` and the counts below are of the leads read so far */
  at_least: boolean;
  changed: number;
  /** leads whose metadata would be over 256 KB */
  refused: number;
};

/**
 * Plans a change of all leads that match a filter, and writes no lead. At most about 13 D1 round trips.
 * Throws forbidden, invalid_request.
 */
export async function planBulk(
  ctx: Ctx,
  given: { filter: Record<string, unknown>; change: z.input<typeof BulkChange> },
): Promise<BulkPlan> {
  const { change, target } = await readRequest(ctx, { target: { filter: given.filter }, change: given.change });
  const { fingerprint, leads, ids, ...counts } = await tryOut(ctx, target.filter, change as Change);
  const now = ctx.now();
  const plan = { plan_id: newId("bplan", now), expires_at: now + PLAN_TTL_SECONDS * 1000 };
  const stored = { target: JSON.stringify(target), change: JSON.stringify(change), fingerprint, matched: counts.matched, created_at: now };
  await ctx.db.batch([insertPlan(ctx.db, { ...plan, ...stored })]);
  return { ...plan, ...counts, leads };
}

/**
 * Creates the job that carries out a plan, and nudges the queue; for a plan that was committed before, returns its job. The job changes
 * the leads that match now and no others; if there are more than were counted, it evaluates the filter. At most about 15 D1 round trips. Throws
 * forbidden, not_found (unknown or expired); and unless the caller accepts drift, conflict when counting stopped before the end of the list,
 * and plan_outdated when other leads match than were planned, or values would change from or to others.
 */
export async function commitBulkPlan(ctx: Ctx, planId: string, { accept_drift = false } = {}): Promise<BulkJob> {
  requireRole(ctx, "editor");
  const plan = await requirePlan(ctx, planId);
  if (plan.job_id !== null) return requireBulkJob(ctx, plan.job_id);
  const { filter } = JSON.parse(plan.target) as { filter: Record<string, unknown> };
  const { fingerprint, matched, at_least, ids } = await tryOut(ctx, filter, JSON.parse(plan.change) as Change);
  if (at_least && !accept_drift) throw incomplete(matched);
  if (fingerprint !== plan.fingerprint && !accept_drift) throw outdated(plan.matched, matched);
  const target = at_least ? { target: plan.target, total: null } : { target: JSON.stringify({ ids }), total: matched };
  const job = newJob(ctx, { action: "change", change: plan.change, ...target });
  try {
    await ctx.db.batch([...bindPlan(ctx.db, plan.plan_id, job.job_id), insertJob(ctx.db, job)]);
  } catch (error) {
    if (!(error instanceof CommitConflict)) throw error;
    const { job_id } = await requirePlan(ctx, planId);
    if (job_id === null) throw error;
    return requireBulkJob(ctx, job_id);
  }
  await ctx.outbox.importJob({ unit: ctx.unit.unit, job_id: job.job_id });
  return job;
}

async function requirePlan(ctx: Ctx, planId: string) {
  const [plan] = await ctx.db.all(selectPlan(ctx.db, parseInput(JobId, planId), ctx.now()));
  if (!plan) throw new AppError("not_found", "Plan expired or not found (plans expire after 24 hours)");
  return plan;
}

const outdated = (then: number, now: number): AppError =>
  new AppError(
    "plan_outdated",
    `The leads that match have changed since the plan (${then} matched then, ${now} match now): plan again, or accept_drift`,
  );

const incomplete = (matched: number): AppError =>
  new AppError(
    "conflict",
    `The plan is not complete: counting stopped before the end of the list, with ${matched} matching leads. Narrow the filter and plan again, or accept_drift to change all leads that match when the job runs`,
  );

type Tried = Counts & { leads: PlannedLead[]; ids: string[]; fingerprint: string };

/** Runs a change without writing. `ids`: who matches; `fingerprint`: a hash of them and of what each would be changed from and to. */
async function tryOut(ctx: Ctx, filter: unknown, change: Change): Promise<Tried> {
  const counts = { matched: 0, at_least: false, changed: 0, refused: 0 };
  const leads: PlannedLead[] = [];
  const ids: string[] = [];
  let fingerprint = "";
  let pages = 0;
  for await (const page of scanLeads(ctx, readNarrowing(filter, ctx.now()), { after: "" })) {
    const found = page.leads.map(({ lead }) => lead);
    const { updates, refused } = planSlice(found, change);
    const plans = new Map(updates.map((update) => [update.lead_id, update]));
    counts.matched += found.length;
    counts.changed += updates.length;
    counts.refused += refused;
    for (const lead of found) {
      const plan = plans.get(lead.lead_id);
      const planned = { lead_id: lead.lead_id, changes: plan ? changesOf(lead, plan) : [] };
      ids.push(lead.lead_id);
      fingerprint = sha256Hex(fingerprint + JSON.stringify(planned));
      if (plan && leads.length < LEADS_SHOWN_MAX) leads.push(planned);
    }
    if ((++pages === COUNTED_PAGES_MAX || page.statements > COUNTED_STATEMENTS_MAX) && !page.done) {
      counts.at_least = true;
      break;
    }
  }
  return { ...counts, leads, ids, fingerprint };
}

function changesOf(lead: Lead, { profile, columns = {} }: JournalledPlan): PlannedLead["changes"] {
  const written = Object.entries(profile as Profile).map(([field, after]) => ({
    field,
    before: lead.profile[field],
    after: after ?? undefined,
  }));
  const names = Object.keys(columns) as (keyof LeadFields & keyof Lead)[];
  const fields = names.map((field) => ({ field, before: lead[field] ?? undefined, after: columns[field] ?? undefined }));
  return [...written, ...fields].filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
}
