/**
 * Sends a delivery's next attempt. The row is the truth and the message only a nudge: an attempt is claimed by one guarded UPDATE, so
 * however many messages arrive, at once or late, one consumer makes each attempt. A receiver can still get a delivery twice, when the sender
 * dies after sending and before recording it; the `webhook-id` is the same.
 */
import type { Ctx, Statement } from "../../context";
import { queryGroups } from "../../db/batch";
import { observeSlackLatency } from "../../metrics";
import { type Answer, attempt } from "./attempt";
import { disableNotificationChannel, discardPending, type NotificationChannelRow } from "./channel-store";
import {
  type Claim,
  type ClaimedDelivery,
  claimAttempt,
  finishDelivered,
  finishFailed,
  postpone,
  recordAttempt,
  releaseNext,
  selectReceivedAt,
} from "./delivery-store";
import { planRequest } from "./outgoing";
import { type Outcome, planOutcome } from "./plan-outcome";

/** Two round trips for an attempt, one when nothing is due. */
export async function sendDelivery(ctx: Ctx, deliveryId: string): Promise<void> {
  const at = ctx.now();
  const [, , , [delivery], [channel]] = await ctx.db.batch(claimAttempt(ctx.db, deliveryId, at));
  if (!delivery) return;
  if (!channel) throw new Error("a claimed delivery has no channel");

  const request = planRequest(delivery, channel, ctx.settings, at);
  const refused = "refused" in request;
  const answer: Answer = refused
    ? { status_code: null, error: request.refused, retry_after: null, duration_ms: 0, response: null }
    : await attempt(ctx, request);
  const round = delivery.attempts - delivery.attempts_before;
  const outcome: Outcome = refused ? { next: "failed" } : planOutcome(answer, round, Math.random(), ctx.now());
  await commit(ctx, { delivery, channel, at }, answer, outcome);
}

async function commit(
  ctx: Ctx,
  { delivery, channel, at }: { delivery: ClaimedDelivery; channel: NotificationChannelRow; at: number },
  answer: Answer,
  outcome: Outcome,
): Promise<void> {
  const { status_code, error, duration_ms, response } = answer;
  const record = recordAttempt(ctx.db, delivery.delivery_id, {
    attempt_no: delivery.attempts,
    at,
    status_code,
    error,
    duration_ms,
    response,
  });
  const claim = { attempts: delivery.attempts, claimed_at: at };
  const received = outcome.next === "delivered" && channel.type === "slack" ? [selectReceivedAt(ctx.db, delivery.delivery_id)] : [];
  const { sequence_key, channel_id, delivery_id } = delivery;
  const ends = outcome.next !== "retry" && sequence_key !== null;
  const { accepted, released } = await queryGroups(ctx.db, {
    writes: [record, ...ending(ctx, delivery, channel, claim, error ?? "", outcome)],
    accepted: received,
    released: ends ? [releaseNext(ctx.db, channel_id, sequence_key, ctx.now())] : [],
  });
  for (const { received_at } of accepted) observeSlackLatency((ctx.now() - received_at) / 1000);
  const { unit } = ctx.unit;
  if (outcome.next === "retry") await ctx.outbox.deliveries([{ unit, delivery_id }], outcome.delaySeconds);
  if (released.length > 0) await ctx.outbox.deliveries(released.map((next) => ({ unit, delivery_id: next.delivery_id })));
}

function ending(
  ctx: Ctx,
  { delivery_id }: ClaimedDelivery,
  { channel_id, config, type }: NotificationChannelRow,
  claim: Claim,
  error: string,
  outcome: Outcome,
): Statement<never>[] {
  const now = ctx.now();
  switch (outcome.next) {
    case "delivered":
      return [finishDelivered(ctx.db, delivery_id, now)];
    case "failed":
      return [finishFailed(ctx.db, delivery_id, claim, now, error)];
    case "retry":
      return [postpone(ctx.db, delivery_id, claim, now + outcome.delaySeconds * 1000, error)];
    case "gone": {
      const failed = finishFailed(ctx.db, delivery_id, claim, now, error);
      // an email's 410 came from the provider, not from the channel's receiver
      if (type === "email") return [failed];
      return [failed, disableNotificationChannel(ctx.db, channel_id, config, error, now), discardPending(ctx.db, channel_id, now)];
    }
  }
}
