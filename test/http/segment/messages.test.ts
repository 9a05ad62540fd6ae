/** Each call of Segment's wire format: what becomes of it, exactly once, in whatever order calls come. */
import { describe, expect, it } from "vitest";
import { deliverEvents, type EventMessage, getReceipt, heldEvents, rowsOf, storedEvents } from "../../support/events";
import { keyHeader, leadOf, type Message, mintSender, type Sender, sendTo } from "../../support/segment";
import { countingD1 } from "../../support/worker";

const at = (minutes: number) => new Date(Date.parse("2026-09-01T10:00:00Z") + minutes * 60_000).toISOString();
let number = 0;
const id = () => `test-${++number}-${crypto.randomUUID()}`;

/** Without `sentAt` times are as they are stated. */
const identify = (minutes: number, traits: Message, more: Message = {}): Message => ({
  type: "identify",
  messageId: id(),
  userId: "u1",
  timestamp: at(minutes),
  traits,
  ...more,
});
const group = (minutes: number, groupId: string, traits: Message = {}): Message => ({
  type: "group",
  messageId: id(),
  userId: "u1",
  groupId,
  timestamp: at(minutes),
  traits,
});

async function deliver({ queue }: Sender, batch: Message[]): Promise<EventMessage[]> {
  const messages = await queue("batch", { batch });
  expect((await deliverEvents(messages)).retried).toEqual([]);
  return messages;
}

const timeline = async ({ client }: Sender, leadId: string) =>
  (await (await client.get(`/events/${leadId}`)).json<{ events: { id: string; event_type: string; metadata: unknown }[] }>()).events;

