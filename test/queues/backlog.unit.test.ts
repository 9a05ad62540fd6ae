import { describe, expect, it, vi } from "vitest";
import { readBacklog } from "../../src/queues/backlog";

/** A queue whose metrics come as the test lets them. */
function queueWith(...answers: (() => Promise<{ backlogCount: number; backlogBytes: number }>)[]) {
  const metrics = vi.fn(() => (answers.length > 1 ? answers.shift() : answers[0])?.());
  return { queue: { metrics } as unknown as Queue, metrics };
}
const counts = (backlogCount: number) => () => Promise.resolve({ backlogCount, backlogBytes: 0 });
const never = () => new Promise<never>(() => {});

describe("the backlog of a queue", () => {
  it("is read once within five seconds", async () => {
    const { queue, metrics } = queueWith(counts(7), counts(9));
    const read = async (now: number) => (await readBacklog(queue, now))?.messages;
    expect([await read(0), await read(4_999), await read(5_000)]).toEqual([7, 7, 9]);
    expect(metrics).toHaveBeenCalledTimes(2);
  });

  it("holds up nobody while another request reads it, even if that request never gets an answer", async () => {
    const { queue } = queueWith(counts(7), never);
    await readBacklog(queue, 0);
    void readBacklog(queue, 6_000);
    expect((await readBacklog(queue, 6_001))?.messages).toBe(7);
  });

  it("is unknown when the queue does not say within a second", async () => {
    vi.useFakeTimers();
    const { queue } = queueWith(never);
    const reading = readBacklog(queue, 0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await reading).toBeNull();
    vi.useRealTimers();
  });
});
