/** Receipts: the outcome of every accepted event. */

import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { DAY_MS } from "../../time";
import type { TriggerKind } from "../../vocabulary";
import { selectCall } from "./calls-store";
import type { QueuedEvent } from "./event";
import { mintedAt } from "./event-id";
import { wasJustTaken } from "./recently-taken";
import { loadResolution, type Resolution } from "./resolution";
import { isSpilled } from "./spill";
import { countRejected, refusalWrites, selectEventById, selectRefused, selectRejected } from "./store";

export type FiredTrigger = { kind: TriggerKind; id: string; name: string };

export type Receipt =
  | { event_id: string; status: "queued" }
  | {
      event_id: string;
      status: "processed";
      lead_id: string;
      /** null for a call that is on no timeline */
      score_before: number | null;
      score_after: number | null;
      triggers_fired: FiredTrigger[];
      /** from the 202 until the database wrote the event, planning and waiting included */
      lag_ms: number;
      /** with `explain` */
      resolution?: Resolution;
    }
  | { event_id: string; status: "duplicate"; duplicate_of: string }
  | { event_id: string; status: "rejected"; error: string };

export type RejectedEvent = { event: QueuedEvent; reason: string; refused_at: number };

/** Retention of a queue message. */
const QUEUED_MS_MAX = 4 * DAY_MS;

/**
 * Throws not_found for an unknown id; an id chosen by the caller is known once it is processed or spilled. One D1 round trip; to `explain`
 * how the lead was found, a second one with two statements.
 */
export async function requireReceipt(ctx: Ctx, event_id: string, { explain = false } = {}): Promise<Receipt> {
  const [[event], [call], [refused]] = await ctx.db.batch([
    selectEventById(ctx.db, event_id),
    selectCall(ctx.db, event_id),
    selectRefused(ctx.db, event_id),
  ]);
  if (event) {
    const { lead_id, score_before, score_after, received_at, processed_at } = event;
    const fired: [TriggerKind, string, string][] = JSON.parse(event.fired ?? "[]");
    const triggers_fired = fired.map(([kind, id, name]) => ({ kind, id, name }));
    const lag_ms = processed_at - received_at;
    return { event_id, status: "processed", lead_id, score_before, score_after, triggers_fired, lag_ms, ...(await explained(event)) };
  }
  if (call) {
    const { lead_id, received_at, processed_at } = call;
    const lag_ms = processed_at - received_at;
    return {
      event_id,
      status: "processed",
      lead_id,
      score_before: null,
      score_after: null,
      triggers_fired: [],
      lag_ms,
      ...(await explained(call)),
    };
  }
  if (refused?.status === "duplicate") return { event_id, status: "duplicate", duplicate_of: refused.duplicate_of ?? "" };
  if (refused) return { event_id, status: "rejected", error: refused.reason };
  const minted = mintedAt(ctx, event_id);
  const waits = minted === null ? wasJustTaken(ctx, event_id) : ctx.now() - minted < QUEUED_MS_MAX;
  if (waits || (await isSpilled(ctx.files, ctx.unit.unit, event_id, minted))) return { event_id, status: "queued" };
  throw new AppError("not_found", "No event with this id has been processed; one with an id of your own may still be queued");

  async function explained({ lead_id, resolved }: { lead_id: string; resolved: string | null }): Promise<{ resolution?: Resolution }> {
    return explain ? { resolution: await loadResolution(ctx, lead_id, resolved) } : {};
  }
}

/** Newest first. One D1 round trip. */
export async function listRejectedEvents(ctx: Ctx, page: number, limit: number): Promise<{ events: RejectedEvent[]; total: number }> {
  const [rows, [count]] = await ctx.db.batch([selectRejected(ctx.db, limit, (page - 1) * limit), countRejected(ctx.db)]);
  return { events: rows.map((row) => ({ ...row, event: JSON.parse(row.event) })), total: count?.total ?? 0 };
}

/** Records events as rejected unless they are on a timeline. Idempotent. */
export async function rejectEvents(ctx: Ctx, events: readonly QueuedEvent[], reason: string): Promise<void> {
  const refused = events.map((event) => ({ event, status: "rejected" as const, duplicate_of: null, reason }));
  const statements = refusalWrites(ctx.db, refused, ctx.now());
  if (statements.length > 0) await ctx.db.batch(statements);
}
