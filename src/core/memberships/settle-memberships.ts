/**
 * Keeps the members of watched segments up to date and fires the triggers: load, plan, commit, slice by slice. What a slice works on is in
 * tables, so a crash only delays it, and one commit notifies of what another has not.
 */
import type { Ctx, Statement } from "../../context";
import { untilCommitted } from "../../db/commit";
import { insertDeliveries } from "../notifications";
import { checkLeads, type Rule, sumsAccounts } from "../segments";
import { deliveriesOf, readTrigger, selectActiveSegmentTriggers } from "../triggers";
import { type Cause, keyOf, planMemberships, type Watch } from "./plan-memberships";
import { settleAccounts } from "./settle-accounts";
import {
  type AccountRow,
  accountWrites,
  closingWrites,
  insertFirings,
  laneWrites,
  leaveQueue,
  markAccounts,
  memberWrites,
  type QueueRow,
  readMember,
  scanWrites,
  selectLastFirings,
  selectLeadsAfter,
  selectLeadsOfAccount,
  selectMembers,
  selectNextDue,
  selectUnknownAccounts,
  type WatchRow,
  workStatements,
} from "./store";

/** With five conditions on events, 200 leads read at most 500,000 of them. */
const SLICE_LEADS = 200;
const REMOVED_ROWS = 2_000;

export type SettledMemberships = {
  /** `continue`: there is more to do than the time allowed */
  outcome: "idle" | "continue";
  /** when the next lead is due, in ms; null: none */
  next_at: number | null;
};

/**
 * Checks the leads of a unit that have changed, are due or are not recorded yet. Four D1 round trips for 200 leads, one when there is
 * nothing to do; where rules add up accounts, one more, and two for five accounts that have changed. Begins no slice unless `goesOn`.
 */
export async function settleMemberships(ctx: Ctx, goesOn: () => boolean): Promise<SettledMemberships> {
  let more = true;
  while (more && goesOn()) more = await untilCommitted(() => settleSlice(ctx));
  const times = await ctx.db.batch(selectNextDue(ctx.db));
  const next = times.flat().map(({ at }) => at);
  return { outcome: more ? "continue" : "idle", next_at: next.length === 0 ? null : Math.min(...next) };
}

type Slice = {
  causes: ReadonlyMap<string, Cause>;
  /** the writes that record how far the work has come */
  progress: readonly Statement<never>[];
};

/** Returns whether there may be more to do. */
async function settleSlice(ctx: Ctx): Promise<boolean> {
  const { db } = ctx;
  const now = ctx.now();
  const [[lane], watchRows, queue, due, [account], dueAccounts] = await db.batch(workStatements(db, now, SLICE_LEADS));
  if (!lane) return false;
  const watches = watchRows.filter((row) => row.active === 1 && row.rules !== null);
  const rules = watches.map((row): Rule => JSON.parse(row.rules ?? "null"));
  if (dueAccounts.length > 0) {
    await settleAccounts(ctx, lane.version, dueAccounts, rules);
    return true;
  }
  const slice = await nextSlice(ctx, watchRows, { queue, due: due.map(({ lead_id }) => lead_id), account });
  if (slice === null) return false;
  const unknown = sumsAccounts(rules) ? await db.all(selectUnknownAccounts(db, [...slice.causes.keys()])) : [];
  if (unknown.length > 0) {
    const ids = unknown.map(({ account_id }) => account_id);
    await db.batch<readonly Statement[]>([...laneWrites(db, lane.version), markAccounts(db, ids)]);
    return true;
  }
  const planned = await planSlice(ctx, watches, slice.causes, now);
  const notified = planned.firings.flatMap((firing) => deliveriesOf({ lead_id: firing.lead_id, news: [firing] }));
  await db.batch<readonly Statement[]>([
    ...laneWrites(db, lane.version),
    ...slice.progress,
    ...memberWrites(db, planned.written, planned.removed),
    ...insertFirings(db, planned.firings),
    ...insertDeliveries(db, notified, now),
  ]);
  await ctx.outbox.deliveries(notified.map(({ delivery_id }) => ({ unit: ctx.unit.unit, delivery_id })));
  return true;
}

type Work = { queue: readonly QueueRow[]; due: readonly string[]; account: AccountRow | undefined };

/** What has changed goes first, then what is due, then the leads of accounts that have changed, then what is not recorded yet. */
async function nextSlice({ db }: Ctx, watches: readonly WatchRow[], { queue, due, account }: Work): Promise<Slice | null> {
  if (queue.length + due.length > 0) {
    const causes = new Map<string, Cause>(due.slice(0, SLICE_LEADS - queue.length).map((lead_id) => [lead_id, "changed"]));
    for (const { lead_id, silent } of queue) causes.set(lead_id, silent === 1 && !due.includes(lead_id) ? "silently changed" : "changed");
    return { causes, progress: leaveQueue(db, queue) };
  }
  if (account) {
    const leads = await db.all(selectLeadsOfAccount(db, account, SLICE_LEADS));
    const last = leads.length < SLICE_LEADS ? null : (leads.at(-1)?.lead_id ?? null);
    return { causes: new Map(leads.map(({ lead_id }) => [lead_id, "changed"])), progress: accountWrites(db, account, last) };
  }
  const scans = watches.flatMap(({ active, scan_after }) => (active === 1 && scan_after !== null ? [scan_after] : []));
  if (scans.length > 0) {
    const after = scans.reduce((least, scan) => (scan < least ? scan : least));
    const leads = await db.all(selectLeadsAfter(db, after, SLICE_LEADS));
    const last = leads.length < SLICE_LEADS ? null : (leads.at(-1)?.lead_id ?? null);
    return { causes: new Map(leads.map(({ lead_id }) => [lead_id, "scanned"])), progress: scanWrites(db, last) };
  }
  const closing = watches.find(({ active }) => active === 0);
  return closing ? { causes: new Map(), progress: closingWrites(db, closing.segment_id, REMOVED_ROWS) } : null;
}

async function planSlice(ctx: Ctx, rows: readonly WatchRow[], causes: ReadonlyMap<string, Cause>, now: number) {
  const watches: (Watch & { rule: Rule })[] = rows.map(({ segment_id, since, scan_after, rules }) => ({
    segment_id,
    since,
    scan_after,
    rule: JSON.parse(rules ?? "null"),
  }));
  const ids = [...causes.keys()];
  if (ids.length === 0) return { written: [], removed: [], firings: [] };
  const rules = watches.map(({ rule }) => rule);
  const [[members, fired, triggers], checked] = await Promise.all([
    ctx.db.batch([selectMembers(ctx.db, ids), selectLastFirings(ctx.db, ids), selectActiveSegmentTriggers(ctx.db)]),
    checkLeads(ctx, rules, ids, now),
  ]);
  return planMemberships({
    watches,
    triggers: triggers.map(readTrigger),
    causes,
    checked,
    stored: members.map(readMember),
    fired: new Map(fired.map(({ trigger_id, lead_id, n }) => [keyOf(trigger_id, lead_id), n ?? 0])),
    now,
  });
}
