/** Velocity filters and hidden types: what is kept without a score, and what is left out. */
import { describe, expect, it } from "vitest";
import { deliverEvents, getReceipt, ingest, mintRule, post, queueEvents, scoreOf } from "../../support/events";
import { type Client, mintTenant } from "../../support/tenant";
import { firingsOf, mintTrigger } from "../../support/triggers";
import { readProblem } from "../../support/worker";

type Listed = { id: string; suppression_reason: string | null };
const FILTER = { event_type: "Email Click", threshold: 2, window_ms: 60_000 };

const clicks = (count: number, minute = 0) =>
  Array.from({ length: count }, (_, n) => ({
    event_id: `click-${minute}-${n}`,
    alias_kind: "email",
    alias: "alex@example.com",
    event_type: n % 2 ? "email_click" : "Email Click",
    timestamp: `2026-01-15T10:${String(minute).padStart(2, "0")}:${String(n).padStart(2, "0")}Z`,
  }));
const reasons = async (client: Client, leadId: string) => {
  const { events } = await (await client.get(`/events/${leadId}`)).json<{ events: Listed[] }>();
  return events.toReversed().map(({ suppression_reason }) => suppression_reason);
};
const leadOf = async (client: Client, eventId: string) => (await getReceipt(client, eventId)).lead_id ?? "";

describe("a burst beyond a velocity filter", () => {
  it("stays on the timeline with its reason, but neither scores nor fires", async () => {
    const { client } = await mintTenant();
    await mintRule(client, { event_type: "Email Click", weight: 10 });
    await post(client, "/velocity-filters", FILTER);
    await mintTrigger(client, { name: "Many clicks", event_type: "Email Click", threshold: 3, window_seconds: 3_600 }, "surge");
    const ids = await ingest(client, ...clicks(2));
    await ingest(client, ...clicks(4).slice(2));
    const lead = await leadOf(client, ids[0] ?? "");
    expect(await reasons(client, lead)).toEqual([null, null, "inorganic", "inorganic"]);
    expect(await scoreOf(client, lead)).toBe(20);
    expect(await firingsOf(client)).toEqual([]);
    const explained = await (await client.get(`/lead/${lead}/score-explain`)).json();
    expect(explained).toMatchObject({ score: 20, inorganic_count: 2 });
    // a later one counts again, and only what counts is looked back upon
    await ingest(client, ...clicks(1, 30));
    expect(await scoreOf(client, lead)).toBe(30);
    expect(await firingsOf(client)).toHaveLength(1);
  });

  it("is evaluated once, delivered twice or not", async () => {
    const { client } = await mintTenant();
    await mintRule(client, { event_type: "Email Click", weight: 10 });
    await post(client, "/velocity-filters", { ...FILTER, threshold: 1, keep_first: true });
    const messages = await queueEvents(client, ...clicks(3));
    await deliverEvents(messages);
    await deliverEvents(messages);
    const lead = await leadOf(client, "click-0-0");
    expect(await reasons(client, lead)).toEqual([null, "inorganic_grouped", "inorganic_grouped"]);
    expect(await scoreOf(client, lead)).toBe(10);
  });

  it("is not evaluated by a filter that is paused or deleted, nor by one of another type", async () => {
    const { client } = await mintTenant();
    const { id } = await post<{ id: string }>(client, "/velocity-filters", FILTER);
    await post(client, "/velocity-filters", { ...FILTER, event_type: "Page View", threshold: 1 });
    expect((await client.call("PUT", `/velocity-filters/${id}`, { json: { active: false } })).status).toBe(200);
    await ingest(client, ...clicks(4));
    expect(await reasons(client, await leadOf(client, "click-0-0"))).toEqual([null, null, null, null]);
    expect((await client.call("DELETE", `/velocity-filters/${id}`)).status).toBe(204);
    await readProblem(await client.call("DELETE", `/velocity-filters/${id}`), 404);
    expect(await (await client.get("/velocity-filters")).json()).toMatchObject({ velocity_filters: [{ event_type: "Page View" }] });
  });

  it.each([
    [{ ...FILTER, threshold: 0 }, "threshold"],
    [{ ...FILTER, window_ms: 10 }, "window_ms"],
    [{ ...FILTER, event_type: " " }, "event_type"],
  ])("is not described by %j", async (body, path) => {
    const { client } = await mintTenant();
    const { errors } = await readProblem(await client.post("/velocity-filters", body), 400);
    expect(errors).toMatchObject([{ path }]);
  });
});

describe("a hidden event type", () => {
  it("leaves lists and statistics and is no longer scored; shown again, all is as before", async () => {
    const { client } = await mintTenant();
    await mintRule(client, { event_type: "Email Click", weight: 10 });
    const [first = ""] = await ingest(client, ...clicks(1));
    const lead = await leadOf(client, first);
    const hide = (hidden: boolean) => client.call("PATCH", "/settings/ou/event-types/email_click", { json: { hidden } });
    expect(await (await hide(true)).json()).toEqual({
      name: "Email Click",
      hidden: true,
      ou_event_count: 1,
      protected: false,
      deletable: false,
    });
    await ingest(client, ...clicks(1, 5));
    expect(await scoreOf(client, lead)).toBe(10);
    expect(await (await client.get("/event-types")).json()).toEqual([]);
    expect(await (await client.get("/event-stats")).json()).toMatchObject({ top_event_types: [] });
    expect(await reasons(client, lead)).toEqual([null, null]);
    await hide(false);
    await ingest(client, ...clicks(1, 10));
    expect(await scoreOf(client, lead)).toBe(20);
    expect(await (await client.get("/event-types")).json()).toEqual(["Email Click"]);
    expect(await (await client.get("/settings/ou/event-types")).json()).toMatchObject([{ name: "Email Click", ou_event_count: 3 }]);
  });

  it("lists the keys of its metadata; one that nobody has sent is 404", async () => {
    const { client } = await mintTenant();
    const event = { alias_kind: "email", alias: "alex@example.com", event_type: "Page View" };
    await ingest(
      client,
      { ...event, metadata: { path: "/", utm: { source: "x" } } },
      { ...event, metadata: { path: "/b", "a b": 1 } },
      event,
    );
    const answer = await (await client.get("/event-types/page_view/properties")).json();
    expect(answer).toEqual({ event_type: "Page View", properties: ["a b", "path", "utm"] });
    await readProblem(await client.get("/event-types/Nothing/properties"), 404);
    await readProblem(await client.call("PATCH", "/settings/ou/event-types/Nothing", { json: { hidden: true } }), 404);
  });
});
