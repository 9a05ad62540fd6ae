/**
 * Erases a lead with many events, step by step. The erasure's row holds its state, and a message is only a nudge: each step is counted
 * once, however often, late or concurrently it runs.
 */
import type { Ctx } from "../../context";
import { CommitConflict, untilCommitted } from "../../db/commit";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import type { ErasureStatus } from "../../vocabulary";
import { actorId } from "../auth";
import type { Remember } from "../idempotency";
import { LeadMerged, leadIsAsLoaded, SUPPRESSED, withhold } from "../leads";
import { notMoving } from "../merging";
import { eraseTraces, isSearched, TRACES_BEGIN, type TracePosition } from "./erase-traces";
import type { Erased } from "./erase-unit";
import { finishErasure, type LeadErasureReceipt } from "./finish-erasure";
import {
  closeErasure,
  type ErasureRow,
  eraseSome,
  followMerge,
  insertErasure,
  markStep,
  selectErasure,
  selectIsLarge,
  selectRunningErasure,
  writeKnown,
  writePosition,
} from "./large-store";
import { distinctAliases, findPerson, gainedAliases, joinPersons, type Known, planSuppression, readPerson, writePerson } from "./person";
import { termsBeyond, termsOf } from "./traces";

export type LargeErasure = {
  receipt_id: string;
  lead_id: string;
  status: ErasureStatus;
  requested_at: number;
  /** so far */
  erased: Erased;
  suppressed: number;
  /** when it is done */
  receipt: LeadErasureReceipt | null;
};

export const readErasure = ({ erased_id, erased, receipt, ...row }: ErasureRow): LargeErasure => ({
  receipt_id: row.receipt_id,
  lead_id: erased_id,
  status: row.status,
  requested_at: row.requested_at,
  erased: JSON.parse(erased),
  suppressed: row.suppressed,
  receipt: receipt === null ? null : JSON.parse(receipt),
});

/** One D1 round trip. */
async function findRunningErasure({ db }: Ctx, leadId: string): Promise<LargeErasure | null> {
  const [row] = await db.all(selectRunningErasure(db, leadId));
  return row ? readErasure(row) : null;
}

/** One D1 round trip. Throws not_found, also 30 days after it is done. */
export async function requireErasure({ db }: Ctx, receiptId: string): Promise<LargeErasure> {
  const [row] = await db.all(selectErasure(db, receiptId));
  if (!row) throw new AppError("not_found", "Unknown receipt");
  return readErasure(row);
}

/**
 * Suppresses the lead's aliases and creates the job in one commit, unless another request has, and nudges the queue. About five D1 round trips.
 * Throws not_found, gone (merged), conflict (its events are still moving after a merge), unavailable.
 */
export async function requestErasure(ctx: Ctx, leadId: string, remember: Remember<LargeErasure>): Promise<LargeErasure> {
  return untilCommitted(async () => {
    const other = await findRunningErasure(ctx, leadId);
    if (other) return other;
    const { found, statements } = await planSuppression(ctx, leadId, null);
    const now = ctx.now();
    const row: ErasureRow = {
      receipt_id: newId("era", now),
      erased_id: leadId,
      status: "running",
      requested_by: actorId(ctx.actor),
      requested_at: now,
      erased: JSON.stringify({ rows: {}, objects: 0 }),
      suppressed: distinctAliases(found.person).length,
      person: writePerson(found.person),
      position: null,
      steps: 0,
      receipt: null,
    };
    const erasure = readErasure(row);
    await ctx.db.batch([...statements, insertErasure(ctx.db, row), ...remember(erasure)]);
    await ctx.outbox.importJob({ unit: ctx.unit.unit, job_id: row.receipt_id });
    return erasure;
  });
}

/** Of 1,000 statements that D1 accepts in one invocation, a step takes at most 33. */
const STEPS_PER_RUN = 25;
const SEARCHES_PER_STEP = 8;

/** Runs an erasure until it is done or the time `until` (ms). Returns `continue` when there is more to do. */
export async function runErasure(
  ctx: Ctx,
  receiptId: string,
  { until, sign }: { until: number; sign(receipt: object): Promise<string> },
): Promise<"continue" | "finished"> {
  for (let steps = 0; steps < STEPS_PER_RUN && (steps === 0 || ctx.now() < until); steps++) {
    const [row] = await ctx.db.all(selectErasure(ctx.db, receiptId));
    if (row?.status !== "running") return "finished";
    const worker: Ctx = { ...ctx, source: { dialect: "engagement", by: row.requested_by } };
    try {
      await takeStep(worker, row, sign);
    } catch (error) {
      // another run was faster
      if (!(error instanceof CommitConflict)) throw error;
    }
  }
  return "continue";
}

async function takeStep(ctx: Ctx, row: ErasureRow, sign: (receipt: object) => Promise<string>): Promise<void> {
  const { db } = ctx;
  const now = ctx.now();
  const known = await growKnown(ctx, row);
  if (known === null) return;
  const [size] = await db.all(selectIsLarge(db, row.erased_id));
  if (size?.large === 1) {
    await db.batch([...markStep(db, row, now), ...eraseSome(db, row)]);
    return;
  }
  const erased: Erased = JSON.parse(row.erased);
  const from: TracePosition = row.position === null ? TRACES_BEGIN : JSON.parse(row.position);
  if (!isSearched(from)) {
    let searches = 0;
    const position = await eraseTraces(ctx, termsOf(known.person), erased, from, () => ++searches < SEARCHES_PER_STEP);
    await db.batch([...markStep(db, row, now), writePosition(db, row, JSON.stringify(erased), JSON.stringify(position))]);
    return;
  }
  const begin = (receipt: LeadErasureReceipt) => [...markStep(db, row, now), closeErasure(db, row, JSON.stringify(receipt))];
  await finishErasure(ctx, known, { erased, suppressed: row.suppressed, sign, remember: () => [], begin });
}

/**
 * What the erasure knows of the person. Null when this took the step: the lead has gained something (new aliases are suppressed, and the
 * search begins again), or it was merged into another lead, where the erasure continues.
 */
async function growKnown(ctx: Ctx, row: ErasureRow): Promise<Known | null> {
  const { db } = ctx;
  const now = ctx.now();
  const found = await findPerson(ctx, row.erased_id).catch(mergedInto);
  if (typeof found === "string") {
    await db.batch([...markStep(db, row, now), notMoving(db, [found]), followMerge(db, row, found)]);
    return null;
  }
  const before = row.person === null ? null : readPerson(row.person);
  const after = joinPersons(before, found.person);
  const person = writePerson(after);
  if (person === row.person) return { ...found, person: after };
  await db.batch([
    ...markStep(db, row, now),
    ...(found.lead ? [leadIsAsLoaded(db, found.lead)] : []),
    ...withhold(db, gainedAliases(before, after), SUPPRESSED, now),
    writeKnown(db, row, {
      person,
      suppressed: distinctAliases(after).length,
      position: termsBeyond(before, after).length > 0 ? null : row.position,
    }),
  ]);
  return null;
}

/** The lead that this one was merged into: possible for a job of an older version, which did not guard against merges. */
function mergedInto(error: unknown): string {
  if (error instanceof LeadMerged) return error.merged_into;
  throw error;
}
