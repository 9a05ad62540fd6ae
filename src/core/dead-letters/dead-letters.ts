/** Messages that no consumer could settle, for the operator. */
import type { CallerCtx } from "../../context";
import { AppError } from "../../errors";
import { requireOperator } from "../auth";
import { countDeadLetters, findDeadLetter, findDeadLetters, removeDeadLetter } from "./store";

/** `queue`: the one from which it was recorded. */
export type DeadLetter = { message_id: string; queue: string; body: unknown; received_at: number };

/** The queue to which a message goes again. */
export type ReplayTarget = "events" | "imports" | "deliveries";

/** Newest first. Two D1 round trips. Throws forbidden. */
export async function listDeadLetters(
  ctx: CallerCtx,
  { queue, page, limit }: { queue?: string | undefined; page: number; limit: number },
): Promise<{ letters: DeadLetter[]; total: number }> {
  requireOperator(ctx);
  const rows = await findDeadLetters(ctx.directory, queue, limit, (page - 1) * limit);
  return { letters: rows.map((row) => ({ ...row, body: JSON.parse(row.body) })), total: await countDeadLetters(ctx.directory, queue) };
}

/**
 * Sends the message again, then removes the letter: a crash in between leaves it, and a message that arrives twice does its work once.
 * Two D1 round trips. Throws forbidden, not_found, conflict (no queue takes such a message), unavailable (the queue failed).
 */
export async function replayDeadLetter(
  ctx: CallerCtx,
  messageId: string,
  send: (target: ReplayTarget, body: unknown) => Promise<void>,
): Promise<ReplayTarget> {
  requireOperator(ctx);
  const letter = await findDeadLetter(ctx.directory, messageId);
  if (!letter) throw new AppError("not_found", "No dead letter has this id");
  const body: unknown = JSON.parse(letter.body);
  const target = targetOf(body);
  if (!target) throw new AppError("conflict", "No queue takes a message of this form: it cannot be replayed");
  try {
    await send(target, body);
  } catch {
    throw new AppError("unavailable", "The queue did not take the message; try again in a moment");
  }
  await removeDeadLetter(ctx.directory, messageId);
  return target;
}

function targetOf(body: unknown): ReplayTarget | null {
  const { unit, events, job_id, delivery_id } = (body ?? {}) as Record<string, unknown>;
  if (typeof unit !== "number") return null;
  if (Array.isArray(events)) return "events";
  if (typeof job_id === "string") return "imports";
  return typeof delivery_id === "string" ? "deliveries" : null;
}
