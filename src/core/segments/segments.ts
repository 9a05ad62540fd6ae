/** Segments of leads and of accounts: rules under a name, for everybody in the org unit. */
import { z } from "zod";
import type { Ctx } from "../../context";
import { CommitConflict, untilCommitted } from "../../db/commit";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { invalidRequest, parseInput } from "../../validation";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { fitsSubject, NewSegment, NOT_OF_ACCOUNTS, type Rule, SegmentChange } from "./schemas";
import {
  deleteSegmentRow,
  deleteTriggersOf,
  insertSegment,
  type SegmentRow,
  segmentIsAsRead,
  selectSegment,
  selectSegments,
  updateSegment,
} from "./store";
import { syncWatch } from "./watch-store";

export type Segment = Omit<SegmentRow, "rules" | "active"> & { rules: Rule; active: boolean };

const SEGMENTS_MAX = 200;

const readSegment = ({ rules, active, ...row }: SegmentRow): Segment => ({ ...row, rules: JSON.parse(rules), active: active === 1 });
const rowOf = ({ rules, active, ...segment }: Segment): SegmentRow => ({
  ...segment,
  rules: JSON.stringify(rules),
  active: active ? 1 : 0,
});
const noSuchSegment = () => new AppError("not_found", "Segment not found");

/** One D1 round trip. */
export const listSegments = async (ctx: Ctx): Promise<Segment[]> => (await ctx.db.all(selectSegments(ctx.db))).map(readSegment);

/** One D1 round trip. Throws not_found. */
export async function requireSegment(ctx: Ctx, segmentId: string): Promise<Segment> {
  const [row] = await ctx.db.all(selectSegment(ctx.db, parseInput(z.string(), segmentId)));
  if (!row) throw noSuchSegment();
  return readSegment(row);
}

/** One D1 round trip. Throws forbidden, invalid_request (a rule, by its path), conflict for the 201st segment. */
export async function createSegment(ctx: Ctx, given: z.input<typeof NewSegment>, remember: Remember<Segment> = () => []): Promise<Segment> {
  requireRole(ctx, "editor");
  return insert(ctx, parseInput(NewSegment, given), remember);
}

/** A segment with the same rules, not active, under a name of its own. Two D1 round trips. Throws forbidden, not_found, conflict. */
export async function copySegment(ctx: Ctx, segmentId: string, remember: Remember<Segment> = () => []): Promise<Segment> {
  requireRole(ctx, "editor");
  const { name, description, subject, rules } = await requireSegment(ctx, segmentId);
  return insert(ctx, { name: `Copy of ${name}`.slice(0, 100), description, subject, rules, active: false }, remember);
}

async function insert(ctx: Ctx, fields: z.output<typeof NewSegment>, remember: Remember<Segment>): Promise<Segment> {
  const now = ctx.now();
  const segment: Segment = { segment_id: newId("seg", now), ...fields, created_at: now, updated_at: now };
  try {
    await ctx.db.batch([...insertSegment(ctx.db, rowOf(segment), SEGMENTS_MAX), ...remember(segment)]);
    return segment;
  } catch (error) {
    if (!(error instanceof CommitConflict && error.table === "quota_guards")) throw error;
    throw new AppError("conflict", `An org unit has at most ${SEGMENTS_MAX} segments`);
  }
}

/**
 * Changes the given fields; concurrent changes of other fields are kept. With other rules, its triggers notify of what happens from then on: who
 * matches already is only recorded. Two D1 round trips. Throws forbidden, invalid_request, not_found.
 */
export async function changeSegment(ctx: Ctx, segmentId: string, given: z.input<typeof SegmentChange>): Promise<Segment> {
  requireRole(ctx, "editor");
  const change = parseInput(SegmentChange, given);
  const segment = await untilCommitted(async () => {
    const before = await requireSegment(ctx, segmentId);
    const after: Segment = { ...before, ...change, updated_at: Math.max(ctx.now(), before.updated_at + 1) };
    if (!fitsSubject(after.subject, after.rules)) throw invalidRequest([{ path: "rules", message: NOT_OF_ACCOUNTS }]);
    const anew = JSON.stringify(before.rules) !== JSON.stringify(after.rules);
    await ctx.db.batch([
      segmentIsAsRead(ctx.db, before),
      updateSegment(ctx.db, rowOf(after)),
      ...syncWatch(ctx.db, after.segment_id, after.updated_at, anew),
    ]);
    return after;
  });
  await ctx.outbox.changes({ unit: ctx.unit.unit, waits: true });
  return segment;
}

/** Deletes the segment, its rules and its triggers, no lead; what the triggers fired stays. One D1 round trip. Throws forbidden, not_found. */
export async function deleteSegment(ctx: Ctx, segmentId: string): Promise<void> {
  requireRole(ctx, "editor");
  const id = parseInput(z.string(), segmentId);
  const now = ctx.now();
  const [deleted] = await ctx.db.batch([deleteSegmentRow(ctx.db, id), ...deleteTriggersOf(ctx.db, id, now), ...syncWatch(ctx.db, id, now)]);
  if (deleted.length === 0) throw noSuchSegment();
  await ctx.outbox.changes({ unit: ctx.unit.unit, waits: true });
}
