/** 1,000 requests an hour for each key, in an exact sliding window that outlives the object's memory. */

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unitKeyOf } from "../../support/context";
import { countingD1, logged, request } from "../../support/worker";
import { mintWorkspace, readError, type Workspace } from "../../support/workspace";

const HOUR = 3_600_000;
/** on a full second */
let start: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  start = Math.ceil(Date.now() / 1000) * 1000;
  vi.setSystemTime(start);
});
afterEach(() => {
  vi.useRealTimers();
});

const at = (ms: number) => vi.setSystemTime(start + ms);
const send = (ws: Workspace, path = "/api/v1/leads/x") => ws.client.get(path);
const headersOf = (answer: Response) =>
  ["Limit", "Remaining", "Used", "Reset"].map((name) => {
    const value = answer.headers.get(`X-RateLimit-${name}`);
    return value === null ? null : Number(value);
  });
const limited = (rate_limit_per_hour: number) => mintWorkspace({ unit_id: "unit_default", rate_limit_per_hour });
const objectOf = async (ws: Workspace) => env.ORG_UNITS.getByName(String(await unitKeyOf(ws.tenant)));

describe("the window", () => {
  it("takes 1,000 requests and refuses the next, until the first is exactly an hour old", async () => {
    const ws = await mintWorkspace();
    expect(headersOf(await send(ws))).toEqual([1000, 999, 1, (start + HOUR) / 1000]);
    at(1000);
    for (let n = 2; n <= 1000; n++) {
      const answer = await send(ws);
      await answer.body?.cancel();
      if (n === 1000) expect(headersOf(answer)).toEqual([1000, 0, 1000, (start + HOUR) / 1000]);
    }
    at(1800_000);
    const refused = await send(ws, "/api/v1/leads");
    expect([headersOf(refused), refused.headers.get("Retry-After")]).toEqual([[1000, 0, 1000, (start + HOUR) / 1000], "1800"]);
    expect(await readError(refused, 429)).toMatchObject({
      error: "Rate limit exceeded",
      code: "RATE_LIMIT_EXCEEDED",
      details: { limit: 1000, remaining: 0, resetTime: (start + HOUR) / 1000, retryAfter: 1800 },
    });
    at(HOUR - 1);
    expect((await send(ws)).headers.get("Retry-After")).toBe("1");
    at(HOUR);
    expect(headersOf(await send(ws))).toEqual([1000, 0, 1000, (start + 1000 + HOUR) / 1000]);
    await readError(await send(ws), 429);
    at(HOUR + 1000);
    expect(headersOf(await send(ws))).toEqual([1000, 998, 2, (start + 2 * HOUR) / 1000]);
  });

  it("what is refused does not count", async () => {
    const ws = await limited(2);
    for (let n = 0; n < 2; n++) expect((await send(ws)).status).toBe(404);
    at(1000);
    for (let n = 0; n < 5; n++) expect((await send(ws)).status).toBe(429);
    at(HOUR);
    expect(headersOf(await send(ws))).toEqual([2, 1, 1, (start + 2 * HOUR) / 1000]);
  });

  it("of many at once exactly the limit pass", async () => {
    const ws = await limited(5);
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(ws, "/api/v1/leads")));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  });

  it("is each key's own", async () => {
    const ws = await limited(1);
    const other = await mintWorkspace({ unit_id: "unit_default", rate_limit_per_hour: 1 }, ws.tenant);
    expect([(await send(ws)).status, (await send(other)).status, (await send(ws)).status]).toEqual([404, 404, 429]);
  });

  it("survives the object's eviction", async () => {
    const ws = await limited(3);
    for (let n = 0; n < 3; n++) await send(ws);
    await evictDurableObject(await objectOf(ws));
    expect((await send(ws)).status).toBe(429);
    at(HOUR);
    await evictDurableObject(await objectOf(ws));
    expect(headersOf(await send(ws)).slice(0, 3)).toEqual([3, 2, 1]);
  });

  it("keeps one row a millisecond and none of a key that fell silent", async () => {
    const ws = await limited(100);
    const stub = await objectOf(ws);
    for (let n = 0; n < 10; n++) await send(ws);
    const rows = () =>
      runInDurableObject(stub, (_, { storage }) => storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM requests").one().n);
    expect(await rows()).toBe(1);
    at(HOUR);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await rows()).toBe(0);
    expect(await runInDurableObject(stub, (_, { storage }) => storage.getAlarm())).toBe(null);
    expect(headersOf(await send(ws)).slice(0, 3)).toEqual([100, 99, 1]);
  });
});

describe("every answer", () => {
  it("carries the headers, but for a 401", async () => {
    const ws = await limited(100);
    const answers = [
      await ws.client.post("/api/v1/leads", { name: "J", email: "j@example.com" }),
      await ws.client.post("/api/v1/leads", { name: "J", email: "j@example.com" }),
      await ws.client.post("/api/v1/leads", {}),
      await ws.client.get("/api/v1/leads"),
      await ws.client.get("/api/v1/nothing"),
      await ws.client.patch("/api/v1/leads", {}),
      await ws.client.call("HEAD", "/api/v1/leads"),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 409, 400, 200, 404, 405, 200]);
    for (const [at, answer] of answers.entries()) expect(headersOf(answer)).toEqual([100, 99 - at, at + 1, (start + HOUR) / 1000]);
    expect(headersOf(await request("/api/v1/leads"))).toEqual([null, null, null, null]);
  });

  it("a request that is refused has queried nothing", async () => {
    const ws = await limited(1);
    await send(ws);
    const { DB, count } = countingD1();
    for (const path of ["/api/v1/leads/x", "/api/v1/leads?search=a"]) await readError(await ws.client.get(path, { bindings: { DB } }), 429);
    expect(count.trips).toBe(0);
  });

  it("a request that is refused has changed nothing", async () => {
    const ws = await limited(2);
    const lead = await ws.create();
    await send(ws);
    const writes = [
      ws.client.post("/api/v1/leads", { name: "J", email: "k@example.com" }),
      ws.client.call("PUT", `/api/v1/leads/${lead.id}`, { json: { status: "lost" } }),
      ws.client.call("DELETE", `/api/v1/leads/${lead.id}`),
    ];
    for (const answer of await Promise.all(writes)) await readError(answer, 429);
    at(HOUR);
    expect(await ws.list()).toMatchObject({ leads: [{ id: lead.id, status: "new" }], pagination: { total: 1 } });
  });

  it("comes without the headers when the unit's object is unavailable", async () => {
    const ws = await mintWorkspace();
    const broken = { getByName: () => ({ takeRequest: () => Promise.reject(new Error("object is away")) }) };
    const lines = await logged(async () => {
      const bindings = { ORG_UNITS: broken as unknown as Env["ORG_UNITS"] };
      for (const answer of [
        await ws.client.get("/api/v1/leads", { bindings }),
        await ws.client.post("/api/v1/leads", { name: "J", email: "j@example.com" }, { bindings }),
      ]) {
        expect(answer.ok).toBe(true);
        expect(headersOf(answer)).toEqual([null, null, null, null]);
      }
    });
    expect(lines.join()).toContain("rate limit unavailable");
  });

  it("shows browsers of listed origins the headers", async () => {
    const ws = await mintWorkspace();
    const answer = await ws.client.get("/api/v1/leads", { headers: { Origin: "https://app.example.com" } });
    for (const name of ["Limit", "Remaining", "Used", "Reset"]) {
      expect(answer.headers.get("Access-Control-Expose-Headers")).toContain(`X-RateLimit-${name}`);
    }
    await ws.create();
  });
});
