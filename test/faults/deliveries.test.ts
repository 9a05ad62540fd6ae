/** Deliveries under everything that goes wrong with queues, processes and databases: each attempt once, none lost. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type DeliveryMessage, getDelivery, heldDelivery, mintChannel, nudge, receiver, tick, wait } from "../support/deliveries";
import { interceptedD1 } from "../support/imports";
import { type Client, mintTenant } from "../support/tenant";
import { failingD1, logged } from "../support/worker";

let client: Client;
let channel: string;
let message: DeliveryMessage;
beforeEach(async () => {
  client = (await mintTenant()).client;
  channel = (await mintChannel(client)).id;
  message = await heldDelivery(client, channel);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A D1 that dies around the batch which a statement marks. */
const dyingAt = (mark: string, when: "before" | "after"): D1Database =>
  interceptedD1(async (call, run) => {
    if (!call.statements.some(({ text }) => text.startsWith(mark))) return run();
    if (when === "after") await run();
    throw new Error("the process died");
  });
const CLAIM = "UPDATE deliveries SET attempts";
const RECORD = "INSERT INTO delivery_attempts (unit, delivery_id, attempt_no, at, status_code";

const dueMessages = async () => (await tick("* * * * *")).filter(({ delivery_id }) => delivery_id === message.delivery_id);

describe("delivered twice", () => {
  it("one message delivered twice makes one attempt", async () => {
    const received = receiver();
    await nudge(message);
    const again = await nudge(message);
    expect(again.settled.explicitAcks.length).toBe(1);
    expect(received.length).toBe(1);
    expect(await getDelivery(client, message)).toMatchObject({ status: "delivered", attempt_count: 1, attempts: [{ attempt: 1 }] });
  });

  it("ten consumers at once make one attempt", async () => {
    const received = receiver(async () => {
      await new Promise((done) => setTimeout(done, 200));
      return new Response("ok");
    });
    await Promise.all(Array.from({ length: 10 }, () => nudge(message)));
    await nudge([message, message, message]);
    expect(received.length).toBe(1);
    expect(await getDelivery(client, message)).toMatchObject({ status: "delivered", attempt_count: 1 });
  });

  it("ten consumers at once of a failing delivery make one attempt and one next message", async () => {
    const received = receiver(() => new Response("", { status: 500 }));
    const results = await Promise.all(Array.from({ length: 10 }, () => nudge(message)));
    expect(received.length).toBe(1);
    expect(results.flatMap(({ sent }) => sent).length).toBe(1);
  });

  it("a message that comes early or late changes nothing", async () => {
    const received = receiver(() => new Response("", { status: 500 }));
    await nudge(message);
    await nudge(message);
    expect(received.length).toBe(1);
    wait(6_000);
    await nudge(message);
    expect(received.length).toBe(2);
    wait(6_000);
    await nudge(message);
    expect(received.length).toBe(2);
  });

  it("a message with another unit's key sends nothing", async () => {
    const received = receiver();
    const rival = await mintTenant();
    const other = await heldDelivery(rival.client, (await mintChannel(rival.client)).id);
    await nudge({ ...message, unit: other.unit });
    expect(received).toEqual([]);
    expect(await getDelivery(client, message)).toMatchObject({ status: "pending", attempt_count: 0 });
  });
});

describe("a lost message", () => {
  it("is repaired by the sweep, not at once but within two minutes", async () => {
    expect(await dueMessages()).toEqual([]);
    wait(61_000);
    expect(await dueMessages()).toEqual([{ ...message, delaySeconds: 0 }]);
    const received = receiver(() => new Response("", { status: 500 }));
    await nudge(message);
    expect(await dueMessages()).toEqual([]);
    wait(61_000);
    expect((await dueMessages()).length).toBe(1);
    await nudge(message);
    expect(received.length).toBe(2);
  });

  it("of a queue that is down costs neither the test its answer nor the attempt its record", async () => {
    const down = { DELIVERY_QUEUE: { sendBatch: () => Promise.reject(new Error("Too Many Requests")) } as unknown as Queue };
    receiver(() => new Response("", { status: 500 }));
    let status = 0;
    const lines = await logged(async () => {
      status = (await client.post(`/notification-channels/${channel}/test`, undefined, { bindings: down })).status;
      await nudge(message, down);
      await tick("* * * * *", down);
    });
    expect(status).toBe(202);
    expect(lines.filter((line) => line.includes("delivery message not sent")).length).toBe(2);
    expect(await getDelivery(client, message)).toMatchObject({ status: "pending", attempt_count: 1 });
  });

  it("of a delivery that has ended is not sent for", async () => {
    receiver();
    await nudge(message);
    wait(61_000);
    expect(await dueMessages()).toEqual([]);
  });
});

