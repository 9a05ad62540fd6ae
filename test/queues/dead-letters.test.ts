/** What no consumer could settle is kept for the operator. */
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import worker from "../../src/index";

async function deliver(queue: string, id: string, body: unknown): Promise<readonly string[]> {
  const batch = createMessageBatch(queue, [{ id, timestamp: new Date(), attempts: 1, body }]);
  const context = createExecutionContext();
  await worker.queue(batch, env, context);
  return (await getQueueResult(batch, context)).explicitAcks;
}

it.each(["leadedge-dead-letters", "a-queue-without-a-consumer"])(
  "a message of %s is recorded once and settled, however often it comes",
  async (queue) => {
    const id = crypto.randomUUID();
    const body = { unit: 1, job_id: `job_${crypto.randomUUID()}` };
    for (let time = 0; time < 2; time++) expect(await deliver(queue, id, body)).toEqual([id]);
    const { results } = await env.DB.prepare("SELECT queue, body FROM dead_letters WHERE message_id = ?1").bind(id).all();
    expect(results).toEqual([{ queue, body: JSON.stringify(body) }]);
  },
);
