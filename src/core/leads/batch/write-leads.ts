import type { z } from "zod";
import type { Ctx } from "../../../context";
import { queryGroups } from "../../../db/batch";
import { CommitConflict, commitLoop } from "../../../db/commit";
import { AppError, type ErrorCode } from "../../../errors";
import { newUuid } from "../../../ids";
import { quotaOf } from "../../../quotas";
import { parseInput } from "../../../validation";
import { requireRole } from "../../auth";
import type { Remember } from "../../idempotency";
import type { AliasOwners } from "../aliases/claim";
import { readOwners } from "../aliases/store";
import { leadWrites, ownerStatements } from "../bulk-store";
import { linkNewLeads } from "../link-accounts";
import { leadsFit, selectLeadTotal } from "../store";
import { LeadBatchInput, type LeadItem, type LeadItemInput, type Refusal, readItem, refusal, type WriteMode } from "./input";
import { type BatchPlan, type LeadVerdict, planItems, resolveItems } from "./plan";
import { loadItemDiffs, selectAccountIds } from "./store";

type BatchOptions = {
  /** where a conflict was seen, for its record: the dialect */
  source: string;
  remember?: Remember<readonly LeadVerdict[]>;
};

/**
 * Creates or changes up to 1,000 leads by their aliases, each as if it were committed before the next, and returns a verdict on each, in
 * their order. An item that cannot be stored is refused and does not stop the rest. All that is written is one D1 batch: two round trips
 * when every lead is new or nothing changes, three else; two more for each writer that came first, and one where the unit links new leads to
 * accounts. Silent: no event.
 * Throws forbidden, invalid_request (no list, or too many), unavailable.
 */
export async function writeLeads(ctx: Ctx, given: z.input<typeof LeadBatchInput>, options: BatchOptions): Promise<LeadVerdict[]> {
  requireRole(ctx, "editor");
  const { mode, leads } = parseInput(LeadBatchInput, given);
  await ctx.meter.requireStorage();
  const read = leads.map((lead) => readItem(lead, ctx.unit.default_region, ctx.now()));
  const max = quotaOf(ctx.unit, "leads");
  const start = { ...(await load(ctx, read)), room: Number.POSITIVE_INFINITY };
  return commitLoop<Loaded & { room: number }, LeadVerdict[]>(start, async ({ items, refused, owners, room }) => {
    const plan = await planBatch(ctx, { items, owners, mode, room });
    const verdicts = read.map((_, at) => refused.get(at) ?? plan.verdicts.get(at) ?? lostItem());
    try {
      const { updates, conflicts } = plan.leads;
      const inserts = await linkNewLeads(ctx, plan.leads.inserts);
      const nothing = inserts.length + updates.length + conflicts.length === 0;
      const writes = [
        ...(nothing ? [] : leadWrites(ctx, { inserts, updates, conflicts }, owners, options.source, ctx.now())),
        ...(inserts.length === 0 ? [] : [leadsFit(ctx.db, max)]),
        ...(options.remember?.(verdicts) ?? []),
      ];
      if (writes.length > 0) await ctx.db.batch(writes);
      return { committed: verdicts };
    } catch (error) {
      if (!(error instanceof CommitConflict) || !["aliases", "commit_guards", "quota_guards"].includes(error.table)) throw error;
      return { changed: { ...(await load(ctx, read)), room: error.table === "quota_guards" ? await roomLeft(ctx, max) : room } };
    }
  });
}

/** Writes one lead as `writeLeads` does. Throws invalid_request, conflict (it exists, no room), not_found, too_large where that refuses it. */
export async function writeLead(
  ctx: Ctx,
  { mode, ...lead }: z.input<typeof LeadItemInput> & { mode?: WriteMode | undefined },
  source: string,
): Promise<Exclude<LeadVerdict, { verdict: "refused" }>> {
  const [verdict] = await writeLeads(ctx, { mode, leads: [lead] }, { source });
  if (!verdict || verdict.verdict === "refused") throw refusedLead(verdict ?? lostItem());
  return verdict;
}

const REFUSED: Record<Refusal["code"], ErrorCode> = {
  invalid: "invalid_request",
  exists: "conflict",
  not_found: "not_found",
  too_large: "too_large",
  too_many_aliases: "too_large",
  quota_used_up: "conflict",
  suppressed: "conflict",
  blocked: "conflict",
};

const refusedLead = ({ code, reason, problems }: Refusal): AppError => new AppError(REFUSED[code], reason, problems);

function lostItem(): never {
  throw new Error("an item of the batch has no verdict");
}

type Loaded = { items: Map<number, LeadItem>; refused: Map<number, LeadVerdict>; owners: AliasOwners };

async function load(ctx: Ctx, read: readonly (LeadItem | Refusal)[]): Promise<Loaded> {
  const items = new Map<number, LeadItem>();
  const refused = new Map<number, LeadVerdict>();
  const refuse = (at: number, why: Refusal) => refused.set(at, { verdict: "refused", lead_id: null, ...why });
  for (const [at, item] of read.entries()) {
    if ("code" in item) refuse(at, item);
    else items.set(at, item);
  }
  const accountIds = new Set([...items.values()].flatMap(({ fields }) => fields.account_id ?? []));
  const statements = ownerStatements(
    ctx.db,
    [...items.values()].flatMap(({ aliases }) => aliases),
  );
  if (statements.length === 0) return { items, refused, owners: new Map() };
  const { owned, accounts } = await queryGroups(ctx.db, {
    owned: statements,
    accounts: accountIds.size === 0 ? [] : [selectAccountIds(ctx.db, [...accountIds])],
  });
  const existing = new Set(accounts.map(({ account_id }) => account_id));
  for (const [at, { fields }] of items) {
    if (!fields.account_id || existing.has(fields.account_id)) continue;
    items.delete(at);
    const message = `no such account (got ${JSON.stringify(fields.account_id.slice(0, 80))})`;
    refuse(at, { ...refusal("invalid", `account_id: ${message}`), problems: [{ path: "account_id", message }] });
  }
  return { items, refused, owners: readOwners(owned) };
}

type Plannable = { items: ReadonlyMap<number, LeadItem>; owners: AliasOwners; mode: WriteMode; room: number };

/** Plans until no item is rejected. */
async function planBatch(ctx: Ctx, { items, owners, mode, room }: Plannable): Promise<Pick<BatchPlan, "leads" | "verdicts">> {
  const kept = new Map(items);
  const rejected = new Map<number, LeadVerdict>();
  for (;;) {
    const { resolved, verdicts } = resolveItems(kept, owners, mode, () => newUuid(ctx.now(), ctx.unit.shard));
    const plan = planItems(resolved, await loadItemDiffs(ctx.db, resolved), room, ctx.now());
    if (plan.rejected.size === 0) return { leads: plan.leads, verdicts: new Map([...rejected, ...verdicts, ...plan.verdicts]) };
    for (const [at, { lead_id, ...why }] of plan.rejected) {
      const created = resolved.find((item) => item.at === at)?.isNew;
      rejected.set(at, { verdict: "refused", lead_id: created ? null : lead_id, ...why });
      kept.delete(at);
    }
  }
}

async function roomLeft(ctx: Ctx, max: number): Promise<number> {
  const [total] = await ctx.db.all(selectLeadTotal(ctx.db));
  return Math.max(0, max - (total?.leads ?? 0));
}
