/** Large batches of one unit take turns, so that a flood leaves its neighbours in the isolate the greater part of the time. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { BatchTurns } from "../../../src/core/events/batch-turns";
import { Unavailable } from "../../../src/errors";
import { sleep } from "../../../src/event-loop";
import { Neighbours } from "../../../src/neighbours";

const [FLOODING, OTHER] = [1, 2];
const BATCH = 500;
/** How long a unit's second batch waits: four times as long as a batch is first assumed to take. */
const FIRST_TURN_MS = 120;
const LONGEST_TURN_MS = 500;

let turns: BatchTurns;
let started: [unit: number, at: number][];
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  turns = new BatchTurns({ now: () => Date.now(), sleep });
  started = [];
});
afterEach(() => vi.useRealTimers());

const take = (unit: number, { events = BATCH, ms = 30, isShared = true } = {}) =>
  turns.take(unit, events, isShared, async () => {
    started.push([unit, Date.now()]);
    await sleep(ms);
  });

it("a second batch of a unit waits for its turn while another unit's begins at once", async () => {
  const all = [take(FLOODING), take(FLOODING), take(FLOODING), take(OTHER)];
  await vi.runAllTimersAsync();
  await Promise.all(all);
  expect(started).toEqual([
    [FLOODING, 0],
    [OTHER, 0],
    [FLOODING, FIRST_TURN_MS],
    [FLOODING, 2 * FIRST_TURN_MS],
  ]);
});

it.each([
  ["a unit that shares the isolate with nobody", { isShared: false }],
  ["small batches", { events: 49 }],
])("%s: no turns", async (_, how) => {
  const all = [take(FLOODING, how), take(FLOODING, how)];
  await vi.runAllTimersAsync();
  await Promise.all(all);
  expect(started.map(([, at]) => at)).toEqual([0, 0]);
});

it("turns are as long as batches take, up to a limit, so that a slow machine never stops a unit", async () => {
  for (const ms of [60, 60, 10_000, 10_000, 10_000]) {
    const one = take(FLOODING, { ms });
    await vi.runAllTimersAsync();
    await one;
  }
  const [one, two, three] = [take(FLOODING), take(FLOODING), take(FLOODING)];
  await vi.runAllTimersAsync();
  await Promise.all([one, two, three]);
  const [from = 0, next, last] = started.slice(-3).map(([, at]) => at);
  expect([next, last]).toEqual([from + LONGEST_TURN_MS, from + 2 * LONGEST_TURN_MS]);
});

it("a burst is refused beyond ten seconds of turns, and is over as soon as those are", async () => {
  const all = Array.from({ length: 1_000 }, () => take(FLOODING).catch((error) => error));
  await vi.runAllTimersAsync();
  const refused = (await Promise.all(all)).filter((error) => error instanceof Unavailable);
  expect(started.length + refused.length).toBe(1_000);
  expect(started.length).toBe(Math.floor(10_000 / FIRST_TURN_MS) + 1);
  expect(refused[0]).toMatchObject({ code: "unavailable", retryAfterSeconds: 11 });
  const begunAt = Date.now();
  const next = take(FLOODING);
  await vi.runAllTimersAsync();
  await next;
  expect(Date.now() - begunAt).toBeLessThan(1_000);
});

it("a batch that never ends, or fails, holds nobody up", async () => {
  void turns.take(FLOODING, BATCH, true, () => new Promise(() => {}));
  const failed = turns.take(FLOODING, BATCH, true, () => Promise.reject(new Error("away"))).catch(() => "failed");
  const last = take(FLOODING);
  await vi.runAllTimersAsync();
  expect(await failed).toBe("failed");
  await last;
  expect(started).toEqual([[FLOODING, 2 * FIRST_TURN_MS]]);
});

it("a unit has neighbours while others have sent requests within ten seconds, whatever it sends itself", () => {
  const neighbours = new Neighbours();
  expect(neighbours.has(FLOODING, 0)).toBe(false);
  neighbours.note(FLOODING, 0);
  expect([neighbours.has(FLOODING, 0), neighbours.has(OTHER, 0)]).toEqual([false, true]);
  neighbours.note(OTHER, 1_000);
  for (const at of [2_000, 3_000]) neighbours.note(FLOODING, at);
  expect([neighbours.has(FLOODING, 10_999), neighbours.has(FLOODING, 11_000)]).toEqual([true, false]);
});