describe("identify", () => {
  it("creates the lead: ids and addresses become aliases, traits the profile by the names that imports know", async () => {
    const sender = await mintSender();
    await deliver(sender, [
      identify(
        0,
        {
          email: "Alex@Example.com",
          phone: "+1 415 555 2671",
          firstName: "Alex",
          lastName: "Johnson",
          jobTitle: "CTO",
          company: { name: "Acme", employeeCount: 12 },
          plan: "pro",
          address: { city: "Berlin" },
          $device: "phone",
        },
        { anonymousId: "anon-1" },
      ),
    ]);
    const lead = await leadOf(sender.client, "external_id", "u1");
    expect(lead?.metadata).toEqual({
      first_name: "Alex",
      last_name: "Johnson",
      title: "CTO",
      company: "Acme",
      company_employeeCount: 12,
      plan: "pro",
      address: { city: "Berlin" },
      _device: "phone",
    });
    for (const [kind, value] of [
      ["email", "alex@example.com"],
      ["phone", "+14155552671"],
      ["cookie", "anon-1"],
    ] as const)
      expect((await leadOf(sender.client, kind, value))?.lead_id, kind).toBe(lead?.lead_id);
    expect(await timeline(sender, lead?.lead_id ?? "")).toEqual([]);
    expect(await storedEvents(sender.unit)).toMatchObject({ events: 0, leads: 1 });
  });

  it("an earlier one that comes later wins nothing, and a field that only it states is kept", async () => {
    const sender = await mintSender();
    await deliver(sender, [identify(10, { plan: "pro", name: "Alex Johnson" })]);
    await deliver(sender, [identify(5, { plan: "free", city: "Berlin", firstName: "Old" })]);
    expect((await leadOf(sender.client, "external_id", "u1"))?.metadata).toEqual({ plan: "pro", name: "Alex Johnson", city: "Berlin" });
    await deliver(sender, [identify(20, { plan: null })]);
    await deliver(sender, [identify(15, { plan: "late" })]);
    expect((await leadOf(sender.client, "external_id", "u1"))?.metadata).toEqual({ name: "Alex Johnson", city: "Berlin" });
  });

  it("whatever the order of delivery, the outcome is that of the order of time", async () => {
    const calls = [
      identify(1, { plan: "a", name: "One" }),
      identify(2, { plan: "b", first_name: "Two" }),
      identify(3, { plan: "a" }),
      identify(4, { seats: 3, last_name: "Four" }),
      identify(5, { seats: null, plan: "a" }),
    ];
    for (const order of [
      [0, 1, 2, 3, 4],
      [4, 3, 2, 1, 0],
      [2, 0, 4, 1, 3],
      [4, 1, 0, 3, 2],
      [0, 2, 1, 4, 3],
      [2, 4, 1, 3, 0],
    ]) {
      const sender = await mintSender();
      for (const place of order) await deliver(sender, [calls[place] as Message]);
      expect((await leadOf(sender.client, "external_id", "u1"))?.metadata, order.join()).toEqual({
        plan: "a",
        first_name: "Two",
        last_name: "Four",
      });
    }
  });

  it("what a person has edited since stays", async () => {
    const sender = await mintSender();
    await deliver(sender, [identify(0, { plan: "free", city: "Berlin" })]);
    await sender.client.patch("/lead/by-alias/metadata", { alias_kind: "external_id", alias_value: "u1", attributes: { plan: "edited" } });
    await deliver(sender, [identify(30, { plan: "stale", city: "Bonn" })]);
    expect((await leadOf(sender.client, "external_id", "u1"))?.metadata).toEqual({ plan: "edited", city: "Bonn" });
  });

  it("counts once however often it is delivered; its receipt names the lead", async () => {
    const sender = await mintSender();
    const call = identify(0, { email: "alex@example.com", plan: "pro" });
    const messages = await deliver(sender, [call, call]);
    await deliverEvents(messages);
    await deliverEvents(messages);
    expect(await rowsOf(sender.unit, "fact_calls")).toHaveLength(1);
    const lead = await leadOf(sender.client, "external_id", "u1");
    expect(await getReceipt(sender.client, String(call.messageId))).toMatchObject({
      status: "processed",
      lead_id: lead?.lead_id,
      score_before: null,
    });
    const changes = await rowsOf(sender.unit, "change_log");
    expect(changes).toHaveLength(1);
    // an alias that was taken off since does not come back with a repetition
    await sender.client.call("DELETE", `/lead/${lead?.lead_id}/aliases`, {
      json: { alias_kind: "email", alias_value: "alex@example.com" },
    });
    await deliverEvents(messages);
    expect(await rowsOf(sender.unit, "fact_calls")).toHaveLength(1);
  });

  it("stating the same again changes neither the lead's version nor the log", async () => {
    const sender = await mintSender();
    await deliver(sender, [identify(0, { plan: "pro" })]);
    const [before] = await rowsOf<{ version: number; updated_at: number }>(sender.unit, "leads");
    await deliver(sender, [identify(5, { plan: "pro" })]);
    const [after] = await rowsOf<{ version: number; updated_at: number }>(sender.unit, "leads");
    expect([after?.version, after?.updated_at]).toEqual([before?.version, before?.updated_at]);
    expect(await rowsOf(sender.unit, "change_log")).toHaveLength(1);
  });

  it("a profile that would be too large is refused with its reason, and the rest of its batch is kept", async () => {
    const sender = await mintSender();
    const big = (n: number) => identify(n, { [`text${n}`]: "x".repeat(30_000) });
    await deliver(
      sender,
      Array.from({ length: 12 }, (_, n) => big(n)),
    );
    const { events } = await (await sender.client.get("/ingest/rejected")).json<{ events: { error: string }[] }>();
    expect(events.length).toBeGreaterThan(2);
    for (const { error } of events) expect(error).toMatch(/metadata would be over \d+ bytes/);
  });
});

