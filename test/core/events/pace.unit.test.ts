/** A unit with a backlog leaves the database to the others: its commits are short, and it rests between them. */
import { beforeEach, expect, it } from "vitest";
import { Pace } from "../../../src/core/events/pace";

let sqlMs: number;
let rests: number[];
let pace: Pace;
beforeEach(() => {
  sqlMs = 0;
  rests = [];
  pace = new Pace();
});
const clock = { sqlMs: () => sqlMs, sleep: async (ms: number) => void rests.push(ms) };

const commit = ({ ms = 40, events = pace.events } = {}) =>
  pace.commit(clock, events, async () => {
    sqlMs += ms;
  });

it("the database's time decides how many events the next commit holds: 200 to 500, at most doubled", async () => {
  const sizes: number[] = [];
  for (const ms of [80, 40, 10, 5, 5, 1_000, 1_000]) {
    await commit({ ms });
    sizes.push(pace.events);
  }
  expect(sizes).toEqual([250, 250, 500, 500, 500, 200, 200]);
});

it("the few events at the end of an object do not change the size of the next commit", async () => {
  await commit({ ms: 80 });
  await commit({ ms: 80, events: 5 });
  expect(pace.events).toBe(250);
});

it("it rests half as long as the database worked on the last commit, a quarter of a second at most; a backlog of one commit does not rest", async () => {
  await commit({ ms: 40 });
  expect(rests).toEqual([0]);
  await commit({ ms: 60 });
  await commit({ ms: 9_000 });
  await commit();
  expect(rests).toEqual([0, 20, 30, 250]);
});

it("a commit that failed counts as one", async () => {
  const failing = pace.commit(clock, 500, async () => {
    sqlMs += 30;
    throw new Error("away");
  });
  await expect(failing).rejects.toThrow("away");
  await commit();
  expect(rests).toEqual([0, 15]);
});
