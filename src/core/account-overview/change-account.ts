import type { z } from "zod";
import type { Ctx } from "../../context";
import { invalidRequest, parseInput } from "../../validation";
import { AccountChange, noSuchAccount, selectAccounts } from "../accounts";
import { requireRole } from "../auth";
import { logMatching } from "../changes";
import { type AccountOverview, overviewsOf } from "./overview";
import { AccountMergeInput } from "./schemas";
import { MERGE_SQL, updateAccount } from "./store";

/** Changes the fields that are given. Two D1 round trips. Throws forbidden, invalid_request, not_found. */
export async function changeAccount(ctx: Ctx, accountId: string, given: z.input<typeof AccountChange>): Promise<AccountOverview> {
  requireRole(ctx, "editor");
  const { name, domain, metadata } = parseInput(AccountChange, given);
  const change = {
    name: name ?? null,
    domain: domain?.toLowerCase() ?? null,
    sets_domain: domain === undefined ? (0 as const) : (1 as const),
    metadata: metadata === undefined ? null : JSON.stringify(metadata),
  };
  const [changed] = await ctx.db.batch([updateAccount(ctx.db, accountId, change, ctx.now())]);
  const accounts = changed.map(({ watched: _, ...account }) => account);
  const [overview] = accounts.length === 0 ? [] : await overviewsOf(ctx, accounts);
  if (!overview) throw noSuchAccount();
  return overview;
}

/** 500 leads each: D1 accepts 1,000 statements for each invocation. */
const SLICES_MAX = 200;

export type AccountMerge = { account: AccountOverview; leads_moved: number; accounts_removed: number };

/**
 * Moves the leads of the sources to the target and removes the sources, slice by slice: 500 leads in two D1 round trips, each slice in one
 * commit. A merge that breaks off is completed by the next call; so are merges of more than 100,000 leads.
 * Throws forbidden, invalid_request, not_found where the target or a source is unknown.
 */
export async function mergeAccounts(ctx: Ctx, given: z.input<typeof AccountMergeInput>): Promise<AccountMerge> {
  requireRole(ctx, "editor");
  const { target_account_id: target, source_account_ids } = parseInput(AccountMergeInput, given);
  const sources = [...new Set(source_account_ids)];
  if (sources.includes(target)) throw invalidRequest([{ path: "source_account_ids", message: "must not name the target" }]);
  const found = await ctx.db.all(selectAccounts(ctx.db, [target, ...sources]));
  if (found.length !== sources.length + 1) throw noSuchAccount();
  let leads_moved = 0;
  let accounts_removed = 0;
  let slices = 0;
  for (const source of sources) {
    for (let left = true; left && slices < SLICES_MAX; slices++) {
      const ids = (await ctx.db.all(ctx.db.sql<{ lead_id: string }>(MERGE_SQL.slice, source))).map(({ lead_id }) => lead_id);
      if (ids.length > 0) await moveLeads(ctx, ids, source, target);
      else {
        // a lead linked since the slice was read is in the next one
        const [removed, remaining] = await ctx.db.batch([
          ctx.db.sql<{ account_id: string }>(MERGE_SQL.remove, source),
          ctx.db.sql<{ account_id: string }>(MERGE_SQL.remaining, source),
        ]);
        accounts_removed += removed.length;
        left = remaining.length > 0;
      }
      leads_moved += ids.length;
    }
  }
  const account = found.find(({ account_id }) => account_id === target);
  const [overview] = account ? await overviewsOf(ctx, [account]) : [];
  if (!overview) throw noSuchAccount();
  return { account: overview, leads_moved, accounts_removed };
}

async function moveLeads(ctx: Ctx, ids: readonly string[], source: string, target: string): Promise<void> {
  const now = ctx.now();
  const json = JSON.stringify(ids);
  await ctx.db.batch([
    logMatching(ctx, { type: "changed", keys: ["account_id"] }, now, `${MERGE_SQL.ofSlice} AND l.account_id = ?8`, json, source),
    ctx.db.sql(MERGE_SQL.move, json, target, now, source),
  ]);
}