describe("track, page and screen", () => {
  it("are events of the timeline: properties flat, page and campaign under context", async () => {
    const sender = await mintSender();
    const context = {
      page: { path: "/pricing", url: "https://example.com/pricing" },
      campaign: { source: "news" },
      library: { name: "x" },
      ip: "1.2.3.4",
    };
    await deliver(sender, [
      {
        type: "track",
        messageId: "m-track",
        anonymousId: "a1",
        event: "Demo Requested",
        properties: { plan: "pro", nested: { a: 1 } },
        context,
        timestamp: at(0),
      },
      {
        type: "page",
        messageId: "m-page",
        anonymousId: "a1",
        name: "Pricing",
        properties: { path: "/pricing" },
        context,
        timestamp: at(1),
      },
      { type: "screen", messageId: "m-screen", anonymousId: "a1", name: "Home", timestamp: at(2) },
    ]);
    const lead = await leadOf(sender.client, "cookie", "a1");
    const kept = { page: context.page, campaign: context.campaign };
    expect(await timeline(sender, lead?.lead_id ?? "")).toMatchObject([
      { id: "m-screen", event_type: "Screen View", metadata: { name: "Home" } },
      { id: "m-page", event_type: "Page View", metadata: { name: "Pricing", path: "/pricing", context: kept } },
      { id: "m-track", event_type: "Demo Requested", metadata: { plan: "pro", nested: { a: 1 }, context: kept } },
    ]);
    const [first] = await timeline(sender, lead?.lead_id ?? "");
    expect(first?.metadata).toEqual({ name: "Home" });
  });

  it("count once for life by their messageId, delivered twice or sent twice", async () => {
    const sender = await mintSender();
    const call = { type: "track", messageId: "once", userId: "u1", event: "Paid" };
    const messages = await deliver(sender, [call]);
    await deliverEvents(messages);
    await deliver(sender, [call]);
    expect(await storedEvents(sender.unit)).toMatchObject({ events: 1 });
  });

  it("the sender's wrong clock is corrected by sentAt", async () => {
    const sender = await mintSender();
    const wrong = Date.now() - 400 * 86_400_000;
    const [message] = await sender.queue("track", {
      userId: "u1",
      event: "Paid",
      timestamp: new Date(wrong - 60_000).toISOString(),
      sentAt: new Date(wrong).toISOString(),
    });
    const event = message?.events[0];
    expect((event?.received_at ?? 0) - (event?.occurred_at ?? 0)).toBe(60_000);
  });

  it("an email in context.traits finds the person, and changes no profile", async () => {
    const sender = await mintSender();
    await deliver(sender, [identify(0, { email: "alex@example.com", plan: "pro" })]);
    await deliver(sender, [
      {
        type: "track",
        anonymousId: "other",
        event: "Paid",
        context: { traits: { email: "alex@example.com", plan: "free" } },
        timestamp: at(9),
      },
    ]);
    const lead = await leadOf(sender.client, "cookie", "other");
    expect(lead).toMatchObject({ lead_id: (await leadOf(sender.client, "external_id", "u1"))?.lead_id, metadata: { plan: "pro" } });
  });
});

