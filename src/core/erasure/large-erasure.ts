/**
 * Erases a lead with many events, step by step. The erasure's row is the truth and a message only a nudge: however often, late or concurrently
 * it is run, each step is counted once.
 */
import type { Ctx } from "../../context";
import { CommitConflict } from "../../db/commit";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import type { ErasureStatus } from "../../vocabulary";
import { actorId } from "../auth";
import type { Remember } from "../idempotency";
import { eraseTraces, isSearched, TRACES_BEGIN, type TracePosition } from "./erase-traces";
import type { Erased } from "./erase-unit";
import { finishErasure, type LeadErasureReceipt, loadPerson } from "./finish-erasure";
import {
  closeErasure,
  type ErasureRow,
  eraseSome,
  insertErasure,
  markStep,
  selectErasure,
  selectIsLarge,
  selectRunningErasure,
  writePosition,
} from "./large-store";

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

/** Creates the job, unless another request has, and nudges the queue. */
export async function requestErasure(
  ctx: Ctx,
  leadId: string,
  suppressed: number,
  remember: Remember<LargeErasure>,
): Promise<LargeErasure> {
  const now = ctx.now();
  const row: ErasureRow = {
    receipt_id: newId("era", now),
    erased_id: leadId,
    status: "running",
    requested_by: actorId(ctx.actor),
    requested_at: now,
    erased: JSON.stringify({ rows: {}, objects: 0 }),
    suppressed,
    position: null,
    steps: 0,
    receipt: null,
  };
  const erasure = readErasure(row);
  try {
    await ctx.db.batch([insertErasure(ctx.db, row), ...remember(erasure)]);
  } catch (error) {
    const other = error instanceof CommitConflict ? await findRunningErasure(ctx, leadId) : null;
    if (other) return other;
    throw error;
  }
  await ctx.outbox.importJob({ unit: ctx.unit.unit, job_id: row.receipt_id });
  return erasure;
}

/** Of 1,000 statements that D1 accepts in one invocation, a step takes at most 30. */
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
  const [size] = await db.all(selectIsLarge(db, row.erased_id));
  if (size?.large === 1) {
    await db.batch([...markStep(db, row, now), ...eraseSome(db, row)]);
    return;
  }
  const erased: Erased = JSON.parse(row.erased);
  const close = (receipt: LeadErasureReceipt) => [...markStep(db, row, now), closeErasure(db, row, JSON.stringify(receipt))];
  const person = await loadPerson(ctx, row.erased_id).catch(nullIfAbsent);
  if (person === null) {
    const facts = { lead_id: row.erased_id, erased_at: now, ...erased, suppressed: row.suppressed };
    await db.batch(close({ ...facts, signature: await sign(facts) }));
    return;
  }
  const from: TracePosition = row.position === null ? TRACES_BEGIN : JSON.parse(row.position);
  if (!isSearched(from)) {
    let searches = 0;
    const position = await eraseTraces(ctx, person.terms, erased, from, () => ++searches < SEARCHES_PER_STEP);
    await db.batch([...markStep(db, row, now), writePosition(db, row, JSON.stringify(erased), JSON.stringify(position))]);
    return;
  }
  await finishErasure(ctx, person, { erased, suppressed: row.suppressed, sign, remember: () => [], begin: close });
}

/** The lead is gone already where an undo of its import came first. */
function nullIfAbsent(error: unknown): null {
  if (error instanceof AppError && error.code === "not_found") return null;
  throw error;
}
