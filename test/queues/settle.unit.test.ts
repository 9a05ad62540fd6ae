/** A message is acknowledged when it succeeded and retried later when it failed, whatever its neighbours do. */
import { expect, it, vi } from "vitest";
import { settle, settleEach } from "../../src/queues/settle";

vi.spyOn(console, "error").mockImplementation(() => {});

type Settled = { id: string; outcome: string | number };

/** A batch whose messages note how they were settled: `ack`, or the seconds until their retry. */
function mintBatch(attempts: readonly number[]): { batch: MessageBatch; settled: Settled[] } {
  const settled: Settled[] = [];
  const messages = attempts.map((attempt, at) => {
    const id = `m${at + 1}`;
    return {
      id,
      attempts: attempt,
      ack: () => settled.push({ id, outcome: "ack" }),
      retry: ({ delaySeconds }: { delaySeconds: number }) => settled.push({ id, outcome: delaySeconds }),
    };
  });
  return { batch: { queue: "leadedge-imports", messages } as unknown as MessageBatch, settled };
}

it("a message that fails is retried, and the others are acknowledged", async () => {
  const { batch, settled } = mintBatch([1, 1, 1]);
  await settleEach(batch, async ({ id }) => {
    if (id === "m2") throw new Error("broken");
  });
  expect(settled).toEqual([
    { id: "m1", outcome: "ack" },
    { id: "m2", outcome: 2 },
    { id: "m3", outcome: "ack" },
  ]);
});

it("each attempt waits twice as long as the one before, up to five minutes", async () => {
  const { batch, settled } = mintBatch([1, 2, 5, 8, 9, 100]);
  await settleEach(batch, () => Promise.reject(new Error("broken")));
  expect(settled.map(({ outcome }) => outcome)).toEqual([2, 4, 32, 256, 300, 300]);
});

it.each([
  [undefined, 1],
  [1, 1],
  [3, 3],
  [10, 6],
])("with atOnce %s, %i of six messages run at a time, and each of them once", async (atOnce, most) => {
  const { batch, settled } = mintBatch([1, 1, 1, 1, 1, 1]);
  let running = 0;
  let peak = 0;
  const handle = async () => {
    running += 1;
    peak = Math.max(peak, running);
    await Promise.resolve();
    running -= 1;
  };
  await settleEach(batch, handle, atOnce);
  expect(peak).toBe(most);
  expect(settled.map(({ id }) => id).toSorted()).toEqual(["m1", "m2", "m3", "m4", "m5", "m6"]);
});

it("messages that are processed together are settled together", async () => {
  const done = mintBatch([1, 1]);
  await settle("leadedge-events", done.batch.messages, async () => {});
  expect(done.settled.map(({ outcome }) => outcome)).toEqual(["ack", "ack"]);
  const failed = mintBatch([1, 3]);
  await settle("leadedge-events", failed.batch.messages, () => Promise.reject(new Error("broken")));
  expect(failed.settled.map(({ outcome }) => outcome)).toEqual([2, 8]);
});