describe("a sender that dies", () => {
  it("before it has claimed leaves the delivery as it was; its message comes back", async () => {
    const received = receiver();
    const { settled } = await nudge(message, { DB: dyingAt(CLAIM, "before") });
    expect(settled.retryMessages.length).toBe(1);
    expect(received).toEqual([]);
    expect(await getDelivery(client, message)).toMatchObject({ status: "pending", attempt_count: 0 });
    await nudge(message);
    expect(await getDelivery(client, message)).toMatchObject({ status: "delivered", attempt_count: 1 });
  });

  it("after it has claimed is waited for a minute, then recorded, and the next attempt follows", async () => {
    const received = receiver();
    await nudge(message, { DB: dyingAt(CLAIM, "after") });
    await nudge(message);
    expect(received).toEqual([]);
    wait(50_000);
    await nudge(message);
    expect(await dueMessages()).toEqual([]);
    expect(received).toEqual([]);
    wait(30_000);
    expect((await dueMessages()).length).toBe(1);
    await nudge(message);
    expect(received.length).toBe(1);
    expect(await getDelivery(client, message)).toMatchObject({
      status: "delivered",
      attempt_count: 2,
      attempts: [
        { attempt: 1, status_code: null, error: expect.stringContaining("interrupted") },
        { attempt: 2, status_code: 200 },
      ],
    });
  });

  it("after sending and before writing so down sends once more, under the same id", async () => {
    const received = receiver();
    const { settled } = await nudge(message, { DB: dyingAt(RECORD, "before") });
    expect(settled.retryMessages.length).toBe(1);
    expect(received.length).toBe(1);
    wait(61_000);
    await nudge(message);
    expect(received.map(({ headers }) => headers.get("webhook-id"))).toEqual([message.delivery_id, message.delivery_id]);
    expect(received[1]?.body).toBe(received[0]?.body);
    expect(await getDelivery(client, message)).toMatchObject({ status: "delivered", attempt_count: 2 });
  });

  it("after writing down does not send again", async () => {
    const received = receiver();
    await nudge(message, { DB: dyingAt(RECORD, "after") });
    wait(120_000);
    await nudge(message);
    expect(received.length).toBe(1);
    expect(await getDelivery(client, message)).toMatchObject({ status: "delivered", attempt_count: 1 });
  });

  it("at every attempt fails after ten", async () => {
    const received = receiver();
    for (let attempts = 0; attempts < 12; attempts++) {
      await nudge(message, { DB: dyingAt(CLAIM, "after") });
      wait(61_000);
    }
    expect(received).toEqual([]);
    const shown = await getDelivery(client, message);
    expect(shown).toMatchObject({ status: "failed", attempt_count: 10, last_error: "The last attempt was interrupted" });
    expect(shown.attempts.length).toBe(10);
  });
});

describe("a sender that was taken for dead", () => {
  /** Sends, and comes back with the answer only after `meanwhile`. */
  const late = async (status: number, meanwhile: () => Promise<unknown>) => {
    let first = true;
    const received = receiver(async () => {
      if (!first) return new Response("", { status: 500 });
      first = false;
      wait(61_000);
      await meanwhile();
      return new Response("", { status });
    });
    await nudge(message);
    return received;
  };

  it("and comes back with success has delivered", async () => {
    const received = await late(200, () => nudge(message));
    expect(received.length).toBe(2);
    expect(await getDelivery(client, message)).toMatchObject({
      status: "delivered",
      attempts: [{ status_code: 200, error: null }, { status_code: 500 }],
    });
    wait(3600_000);
    await nudge(message);
    expect(received.length).toBe(2);
  });

  it("and comes back with a failure does not undo what came after it", async () => {
    await late(500, async () => {
      vi.stubGlobal("fetch", async () => new Response("ok"));
      await nudge(message);
    });
    expect(await getDelivery(client, message)).toMatchObject({
      status: "delivered",
      last_error: null,
      attempts: [{ status_code: 500 }, { status_code: 200 }],
    });
  });

  it("while its channel was switched off says what it knows: delivered, or discarded", async () => {
    const off = () => client.call("PUT", `/notification-channels/${channel}`, { json: { active: false } });
    await late(500, off);
    expect(await getDelivery(client, message)).toMatchObject({ status: "discarded", attempts: [{ status_code: 500 }] });
    await client.call("PUT", `/notification-channels/${channel}`, { json: { active: true } });
    message = await heldDelivery(client, channel);
    await late(200, off);
    expect(await getDelivery(client, message)).toMatchObject({ status: "delivered" });
  });
});

describe("a database in trouble", () => {
  it("sends nothing and brings the message back", async () => {
    const received = receiver();
    const { settled } = await nudge([message, message], failingD1("D1 DB is overloaded. Requests queued for too long."));
    expect(settled.retryMessages.length).toBe(2);
    expect(received).toEqual([]);
  });

  it("one failing message of a batch does not hold the others back", async () => {
    const received = receiver();
    const others = [await heldDelivery(client, channel), await heldDelivery(client, channel)];
    const DB = interceptedD1(async (call, run) => {
      if (call.statements.some(({ values }) => values.includes(message.delivery_id))) throw new Error("reset");
      return run();
    });
    const { settled } = await nudge([message, ...others], { DB });
    expect([settled.retryMessages.length, settled.explicitAcks.length]).toEqual([1, 2]);
    expect(received.length).toBe(2);
  });
});
