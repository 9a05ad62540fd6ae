/** Whether the service can work, what waits, and messages that no consumer could settle. */
import { z } from "zod";
import { listDeadLetters, replayDeadLetter } from "../../../../core/dead-letters";
import { shownJson } from "../../shown-json";
import { operatorCall } from "../call";

const LETTERS_PER_PAGE = 25;

export const healthCalls = {
  "health.get": operatorCall(z.strictObject({}), async (_, __, { readiness, metrics }) => {
    const [{ ready, checks }, { counters, gauges }] = await Promise.all([readiness(), metrics()]);
    return { ready, checks, counters, gauges };
  }),
  "deadLetters.list": operatorCall(z.strictObject({ page: z.int().min(1).max(1_000_000).default(1) }), async (ctx, { page }) => {
    const { letters, total } = await listDeadLetters(ctx, { page, limit: LETTERS_PER_PAGE });
    return {
      letters: letters.map(({ message_id, queue, body, received_at }) => ({ id: message_id, queue, received_at, body: shownJson(body) })),
      total,
      pages: Math.ceil(total / LETTERS_PER_PAGE),
    };
  }),
  "deadLetters.replay": operatorCall(z.strictObject({ id: z.string() }), async (ctx, { id }, { rememberAfter, sendAgain }) => {
    rememberAfter();
    return { queue: await replayDeadLetter(ctx, id, sendAgain) };
  }),
};
