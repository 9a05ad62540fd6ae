/** Batches that are made to cost more than they weigh, and what the past does to triggers. */
import { describe, expect, it } from "vitest";
import { deliverEvents, heldEvents, post, rowsOf, storedEvents } from "../../support/events";
import { keyHeader, leadOf, mintSender, sendTo } from "../../support/segment";

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const deep = (levels: number) => `{"type": "track", "userId": "u2", "event": "Deep", "properties": {"a": ${nested(levels)}}}`;
const FINE = '{"type": "track", "userId": "u1", "event": "Paid"}';

describe("deep nesting", () => {
  it.each([60, 5_000, 100_000])("of %i levels is refused alone, and the rest of the batch lives", async (levels) => {
    const { client, key, unit } = await mintSender();
    const { sent, EVENT_QUEUE } = heldEvents();
    const answer = await sendTo("/v1/batch", `{"batch": [${FINE}, ${deep(levels)}]}`, keyHeader(key), { EVENT_QUEUE });
    expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
    await deliverEvents(sent);
    expect((await storedEvents(unit)).events).toBe(1);
    const { events } = await (await client.get("/ingest/rejected")).json<{ events: { error: string }[] }>();
    expect(events).toMatchObject([{ event_type: "Deep", error: expect.stringContaining("nested deeper than 50 levels") }]);
  });

  it("beside an integer that a double would round is refused alone, and the integer is kept exactly", async () => {
    const { client, key } = await mintSender();
    const { sent, EVENT_QUEUE } = heldEvents();
    const exact = '{"type": "track", "userId": 12345678901234567890, "event": "Paid", "properties": {"at": "\\"[1234567890123456789]"}}';
    const answer = await sendTo("/v1/batch", `{"batch": [${exact}, ${deep(100_000)}]}`, keyHeader(key), { EVENT_QUEUE });
    expect(answer.status).toBe(200);
    await deliverEvents(sent);
    const lead = await leadOf(client, "external_id", "12345678901234567890");
    expect(lead).not.toBeNull();
    const { events } = await (await client.get("/ingest/rejected")).json<{ events: { event_type: string }[] }>();
    expect(events).toMatchObject([{ event_type: "Deep" }]);
  });

  it("of a single event is refused as it is in a batch, and of a batch's context is a 400", async () => {
    const { key } = await mintSender();
    const { EVENT_QUEUE } = heldEvents();
    expect((await sendTo("/v1/track", deep(10_000), keyHeader(key), { EVENT_QUEUE })).status).toBe(200);
    const context = await sendTo("/v1/batch", `{"context": {"a": ${nested(9_000)}}, "batch": [${FINE}]}`, keyHeader(key), { EVENT_QUEUE });
    expect([context.status, await context.json()]).toEqual([400, { success: false, message: expect.stringContaining("50 levels") }]);
  });
});

describe("the context of a batch", () => {
  const traits = (keys: number) => Object.fromEntries(Array.from({ length: keys }, (_, n) => [`t${n}`, 1]));
  const batchOf = (events: number, context: object, type = "identify") => ({
    context,
    batch: Array.from({ length: events }, (_, n) => ({ type, userId: `u${n}`, event: "Paid" })),
  });

  it("that would weigh more than 5 MB in all its events is a 400 that says so", async () => {
    const { key } = await mintSender();
    const { sent, EVENT_QUEUE } = heldEvents();
    const send = (events: number, keys: number) =>
      sendTo("/v1/batch", batchOf(events, { traits: traits(keys) }), keyHeader(key), { EVENT_QUEUE });
    const refused = await send(2_000, 2_500);
    expect([refused.status, await refused.json()]).toEqual([400, { success: false, message: expect.stringContaining("2000 events") }]);
    expect(sent).toEqual([]);
    expect((await send(2_000, 100)).status).toBe(200);
  });

  it("states traits for each event, and the event's own count more", async () => {
    const { client, send, queue } = await mintSender();
    const context = { traits: { plan: "free", seats: 3, email: "a@example.com" } };
    await deliverEvents(await queue("batch", { context, batch: [{ type: "identify", userId: "u1", traits: { plan: "pro" } }] }));
    expect(await leadOf(client, "email", "a@example.com")).toMatchObject({ metadata: { plan: "pro", seats: 3 } });
    await send({ type: "identify", userId: "u2", context: { traits: { plan: "own" } } });
    expect(await leadOf(client, "external_id", "u2")).toMatchObject({ metadata: { plan: "own" } });
  });
});

describe("the past", () => {
  it("that /v1/import brings scores and fires no trigger; a batch fires", async () => {
    const { client, queue, unit } = await mintSender();
    await post(client, "/sequences", { name: "Paid", event_types: ["Paid"], window_seconds: 3600 });
    const event = (userId: string) => ({ type: "track", userId, event: "Paid" });
    const messages = [...(await queue("import", { batch: [event("old")] })), ...(await queue("batch", { batch: [event("new")] }))];
    await deliverEvents(messages);
    expect((await storedEvents(unit)).events).toBe(2);
    const fired = await rowsOf<{ lead_id: string }>(unit, "firings");
    expect(fired.map(({ lead_id }) => `ld_${lead_id}`)).toEqual([(await leadOf(client, "external_id", "new"))?.lead_id]);
  });
});
