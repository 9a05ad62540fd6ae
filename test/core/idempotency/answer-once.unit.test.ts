/** Any interleaving of requests with one key, over several isolates and with crashes, carries the request out at most once. */

import { describe, expect, it } from "vitest";
import { type Answer, type AnswerStore, answerOnce, KeyTaken, keyedRequest } from "../../../src/core/idempotency";
import { fc } from "../../support/fast-check";

const sent = { method: "POST", path: "/leads", body: "{}" };

/** A database whose commits are atomic; `turn` decides who goes on. Each isolate has a unit of its own, so that none knows another's requests. */
function scene(scheduler: fc.Scheduler) {
  const committed: string[] = [];
  const answers = new Map<string, Answer & { request_hash: string }>();
  const turn = (label: string) => scheduler.schedule(Promise.resolve(), label);
  const storeOf = (isolate: number): AnswerStore => ({
    unit: isolate,
    find: async ({ key }) => {
      await turn(`find ${isolate}`);
      return answers.get(key) ?? null;
    },
    keep: async ({ key, request_hash }, answer) => {
      await turn(`keep ${isolate}`);
      if (answers.has(key)) return false;
      answers.set(key, { ...answer, request_hash });
      return true;
    },
  });
  const send = (isolate: number, dies: "never" | "before" | "after", name: string) => {
    const request = keyedRequest("key", "scope", sent);
    return answerOnce(storeOf(isolate), request, async () => {
      await turn(`commit ${isolate}`);
      if (dies === "before") throw new Error("died");
      if (answers.has(request.key)) throw new KeyTaken();
      const answer = { status: 201, body: name };
      answers.set(request.key, { ...answer, request_hash: request.request_hash });
      committed.push(name);
      await turn(`answer ${isolate}`);
      if (dies === "after") throw new Error("died");
      return { ...answer, outcome: "stored" as const };
    });
  };
  return { committed, send };
}

const requests = fc.array(
  fc.record({ isolate: fc.nat(2), dies: fc.constantFrom("never" as const, "never" as const, "before" as const, "after" as const) }),
  { minLength: 1, maxLength: 6 },
);

describe("requests with one key", () => {
  it("commit at most once, and all that are answered get the same answer", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), requests, async (scheduler, plan) => {
        const { committed, send } = scene(scheduler);
        const results = Promise.allSettled(plan.map(({ isolate, dies }, n) => send(isolate, dies, `answer ${n}`)));
        await scheduler.waitFor(results);
        expect(committed.length).toBeLessThanOrEqual(1);
        const bodies = (await results).flatMap((result) => (result.status === "fulfilled" ? [result.value.answer.body] : []));
        for (const body of bodies) expect(body).toBe(committed[0]);
        // and the retry that follows is answered
        const last = send(0, "never", "last");
        await scheduler.waitFor(last);
        expect((await last).answer.body).toBe(committed[0]);
        expect(committed).toHaveLength(1);
      }),
    );
  });
});
