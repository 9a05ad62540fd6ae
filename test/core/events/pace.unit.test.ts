/** A unit with a backlog leaves the database to the others: its commits are short, and it rests between them. */
import { beforeEach, expect, it } from "vitest";
import { Pace } from "../../../src/core/events/pace";

let time: { now: number; sql: number };
let rests: number[];
let pace: Pace;
beforeEach(() => {
  time = { now: 0, sql: 0 };
  rests = [];
  pace = new Pace();
});
const clock = { now: () => time.now, sqlMs: () => time.sql, sleep: async (ms: number) => void rests.push(ms) };

const commit = ({ ms = 40, sql = 10, events = pace.events } = {}) =>
  pace.commit(clock, events, async () => {
    time.now += ms;
    time.sql += sql;
  });

it("the database's time decides how many events the next commit holds: 50 to 500, at most doubled", async () => {
  const sizes: number[] = [];
  for (const sql of [100, 25, 10, 5, 5, 1_000, 1_000]) {
    await commit({ sql });
    sizes.push(pace.events);
  }
  expect(sizes).toEqual([125, 125, 250, 500, 500, 50, 50]);
});

it("the few events at the end of an object do not change that", async () => {
  await commit({ sql: 100 });
  await commit({ sql: 100, events: 5 });
  expect(pace.events).toBe(125);
});

it("it rests as long as the last commit took, a quarter of a second at most; a backlog of one commit does not rest", async () => {
  await commit({ ms: 40 });
  expect(rests).toEqual([0]);
  await commit({ ms: 60 });
  await commit({ ms: 9_000 });
  await commit();
  expect(rests).toEqual([0, 40, 60, 250]);
});

it("a commit that failed counts as one", async () => {
  const failing = pace.commit(clock, 500, async () => {
    time.now += 30;
    throw new Error("away");
  });
  await expect(failing).rejects.toThrow("away");
  await commit();
  expect(rests).toEqual([0, 30]);
});