describe("group", () => {
  const accountOf = async ({ client }: Sender) => {
    const lead = await leadOf(client, "external_id", "u1");
    const { account } = await (await client.get(`/lead/${lead?.lead_id}`)).json<{ account: { account_id: string } | null }>();
    return account?.account_id ?? null;
  };
  const account = async ({ client }: Sender, accountId: string | null) =>
    (await client.get(`/accounts/${accountId}`)).json<{ name: string; domain: string | null; metadata: Record<string, unknown> }>();

  it("links the lead to the account of its id, which is created once", async () => {
    const sender = await mintSender();
    await deliver(sender, [group(0, "acme", { name: "Acme", plan: "enterprise", website: "https://www.acme.com/about" })]);
    const linked = await accountOf(sender);
    expect(await account(sender, linked)).toMatchObject({ name: "Acme", domain: "acme.com" });
    await deliver(sender, [
      { ...group(1, "acme"), userId: "u2" },
      { ...group(2, "acme.com"), userId: "u3" },
    ]);
    const leads = await rowsOf<{ account_id: string }>(sender.unit, "leads");
    expect(new Set(leads.map(({ account_id }) => account_id))).toEqual(new Set([linked]));
    expect(await rowsOf(sender.unit, "accounts")).toHaveLength(1);
  });

  it("an earlier one that comes later neither moves the lead nor takes back what is known of the account", async () => {
    const sender = await mintSender();
    await deliver(sender, [group(10, "new", { name: "New", plan: "b" })]);
    const linked = await accountOf(sender);
    await deliver(sender, [group(5, "old", { name: "Old" }), group(4, "new", { name: "Former", plan: "a", seats: 5 })]);
    expect(await accountOf(sender)).toBe(linked);
    const [row] = await rowsOf<{ account_id: string; name: string; metadata: string }>(
      sender.unit,
      "accounts",
      `account_id = '${linked}' DESC`,
    );
    expect([row?.name, JSON.parse(row?.metadata ?? "")]).toEqual(["New", { plan: "b", seats: 5 }]);
  });

  it("counts once, and is on no timeline", async () => {
    const sender = await mintSender();
    const messages = await deliver(sender, [group(0, "acme", { name: "Acme" })]);
    await deliverEvents(messages);
    expect(await rowsOf(sender.unit, "fact_calls")).toHaveLength(1);
    expect(await storedEvents(sender.unit)).toMatchObject({ events: 0 });
  });
});

describe("alias", () => {
  const alias = (userId: string, previousId: string): Message => ({ type: "alias", messageId: id(), userId, previousId });

  it("attaches the new id to the lead of the old one, in whatever order the calls come", async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      const sender = await mintSender();
      const calls = [{ type: "track", anonymousId: "a1", event: "Seen" }, alias("u1", "a1"), identify(0, { plan: "pro" })];
      for (const place of order) await deliver(sender, [calls[place] as Message]);
      const ids = await Promise.all([leadOf(sender.client, "cookie", "a1"), leadOf(sender.client, "external_id", "u1")]);
      expect(ids[0]?.lead_id, order.join()).toBe(ids[1]?.lead_id);
      expect(await rowsOf(sender.unit, "fact_calls")).toHaveLength(2);
    }
  });

  it("of two leads that both exist none is moved: a conflict is recorded, once", async () => {
    const sender = await mintSender();
    await deliver(sender, [
      { type: "track", anonymousId: "a1", event: "Seen" },
      { type: "track", userId: "u1", event: "Seen" },
    ]);
    const messages = await deliver(sender, [alias("u1", "a1")]);
    await deliverEvents(messages);
    expect(await rowsOf(sender.unit, "alias_conflicts")).toHaveLength(1);
    expect((await leadOf(sender.client, "cookie", "a1"))?.lead_id).not.toBe((await leadOf(sender.client, "external_id", "u1"))?.lead_id);
  });
});

it("a thousand identify calls touch no table in their requests, and cost few round trips in the queue", async () => {
  const sender = await mintSender();
  await sender.queue("identify", identify(0, { plan: "warm" }));
  const { DB, count } = countingD1();
  const { sent, EVENT_QUEUE } = heldEvents();
  for (let n = 0; n < 10; n++) {
    const batch = Array.from({ length: 100 }, (_, k) =>
      identify(k, { plan: "pro", email: `p${n}.${k}@example.com` }, { userId: `u${n}.${k}` }),
    );
    expect((await sendTo("/v1/batch", { batch }, keyHeader(sender.key), { DB, EVENT_QUEUE })).status).toBe(200);
  }
  expect(count.trips).toBe(0);
  const { DB: counted, count: work } = countingD1();
  await deliverEvents(sent.slice(0, 1), { DB: counted });
  expect(work.trips).toBeLessThanOrEqual(4);
  await deliverEvents(sent.slice(1));
  expect(await rowsOf(sender.unit, "fact_calls")).toHaveLength(1000);
});
