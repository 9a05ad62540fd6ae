/** The sliding window of a key's requests, over the SQLite of Node in place of the object's. */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { expect, it } from "vitest";
import { RequestWindow } from "../../src/durable-objects/request-window";

const HOUR_MS = 3_600_000;
const LIMIT = 3;

function storage(): SqlStorage {
  const database = new DatabaseSync(":memory:");
  const exec = (sql: string, ...params: SQLInputValue[]) => {
    const rows = database.prepare(sql).all(...params);
    return { toArray: () => rows, one: () => rows[0] };
  };
  return { exec } as unknown as SqlStorage;
}

it("counts the requests of the last 60 minutes, and not those that it refused", () => {
  const window = new RequestWindow(storage());
  const taken = [0, 10, 10, 20, 30].map((now) => window.take("key", LIMIT, now));
  expect(taken.map(({ allowed, used }) => [allowed, used])).toEqual([
    [true, 1],
    [true, 2],
    [true, 3],
    [false, 3],
    [false, 3],
  ]);
  expect(taken.at(-1)).toMatchObject({ limit: LIMIT, frees_at: HOUR_MS });
});

it("a request leaves the window when it is 60 minutes old, not a millisecond before", () => {
  const window = new RequestWindow(storage());
  for (const now of [0, 10, 10]) window.take("key", LIMIT, now);
  expect(window.take("key", LIMIT, HOUR_MS - 1)).toMatchObject({ allowed: false, frees_at: HOUR_MS });
  expect(window.take("key", LIMIT, HOUR_MS)).toMatchObject({ allowed: true, used: 3, frees_at: HOUR_MS + 10 });
  expect(window.take("key", LIMIT, HOUR_MS + 10)).toMatchObject({ allowed: true, used: 2, frees_at: 2 * HOUR_MS });
});

it("a lower limit refuses at once, a higher one lets through at once", () => {
  const window = new RequestWindow(storage());
  for (const now of [0, 1, 2]) window.take("key", LIMIT, now);
  expect(window.take("key", 2, 3)).toMatchObject({ allowed: false, limit: 2, used: 3 });
  expect(window.take("key", 4, 4)).toMatchObject({ allowed: true, limit: 4, used: 4 });
});

it("each key has a window of its own", () => {
  const window = new RequestWindow(storage());
  for (const now of [0, 1, 2]) window.take("busy", LIMIT, now);
  expect(window.take("idle", LIMIT, 3)).toMatchObject({ allowed: true, used: 1 });
});

it("outlives the object's memory, and forgetting old requests changes no count", () => {
  const sql = storage();
  const window = new RequestWindow(sql);
  for (const now of [0, 10, 20]) window.take("key", LIMIT, now);
  expect(new RequestWindow(sql).take("key", LIMIT, 30)).toMatchObject({ allowed: false, used: 3 });
  expect(window.nextOld()).toBe(HOUR_MS);
  window.forgetOld(HOUR_MS + 10);
  expect(window.nextOld()).toBe(HOUR_MS + 20);
  expect(window.take("key", LIMIT, HOUR_MS + 10)).toMatchObject({ allowed: true, used: 2 });
  window.forgetOld(3 * HOUR_MS);
  expect(window.nextOld()).toBeNull();
});
